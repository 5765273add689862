"""numpy.random with FPGAArrays: NumPy's bits for the same seed, since its generators draw them.

Imported when fpgarray.random is first used (NumPy does the same with numpy.random).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy import random

from fpgarray.fallback import fallback
from fpgarray.frames import at_caller
from fpgarray.namespace.kinds import REEXPORTED
from fpgarray.namespace.wrapping import adopted, finished, mentions, plain

Function = Callable[..., Any]

NO_DRAWING = frozenset({*REEXPORTED["numpy.random"], "default_rng", "spawn"})
"""What draws no arrays."""


def _draw(name: str, theirs: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What draws: its arrays are FPGAArrays, and its arguments may be."""
    if mentions(args) or mentions(kwargs):
        return fallback(name, f"no kernel for {name}", theirs, args, kwargs)
    result = at_caller(theirs, args, kwargs)
    return result if kwargs.get("out") is not None else adopted(result)


def _shuffle(name: str, theirs: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """`shuffle` works in place: on a copy aside that is then written back."""
    if not (mentions(args) or mentions(kwargs)):
        theirs(*args, **kwargs)
        return
    given = dict(kwargs)
    x = args[0] if args else given.pop("x")

    def shuffled(values: Any) -> Any:
        aside = np.copy(values, order="K") if isinstance(values, np.ndarray) else values
        theirs(aside, *plain(args[1:]), **plain(given))
        return aside

    x[...] = fallback(name, f"no kernel for {name}", shuffled, (x,), {})


_IN_PLACE = {"shuffle": _shuffle}
"""Name → what runs it, where that is not `_draw`."""


def _documented(wrapper: Function, theirs: Function, name: str, module: str) -> Function:
    line = f"`numpy.{module}.{name}`, giving an FPGAArray where NumPy gives an array."
    return finished(wrapper, theirs, f"fpgarray.{module}", name, line)


def _method(kind: type, name: str) -> Function:
    """A method of our generators: NumPy's generator draws, `self.inner`.

    Not NumPy's method on ours, since some methods call others and expect ndarrays of them.
    """
    run = _IN_PLACE.get(name, _draw)

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return run(name, getattr(self.inner, name), args, kwargs)

    return _documented(method, getattr(kind, name), name, f"random.{kind.__name__}")


def _function(name: str) -> Function:
    """A function of numpy.random, which draws from NumPy's own global state."""
    run, theirs = _IN_PLACE.get(name, _draw), getattr(random, name)

    def function(*args: Any, **kwargs: Any) -> Any:
        return run(name, theirs, args, kwargs)

    return _documented(function, theirs, name, "random")


def _drawing(owner: Any, names: Iterable[str]) -> list[str]:
    """What draws among `names`."""
    return [
        name
        for name in names
        if not name.startswith("_")
        and name not in NO_DRAWING
        and not isinstance(getattr(owner, name), type)
    ]


class Generator(random.Generator):
    """`numpy.random.Generator` whose arrays are FPGAArrays; the same bits for the same seed."""

    def __init__(self, bit_generator: Any) -> None:
        super().__init__(bit_generator)
        self.inner = random.Generator(bit_generator)

    def __reduce__(self) -> Any:
        return Generator, (self.bit_generator,)


class RandomState(random.RandomState):
    """`numpy.random.RandomState` whose arrays are FPGAArrays; the same bits for the same seed."""

    def __init__(self, seed: Any = None) -> None:
        self.inner = random.RandomState(plain(seed))
        super().__init__(self.inner._bit_generator)

    def seed(self, seed: Any = None) -> None:
        """As `numpy.random.RandomState.seed`."""
        self.inner.seed(plain(seed))

    def get_state(self, legacy: bool = True) -> Any:
        """As `numpy.random.RandomState.get_state`: NumPy's own objects."""
        return self.inner.get_state(legacy)

    def set_state(self, state: Any) -> None:
        """As `numpy.random.RandomState.set_state`."""
        self.inner.set_state(state)

    def __reduce__(self) -> Any:
        return _random_state, (self.inner,)


def _random_state(inner: random.RandomState) -> RandomState:
    made = RandomState(inner._bit_generator)
    made.inner = inner
    return made


for _ours, _theirs in ((Generator, random.Generator), (RandomState, random.RandomState)):
    for _name in _drawing(_theirs, dir(_theirs)):
        setattr(_ours, _name, _method(_theirs, _name))


def default_rng(seed: Any = None) -> Generator:
    """A `Generator` as `numpy.random.default_rng` makes it: the same bits for the same seed.

    A generator is returned as it is; NumPy's is wrapped and shares its state.
    """
    if isinstance(seed, Generator):
        return seed
    return Generator(random.default_rng(plain(seed)).bit_generator)


OURS: dict[str, Any] = {
    **{name: _function(name) for name in _drawing(random, random.__all__)},
    "Generator": Generator,
    "RandomState": RandomState,
    "default_rng": default_rng,
}
"""Name in numpy.random → ours."""
