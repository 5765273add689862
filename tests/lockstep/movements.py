"""Statement kinds about memory: views, writes through them, reads, snapshots, scopes, ends.

Each takes the scene and returns a statement, or None when the scene has nothing for it.
"""

from __future__ import annotations

import numpy as np
from scene import ARITHMETIC, DEVICE, Scene, defined, kind_of
from statement import Statement
from texts import key_text, scalar_text, view_text


def view(s: Scene) -> Statement | None:
    """A named view."""
    name = s.pick()
    text = view_text(s.rng, name, s.value(name))
    new = s.fresh()
    return Statement(f"{new} = {text}", (new,), lazy=True)


def in_place(s: Scene) -> Statement | None:
    """x op= y, through views, overlapping ones among them."""
    name = s.pick(("f4", "f8") if s.rng.random() < 0.9 else DEVICE)
    if name is None or not s.value(name).flags.writeable:
        return None
    array = s.value(name)
    if not array.ndim or s.rng.random() < 0.4:
        left = name
    else:
        left = f"{name}[{key_text(s.rng, array.shape)}]"
    view = s.value(left)
    right = s.overlapping(name, array, view) if s.rng.random() < 0.6 else None
    if right is None:
        right, ours = s.other(view.shape, view.dtype)
    else:
        ours = True
    if array.dtype == bool:
        sign = s.rng.choice("&|^")
        if np.asarray(s.value(right)).dtype != bool:
            return None
    else:
        sign = s.rng.choice(ARITHMETIC)
    lazy = ours and s.lazily(name, right, floats=array.dtype != bool)
    return Statement(f"{left} {sign}= {right}", (), lazy=lazy)


def assign(s: Scene) -> Statement | None:
    """x[key] = value."""
    name = s.pick()
    array = s.value(name)
    if not array.flags.writeable:
        return None
    full = array.ndim and array.size and s.rng.random() < 0.2
    key = (
        ", ".join(str(s.rng.randrange(n)) for n in array.shape)
        if full
        else key_text(s.rng, array.shape)
    )
    view = np.asarray(s.value(f"{name}[{key}]"))
    kind = s.rng.random()
    value, ours = scalar_text(s.rng, array.dtype), True
    if kind < 0.5:
        value = s.fit(view.shape, DEVICE) or value
        if kind < 0.25 and (aliased := s.overlapping(name, array, view)):
            value = aliased
    elif kind < 0.7 and view.ndim == 1 and view.size < 20:
        value, ours = s.other(view.shape, array.dtype)
    plain = s.value(value)
    if not defined(view, plain):
        return None
    single = isinstance(plain, (list, np.ndarray, np.generic)) and "v" not in value
    return Statement(
        f"{name}[{key}] = {value}", (), lazy=ours and not single and s.lazily(name, value)
    )


def element(s: Scene) -> Statement | None:
    """A full index gives an immutable scalar, a copy."""
    name = s.pick()
    array = s.value(name)
    if not array.size:
        return None
    key = ", ".join(str(s.rng.randrange(-n, n)) for n in array.shape) or "()"
    new = s.fresh()
    return Statement(f"{new} = {name}[{key}]", (new,), lazy=True)


def scalar_use(s: Scene) -> Statement | None:
    """Python scalars out of arrays, and in-place operators that rebind."""
    names = [n for n in s.twin.variables() if isinstance(s.twin.numpy[n], np.floating)]
    if not names:
        return None
    name, new = s.rng.choice(names), s.fresh("c")
    text = s.rng.choice(
        [
            "{c} = float({v})",
            "{c} = bool({v})",
            "{c} = {v}.item()",
            "{c} = hash({v})",
            "{c} = format({v}, '.6g')",
            "{v} += 1",
            "{v} *= {v}",
            "{v}[...] = 1",
            "{c} = str({v})",
            "{c} = {v} == {v}",
            "{c} = len({v})",
        ]
    ).format(c=new, v=name)
    if "hash" in text and np.isnan(s.twin.numpy[name]):
        return None  # the hash of a NaN is its identity
    return Statement(text, (new,) if text.startswith(f"{new} = ") else ())


def read(s: Scene) -> Statement:
    """Values reach the host, so the tape runs."""
    names = s.rng.sample(
        s.twin.variables(), min(len(s.twin.variables()), s.rng.choice([1, 1, 2, 4]))
    )
    return Statement("; ".join(f"read({n})" for n in names), reads=tuple(names))


def snapshot(s: Scene) -> Statement | None:
    """A snapshot held across changes, or a slice of one, or the end of one."""
    held = [n for n in s.twin.numpy if n[0] == "s" and n[1:].isdigit()]
    if len(held) > 3 or (held and s.rng.random() < 0.25):
        return Statement(f"del {s.rng.choice(held)}")
    new = s.fresh("s")
    if held and s.rng.random() < 0.3:
        name = s.rng.choice(held)
        if s.value(name).ndim:
            return Statement(f"{new} = {name}[{key_text(s.rng, s.value(name).shape)}]; del {name}")
    x = s.operand()
    return Statement(
        f"{new} = snapshot({x})[...]" if s.rng.random() < 0.3 else f"{new} = snapshot({x})"
    )


def scope(s: Scene) -> Statement | None:
    """Writable host access; sometimes a view of it escapes and is written late."""
    x = s.place()
    if x is None:
        return None
    view = s.value(x)
    value = "True" if view.dtype == bool else s.rng.choice(["2", "-0.5"])
    body = s.rng.choice(
        [
            f"h[...] = {value}",
            "h[...] = h[...]",
            "h[..., ::2] = 1" if view.ndim else "h[...] = 1",
        ]
    )
    if view.dtype != bool and s.rng.random() < 0.5:
        body = "h *= 2"
    escape, late = "", ""
    if s.rng.random() < 0.2:
        escape, late = "; k = h[...]", "k[...] = 1\ndel k\n"
    return Statement(f"with host({x}) as h:\n    {body}{escape}\n{late}del h")


def plain(s: Scene) -> Statement:
    """An ndarray comes to be, or changes after it was used."""
    names = [n for n in s.twin.numpy if n[0] == "n" and n[1:].isdigit()]
    if names and s.rng.random() < 0.6:
        name = s.rng.choice(names)
        return Statement(f"{name}[...] = {s.rng.choice([name + ' + 1', '0.25'])}")
    name, model = s.fresh("n"), s.pick()
    extents = s.value(model).shape
    return Statement(
        f"{name} = data({s.rng.randrange(1 << 16)}, {extents}, '{s.rng.choice(['f4', 'f8'])}')"
    )


def delete(s: Scene) -> Statement:
    """A variable goes; what only it needed is dead."""
    return Statement(f"del {s.rng.choice(s.twin.variables())}", lazy=True)


def copy(s: Scene) -> Statement | None:
    """Copies in several orders."""
    x, name = s.operand(), s.target()
    order = s.rng.choice(["", "", "order='C'", "order='F'", "order='K'"])
    text = f"{x}.copy({order})" if s.rng.random() < 0.6 else f"np.copy({x})"
    return Statement(f"{name} = {text}", (name,), lazy=s.lazily(x))


def copyto(s: Scene) -> Statement | None:
    """np.copyto."""
    out = s.place()
    if out is None:
        return None
    view = s.value(out)
    x = s.fit(view.shape, (kind_of(view),))
    if x is None or not defined(view, s.value(x)):
        return None
    return Statement(f"np.copyto({out}, {x})")


def masked(s: Scene) -> Statement | None:
    """Boolean indexing, read and written."""
    name = s.pick(("f4", "f8"))
    if name is None or not s.value(name).ndim or not s.value(name).flags.writeable:
        return None
    if s.rng.random() < 0.5:
        return Statement(f"{name}[{name} > 0] = 0.5")
    new = s.fresh()
    return Statement(f"{new} = {name}[{name} > 0]", (new,))


def by_hand(s: Scene) -> Statement | None:
    """Explicit copies and waits change nothing."""
    x = s.operand()
    text = s.rng.choice([f"push({x})", f"pull({x})", "synchronize()"])
    return Statement(text)


def rows(s: Scene) -> Statement | None:
    """Iteration gives views (or scalars); several assignments in one statement."""
    name = s.pick(("f4", "f8"))
    if name is None:
        return None
    array = s.value(name)
    if array.ndim < 2 or not 0 < array.shape[0] < 8 or not array.flags.writeable:
        return None
    text = s.rng.choice(
        [
            "for row in {v}: row *= 2",
            "for row in {v}: row[...] = row[::-1]",
            "{v}[0], {v}[-1] = {v}[-1], {v}[0]",
            "{v}[0], {v}[-1] = {v}[-1].copy(), {v}[0].copy()",
            "first, *_ = {v}; first += 1; del first, _",
        ]
    )
    return Statement(text.format(v=name))


def duplicate(s: Scene) -> Statement | None:
    """Another name, a deep copy, a pickle."""
    name, new = s.pick(), s.fresh()
    kind = s.rng.random()
    if kind < 0.6:
        return Statement(f"{new} = {name}", (new,), lazy=True)
    if kind < 0.8:
        return Statement(f"{new} = copy.deepcopy({name})", (new,), lazy=s.lazily(name))
    return (
        Statement(f"{new} = pickle.loads(pickle.dumps({name}))[...]", (new,))
        if s.value(name).flags.c_contiguous
        else None
    )


def sharing(s: Scene) -> Statement | None:
    """np.shares_memory as a statement."""
    new = s.fresh("c")
    return Statement(f"{new} = np.shares_memory({s.operand()}, {s.operand()})", (new,), lazy=True)
