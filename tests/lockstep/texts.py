"""Random pieces of program text: keys, views, literals. Each is valid NumPy for a given shape."""

from __future__ import annotations

from random import Random

import numpy as np

STEPS = (1, 1, 1, 1, 2, 2, 3, -1, -1, -2, -3)


def slice_text(rng: Random, extent: int) -> str:
    """A slice of an axis, every sign of step; rarely empty."""
    for _ in range(3):
        step = rng.choice(STEPS)
        start = rng.choice(["", "", rng.randint(-extent - 1, extent + 1)])
        stop = rng.choice(["", "", rng.randint(-extent - 1, extent + 1)])
        text = f"{start}:{stop}" + (f":{step}" if step != 1 else "")
        bounds = [None if each == "" else each for each in (start, stop)]
        if len(range(extent)[slice(*bounds, step)]):
            return text
    return text if rng.random() < 0.1 else ":"


def key_text(rng: Random, shape: tuple[int, ...], integers: bool = True) -> str:
    """A basic index: slices, integers, newaxis, ellipsis; never a full index."""
    parts = []
    for extent in shape:
        if integers and extent and rng.random() < 0.15:
            parts.append(str(rng.randint(-extent, extent - 1)))
        else:
            parts.append(slice_text(rng, extent) if rng.random() < 0.75 else ":")
    if all(part.lstrip("-").isdigit() for part in parts):
        parts.append("...")
    elif rng.random() < 0.15:
        parts = parts[: rng.randint(1, len(parts))]
    if "..." not in parts and rng.random() < 0.1:
        parts.insert(0 if len(parts) == len(shape) and rng.random() < 0.5 else len(parts), "...")
    if len(shape) < 4 and rng.random() < 0.1:
        parts.insert(rng.randint(0, len(parts)), "None")
    return ", ".join(parts)


def view_text(rng: Random, name: str, array: np.ndarray, writable: bool = False) -> str:
    """A view (or a reshaped copy) of `name`."""
    shape = array.shape
    if rng.random() < 0.6 or not shape:
        text = f"{name}[{key_text(rng, shape)}]"
        return text + ("[::-1]" if rng.random() < 0.05 and eval(text, {name: array}).ndim else "")
    choices = [f"{name}.T", f"{name}.ravel()", f"{name}.reshape({_factors(rng, array.size)})"]
    choices.append(f"np.transpose({name})")
    choices.append(f"np.expand_dims({name}, 0)" if len(shape) < 4 else f"{name}.T")
    if len(shape) > 1:
        a, b = rng.sample(range(len(shape)), 2)
        choices += [f"{name}.swapaxes({a}, {b})", f"np.moveaxis({name}, {a}, {b})"]
        choices.append(f"np.flip({name}, {a})")
        if not writable:
            choices.append(f"{name}.diagonal()")
            choices.append(f"np.diagonal({name}, {rng.randint(-1, 1)})")
    if 1 in shape:
        choices.append(f"{name}.squeeze()")
    if not writable and len(shape) < 4 and array.size < 500:
        choices.append(f"np.broadcast_to({name}, {(rng.randint(1, 3), *shape)})")
    if len(shape) > 1:
        choices.append(f"{name}.reshape(-1, order='F')")
        choices.append(f"{name}.ravel('{rng.choice('CFAK')}')")
    return rng.choice(choices)


def _factors(rng: Random, size: int) -> str:
    """Extents whose product is `size`."""
    if size == 0:
        return rng.choice(["0", "0, 3", "2, 0"])
    extents = []
    rest = size
    for _ in range(rng.randint(0, 2)):
        divisor = rng.choice([n for n in range(1, min(rest, 12) + 1) if rest % n == 0])
        extents.append(divisor)
        rest //= divisor
    extents.append(rest)
    if rng.random() < 0.3:
        extents[rng.randrange(len(extents))] = -1
    return ", ".join(map(str, extents))


def shape(rng: Random, large: bool) -> tuple[int, ...]:
    """Mostly small; zero-size and 0-d among them; `large`: 2,000 to 5,000 elements."""
    if large and rng.random() < 0.6:
        return rng.choice([(2500,), (4099,), (3, 1100), (50, 60), (1030, 4), (17, 11, 13), (2049,)])
    kind = rng.random()
    if kind < 0.03:
        return ()
    if kind < 0.06:
        return rng.choice([(0,), (0, 3), (2, 0)])
    if kind < 0.5:
        return (rng.choice([1, 2, 5, 7, 8, 12, 17]),)
    if kind < 0.85:
        return rng.choice([(3, 4), (4, 3), (4, 4), (1, 5), (5, 1), (2, 8), (7, 3)])
    return rng.choice([(2, 3, 4), (3, 1, 4), (2, 2, 2), (4, 3, 2)])


def scalar_text(rng: Random, dtype: np.dtype) -> str:
    """A Python or NumPy scalar to meet an array of `dtype`."""
    if dtype == bool:
        return rng.choice(["True", "False", "np.True_", "np.False_"])
    plain = ["2", "-1", "0", "3", "0.5", "-1.5", "2.0", "True", "1e-3", "-0.0"]
    rare = ["np.inf", "np.nan", "np.float64(0.1)", "np.float32(0.1)", "np.bool_(True)", "1e30"]
    return rng.choice(plain if rng.random() < 0.8 else rare)
