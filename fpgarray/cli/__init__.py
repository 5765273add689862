"""The command `fpgarray`: `demo`, `info`, `doctor`, `accuracy`, `xclbin show`.

Owns arguments and exit codes; what a command prints is made in the file of its name (`accuracy`: in
`testing/accuracy.py`).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from fpgarray import demo
from fpgarray.cli import doctor, info, show
from fpgarray.cli.text import printable, version
from fpgarray.errors import FPGArrayError
from fpgarray.testing import accuracy
from fpgarray.testing.true_values import INSTALL
from fpgarray.xclbin import read

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `fpgarray` with `arguments` (the process's by default); the exit code.

    0: done; 1: it failed, the reason is on stderr or in what was printed. Wrong arguments end the
    process with 2, as argparse does.
    """
    chosen = _parser().parse_args(arguments)
    try:
        code = chosen.run(chosen)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # whoever read us has seen enough; Python must not complain of it when it ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (FPGArrayError, OSError) as error:
        print(printable(f"fpgarray {chosen.title}: {error}"), file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fpgarray", description="NumPy on FPGA cards.")
    parser.add_argument("--version", action="version", version=f"fpgarray {version('fpgarray')}")
    commands = parser.add_subparsers(required=True, metavar="{demo,info,doctor,accuracy,xclbin}")
    for add in (_add_demo, _add_info, _add_doctor, _add_accuracy, _add_xclbin):
        add(commands)
    return parser


def _add_demo(commands: argparse._SubParsersAction) -> None:
    names = [job.name for job in demo.JOBS]
    showing = commands.add_parser(
        "demo",
        help="run NumPy functions on real data with NumPy and with fpgarray, compare, draw",
        description="Runs the same NumPy functions on NumPy's arrays and on fpgarray's, on data "
        "that ships inside matplotlib and scikit-image, prints how the two compare and writes "
        "pictures. The exit code is 1 if a result differs or an operation fell back to NumPy. "
        "Needs the packages of: " + demo.INSTALL,
    )
    which = f"what to do (default: all): {', '.join(names)}"
    showing.add_argument("jobs", nargs="*", choices=[*names, []], metavar="job", help=which)
    where = "the folder for the pictures (default: the current one)"
    showing.add_argument("-o", "--output", type=Path, default=Path(), metavar="FOLDER", help=where)
    showing.set_defaults(run=_run_demo, title="demo")


def _run_demo(chosen: argparse.Namespace) -> int:
    jobs = [job for job in demo.JOBS if not chosen.jobs or job.name in chosen.jobs]
    return demo.run(chosen.output, jobs)


def _add_info(commands: argparse._SubParsersAction) -> None:
    telling = commands.add_parser(
        "info",
        help="tell the provider, its devices and what the built-in overlay can do",
        description="Tells versions, the provider and why it was chosen, its devices, and the "
        "contents of the built-in overlay. Nothing is loaded or executed.",
    )
    telling.set_defaults(run=_print(info.lines), title="info")


def _add_doctor(commands: argparse._SubParsersAction) -> None:
    examining = commands.add_parser(
        "doctor",
        help="tell what stops XRT, and so cards, from being used, and the cure",
        description="Examines this machine: XRT, its Python module, drivers, cards and rights. "
        "Changes nothing. The exit code is 1 if something stops XRT from being used.",
    )
    examining.set_defaults(run=_print_doctor, title="doctor")


def _add_accuracy(commands: argparse._SubParsersAction) -> None:
    measuring = commands.add_parser(
        "accuracy",
        help="measure how far the kernels' functions are from the true values",
        description="Computes each elementary function by kernel on numbers of every magnitude, "
        "compares with mpmath, and prints the largest error in units in the last place (ULP) "
        "beside its bound, and whether zeros, infinities and NaN give what C99 demands. The exit "
        f"code is 1 if something is beyond its bound. Needs mpmath: {INSTALL}",
    )
    which = f"what to measure (default: all): {', '.join(accuracy.DOMAINS)}"
    names = [*accuracy.DOMAINS, []]
    measuring.add_argument("functions", nargs="*", choices=names, metavar="function", help=which)
    many = "numbers per function and dtype (default: %(default)s)"
    measuring.add_argument("--count", type=_positive, default=5000, help=many)
    measuring.set_defaults(run=_run_accuracy, title="accuracy")


def _positive(text: str) -> int:
    """A count, for argparse."""
    if (number := int(text)) < 1:
        raise ValueError(text)
    return number


def _run_accuracy(chosen: argparse.Namespace) -> int:
    names = chosen.functions or list(accuracy.DOMAINS)
    good = 0
    bad = 0
    for row in accuracy.rows_of_the_device(names, chosen.count):
        if not good + bad:
            print(accuracy.HEADER)
        print(accuracy.line(row), flush=True)
        good, bad = good + row.good, bad + (not row.good)
    if not good + bad:
        print("the image on this device has kernels for none of these functions")
    return int(bad > 0 or not good)


def _add_xclbin(commands: argparse._SubParsersAction) -> None:
    group = commands.add_parser("xclbin", help="look into an xclbin file")
    actions = group.add_subparsers(required=True, metavar="{show}")
    showing = actions.add_parser(
        "show",
        help="tell what is in the file",
        description="Tells platform, clocks, memory banks, kernels with their registers and "
        "connections, streams, sections and capability table. Reading executes nothing.",
    )
    showing.add_argument("file", type=Path)
    showing.add_argument("--json", action="store_true", help="print one JSON object")
    showing.set_defaults(run=_print_image, title="xclbin show")


def _print(lines: Callable[[], Iterable[str]]) -> Callable[[argparse.Namespace], int]:
    """A command that prints `lines()` whole, or nothing and an error."""

    def run(chosen: argparse.Namespace) -> int:
        _print_lines(list(lines()))
        return 0

    return run


def _print_lines(lines: Iterable[str]) -> None:
    for line in lines:
        print(printable(line))


def _print_doctor(chosen: argparse.Namespace) -> int:
    findings = doctor.examine(doctor.Machine())
    _print_lines(doctor.lines(findings))
    return 0 if doctor.usable(findings) else 1


def _print_image(chosen: argparse.Namespace) -> int:
    image = read(chosen.file)
    if chosen.json:
        print(json.dumps(show.describe(image), indent=2))
    else:
        _print_lines(show.lines(str(chosen.file), image))
    return 0
