"""Every opcode of the engines against NumPy, on edge values, with registers and immediates."""

from __future__ import annotations

import numpy as np
import pytest
from kernel_lab import Imm, empty, place, same_bits

DTYPES = ("f4", "f8")
UNARY = {
    name: getattr(np, name)
    for name in (
        "negative absolute sqrt floor ceil trunc rint sign positive square reciprocal degrees radians "
        "spacing isnan isinf isfinite signbit"
    ).split()
}
BINARY = {
    name: getattr(np, name)
    for name in (
        "add subtract multiply divide minimum maximum less less_equal greater greater_equal equal "
        "not_equal logical_and logical_or logical_xor copysign fmin fmax heaviside nextafter "
        "floor_divide remainder fmod"
    ).split()
}
MATHS = (
    "exp log sin cos exp2 expm1 log2 log10 log1p cbrt tan arcsin arccos arctan sinh cosh tanh "
    "arcsinh arccosh arctanh"
).split()
PAIRS = ("arctan2", "hypot", "power", "logaddexp", "logaddexp2")  # near NumPy's, not its bits


def edges(dtype: str) -> np.ndarray:
    """Special values, ends of the range, subnormals, ordinary numbers of both signs."""
    info = np.finfo(dtype)
    positive = np.array(
        [0, info.smallest_subnormal, info.tiny / 2, info.tiny, info.eps, 0.5, 1, 1 + info.eps, 1.5, 2,
         3, 7.25, 1e10, info.max / 2, info.max, np.inf], dtype)
    return np.concatenate([positive, -positive, np.array([np.nan, -np.nan], dtype)])


def pairs(dtype: str) -> tuple[np.ndarray, np.ndarray]:
    """All pairs of edges, and 3,000 random ones."""
    e = edges(dtype)
    rng = np.random.default_rng(1)
    x, y = np.repeat(e, e.size), np.tile(e, e.size)
    noise = (rng.normal(size=(2, 3000)) * 10.0 ** rng.integers(-30, 30, (2, 3000))).astype(dtype)
    return np.concatenate([x, noise[0]]), np.concatenate([y, noise[1]])


def test_division_with_large_quotients_beside_small_ones(kernel):
    """A tile with one large quotient takes another path; all bits are NumPy's."""
    rng = np.random.default_rng(2)
    info = np.finfo(kernel.dtype)
    spread = rng.integers(info.minexp - info.nmant, info.maxexp - 2, (2, 6000))
    x, y = (rng.normal(size=(2, 6000)) * 2.0**spread).astype(kernel.dtype)
    with np.errstate(all="ignore"):
        x[:3000] = (y[:3000] * rng.integers(-9, 9, 3000)).astype(kernel.dtype)
        for name in ("floor_divide", "remainder", "fmod"):
            assert same_bits(kernel.apply(name, x, y), getattr(np, name)(x, y))


def logical(dtype, result):
    return np.asarray(result).astype(dtype)


@pytest.fixture(params=DTYPES)
def kernel(request, builtin):
    return builtin.kernel(request.param)


def test_the_table_names_every_operation_tested_here(builtin):
    others = {"load", "store", "set", "where", "logical_not"}
    for engine in (builtin.engines[dtype] for dtype in DTYPES):
        assert set(engine["operations"]) == others.union(UNARY, BINARY, MATHS, PAIRS)
        assert len(set(engine["operations"].values())) == len(engine["operations"])


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_binary(kernel, name):
    x, y = pairs(kernel.dtype)
    expected = BINARY[name](x, y).astype(kernel.dtype)
    assert same_bits(kernel.apply(name, x, y), expected)


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_binary_immediates(kernel, name):
    x = edges(kernel.dtype)
    for value in edges(kernel.dtype)[::3]:
        full = np.full_like(x, value)
        assert same_bits(kernel.apply(name, x, Imm(value)), BINARY[name](x, full).astype(x.dtype))
        assert same_bits(kernel.apply(name, Imm(value), x), BINARY[name](full, x).astype(x.dtype))
    out = empty(5, kernel.dtype)
    kernel.program((5,)).do(name, 3, Imm(2.5), Imm(2.5)).store(3, out).run()
    assert same_bits(out.array, np.full(5, BINARY[name](*[kernel.dtype.type(2.5)] * 2), kernel.dtype))


@pytest.mark.parametrize("name", UNARY)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_unary(kernel, name):
    x, _ = pairs(kernel.dtype)
    assert same_bits(kernel.apply(name, x), UNARY[name](x).astype(x.dtype))
    out = empty(5, kernel.dtype)
    kernel.program((5,)).do(name, 3, Imm(2.25)).store(3, out).run()
    assert same_bits(out.array, np.full(5, UNARY[name](kernel.dtype.type(2.25)), kernel.dtype))


def test_logical_not(kernel):
    x, _ = pairs(kernel.dtype)
    assert same_bits(kernel.apply("logical_not", x), np.logical_not(x).astype(x.dtype))


def test_where(kernel):
    x, y = pairs(kernel.dtype)
    z = y[::-1].copy()
    assert same_bits(kernel.apply("where", x, y, z), np.where(x != 0, y, z))


@pytest.mark.parametrize("flags", range(8))
@pytest.mark.parametrize("value", [0.0, 2.5, np.nan])
def test_where_immediates(kernel, flags, value):
    x, y = pairs(kernel.dtype)
    z = y[::-1].copy()
    program = kernel.program(x.shape)
    arrays, sources = [], []
    for place_, array in enumerate((x, y, z)):
        program.load(place_, place(array))
        immediate = flags >> place_ & 1
        sources.append(Imm(value) if immediate else place_)
        arrays.append(np.full_like(array, value) if immediate else array)
    out = empty(x.shape, kernel.dtype)
    program.do("where", 0, *sources).store(0, out).run()
    assert same_bits(out.array, np.where(arrays[0] != 0, arrays[1], arrays[2]))


def test_set_and_destination_equal_to_sources(kernel):
    x = np.linspace(-3, 3, 2500).astype(kernel.dtype)
    out = empty(x.shape, kernel.dtype)
    program = kernel.program(x.shape).load(0, place(x)).do("set", 1, Imm(0.75))
    program.do("multiply", 0, 0, 0).do("add", 1, 1, 0).do("subtract", 0, 1, 0).do("where", 1, 1, 0, 1)
    program.store(1, out).run()
    square = x * x
    total = kernel.dtype.type(0.75) + square
    assert same_bits(out.array, np.where(total != 0, total - square, total))


def test_nothing_is_contracted(builtin):
    """x*x - y*y with x == y is exactly 0, on every clone."""
    rng = np.random.default_rng(3)
    for dtype in DTYPES:
        x = rng.normal(size=5000).astype(dtype)
        for clone in builtin.clones():
            kernel = builtin.kernel(dtype, clone)
            out = empty(x.shape, dtype)
            program = kernel.program(x.shape).load(0, place(x)).load(1, place(x))
            program.do("multiply", 0, 0, 0).do("multiply", 1, 1, 1).do("subtract", 2, 0, 1)
            program.store(2, out).run()
            assert (out.array == 0).all()


@pytest.mark.parametrize("name", [*BINARY, *UNARY, *MATHS, *PAIRS, "logical_not"])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_all_clones_give_the_same_bits(builtin, name):
    for dtype in DTYPES:
        x, y = pairs(dtype)
        rng = np.random.default_rng(5)
        x = np.concatenate([x, rng.uniform(-100, 100, 5000).astype(dtype)])
        y = np.resize(y, x.shape)
        operands = (x, y) if name in {*BINARY, *PAIRS} else (x,)
        results = [builtin.kernel(dtype, c).apply(name, *operands) for c in builtin.clones()]
        assert all(same_bits(r, results[0]) for r in results[1:])


def test_the_cpu_level_is_one_of_the_exported_clones(builtin):
    assert builtin.level in (0, 2, 3, 4)
    if builtin.level:
        assert all(hasattr(builtin.library, f"engine_f8{s}") for s in ("", "_v3", "_v4"))


def test_a_foreign_program_is_refused(kernel):
    x = place(np.ones(8), kernel.dtype)
    program = kernel.program((8,)).do("set", 0, Imm(2)).store(0, x)
    words = program.words()
    words[0, 0] ^= 1
    program.words = lambda: words
    program.run()
    assert (x.array == 1).all()


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_random_programs(images, seed):
    """Chains of + - × ÷ and selections over few registers: whatever the engine fuses, NumPy's bits."""
    rng = np.random.default_rng(seed)
    for variant in ("builtin", "plain"):
        for dtype in DTYPES:
            kernel = images(variant).kernel(dtype)
            shape = (int(rng.integers(1, 3000)),)
            values = [rng.normal(size=shape).astype(dtype) for _ in range(3)]
            program = kernel.program(shape)
            for register, value in enumerate(values):
                program.load(register, place(value))
            values += [None, None]
            for _ in range(40):
                known = [r for r, v in enumerate(values) if v is not None]
                name = str(rng.choice(["add", "subtract", "multiply", "multiply", "maximum", "less"]))
                number = dtype_value = np.dtype(dtype).type(rng.normal())
                a, b = (int(r) for r in rng.choice(known, 2))
                kind = rng.integers(0, 5)
                sources = [Imm(number) if kind == 0 else a, Imm(number) if kind == 1 else b]
                arrays = [dtype_value if kind == 0 else values[a], dtype_value if kind == 1 else values[b]]
                to = int(rng.integers(0, 5))
                program.do(name, to, *sources)
                values[to] = np.asarray(BINARY[name](*arrays)).astype(dtype)
            outs = [(r, empty(shape, dtype)) for r, v in enumerate(values) if v is not None]
            for register, out in outs:
                program.store(register, out)
            program.run()
            for register, out in outs:
                assert same_bits(out.array, values[register])
