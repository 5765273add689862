"""Phrases over all of NumPy whose bits NumPy decides: each is run as it stands on both sides.

A row is a line of NumPy; blanks as in `phrases.py`. Nothing here says who computes it, kernel or
NumPy: that is for the tests of each function. Values, dtypes, shapes, strides and exception classes
must agree.
"""

from __future__ import annotations

import numpy as np
from phrases import fill, indices_text, mask_text, subject
from scene import ALL, FLOATS, HOSTED, INTEGERS, Scene, kind_of
from statement import Statement
from texts import shape, slice_text, view_text

REAL = (*FLOATS, *INTEGERS, "i2", "u4", "f2")
NUMBERS = (*REAL, "c8", "c16")


def create(s: Scene) -> Statement:
    """An array of any dtype, on the device or one that stays in NumPy."""
    dtype = s.rng.choice([*INTEGERS, *HOSTED])
    order = ", order='F'" if s.rng.random() < 0.2 else ""
    flavour = s.rng.choice(["plain", "plain", "special"])
    device = f", device={s.rng.randrange(s.devices)}" if s.devices > 1 else ""
    extents = shape(s.rng, s.large and dtype in INTEGERS)
    made = f"data({s.rng.randrange(1 << 16)}, {extents}, '{dtype}', '{flavour}'{order})"
    name = s.fresh()
    return Statement(f"{name} = array({made}{device})", (name,), anywhere=True)


_BYTES = (".view(", "byteswap", "tobytes", "pickle", "copy.copy")
"""What shows an array's bytes: those of a NaN are open, subnormals may be flushed."""


def _has_nan(array: np.ndarray) -> bool:
    return array.dtype.kind in "fc" and bool(np.any(np.isnan(array)))


def _expression(table: dict[tuple[str, ...], tuple[str, ...]], most: int = 5000):
    """A statement kind: a new variable out of a phrase of the table."""

    def kind(s: Scene) -> Statement | None:
        kinds = s.rng.choice(list(table))
        x = subject(s, kinds, most)
        if x is None:
            return None
        phrase = s.rng.choice(table[kinds])
        if any(word in phrase for word in _BYTES) and (s.flush or _has_nan(s.value(x))):
            return None
        text, name = fill(s, phrase, x), s.fresh()
        if "view('bool')" in text:
            return None  # bytes that are neither 0 nor 1
        return Statement(f"{name} = {text}", (name,), (name,), anywhere=True)

    return kind


rearrange = _expression(
    {
        ALL: (
            "np.concatenate([{x}, {t}], axis={ax})",
            "np.concatenate([{x}, {x}[{k}], {u}])",
            "np.concatenate([{x}, {t}, {u}], axis=None)",
            "np.stack([{x}, {u}, {x}], axis={ax})",
            "np.vstack([{x}, {u}])",
            "np.hstack([{u}, {x}])",
            "np.dstack([{x}, {x}])",
            "np.column_stack([{x}, {u}])",
            "np.block([[{x}, {x}], [{u}, {x}]])",
            "np.append({x}, {t})",
            "np.append({x}, {x}, axis={ax})",
            "np.tile({x}, {c})",
            "np.tile({x}, (2, {c}))",
            "np.roll({x}, {n})",
            "np.roll({x}, {n}, axis={ax})",
            "np.roll({x}, ({n}, 1), axis=(0, -1))",
            "np.repeat({x}, {c})",
            "np.repeat({x}, {c}, axis={ax})",
            "{x}.repeat(2, {ax})",
            "np.pad({x}, 1)",
            "np.pad({x}, 2, mode='edge')",
            "np.pad({x}, ({c}, 1), mode='wrap')",
            "np.pad({x}, 1, mode='reflect')",
            "np.pad({x}, 1, mode='constant', constant_values={s})",
            "np.flip({x})",
            "np.flip({x}, {ax})",
            "np.fliplr({x})",
            "np.flipud({x})",
            "np.rot90({x}, {n})",
            "np.rollaxis({x}, {ax})",
            "np.atleast_2d({x})",
            "np.atleast_3d({x})",
            "np.split({x}, 2, axis={ax})[1]",
            "np.array_split({x}, 3, axis={ax})[-1]",
            "np.insert({x}, 0, {s})",
            "np.insert({x}, [0, -1], {s}, axis={ax})",
            "np.delete({x}, {i}, axis=0)",
            "np.delete({x}, slice(None, None, 2))",
            "np.resize({x}, (2, 5))",
            "np.tril({x}, {n})",
            "np.triu({x}, {n})",
            "np.diag({x}, {n})",
            "np.diagflat({x})",
            "np.trim_zeros({x})",
            "xp.ascontiguousarray({x})",
            "xp.asfortranarray({x})",
            "xp.array({x}, copy=True, ndmin=2)",
            "np.squeeze({x})",
            "np.broadcast_to({x}, (2, *{x}.shape))",
            "np.broadcast_arrays({x}, {y})[0]",
            "np.meshgrid({x}, {t})[1]",
            "np.ix_({x})[0]",
            "np.unstack({x}, axis={ax})[0]",
            "np.matrix_transpose({x})",
            "np.permute_dims({x})",
        ),
    },
    300,
)
"""Joined, repeated, rolled, padded, flipped, split."""

fold = _expression(
    {
        ALL: (
            "np.any({x}, axis={axes}{keep})",
            "np.all({x}, axis={axes}{keep})",
            "{x}.any({ax})",
            "{x}.all()",
            "np.count_nonzero({x})",
            "np.count_nonzero({x}, axis={axes}{keep})",
            "{x}.argmax()",
            "{x}.argmin({ax})",
            "np.argmax({x}, axis={ax}{keep})",
            "np.argmin({x}, axis={ax}{keep})",
            "np.any({x}, axis={axes}, where={m})",
            "np.nonzero({x})[-1] + 0",
            "np.argwhere({x})",
            "np.flatnonzero({x})",
            "np.logical_or.reduce({x}, axis={ax})",
            "np.maximum.reduce({x}, axis={axes})",
            "np.array_equal({x}, {u})",
        ),
        (*INTEGERS, "bool", "i2", "u4"): (
            "{x}.sum(axis={axes}{keep})",
            "{x}.prod(axis={axes}{keep})",
            "np.sum({x}, axis={axes}, initial=3)",
            "np.sum({x}, axis={axes}, where={m})",
            "np.prod({x}, axis={ax}, dtype='i4')",
            "np.sum({x}, dtype='u1')",
            "{x}.cumsum({ax})",
            "np.cumprod({x})",
            "np.add.reduce({x}, axis={ax})",
            "np.bitwise_or.reduce({x}, axis={ax})",
            "np.bitwise_and.reduce({x})",
            "np.bitwise_xor.accumulate({x}, axis={ax})",
            "np.add.reduceat({x}, [0, 1, 0], axis={ax})",
            "np.multiply.accumulate({x}, axis={ax}, dtype='i8')",
            "np.logical_and.reduceat({x}, [0], axis={ax})",
            "np.bincount(np.abs({x}.ravel()) % 7)",
            "np.trace({x})",
        ),
        (*INTEGERS, "i2", "u4", "M8[D]", "m8[s]"): (
            "{x}.min(axis={axes}{keep})",
            "{x}.max(axis={axes}{keep})",
            "np.ptp({x}, axis={ax})",
            "np.max({x}, axis={axes}, initial={s})",
            "np.min({x}, axis={axes}, where={m}, initial={s})",
            "np.minimum.accumulate({x}, axis={ax})",
            "np.median({x})",
            "np.diff({x}, axis={ax})",
        ),
        HOSTED: (
            "{x}.sum(axis={axes}{keep})",
            "{x}.min(axis={axes}{keep})",
            "{x}.mean({ax})",
            "{x}.prod()",
            "{x}.cumsum({ax})",
        ),
    }
)
"""Folded where every order of folding gives the same bits, or NumPy does it."""

search = _expression(
    {
        ALL: (
            "np.sort({x})",
            "np.sort({x}, axis={ax})",
            "np.sort({x}, axis=None)",
            "np.sort({x}, axis={ax}, kind='stable')",
            "np.argsort({x}, axis={ax}, kind='stable')",
            "{x}.argsort(kind='stable')",
            "np.partition({x}, {c}, axis={ax})[..., :1].shape[0]",
            "np.lexsort(({x}.ravel(), {x}.ravel()))",
            "np.unique({x})",
            "np.unique({x}, return_counts=True)[1]",
            "np.unique({x}, return_inverse=True)[1]",
            "np.unique({x}, return_index=True)[1]",
            "np.unique({x}, axis={ax})",
            "np.searchsorted(np.sort({x}, axis=None), {t})",
            "np.searchsorted(np.sort({x}, axis=None), {s}, side='right')",
            "np.isin({x}, {t})",
            "np.intersect1d({x}, {t})",
            "np.union1d({x}, {t})",
            "np.setdiff1d({x}, {t})",
            "np.setxor1d({x}, {t})",
            "np.extract({m}, {x})",
            "np.select([{m}, {m}], [{x}, {u}], {s})",
            "np.where({m}, {x}, {u})",
            "np.where({x} != {s})[0] + 0",
        ),
        REAL: (
            "np.digitize({x}, [-1, 0, 2])",
            "np.histogram({x}, bins=4, range=(-5, 5))[0]",
            "np.median({x}, axis={ax})",
            "np.quantile({x}, 0.5, method='lower')",
            "np.percentile({x}, 30, axis={ax}, method='nearest')",
        ),
    },
    600,
)
"""Sorted, found, told apart."""

look = _expression(
    {
        ALL: (
            "{x}.T",
            "{x}.real",
            "{x}.imag",
            "{x}.flat[{c}]",
            "{x}.flat[{flat}]",
            "{x}.flat[1:4]",
            "{x}.mT",
            "{x}.tolist()",
            "{x}.tobytes()",
            "{x}.nbytes",
            "{x}.itemsize",
            "len({x})",
            "{x}.flatten()",
            "{x}.flatten('F')",
            "{x}.ravel('K')",
            "{x}.view('u1').copy()",
            "{x}.view('{d}').copy()",
            "{x}.view()",
            "{x}.byteswap()",
            "{x}.item({c})",
            "{x}.swapaxes(0, {ax})",
            "{x}.conj()",
            "{x}.dtype.str",
            "str({x})",
            "{x}.tolist() == np.array({x}).tolist()",
            "np.shape({x})",
            "np.iscomplexobj({x})",
            "np.result_type({x}, {y})",
            "np.can_cast({x}.dtype, '{d}')",
            "copy.copy({x})",
            "pickle.loads(pickle.dumps({x}))",
            "np.real({x})",
            "np.angle({x})",
            "np.isreal({x})",
        ),
    },
    1000,
)
"""Attributes and other ways to see an array."""

calculate = _expression(
    {
        NUMBERS: (
            "{x} + {y}",
            "{y} - {x}",
            "{x} * {y}",
            "{x} == {y}",
            "{x} != {s}",
            "-{x}",
            "np.square({x})",
            "np.add({x}, {y}, dtype='{d}')",
            "np.multiply({x}, {y}, where={m}, out=np.zeros_like({x}))",
            "np.conjugate({x})",
            "xp.asarray([each for each in {x}.flat])",
            "np.isnan({x})",
            "np.isfinite({x})",
            "np.sign({x})",
            "np.positive({x})",
            "np.subtract.outer({x}, [1, 2])",
            "np.add.outer({x}[:2], {t}[:2])",
            "np.ediff1d({x})",
            "np.diff({x}, axis={ax}, prepend=0)",
        ),
        (*INTEGERS, "i2", "u4", "bool"): (
            "{x} // {y}",
            "{x} % {y}",
            "{x} & {y}",
            "{x} | {y}",
            "{x} ^ {y}",
            "{x} << {c}",
            "{x} >> {c}",
            "~{x}",
            "abs({x})",
            "{x} ** {c}",
            "{x} ** {n}",
            "{x} / {y}",
            "divmod({x}, {y})[1]",
            "np.gcd({x}, {y})",
            "np.lcm({x}, {c})",
            "np.bitwise_count({x})",
            "np.minimum({x}, {y})",
            "np.maximum({x}, {s})",
            "np.clip({x}, {c}, 9)",
            "{x}.round(1)",
            "{x}.round(-1)",
            "np.floor({x})",
            "np.trunc({x})",
            "np.logical_xor({x}, {y})",
            "np.float_power({x}, 2)",
            "np.unwrap({x})",
            "np.packbits({x} > 0)",
            "np.invert({x})",
        ),
        ALL: (
            "{x} + {s}",
            "{x} - {t}",
            "{x} < {y}",
            "{x} >= {s}",
            "np.maximum({x}, {u})",
            "np.logical_not({x})",
            "np.not_equal({x}, {y})",
            "np.zeros_like({x}, dtype='{d}')",
            "np.full_like({x}, {s})",
            "np.empty_like({x}, shape=(0, 2))",
            "np.apply_along_axis(lambda r: r[::-1], {ax}, {x})",
            "np.piecewise({x}, [{m}], [{s}])",
            "np.copy({x}, order='F')",
            "xp.asarray({x})",
        ),
    }
)
"""Elementwise on every dtype, promoted as NumPy does."""


def cast(s: Scene) -> Statement | None:
    """Chains of casts, wherever NumPy says what a value out of range becomes."""
    x = subject(s)
    if x is None:
        return None
    text, value = x, s.value(x)
    for _ in range(s.rng.randint(1, 3)):
        wanted = s.rng.choice(ALL)
        if not s.tame(value, wanted):
            continue
        text += f".astype('{wanted}')"
        try:
            with np.errstate(all="ignore"):
                value = value.astype(wanted)
        except (TypeError, ValueError):
            break
    name = s.target()
    return Statement(f"{name} = {text}", (name,), (name,), anywhere=True)


def update(s: Scene) -> Statement | None:
    """x op= y, out= and where= on every dtype, with casts that NumPy may refuse."""
    x = s.place(ALL)
    if x is None or not isinstance(s.value(x), np.ndarray) or s.value(x).size > 5000:
        return None
    text = fill(s, s.rng.choice(_UPDATES), x)
    wanted = s.value(x).dtype
    if wanted.kind in "fc" and any(word in text for word in ("**", "power")):
        return None  # computations.function has those
    return Statement(text, anywhere=True)


_UPDATES = (
    "{x} += {y}",
    "{x} -= {s}",
    "{x} *= {y}",
    "{x} //= {c}",
    "{x} %= {s}",
    "{x} &= {y}",
    "{x} |= {s}",
    "{x} ^= {y}",
    "{x} <<= {c}",
    "{x} >>= {c}",
    "{x} **= {c}",
    "{x} /= {s}",
    "{x} += {u}[::-1]",
    "np.add({x}, {y}, out={x}, casting='no')",
    "np.multiply({x}, {s}, out={x}, where={m})",
    "np.maximum({x}, {y}, out={x})",
    "np.negative({x}, out={x}, where={m})",
    "np.equal({x}, {y}, out={x})",
    "np.floor({x}, out={x})",
    "np.clip({x}, 1, 9, out={x})",
    "np.logical_and({x}, {y}, out={x})",
    "np.square({u}, out={x}, dtype='{d}')",
    "np.divmod({x}, 3, out=({x}, np.empty_like({x})))",
    "np.take({x}, [0], out={x}[:1])",
    "np.concatenate([{x}[:1], {x}[:1]], out={x}[:2])",
    "np.copyto({x}, {y}, casting='same_kind')",
    "{x}.T[...] = {x}.T[::-1].copy()",
    "{x}[::-1] = {x}.copy()",
    "{x}[..., 1:] = {x}[..., :-1]",
    "{x}.partition(0)",
    "{x}.setflags(write=True)",
)


def hold(s: Scene) -> Statement | None:
    """Views, elements, snapshots, scopes, copies of arrays of every dtype."""
    name = s.pick(ALL)
    if name is None:
        return None
    array = s.value(name)
    kind, new = s.rng.random(), s.fresh()
    if kind < 0.4:
        return Statement(f"{new} = {view_text(s.rng, name, array)}", (new,), anywhere=True)
    if kind < 0.5 and array.size:
        key = ", ".join(str(s.rng.randrange(-n, n)) for n in array.shape) or "()"
        return Statement(f"{new} = {name}[{key}]", (new,), (new,), anywhere=True)
    if kind < 0.65:
        return Statement(f"{s.fresh('s')} = snapshot({name})", anywhere=True)
    if kind < 0.8 and array.flags.writeable:
        body = s.rng.choice(["h[...] = h[::-1]", "h[...] = h.copy()", "h.flat[:2] = h.flat[-2:]"])
        return Statement(f"with host({name}) as h:\n    {body}\ndel h", anywhere=True)
    text = s.rng.choice(["copy.deepcopy({x})", "pickle.loads(pickle.dumps({x}))", "{x}.copy('K')"])
    return Statement(f"{new} = {text.format(x=name)}", (new,), (new,), anywhere=True)


def _key(s: Scene, x: str) -> str:
    """An advanced index: index arrays that broadcast, masks, slices, numbers, new axes."""
    array = s.value(x)
    kind = s.rng.random()
    if kind < 0.25:
        return mask_text(s, x)
    if kind < 0.45 or not array.ndim:
        extent = array.shape[0] if array.ndim else 1
        if s.rng.random() < 0.3:
            return indices_text(s, extent, s.rng.choice([(2, 2), (1, 3), (2, 0)]))
        return indices_text(s, extent)
    parts = []
    wide = s.rng.choice([(3,), (3,), (2, 3), (1,)])
    for extent in array.shape:
        draw = s.rng.random()
        if draw < 0.45:
            few = wide if s.rng.random() < 0.7 else (1,) * len(wide)
            parts.append(indices_text(s, extent, few))
        elif draw < 0.55:
            parts.append(f"data({s.rng.randrange(1 << 16)}, ({extent},), '?')")
        elif draw < 0.65 and extent:
            parts.append(str(s.rng.randrange(-extent, extent)))
        else:
            parts.append(slice_text(s.rng, extent))
    if s.rng.random() < 0.15:
        parts.insert(s.rng.randint(0, len(parts)), s.rng.choice(["None", "..."]))
    elif s.rng.random() < 0.15:
        parts = parts[: s.rng.randint(1, len(parts))]
    return ", ".join(parts)


def pick(s: Scene) -> Statement | None:
    """Fancy and boolean indexing, take and its kin."""
    x = subject(s)
    if x is None:
        return None
    name = s.target()
    text = f"{x}[{_key(s, x)}]" if s.rng.random() < 0.7 else fill(s, s.rng.choice(_TAKES), x)
    return Statement(f"{name} = {text}", (name,), (name,), anywhere=True)


_TAKES = (
    "np.take({x}, {flat})",
    "np.take({x}, {i}, axis=0)",
    "np.take({x}, {flat}, mode={mode})",
    "{x}.take({i}, axis=0, mode={mode})",
    "np.take_along_axis({x}, np.argsort({x}, axis={ax}, kind='stable'), {ax})",
    "np.compress({m1}, {x})",
    "np.choose([0, 1, 1, 0], [{x}, {u}], mode={mode})",
    "{x}[()]",
    "{x}[np.ix_([0, -1])]",
    "{x}[{x}.argmax()]",
    "{x}[np.nonzero({x})]",
    "{x}[{m}].sum(dtype='i8')",
    "{x}[tuple({i})]",
    "{x}[{i}, None]",
)


def put(s: Scene) -> Statement | None:
    """Writes through advanced indices and masks; duplicates: the last one stays."""
    x = s.place(ALL)
    if x is None or not isinstance(s.value(x), np.ndarray) or s.value(x).size > 5000:
        return None
    array = s.value(x)
    value = fill(s, s.rng.choice(["{s}", "{s}", "{y}", "{t}"]), x)
    if not s.tame(s.value(value), kind_of(array)):
        return None
    if np.may_share_memory(np.asarray(s.value(value)), array):
        value = f"({value}).copy()"
    if s.rng.random() < 0.65:
        key = _key(s, x)
        sign = s.rng.choice(["=", "=", "=", "+=", "*="])
        if sign == "=" and s.rng.random() < 0.4:
            try:
                wanted = s.value(f"{x}[{key}]")
                value = s.fit(np.shape(wanted), (kind_of(array),)) or value
            except (IndexError, TypeError, ValueError):
                pass
            if np.may_share_memory(np.asarray(s.value(value)), array):
                value = f"({value}).copy()"
        if sign != "=" and array.dtype.kind in "fc":
            value = s.rng.choice(["1", "2", "-0.5"])
        return Statement(f"{x}[{key}] {sign} {value}", anywhere=True)
    text = fill(s, s.rng.choice(_PUTS), x).replace("VALUE", value)
    return Statement(text, anywhere=True)


_PUTS = (
    "np.put({x}, {inside}, VALUE)",
    "{x}.put({inside}, VALUE, mode={mode})",
    "np.place({x}, {m}, VALUE)",
    "np.putmask({x}, {m}, VALUE)",
    "np.copyto({x}, VALUE, where={m})",
    "np.copyto({x}, VALUE, casting='unsafe')",
    "np.fill_diagonal({x}, VALUE)",
    "np.put_along_axis({x}, np.argsort({x}, axis={ax}, kind='stable'), VALUE, {ax})",
    "{x}.fill({s})",
    "{x}.flat[{inside}] = VALUE",
    "{x}.flat[::2] = {s}",
    "{x}.flat = {s}",
    "{x}.sort()",
    "{x}.sort(axis={ax}, kind='stable')",
    "np.add.at({x}, {i}, {s})",
    "np.maximum.at({x}, {i}, {s})",
    "np.subtract.at({x}, ({i},), {s})",
    "np.negative.at({x}, {i})",
    "{x}[...] = {s}",
    "{x}.real = {s}",
    "{x}[[0, 99999]] = {s}",
    "np.add.at({x}, [0, 99999], {s})",
)
