"""numpy.random with FPGAArrays: NumPy's bits for the same seed, since its generators draw them.

Imported when fpgarray.random is first used (NumPy does the same with numpy.random).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy import random

from fpgarray.fallback import fallback
from fpgarray.namespace.kinds import REEXPORTED
from fpgarray.namespace.wrapping import adopted, finished, mentions, plain

NO_DRAWING = frozenset({*REEXPORTED["numpy.random"], "default_rng", "spawn"})
"""What draws no arrays."""


def _drawing(theirs: Callable[..., Any], name: str, module: str) -> Callable[..., Any]:
    """A method or function that draws: its arrays are FPGAArrays, and its arguments may be."""

    def draw(*args: Any, **kwargs: Any) -> Any:
        if mentions(args) or mentions(kwargs):
            return fallback(name, f"no kernel for {name}", theirs, args, kwargs)
        result = theirs(*args, **kwargs)
        return result if kwargs.get("out") is not None else adopted(result)

    line = f"`{module}.{name}`, giving an FPGAArray where NumPy gives an array."
    return finished(draw, theirs, module.replace("numpy", "fpgarray", 1), name, line)


def _shuffling(theirs: Callable[..., Any], owners: int, module: str) -> Callable[..., Any]:
    """`shuffle` works in place: on a copy aside that is then written back.

    `owners`: 1 if the first argument is the generator, of a method; else 0.
    """

    def shuffle(*args: Any, **kwargs: Any) -> None:
        if not (mentions(args) or mentions(kwargs)):
            theirs(*args, **kwargs)
            return
        given = dict(kwargs)
        owner, rest = args[:owners], args[owners:]
        x = rest[0] if rest else given.pop("x")

        def shuffled(values: Any) -> Any:
            aside = np.copy(values, order="K") if isinstance(values, np.ndarray) else values
            theirs(*owner, aside, *plain(rest[1:]), **plain(given))
            return aside

        x[...] = fallback("shuffle", "no kernel for shuffle", shuffled, (x,), {})

    line = f"`{module}.shuffle`, in place on an FPGAArray, an ndarray or a sequence."
    return finished(shuffle, theirs, module.replace("numpy", "fpgarray", 1), "shuffle", line)


def _wrapped(owner: Any, names: Iterable[str], owners: int, module: str) -> dict[str, Any]:
    """What draws among `names` of a generator class or of numpy.random."""
    found: dict[str, Any] = {}
    for name in names:
        theirs = getattr(owner, name)
        if name.startswith("_") or name in NO_DRAWING or isinstance(theirs, type):
            continue
        if name == "shuffle":
            found[name] = _shuffling(theirs, owners, module)
        else:
            found[name] = _drawing(theirs, name, module)
    return found


class Generator(random.Generator):
    """`numpy.random.Generator` whose arrays are FPGAArrays; the same bits for the same seed."""

    def __reduce__(self) -> Any:
        return Generator, (self.bit_generator,)


class RandomState(random.RandomState):
    """`numpy.random.RandomState` whose arrays are FPGAArrays; the same bits for the same seed."""

    def __reduce__(self) -> Any:
        return _random_state, (self.get_state(legacy=False),)


def _random_state(state: Any) -> RandomState:
    made = RandomState()
    made.set_state(state)
    return made


for _ours, _theirs in ((Generator, random.Generator), (RandomState, random.RandomState)):
    _module = f"numpy.random.{_theirs.__name__}"
    for _name, _method in _wrapped(_theirs, dir(_theirs), 1, _module).items():
        setattr(_ours, _name, _method)


def default_rng(seed: Any = None) -> Generator:
    """A `Generator` as `numpy.random.default_rng` makes it: the same bits for the same seed.

    A generator is returned as it is; NumPy's is wrapped and shares its state.
    """
    if isinstance(seed, Generator):
        return seed
    return Generator(random.default_rng(plain(seed)).bit_generator)


OURS: dict[str, Any] = {
    **_wrapped(random, random.__all__, 0, "numpy.random"),
    "Generator": Generator,
    "RandomState": RandomState,
    "default_rng": default_rng,
}
"""Name in numpy.random → ours; the functions draw from NumPy's own global state."""
