"""An error is one plain line: the file, what happened, what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.errors import UserError, printable


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (UserError("It broke."), "It broke."),
        (UserError("It broke.", mend="Mend it."), "It broke. Mend it."),
        (UserError("It broke.", path="/a/b.png"), "/a/b.png: It broke."),
        (UserError("It broke.", path=Path("/a/b.png"), mend="Mend it."), "/a/b.png: It broke. Mend it."),
    ],
)
def test_one_line(error, line):
    assert str(error) == line


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Ünï ☃.png", "Ünï ☃.png"),
        ("two\nlines\t", "two\\nlines\\t"),
        ("right\u202eleft", "right\\u202eleft"),
        (b"caf\xe9".decode(errors="surrogateescape"), "caf\\udce9"),
        ("\x1b[31mred", "\\x1b[31mred"),
    ],
)
def test_names_are_plain_text_that_can_be_printed(name, plain):
    assert printable(name) == plain
    line = str(UserError("It broke.", path=name))
    assert line == f"{plain}: It broke."
    assert line.encode().decode() == line


def test_parts_can_be_asked_for():
    error = UserError("It broke.", mend="Mend it.", path="x")
    assert (error.what, error.mend, error.path) == ("It broke.", "Mend it.", "x")
