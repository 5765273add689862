"""Every opcode of the integer engines against NumPy: edge values, registers, immediates, clones."""

from __future__ import annotations

import numpy as np
import pytest
from kernel_lab import Imm, empty, place, same_bits

DTYPES = ("i4", "i8", "u1")
UNARY = {
    name: getattr(np, name)
    for name in "negative absolute logical_not square sign positive invert".split()
}
BINARY = {
    name: getattr(np, name)
    for name in (
        "add subtract multiply minimum maximum less less_equal greater greater_equal equal not_equal "
        "logical_and logical_or logical_xor bitwise_and bitwise_or bitwise_xor left_shift right_shift "
        "floor_divide remainder fmod power"
    ).split()
}


def edges(dtype: str) -> np.ndarray:
    """The ends of the range, powers of two and their neighbours, small numbers of both signs."""
    info = np.iinfo(dtype)
    powers = [1 << n for n in (1, 2, 3, 6, 7, 8, 15, 16, 30, 31, 32, 33, 62) if 1 << n <= info.max]
    positive = [0, 1, 3, 5, 7, 9, 10, 63, 64, 65, 100, *powers, *(p - 1 for p in powers), info.max - 1]
    signs = [-n for n in positive if info.min < 0] + [info.min, info.min + 1]
    return np.unique(np.array([*positive, *signs, info.max])).astype(dtype)


def pairs(dtype: str) -> tuple[np.ndarray, np.ndarray]:
    """All pairs of edges, and 3,000 random ones of every size."""
    e = edges(dtype)
    rng = np.random.default_rng(1)
    noise = (rng.integers(-(1 << 62), 1 << 62, (2, 3000)) >> rng.integers(0, 62, (2, 3000))).astype(dtype)
    return np.concatenate([np.repeat(e, e.size), noise[0]]), np.concatenate([np.tile(e, e.size), noise[1]])


def allowed(name: str, y: np.ndarray) -> np.ndarray:
    """NumPy raises for negative exponents: they are never sent."""
    return np.where(y < 0, y & 0x7F, y).astype(y.dtype) if name == "power" else y


@pytest.fixture(autouse=True)
def silent():
    with np.errstate(all="ignore"):
        yield


@pytest.fixture(params=[(v, d) for v in ("builtin", "plain") for d in DTYPES], ids="-".join)
def kernel(request, images):
    variant, dtype = request.param
    return images(variant).kernel(dtype)


def test_the_table_names_every_operation_tested_here(builtin):
    others = {"load", "store", "set", "where"}
    for dtype in DTYPES:
        table = builtin.engines[dtype]["operations"]
        assert set(table) == others | set(UNARY) | set(BINARY)
        assert len(set(table.values())) == len(table)


@pytest.mark.parametrize("name", BINARY)
def test_binary(kernel, name):
    x, y = pairs(kernel.dtype)
    y = allowed(name, y)
    assert same_bits(kernel.apply(name, x, y), BINARY[name](x, y).astype(kernel.dtype))


@pytest.mark.parametrize("name", ["floor_divide", "remainder", "fmod"])
@pytest.mark.parametrize("least", [-(1 << 31), -(1 << 31) + 1, 7])
def test_divisions_of_numbers_that_fit_32_bits(images, name, least):
    kernel = images("builtin").kernel("i8")
    x = np.array([least, (1 << 31) - 1, 0, -1, 12345, -54321] * 200)
    y = np.array([-1, 1, 0, 3, -7, (1 << 31) - 1, -(1 << 31) + 1] * 171 + [1, 2, 3])
    assert same_bits(kernel.apply(name, x, y), BINARY[name](x, y))


@pytest.mark.parametrize("name", ["floor_divide", "remainder", "fmod"])
def test_divisions_by_and_of_the_first_number_beyond_32_bits(images, name):
    kernel = images("builtin").kernel("i8")
    x = np.array([-1, 5, -7, 12345, (1 << 31) - 1] * 40)
    beyond = np.full_like(x, 1 << 31)
    assert same_bits(kernel.apply(name, x, beyond), BINARY[name](x, beyond))
    assert same_bits(kernel.apply(name, beyond, x), BINARY[name](beyond, x))


@pytest.mark.parametrize("name", BINARY)
def test_binary_immediates(kernel, name):
    x = edges(kernel.dtype)
    for value in allowed(name, x)[::3]:
        whole = np.full_like(x, value)
        results = kernel.apply(name, x, Imm(value)), kernel.apply(name, Imm(value), allowed(name, x))
        assert same_bits(results[0], BINARY[name](x, whole).astype(x.dtype))
        assert same_bits(results[1], BINARY[name](whole, allowed(name, x)).astype(x.dtype))
    out = empty(5, kernel.dtype)
    kernel.program((5,)).do(name, 3, Imm(3), Imm(3)).store(3, out).run()
    three = kernel.dtype.type(3)
    assert same_bits(out.array, np.full(5, BINARY[name](three, three), kernel.dtype))


@pytest.mark.parametrize("name", UNARY)
def test_unary(kernel, name):
    x, _ = pairs(kernel.dtype)
    assert same_bits(kernel.apply(name, x), UNARY[name](x).astype(x.dtype))
    out = empty(5, kernel.dtype)
    kernel.program((5,)).do(name, 3, Imm(9)).store(3, out).run()
    assert same_bits(out.array, np.full(5, UNARY[name](kernel.dtype.type(9)), kernel.dtype))


@pytest.mark.parametrize("flags", range(8))
@pytest.mark.parametrize("value", [0, 5])
def test_where(kernel, flags, value):
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


@pytest.mark.parametrize("name", [*BINARY, *UNARY])
def test_all_clones_give_the_same_bits(builtin, name):
    for dtype in DTYPES:
        x, y = pairs(dtype)
        operands = (x, allowed(name, y)) if name in BINARY else (x,)
        results = [builtin.kernel(dtype, c).apply(name, *operands) for c in builtin.clones()]
        assert all(same_bits(r, results[0]) for r in results[1:])


@pytest.mark.parametrize("seed", range(15))
def test_random_programs(images, seed):
    """Chains over few registers: nothing is lost between instructions."""
    rng = np.random.default_rng(seed)
    names = ["add", "subtract", "multiply", "maximum", "less", "bitwise_xor", "floor_divide", "right_shift"]
    for variant in ("builtin", "plain"):
        for dtype in DTYPES:
            kernel = images(variant).kernel(dtype)
            shape = (int(rng.integers(1, 9000)),)
            values = [rng.integers(-99, 99, shape).astype(dtype) for _ in range(3)] + [None, None]
            program = kernel.program(shape)
            for register in range(3):
                program.load(register, place(values[register]))
            for _ in range(40):
                known = [r for r, v in enumerate(values) if v is not None]
                name = str(rng.choice(names))
                number = np.dtype(dtype).type(rng.integers(0, 9))
                a, b = (int(r) for r in rng.choice(known, 2))
                kind = rng.integers(0, 5)
                sources = [Imm(number) if kind == 0 else a, Imm(number) if kind == 1 else b]
                arrays = [number if kind == 0 else values[a], number if kind == 1 else values[b]]
                to = int(rng.integers(0, 5))
                program.do(name, to, *sources)
                values[to] = np.broadcast_to(BINARY[name](*arrays), shape).astype(dtype)
            outs = [(r, empty(shape, dtype)) for r, v in enumerate(values) if v is not None]
            for register, out in outs:
                program.store(register, out)
            program.run()
            for register, out in outs:
                assert same_bits(out.array, values[register])
