"""Makes a failing program small and prints it as a script that runs by itself."""

from __future__ import annotations

import inspect
import re
import textwrap
from dataclasses import replace
from functools import cache

import vocabulary
from compare import Mismatch
from generator import run_program
from statement import Program, Statement
from twin import replay

_TRIALS = 400


def failure(program: Program) -> str | None:
    """The text of the mismatch a replay ends in, or None."""
    try:
        replay(program)
    except Mismatch as mismatch:
        return str(mismatch)
    return None


def _same(found: str | None, first: str) -> bool:
    """Whether it is the same complaint: what a program is told about must not change on the way."""
    return found is not None and _gist(found) == _gist(first)


def _gist(mismatch: str) -> str:
    """The complaint without names, numbers and quotations."""
    return re.sub(r"'[^']*'|\"[^\"]*\"|\b\w*\d\w*\b", "", mismatch.split("\n")[0])[:60]


def shrink(program: Program) -> Program:
    """A smallest program (by dropping statements) that still ends in the same mismatch."""
    first = failure(program)
    if first is None:
        return program
    trials = 0
    size = max(len(program.statements) // 2, 1)
    while True:
        position = len(program.statements)
        shrunk = False
        while position > 0:
            start = max(position - size, 0)
            rest = program.statements[:start] + program.statements[position:]
            smaller = replace(program, statements=rest)
            trials += 1
            if trials > _TRIALS:
                return program
            if rest and _same(failure(smaller), first):
                program, shrunk = smaller, True
            position = start
        if size == 1 and not shrunk:
            return program
        size = max(size // 2, 1)


def script(program: Program) -> str:
    """A runnable script: the program on both sides, then every variable of both."""
    body = "\n".join(_line(statement) for statement in program.statements)
    cap = program.tape_operations
    settings = "" if cap is None else f"fa.options.tape_operations = {cap}\n"
    source = inspect.getsource(vocabulary.data)
    helpers = inspect.getsource(vocabulary._lend) + "\n\n" + inspect.getsource(vocabulary._watched)
    sides = (
        inspect.getsource(vocabulary.numpy_side)
        + "\n\n"
        + inspect.getsource(vocabulary.fpgarray_side)
    )
    return (
        "import copy, pickle, warnings, numpy as np, fpgarray as fa\n"
        "from contextlib import contextmanager, nullcontext\n"
        "from typing import Any, Iterator\n\n"
        f"{settings}\n{source}\n\n{helpers}\n\n{sides}\n\n"
        f"PROGRAM = '''\n{body}\n'''\n"
        "theirs, ours = numpy_side(), fpgarray_side()\n"
        "np.seterr(all='ignore')\n"
        "for side in (theirs, ours):\n"
        f"    with fa.policy(dispatch={program.dispatch!r}):\n"
        "        try:\n"
        "            exec(PROGRAM, side)\n"
        "        except Exception as error:\n"
        "            print(type(error).__name__, error)\n"
        "for name in theirs:\n"
        "    if name[0] in 'vnskc' and name[1:].isdigit():\n"
        "        print(name, 'in NumPy', repr(theirs[name]), sep='\\n')\n"
        "        print(name, 'in fpgarray', repr(ours[name]), sep='\\n')\n"
    )


def _line(statement: Statement) -> str:
    """A statement's text; an inexact one is read at once, as the twin does."""
    text = statement.text
    if statement.inexact is not None:
        text += f"\nread({statement.inexact.result})"
    return text


def report(program: Program, mismatch: str) -> str:
    """What a failing test prints."""
    listing = textwrap.indent("\n".join(_line(s) for s in program.statements), "    ")
    return f"{mismatch}\n\nunder dispatch={program.dispatch!r}:\n{listing}\n\n{script(program)}"


@cache
def complaint(seed: int) -> str | None:
    """What is wrong with the program of `seed`, ready to print, or None."""
    try:
        run_program(seed)
    except AssertionError as mismatch:
        program = getattr(mismatch, "program", None)
        if program is None:
            raise
        smallest = shrink(program)
        again = failure(smallest) or f"{mismatch} (not repeatable)"
        return f"program {seed}: {report(smallest, again)}"
    return None
