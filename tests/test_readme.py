"""What README.md says is true: its Python blocks run and print what stands below them."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

README = Path(__file__).parent.parent / "README.md"
TEXT = README.read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [(m[1], m[2], TEXT[: m.start(2)].count("\n")) for m in BLOCK.finditer(TEXT)]
"""Language, contents, and lines of the README before them."""

SNIPPETS = [index for index, (language, _, _) in enumerate(BLOCKS) if language == "python"]


def run(index: int) -> str:
    """What block `index` prints after those before it, in one namespace."""
    names: dict[str, object] = {"__name__": "readme"}
    for each in SNIPPETS[: SNIPPETS.index(index) + 1]:
        _, code, line = BLOCKS[each]
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile("\n" * line + code, str(README), "exec"), names)
    return printed.getvalue()


@pytest.mark.parametrize("index", SNIPPETS, ids=lambda index: f"line{BLOCKS[index][2]}")
def test_a_snippet_prints_what_the_block_below_it_says(index: int) -> None:
    language, expected, _ = BLOCKS[index + 1]
    assert language == "text", "every Python block is followed by what it prints"
    assert run(index) == expected


def test_there_are_two_commands_to_set_up() -> None:
    commands = [code for language, code, _ in BLOCKS if language == "sh"]
    assert [each.count("\n") for each in commands] == [1, 1]
    demo, tests = commands
    assert "'.[demo]'" in demo and demo.rstrip().endswith("fpgarray demo")
    assert "'.[test]'" in tests and tests.rstrip().endswith("pytest")
