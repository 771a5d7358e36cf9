"""The one type for errors that a person can mend."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class UserError(Exception):
    """Something a person did, brought or has, that the program cannot go on with.

    `what` says in one sentence what happened, `path` in which file, `mend` what to do about it.
    The command line prints `str(error)` and exits with 2; the window shows it as a toast.
    """

    def __init__(self, what: str, *, mend: str = "", path: Path | str | None = None) -> None:
        self.what = what
        self.mend = mend
        self.path = path
        super().__init__(what)

    def __str__(self) -> str:
        """One line: the file, what happened, what to do."""
        where = f"{printable(self.path)}: " if self.path is not None else ""
        mend = f" {self.mend}" if self.mend else ""
        return f"{where}{self.what}{mend}"


class Stopped(Exception):
    """Work ended between two steps because it was asked to."""


def printable(name: object) -> str:
    """A file's name as plain text on one line: control and undecodable characters escaped."""
    text = str(name)
    return "".join(ch if ch.isprintable() else ch.encode("unicode_escape", "surrogatepass").decode() for ch in text)
