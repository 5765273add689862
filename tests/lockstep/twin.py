"""Runs a program on NumPy and on FPGAArrays, statement by statement, and compares.

After an inexact statement the NumPy side takes over our bits, through the same views, so that
differences never accumulate.
"""

from __future__ import annotations

import re
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from compare import (
    Mismatch,
    check_bits,
    check_extremum,
    check_function,
    check_near,
    check_sum,
    wide,
)
from statement import Inexact, Program, Statement, compiled
from vocabulary import fpgarray_side, numpy_side

import fpgarray as fa
from fpgarray import events

FLOATS = (np.dtype("f4"), np.dtype("f8"))

_ALLOWED = re.compile(
    r"fancy indexing|u?int\d|float16| on bool|out= is an ndarray"
    r"|operand of type|with casting=|on another device|a result of no elements"
    r"|overflows|no kernel for (add\.accumulate|multiply\.outer)$"
)
"""Fallbacks that generated programs may have under dispatch="device"."""


class Twin:
    """The two namespaces, and the events of the fpgarray side."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.numpy = numpy_side()
        self.fpga = fpgarray_side()
        self.numpy["wide"] = wide
        self.events: list[Any] = []
        self.launches_due = 0
        """Statements whose result was read at once and which a kernel covers."""
        self.mixed = False
        """Whether some statement ran under a policy of its own."""
        self.excused: set[int] = set()
        """Events (by number) of statements that kernels need not do."""

    def run(self, statement: Statement) -> None:
        """One statement on both sides; raises Mismatch."""
        self.mixed |= statement.text.startswith("with dispatch")
        operands = self._operands(statement.inexact)
        failure = _attempt(statement, self.numpy)
        mark = len(self.events)
        ours = _attempt(statement, self.fpga)
        _same_failure(statement, failure, ours)
        if failure is None:
            self._compare(statement, operands, mark)
        if statement.anywhere:
            self.excused.update(range(mark, len(self.events)))

    def _compare(self, statement: Statement, operands: Any, mark: int) -> None:
        if statement.lazy and self.program.tape_operations is None:
            self._check_silent(statement, mark)
        if operands is not None:
            self._settle(statement, operands, mark)
        for name in statement.names:
            self.check_kind(name)
        if self.program.flush:
            for name in self.variables():
                self._scrub(name)
        for name in statement.reads:
            self.check_value(name)
        if statement.reads:
            self.check_snapshots()

    def finish(self) -> None:
        """Every variable, and who shares memory with whom."""
        names = self.arrays()
        for i, left in enumerate(names):
            for right in names[i + 1 :]:
                self.check_sharing(left, right)
        for name in self.variables():
            self.check_kind(name)
            self.check_value(name)
        self.check_snapshots()
        if self.launches_due and not self._launches(0):
            raise Mismatch(f"{self.launches_due} statements needed a kernel, and none was launched")
        self._check_reasons()

    def _check_reasons(self) -> None:
        """No launch failed; where the device was demanded, NumPy did only what no kernel does."""
        runs = [each for each in self.events if isinstance(each, events.HostRun)]
        for each in runs:
            if "Error" in each.reason:
                raise Mismatch(f"{each.operation} failed on the device: {each.reason}")
        if self.program.dispatch != "device" or self.mixed or not self.program.whole:
            return
        for i, each in enumerate(self.events):
            if i in self.excused or not isinstance(each, events.HostRun):
                continue
            if each.chosen or not _ALLOWED.search(f"{each.operation}: {each.reason}"):
                raise Mismatch(f"{each.operation} ran in NumPy: {each.reason}")

    # What exists

    def variables(self) -> list[str]:
        """Names of variables on the NumPy side."""
        return [name for name in self.numpy if name[0] in "vc" and name[1:].isdigit()]

    def arrays(self) -> list[str]:
        """Names of arrays under fpgarray's care."""
        return [name for name in self.variables() if isinstance(self.numpy[name], np.ndarray)]

    # Checks

    def check_kind(self, name: str) -> None:
        """dtype, shape and, of arrays, strides."""
        expected, actual = self.numpy[name], self.fpga[name]
        if not isinstance(expected, (np.ndarray, np.generic)):
            if type(expected) is not type(actual):
                raise Mismatch(
                    f"{name} is a {type(actual).__name__}, not a {type(expected).__name__}"
                )
            return
        if not isinstance(actual, fa.FPGAArray) and name[0] == "v":
            raise Mismatch(f"{name} is a {type(actual).__name__}, no FPGAArray")
        for what in ("dtype", "shape", "ndim", "size"):
            if getattr(expected, what) != getattr(actual, what):
                raise Mismatch(
                    f"{name}.{what} is {getattr(actual, what)}, not {getattr(expected, what)}"
                )
        if isinstance(expected, np.ndarray) and expected.size:
            mine = [s for s, n in zip(actual.strides, actual.shape, strict=True) if n > 1]
            theirs = [s for s, n in zip(expected.strides, expected.shape, strict=True) if n > 1]
            if mine != theirs:
                raise Mismatch(f"{name}.strides is {actual.strides}, not {expected.strides}")

    def check_value(self, name: str) -> None:
        """Bit for bit."""
        check_bits(self.numpy[name], self.fpga[name], name)

    def check_snapshots(self) -> None:
        """Snapshots and plain ndarrays hold what they held; a snapshot is read-only."""
        for name, expected in self.numpy.items():
            if name[0] in "nsk" and name[1:].isdigit():
                check_bits(expected, self.fpga[name], f"held {name}")

    def check_sharing(self, left: str, right: str) -> None:
        """The same relation on both sides."""
        theirs = np.shares_memory(self.numpy[left], self.numpy[right])
        ours = np.shares_memory(self.fpga[left], self.fpga[right])
        if theirs != ours:
            raise Mismatch(f"shares_memory({left}, {right}) is {ours}, not {theirs}")

    def _check_silent(self, statement: Statement, mark: int) -> None:
        """Only recording: no launch, no copy."""
        loud = [e for e in self.events[mark:] if isinstance(e, (events.Launch, events.Copy))]
        if loud:
            raise Mismatch(f"recording {statement.text!r} caused device traffic: {loud[:3]}")

    # Inexact results

    def _operands(self, inexact: Inexact | None) -> list[np.ndarray] | None:
        """Copies of the operands (and of what a mask protects), or None when bits decide."""
        if inexact is None:
            return None
        try:
            if inexact.kind == "near":
                texts = (inexact.true, inexact.scale, inexact.opens or "False")
                return [np.asarray(self._value(text)) for text in (*inexact.operands, *texts)]
            operands = [np.array(self._value(text)) for text in inexact.operands]
            if inexact.kind == "extremum" and not _zeros_compete(operands):
                return None
            if inexact.mask is not None:
                operands += [
                    np.array(self._value(inexact.mask)),
                    np.array(self._value(inexact.result)),
                ]
            return operands
        except Exception:
            return None  # the statement fails, and is compared as a failure

    def _value(self, text: str) -> Any:
        with np.errstate(all="ignore"):
            return eval(compiled(text, "eval"), self.numpy)

    def _due(self, statement: Statement, operand: np.ndarray) -> bool:
        """Whether the image has a kernel for it and the policy leaves no choice."""
        program = self.program
        if statement.anywhere:
            return False
        chosen = program.dispatch != "device" or statement.text.startswith("with dispatch")
        if program.devices > 1 and "where=" in statement.text:
            return False  # where= together with an out= on another device falls back
        return program.whole and not chosen and operand.dtype in FLOATS and operand.size > 0

    def _settle(self, statement: Statement, operands: list[np.ndarray], mark: int) -> None:
        """Compare an inexact result and give the twin our bits."""
        inexact = statement.inexact
        assert inexact is not None
        text = inexact.result
        actual = np.array(eval(compiled(text, "eval"), self.fpga))
        theirs = self._value(text)
        recent = self.events[mark:]
        on_host = any(isinstance(e, events.HostRun) for e in recent)
        if self._due(statement, operands[0]):
            self.launches_due += 1
            if not self._launches(mark) or (on_host and not self.mixed):
                raise Mismatch(f"{statement.text!r} was computed, but by no kernel")
        if actual.shape != np.shape(theirs) or actual.dtype != theirs.dtype:
            raise Mismatch(
                f"{text}: {actual.dtype}{actual.shape}, not {theirs.dtype}{theirs.shape}"
            )
        if theirs.dtype not in FLOATS or theirs.tobytes() == actual.tobytes():
            check_bits(theirs, actual, text)
            return
        _compare(inexact, operands, theirs, actual, on_host, self.program.flush)
        self._reseed(text, theirs, actual)

    def _reseed(self, text: str, theirs: Any, actual: np.ndarray) -> None:
        if isinstance(theirs, np.ndarray):
            theirs[...] = actual
        else:
            self.numpy[text] = actual[()]

    def _scrub(self, name: str) -> None:
        """Subnormals become zeros on both sides, because an engine may flush them."""
        theirs = self.numpy[name]
        if not isinstance(theirs, (np.ndarray, np.floating)) or theirs.dtype not in FLOATS:
            return
        tiny = np.finfo(theirs.dtype).tiny
        small = (np.abs(theirs) < tiny) & (theirs != 0)
        if not np.any(small):
            return
        actual = np.array(self.fpga[name])
        check_bits(np.where(small, 0, theirs), np.where(small, 0, actual), name)
        if np.any(np.abs(actual[small]) >= tiny):
            raise Mismatch(f"{name}: a subnormal became a normal number")
        clean = np.where(small, theirs.dtype.type(0), theirs).astype(theirs.dtype)
        if isinstance(theirs, np.ndarray) and theirs.flags.writeable:
            theirs[...] = clean
            self.fpga[name][...] = clean
        else:
            self.numpy[name] = clean[()] if isinstance(theirs, np.generic) else clean
            self.fpga[name] = fa.asarray(clean)[() if isinstance(theirs, np.generic) else ...]

    def _launches(self, mark: int) -> int:
        return sum(isinstance(e, events.Launch) for e in self.events[mark:])


@contextmanager
def environment(twin: Twin) -> Iterator[None]:
    """Policy, caps, errstate and event collection for one program."""
    cap = fa.options.tape_operations
    if twin.program.tape_operations is not None:
        fa.options.tape_operations = twin.program.tape_operations
    fa.synchronize()  # nothing that an earlier program left behind
    collect = twin.events.append
    events.subscribers.append(collect)
    try:
        with (
            fa.policy(dispatch=twin.program.dispatch),
            np.errstate(all="ignore"),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        events.subscribers.remove(collect)
        fa.options.tape_operations = cap


def replay(program: Program) -> None:
    """Run a finished program; raises Mismatch. A missing variable is a NameError on both."""
    twin = Twin(program)
    with environment(twin):
        for statement in program.statements:
            twin.run(statement)
        twin.finish()


def _attempt(statement: Statement, namespace: dict[str, Any]) -> Exception | None:
    try:
        exec(statement.code, namespace)
    except Exception as error:
        return error
    return None


def _same_failure(
    statement: Statement, expected: Exception | None, actual: Exception | None
) -> None:
    """Both worked, or both raised the same class (ours may be a subclass)."""
    if expected is None and actual is None:
        return
    if expected is None:
        text = "".join(traceback.format_exception(actual, chain=False))
        raise Mismatch(f"{statement.text!r} works in NumPy; fpgarray raised:\n{text}") from actual
    if actual is None:
        raise Mismatch(f"{statement.text!r} must raise {expected!r}")
    if not isinstance(actual, type(expected)):
        text = "".join(traceback.format_exception(actual))
        raise Mismatch(f"{statement.text!r}: {expected!r} in NumPy, fpgarray raised:\n{text}")


_WHOLE = (
    "cum",
    "accumulate",
    "@",
    "dot",
    "einsum",
    "matmul",
    "matvec",
    "inner",
    "convolve",
    "correlate",
)
"""In phrases whose results may be sums of any number of terms."""


def _zeros_compete(operands: list[np.ndarray]) -> bool:
    """Whether a negative zero is among the operands of a minimum or maximum."""
    return any(
        operand.dtype.kind == "f" and np.any((operand == 0) & np.signbit(operand))
        for operand in operands
    )


def _compare(
    inexact: Inexact,
    operands: list[np.ndarray],
    theirs: Any,
    actual: np.ndarray,
    on_host: bool,
    flush: bool,
) -> None:
    what = inexact.result
    if inexact.kind == "extremum":
        check_extremum(theirs, actual, what)
    elif inexact.kind == "near":
        count = operands[0].size // max(np.size(theirs), 1)
        if any(word in inexact.name for word in _WHOLE):
            count = operands[0].size
        sequential = on_host or "cum" in inexact.name or "accumulate" in inexact.name
        check_near(tuple(operands[1:]), count, actual, sequential, flush, what)
    elif inexact.kind == "sum":
        check_sum(operands[0], inexact.axis, actual, on_host, flush, what)
    elif inexact.mask is None:
        given = [np.broadcast_to(each, actual.shape) for each in operands]
        check_function(inexact.name, given, actual, on_host, flush, what)
    else:
        *given, mask, old = (np.broadcast_to(each, actual.shape) for each in operands)
        check_bits(old[~mask], actual[~mask], f"{what} where masked")
        given = [each[mask] for each in given]
        check_function(inexact.name, given, actual[mask], on_host, flush, what)
