"""The examples of NumPy's own docstrings print the same under `import fpgarray as np`.

Run side by side, not against the printed text, so that they are this NumPy's answers.
"""

from __future__ import annotations

import contextlib
import doctest
import importlib
import io
import re
import warnings
from pathlib import Path
from typing import Any

import numpy
import pytest

import fpgarray

MODULES = (
    "",
    "fft",
    "lib.scimath",
    "lib.stride_tricks",
    "linalg",
    "polynomial.polynomial",
    "strings",
)

DIFFERENT: dict[str, str] = {
    "array_repr": "prints a string that quotes the device",
    "asanyarray": "views as recarray: an FPGAArray's memory is not an ndarray subclass's",
    "asarray": "views as recarray: an FPGAArray's memory is not an ndarray subclass's",
    "asmatrix": "a matrix is NumPy's own, so asmatrix copies",
    "atleast_1d": "asks for identity: ours is a view",
    "atleast_2d": "asks for the base: a view of ours has none",
    "flatiter": "the type of x.flat",
    "nditer": "writes through nditer, which has snapshots of ours",
    "recarray": "views as recarray: an FPGAArray's memory is not an ndarray subclass's",
    "require": "prints flags, of which owndata is another",
    "vectorize": "the type of an element, which is a 0-d FPGAArray",
    "lib.stride_tricks.sliding_window_view": "writes through a window of a snapshot",
}
"""Examples that print something else, and why."""

LEFT_OUT: dict[str, str] = {
    "all": "prints addresses",
    "any": "prints addresses",
    "cumsum": "prints the last bits of a sum of a million numbers, which follow the order of adding",
    "einsum": "loops a thousand times over large arrays",
    "geterrcall": "NumPy's state, which both sides share",
    "info": "prints a docstring",
    "memmap": "works on files in a temporary folder it deletes",
    "seterr": "NumPy's state, which both sides share",
    "seterrcall": "NumPy's state, which both sides share",
    "setbufsize": "NumPy's state, which both sides share",
    "show_config": "prints the installation",
    "show_runtime": "prints the installation",
    "test": "runs NumPy's tests",
}
"""Functions whose examples cannot be run twice in a process, or need not agree, and why."""


def documented() -> list[tuple[str, list[doctest.Example]]]:
    """Functions of NumPy with examples that need neither a plot nor chance."""
    found = []
    for module in MODULES:
        theirs = importlib.import_module(f"numpy.{module}" if module else "numpy")
        names = getattr(theirs, "__all__", None) or [n for n in dir(theirs) if n[0] != "_"]
        for name in sorted(names):
            path = f"{module}.{name}" if module else name
            text = getattr(theirs, name).__doc__ if callable(getattr(theirs, name)) else None
            if not text or ">>>" not in text or path in LEFT_OUT:
                continue
            try:
                examples = doctest.DocTestParser().get_examples(text)
            except ValueError:
                continue
            source = "".join(each.source for each in examples)
            if not re.search(r"\bplt\b|matplotlib|timeit|default_rng\(\)|np\.random\.", source):
                found.append((path, examples))
    return found


def answer(source: str, names: dict[str, Any]) -> str:
    """What an example prints, or the name of its exception."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            exec(compile(source, "example", "single"), names)
        except Exception as error:
            return type(error).__name__
    text = re.sub(r",\s*device='[a-z]+:\d+'", "", printed.getvalue())
    text = re.sub(r"np\.bool\((True|False)\)", r"np.\1_", text)
    text = text.replace("fpgarray.array.FPGAArray", "numpy.ndarray").replace("fpgarray", "numpy")
    text = re.sub(r"0x[0-9a-f]+", "ADDRESS", text)
    return " ".join(text.split())


DOCUMENTED = documented()


def test_there_are_many_examples() -> None:
    assert sum(len(examples) for _, examples in DOCUMENTED) > 2000
    assert DIFFERENT.keys() <= dict(DOCUMENTED).keys()


@pytest.mark.parametrize(("path", "examples"), DOCUMENTED, ids=[path for path, _ in DOCUMENTED])
def test_the_examples_of_a_docstring_print_the_same(
    path: str, examples: list[doctest.Example], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    theirs: dict[str, Any] = {"np": numpy, "numpy": numpy}
    ours: dict[str, Any] = {"np": fpgarray, "numpy": fpgarray}
    different = []
    with numpy.printoptions(), numpy.errstate():
        for each in examples:
            if doctest.SKIP in each.options:
                continue
            source = re.sub(r"^import numpy as np$", "pass", each.source, flags=re.MULTILINE)
            one = answer(source, theirs)
            two = answer(re.sub(r"\bfrom numpy\b", "from fpgarray", source), ours)
            if one != two:
                different.append(f"{source}numpy:    {one}\nfpgarray: {two}")
    if path in DIFFERENT:
        assert different, f"they agree now: take {path} out of the table"
    else:
        assert not different, "\n".join(different)
