"""Which pictures a folder holds and their classes: a folder per class, or one flat folder without classes."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from models.datasets import Skipped
from models.datasets.picture import is_picture, named_as_picture
from models.errors import Stopped, UserError, printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from models.job import Control

EXPECTED = (
    "Expected are a folder per class with PNG, JPEG, BMP, GIF, WEBP or TIFF pictures in it, or the pictures themselves."
)
CLUTTER = frozenset(("thumbs.db", "desktop.ini", "__macosx"))


class Picture(NamedTuple):
    """A file meant as a picture, its class ("" without classes), and by what one knows that it changed."""

    path: str
    label: str
    size: int
    changed: tuple[int, int]


@dataclass(frozen=True)
class Found:
    """The pictures of a folder in the order of names, and what was left out: in words, and file by file."""

    pictures: tuple[Picture, ...]
    left_out: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()


def survey(folder: Path, control: Control) -> Found:
    """Everything in `folder` that is meant as a picture, in the order of names. Raises UserError and Stopped.

    Hidden files, whatever is not a plain file, and folders reached a second time through links are passed over.
    """
    walk = _Walk(folder, control)
    names = [place.name for place in subfolders(folder)]
    by_class = {name: list(walk.pictures(os.path.join(folder, name), printable(name))) for name in names}
    found = [picture for pictures in by_class.values() for picture in pictures]
    loose = list(walk.loose_pictures())
    if not found:
        found, loose = loose, []
    if not found:
        what = f"{_counted(len(by_class), 'folder')} and {_counted(walk.others, 'other file')}"
        raise UserError(f"This folder holds no pictures: found were {what}.", path=folder, mend=EXPECTED)
    left_out = [f"{_counted(len(loose), 'picture')} beside the class folders left out."] if loose else []
    if empty := [printable(name) for name, pictures in by_class.items() if not pictures]:
        left_out.append(f"{_counted(len(empty), 'folder')} without pictures left out: {', '.join(empty[:3])}.")
    if walk.skipped:
        left_out.append(f"Left out, as they lead to no plain file: {len(walk.skipped):,} named as pictures.")
    return Found(tuple(found), tuple(left_out), tuple(walk.skipped))


def subfolders(folder: Path) -> list[Path]:
    """The visible folders in a folder, in the order of their names. Raises UserError."""
    names = (entry.name for entry in _entries(folder) if _visible(entry.name) and _is_folder(entry))
    return [folder / name for name in names]


class _Walk:
    """One walk over a tree that enters no folder twice; `skipped` are names of pictures that are no plain files."""

    def __init__(self, root: Path, control: Control) -> None:
        self.others = 0
        self.skipped: list[Skipped] = []
        self._root = root
        self._control = control
        self._seen = {_identity(root)}

    def pictures(self, top: str, label: str) -> Iterator[Picture]:
        """The pictures in `top` and below it, all of one class."""
        waiting = [top]
        while waiting:
            place = waiting.pop()
            identity = _identity(place)
            if identity in self._seen:
                continue
            self._seen.add(identity)
            folders = []
            for entry, info in self._visible_in(place):
                if info and stat.S_ISDIR(info.st_mode):
                    folders.append(entry.path)
                else:
                    yield from self._wanted(entry, info, label)
            waiting += reversed(folders)

    def loose_pictures(self) -> Iterator[Picture]:
        """The pictures that lie in the root itself."""
        for entry, info in self._visible_in(self._root):
            if not (info and stat.S_ISDIR(info.st_mode)):
                yield from self._wanted(entry, info, "")

    def _visible_in(self, place: Path | str) -> Iterator[tuple[os.DirEntry[str], os.stat_result | None]]:
        for entry in _entries(place):
            if self._control.stopping:
                raise Stopped
            if _visible(entry.name):
                yield entry, _stat(entry)

    def _wanted(self, entry: os.DirEntry[str], info: os.stat_result | None, label: str) -> Iterator[Picture]:
        if info is None or not stat.S_ISREG(info.st_mode):
            if named_as_picture(entry.name):
                reason = "This is no plain file." if info else "This link leads nowhere."
                self.skipped.append(Skipped(printable(entry.path), reason))
        elif is_picture(entry.path):
            yield Picture(entry.path, label, info.st_size, (info.st_mtime_ns, info.st_ctime_ns))
        else:
            self.others += 1


def _entries(folder: Path | str) -> list[os.DirEntry[str]]:
    """What a folder holds, in the order of names. Raises UserError."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=_name)
    except OSError as error:
        raise _closed(error, folder) from error


def _name(entry: os.DirEntry[str]) -> str:
    return entry.name


def _stat(entry: os.DirEntry[str]) -> os.stat_result | None:
    """What an entry leads to; None where that is nothing, as for a link to itself."""
    try:
        return entry.stat()
    except OSError:
        return None


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _closed(error: OSError, folder: Path | str) -> UserError:
    return UserError(
        f"This folder cannot be looked into: {error.strerror}.", path=folder, mend="Give yourself the right to read it."
    )


def _identity(place: Path | str) -> tuple[int, int]:
    try:
        info = os.stat(place)
    except OSError as error:
        raise _closed(error, place) from error
    return info.st_dev, info.st_ino


def _visible(name: str) -> bool:
    return not name.startswith(".") and name.lower() not in CLUTTER


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
