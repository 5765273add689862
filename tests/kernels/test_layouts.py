"""Operands of every kind and all three modes, many shapes, on the fast and on the plain mover."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kernel_lab import Imm, empty, place, same_bits

FLOATS = ("f4", "f8")
DTYPES = (*FLOATS, "i4", "i8", "u1")
MEMORY = (*DTYPES, "?")
VARIANTS = ("builtin", "plain")


@pytest.fixture(params=[(v, d) for v in VARIANTS for d in DTYPES], ids="-".join)
def kernel(request, images):
    variant, dtype = request.param
    return images(variant).kernel(dtype)


@pytest.fixture(params=[(v, d) for v in VARIANTS for d in FLOATS], ids="-".join)
def float_kernel(request, images):
    variant, dtype = request.param
    return images(variant).kernel(dtype)


@pytest.fixture(autouse=True)
def silent():
    """Casts of what does not fit are NumPy's to warn of."""
    with np.errstate(all="ignore"):
        yield


def sizes(kernel) -> list[int]:
    tile = kernel.engine["tile"]
    return [1, 2, 7, 15, 16, 17, 63, 64, 65, tile // 8, tile - 1, tile, tile + 1, 3 * tile + 5]


def numbers(shape, dtype, seed=0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    if dtype == "?":
        return rng.random(shape) < 0.5
    if np.dtype(dtype).kind in "iu":
        small = rng.integers(-9, 10, shape)
        return np.where(rng.random(shape) < 0.8, small, rng.integers(-(1 << 40), 1 << 40, shape)).astype(dtype)
    return rng.normal(size=shape).astype(dtype)


def check_copy(kernel, source, shape, dtype=None):
    """load + store of a view into fresh contiguous memory."""
    out = empty(shape, dtype or kernel.dtype)
    kernel.program(shape).load(0, source).store(0, out).run()
    expected = np.broadcast_to(source.array, shape).astype(kernel.dtype).astype(out.array.dtype)
    assert same_bits(out.array, expected)


# ---- contiguous ---------------------------------------------------------------------------------


@pytest.mark.parametrize("skip", [0, 1, 5, 16])
def test_contiguous_any_length_and_start(kernel, skip):
    for n in sizes(kernel):
        x, y = numbers(n, kernel.dtype, n), numbers(n, kernel.dtype, n + 1)
        assert same_bits(kernel.apply("add", x, y, skip=skip), x + y)


@pytest.mark.parametrize("source", MEMORY)
@pytest.mark.parametrize("target", MEMORY)
def test_conversions(kernel, source, target):
    for n in (1, 17, 64, 2000):
        x = numbers(n, source, n)
        out = empty(n, target, skip=3)
        kernel.program((n,)).load(0, place(x, skip=1)).store(0, out).run()
        expected = x.astype(kernel.dtype)
        expected = expected != 0 if target == "?" else expected.astype(target)
        assert same_bits(out.array, expected)


@pytest.mark.parametrize("target", MEMORY)
def test_conversions_of_special_values(float_kernel, target):
    kernel = float_kernel
    big = [3.4028235e38, 3.40282356e38, 1e300] if kernel.dtype == "f8" else [3.4028235e38]
    ends = [2.0**31, 2.0**31 - 1, -(2.0**31), -(2.0**31) - 1, 2.0**32 + 5, 255.9, 256.5, -1.5, 2.0**63, -(2.0**63)]
    x = np.array([0, -0.0, 1.5, np.inf, -np.inf, np.nan, 1 / 3, *ends, *big] * 5, kernel.dtype)
    out = empty(x.shape, target)
    kernel.program(x.shape).load(0, place(x)).store(0, out).run()
    expected = x != 0 if target == "?" else x.astype(target)
    assert same_bits(out.array, expected)
    if target not in FLOATS:
        loaded = empty(x.shape, target)
        program = kernel.image.kernel("u1" if target == "?" else target).program(x.shape)
        program.load(0, place(x)).store(0, loaded).run()
        whole = x.astype("u1") != 0 if target == "?" else x.astype(target)
        assert same_bits(loaded.array, whole)


def test_any_nonzero_byte_is_true(kernel):
    raw = place(np.array([0, 1, 2, 128, 255], np.uint8))
    raw.array = raw.array.view("?")
    out = empty(5, kernel.dtype)
    kernel.program((5,)).load(0, raw).store(0, out).run()
    assert (out.array == [0, 1, 1, 1, 1]).all()


# ---- strides ------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [1, -1, 2, -2, 3, 17, -5])
@pytest.mark.parametrize("memory", MEMORY)
def test_strided_loads(kernel, step, memory):
    source = place(numbers(3000, memory), skip=2)
    for n in (1, 5, 100, 3000):
        view = source[:n][::step]
        check_copy(kernel, view, view.array.shape)


@pytest.mark.parametrize("step", [-1, 2, -2, 3, 17])
@pytest.mark.parametrize("memory", MEMORY)
def test_strided_stores_touch_nothing_else(kernel, step, memory):
    out = place(numbers(3000, memory, 7), skip=3)
    expected = out.array.copy()
    view = out[5:2900][::step]
    x = numbers(view.array.shape, memory, 8)
    expected[5:2900][::step] = x.astype(kernel.dtype)
    kernel.program(x.shape).load(0, place(x)).store(0, view).run()
    assert same_bits(out.array, expected)


@pytest.mark.parametrize("axes", list(itertools.permutations(range(3))))
def test_transposed(kernel, axes):
    source = place(numbers((7, 33, 11), kernel.dtype)).transpose(*axes)
    check_copy(kernel, source, source.array.shape)
    out = empty((7, 33, 11), kernel.dtype).transpose(*axes)
    x = numbers(out.array.shape, kernel.dtype, 4)
    kernel.program(x.shape).load(0, place(x)).store(0, out).run()
    assert same_bits(out.array, x)


def test_inner_windows(kernel):
    grid = place(numbers((40, 70), kernel.dtype))
    out = place(numbers((40, 70), kernel.dtype, 1))
    expected = out.array.copy()
    views = [grid[1:-1, 1:-1], grid[:-2, 1:-1], grid[2:, 1:-1], grid[1:-1, :-2], grid[1:-1, 2:]]
    program = kernel.program((38, 68))
    for register, view in enumerate(views):
        program.load(register, view)
    for register in range(1, 5):
        program.do("add", 0, 0, register)
    program.store(0, out[1:-1, 1:-1]).run()
    total = views[0].array
    for view in views[1:]:
        total = total + view.array
    expected[1:-1, 1:-1] = total
    assert same_bits(out.array, expected)


# ---- broadcasting -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "part",
    [(), (1,), (5,), (700,), (3, 1), (1, 700), (4, 1, 1), (4, 3, 1), (4, 1, 700), (4, 3, 700)],
)
@pytest.mark.parametrize("memory", MEMORY)
def test_broadcast_loads(kernel, part, memory):
    for shape in ((4, 3, 700), (4, 3, 5), (600, 3, 5), (2, 3, 2000)):
        if len(part) <= 3 and all(p in (1, s) for p, s in zip(part[::-1], shape[::-1], strict=False)):
            check_copy(kernel, place(numbers(part, memory), skip=1), shape)


@pytest.mark.parametrize("period", [1, 2, 3, 16, 50, 127, 128, 129])
def test_repeated_rows(kernel, period):
    row = place(numbers(2 * period, kernel.dtype))
    for view in (row[:period], row[::2], row[::-2]):
        x = numbers((211, period), kernel.dtype, 9)
        out = empty(x.shape, kernel.dtype)
        program = kernel.program(x.shape).load(0, view).load(1, place(x))
        program.do("add", 0, 0, 1).store(0, out).run()
        assert same_bits(out.array, view.array + x)


def test_a_constant_whose_register_is_reused(kernel):
    x = numbers(5000, kernel.dtype)
    out = empty(x.shape, kernel.dtype)
    program = kernel.program(x.shape).load(0, place(kernel.dtype.type(3))).load(1, place(x))
    program.do("multiply", 0, 0, 1).do("add", 0, 0, Imm(1)).store(0, out).run()
    assert same_bits(out.array, kernel.dtype.type(3) * x + 1)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_view_of_up_to_eight_dimensions(kernel, data):
    shape = data.draw(st.lists(st.integers(1, 5), min_size=1, max_size=8), "shape")
    while np.prod(shape) > 3000:
        shape.pop()
    memory = data.draw(st.sampled_from(MEMORY), "memory")

    def view(seed):
        base_shape = [data.draw(st.sampled_from((n, 2 * n, n + 1)), "base") for n in shape]
        v = place(numbers(base_shape, memory, seed), skip=data.draw(st.integers(0, 3), "skip"))
        key = []
        for n, extent in zip(shape, base_shape, strict=True):
            step = 2 if extent == 2 * n else 1
            key.append(data.draw(st.sampled_from((slice(None, n * step, step),
                                                  slice(None, n * step, step))), "slice"))
        v = v[tuple(key)]
        flips = tuple(slice(None, None, data.draw(st.sampled_from((1, -1)), "flip")) for _ in shape)
        return v[flips]

    source, out = view(1), view(2)
    axes = data.draw(st.permutations(range(len(shape))), "axes")
    turned = tuple(np.array(shape)[list(axes)])
    inverse = np.argsort(axes)
    x = place(numbers(turned, kernel.dtype, 3)).transpose(*inverse)
    program = kernel.program(shape).load(0, source).load(1, x)
    program.do("add", 2, 0, 1).store(2, out)
    before = out.memory.bytes.copy()
    expected = source.array.astype(kernel.dtype) + x.array
    expected = expected != 0 if memory == "?" else expected.astype(memory)
    program.run()
    assert same_bits(np.ascontiguousarray(out.array), expected)
    got = out.memory.bytes.copy()
    out.array[...] = 0
    untouched = out.memory.bytes.copy()
    out.memory.bytes[:] = before
    out.array[...] = 0
    assert (untouched == out.memory.bytes).all(), "bytes outside the view changed"
    assert got.size


# ---- order of loads and stores --------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 100, 5000])
def test_in_place(kernel, n):
    x = place(numbers(n, kernel.dtype), skip=1)
    expected = x.array * 2 + 1
    program = kernel.program((n,)).load(0, x).do("multiply", 0, 0, Imm(2)).do("add", 0, 0, Imm(1))
    program.store(0, x).run()
    assert same_bits(x.array, expected)


@pytest.mark.parametrize("n", [1, 100, 5000])
def test_in_place_where_the_old_value_is_read_late(kernel, n):
    x = place(numbers(n, kernel.dtype))
    old = x.array.copy()
    program = kernel.program((n,)).load(0, x).do("multiply", 1, 0, Imm(2)).do("add", 2, 0, 1)
    program.do("subtract", 1, 2, 0).store(1, x).run()
    assert same_bits(x.array, (old + old * 2) - old)


@pytest.mark.parametrize("n", [1, 100, 5000])
def test_swap(kernel, n):
    x, y = place(numbers(n, kernel.dtype, 1)), place(numbers(n, kernel.dtype, 2))
    old_x, old_y = x.array.copy(), y.array.copy()
    kernel.program((n,)).load(0, x).load(1, y).store(0, y).store(1, x).run()
    assert same_bits(x.array, old_y)
    assert same_bits(y.array, old_x)


@pytest.mark.parametrize("n", [3, 2500])
def test_two_parts_of_one_buffer(kernel, n):
    both = place(numbers(3 * n, kernel.dtype), skip=1)
    a, b, c = both[:n], both[n : 2 * n], both[2 * n :]
    old = both.array.copy()
    program = kernel.program((n,)).load(0, a).load(1, b).do("add", 2, 0, 1).do("subtract", 3, 0, 1)
    program.store(2, b).store(3, c).run()
    assert same_bits(both.array, np.concatenate([old[:n], old[:n] + old[n:-n], old[:n] - old[n:-n]]))


@pytest.mark.parametrize("n", [5, 3000])
def test_several_stores(kernel, n):
    x = place(numbers(n, kernel.dtype))
    outs = [empty(n, d) for d in (kernel.dtype, kernel.dtype, "?", kernel.dtype)]
    program = kernel.program((n,)).load(0, x).do("add", 1, 0, Imm(1)).do("multiply", 2, 1, 0)
    program.do("greater", 3, 2, Imm(0)).store(1, outs[0]).store(2, outs[1]).store(3, outs[2])
    program.store(0, outs[3]).run()
    plus = x.array + 1
    for out, expected in zip(outs, (plus, plus * x.array, plus * x.array > 0, x.array), strict=True):
        assert same_bits(out.array, expected)


@pytest.mark.parametrize("n", [5, 3000])
def test_one_register_stored_twice(kernel, n):
    x = place(numbers(n, kernel.dtype))
    outs = [empty(n, kernel.dtype), empty(n, kernel.dtype)]
    program = kernel.program((n,)).load(0, x).do("square", 0, 0).store(0, outs[0]).store(0, outs[1])
    program.run()
    assert same_bits(outs[0].array, x.array * x.array)
    assert same_bits(outs[1].array, x.array * x.array)


def test_large_results_bypass_the_caches(builtin):
    n = 5_000_000
    x = place(numbers(1000, "f4").repeat(5000)[:n], skip=3)
    out = empty(n, "f4", skip=1)
    program = builtin.kernel("f4").program((n,)).load(0, x).do("multiply", 1, 0, Imm(3))
    program.store(1, out).run()
    assert same_bits(out.array, x.array * np.float32(3))


def test_nothing_to_do(kernel):
    x = place(numbers(8, kernel.dtype))
    old = x.array.copy()
    kernel.program((0, 8)).do("set", 0, Imm(1)).store(0, x.broadcast((1, 8))[:0]).run()
    assert same_bits(x.array, old)


# ---- folds --------------------------------------------------------------------------------------

FOLDS = {"sum": np.sum, "prod": np.prod, "min": np.min, "max": np.max, "count": np.count_nonzero}


def error_bound(x, axis, dtype):
    """Pairwise: log2(n) + 8 + the lanes' roundings, each relative to the sum of magnitudes."""
    count = int(np.prod([x.shape[a] for a in axis], dtype=int)) if axis else 1
    depth = np.log2(max(count, 2)) + 10
    return np.finfo(dtype).eps * depth * np.abs(x).sum(axis=axis, dtype="f8") + 1e-300


def check_fold(kernel, name, x, mode, kept_axes):
    """Fold all axes but `kept_axes`."""
    axes = tuple(a for a in range(x.array.ndim) if a not in kept_axes)
    view = x.transpose(*kept_axes, *axes)
    kept = view.array.shape[: len(kept_axes)]
    narrow = name in ("min", "max") or (kernel.dtype.kind == "f" and name != "count")
    out = empty(kept, kernel.dtype if narrow else "i8")
    program = kernel.program(kept, view.array.shape[len(kept_axes) :], mode)
    program.load(0, view).do("multiply", 1, 0, Imm(2)).folded(name, 1, out).run()
    doubled = view.array * 2
    axes = tuple(range(len(kept), doubled.ndim))
    if name == "prod" and kernel.dtype.kind == "f":
        exact = doubled.astype("f8").prod(axis=axes)
        least, most = np.finfo(kernel.dtype).tiny, np.finfo(kernel.dtype).max
        usual = (np.abs(exact) > least) & (np.abs(exact) < most)  # else: who is to say
        near = np.isclose(out.array, exact, rtol=2 * doubled.size * np.finfo(kernel.dtype).eps)
        assert (near | ~usual).all()
    elif not narrow:
        wanted = {} if name == "count" else {"dtype": "i8"}
        assert same_bits(out.array, np.asarray(FOLDS[name](doubled, axis=axes, **wanted)))
    elif name == "sum":
        exact = doubled.astype("f8").sum(axis=axes)
        assert (np.abs(out.array - exact) <= error_bound(doubled, axes, kernel.dtype)).all()
    else:
        assert same_bits(out.array, FOLDS[name](doubled, axis=axes))
    return out.array.copy()


@pytest.mark.parametrize("name", FOLDS)
@pytest.mark.parametrize("mode", ["within", "across"])
def test_folds_of_many_shapes(kernel, name, mode):
    for shape, kept in [
        ((1,), ()), ((7,), ()), ((5000,), ()), ((3, 5), (0,)), ((3, 5), (1,)), ((1100, 9), (0,)),
        ((9, 1100), (1,)), ((4, 3, 50), (0, 2)), ((4, 3, 50), (1,)), ((2, 3, 4, 5), (3, 0)),
        ((20, 33), ()), ((1, 1, 40), (0, 1)),
    ]:
        check_fold(kernel, name, place(numbers(shape, kernel.dtype), skip=1), mode, kept)


@pytest.mark.parametrize("name", FOLDS)
def test_fold_within_any_length(kernel, name):
    for n in sizes(kernel):
        check_fold(kernel, name, place(numbers((3, n), kernel.dtype, n)), "within", (0,))


@pytest.mark.parametrize("name", FOLDS)
def test_fold_across_any_count_and_width(kernel, name):
    for count in (1, 2, 7, 8, 9, 16, 17, 63, 100):
        check_fold(kernel, name, place(numbers((count, 37), kernel.dtype, count)), "across", (1,))
    for width in sizes(kernel):
        check_fold(kernel, name, place(numbers((11, width), kernel.dtype, width)), "across", (1,))


@pytest.mark.parametrize("mode", ["within", "across"])
@pytest.mark.parametrize("name", ["min", "max"])
def test_min_and_max_propagate_nan(float_kernel, name, mode):
    kernel = float_kernel
    for n in (1, 2, 100, 1024, 3000):
        for where in {0, n // 2, n - 1}:
            x = numbers(n, kernel.dtype)
            x[where] = np.nan
            out = empty((), kernel.dtype)
            program = kernel.program((), (n,), mode).load(0, place(x)).folded(name, 0, out)
            program.run()
            assert np.isnan(out.array)


@pytest.mark.parametrize("mode", ["within", "across"])
def test_sums_of_special_values(float_kernel, mode):
    kernel = float_kernel
    for values, expected in (([], 0.0), ([-0.0] * 5, 0.0), ([np.inf, 1], np.inf),
                             ([np.inf, -np.inf], np.nan)):
        x = place(np.array(values), kernel.dtype)
        out = empty((3,), kernel.dtype)
        shape = (3, len(values))
        program = kernel.program((3,), (len(values),), mode).load(0, x.broadcast(shape))
        program.folded("sum", 0, out).run()
        assert same_bits(out.array, np.full(3, expected, kernel.dtype))


@pytest.mark.parametrize("mode", ["within", "across"])
@pytest.mark.parametrize("target", ["i4", "i8", "u1", "u8"])
def test_wide_folds_are_cut_to_the_result(images, mode, target):
    for dtype in ("i4", "i8", "u1"):
        kernel = images("builtin").kernel(dtype)
        x = numbers((700, 5), dtype, 4)
        for name in ("sum", "prod", "count"):
            out = empty((5,), target)
            program = kernel.program((5,), (700,), mode).load(0, place(x).transpose(1, 0))
            program.folded(name, 0, out).run()
            wanted = {} if name == "count" else {"dtype": "i8"}
            assert same_bits(out.array, FOLDS[name](x, axis=0, **wanted).astype(target))


@pytest.mark.parametrize("mode", ["within", "across"])
def test_folds_of_nothing(kernel, mode):
    for name, expected in (("sum", 0), ("prod", 1), ("count", 0)):
        narrow = kernel.dtype.kind == "f" and name != "count"
        if name == "prod" and narrow:
            continue  # never sent: the result of a product of nothing is assigned
        out = empty((3,), kernel.dtype if narrow else "i8")
        x = place(np.ones(1), kernel.dtype)[:0]
        program = kernel.program((3,), (0,), mode).load(0, x.broadcast((3, 0)))
        program.folded(name, 0, out).run()
        assert (out.array == expected).all()


@pytest.mark.parametrize("mode", ["within", "across"])
def test_a_store_beside_a_fold(kernel, mode):
    x = place(numbers((6, 1500), kernel.dtype))
    stored, out = empty((6, 1500), kernel.dtype), empty((6,), kernel.dtype)
    program = kernel.program((6,), (1500,), mode).load(0, x).do("multiply", 1, 0, 0)
    program.store(1, stored).folded("max", 1, out).run()
    assert same_bits(stored.array, x.array * x.array)
    assert same_bits(out.array, (x.array * x.array).max(axis=1))


@pytest.mark.parametrize("mode", ["within", "across"])
def test_an_in_place_store_beside_a_fold_of_the_old_values(kernel, mode):
    x = place(numbers((6, 1500), kernel.dtype))
    old, out = x.array.copy(), empty((6,), kernel.dtype)
    program = kernel.program((6,), (1500,), mode).load(0, x).do("add", 1, 0, Imm(5))
    program.store(1, x).folded("min", 0, out).run()
    assert same_bits(x.array, old + 5)
    assert same_bits(out.array, old.min(axis=1))


@pytest.mark.parametrize("mode", ["within", "across"])
def test_folds_with_broadcast_operands(kernel, mode):
    x, row, column = (numbers(s, kernel.dtype, 3) for s in ((40, 1300), (1300,), (40, 1)))
    out = empty((40,), kernel.dtype)
    program = kernel.program((40,), (1300,), mode)
    program.load(0, place(x)).load(1, place(row)).load(2, place(column))
    program.do("subtract", 3, 0, 1).do("multiply", 3, 3, 2).folded("max", 3, out).run()
    assert same_bits(out.array, ((x - row) * column).max(axis=1))


def test_fold_results_convert(kernel):
    x = place(np.arange(12).reshape(4, 3), kernel.dtype)
    for target in MEMORY:
        out = empty((4,), target)
        kernel.program((4,), (3,), "within").load(0, x).folded("min", 0, out).run()
        assert same_bits(out.array, np.array([0, 3, 6, 9]).astype(target))


def test_long_sums_stay_within_the_bound(images):
    for dtype, n in (("f4", 3_000_000), ("f8", 400_000)):
        x = place(np.random.default_rng(0).random(n), dtype)
        check_fold(images("builtin").kernel(dtype), "sum", x, "within", ())
    x = place(np.random.default_rng(0).random((60_000, 20)), "f4")
    check_fold(images("builtin").kernel("f4"), "sum", x, "across", (1,))


# ---- variants and clones ------------------------------------------------------------------------


def scenario(kernel, mode):
    """A program with everything in it; results as arrays."""
    x = numbers((30, 1000), kernel.dtype, 1)
    stored, flags, out = empty(x.shape, kernel.dtype), empty(x.shape, "?"), empty((30,), "f8")
    program = kernel.program((30,), (1000,), mode)
    program.load(0, place(x)).load(1, place(numbers((1000,), "f4", 2))).load(2, place(x[:, :1] > 0))
    program.do("sin", 3, 0).do("exp", 4, 1).do("multiply", 3, 3, 4).do("where", 5, 2, 3, 0)
    program.do("absolute", 6, 5).do("add", 6, 6, Imm(0.5)).do("log", 6, 6).do("cos", 6, 6)
    program.do("less", 7, 6, 5).store(6, stored).store(7, flags).folded("sum", 6, out).run()
    return stored.array, flags.array, out.array


@pytest.mark.parametrize("mode", ["across", "within"])
@pytest.mark.parametrize("dtype", FLOATS)
def test_variants_and_clones_give_the_same_bits(images, dtype, mode):
    first, *rest = (
        scenario(images(variant).kernel(dtype, clone), mode)
        for variant in VARIANTS
        for clone in images(variant).clones()
    )
    assert len(rest) + 1 == len(images("builtin").clones()) + 1
    for other in rest:
        assert all(same_bits(a, b) for a, b in zip(first, other, strict=True))
