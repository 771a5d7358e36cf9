"""Which pictures a folder holds and their classes: a folder per class, or one flat folder without classes."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from models.datasets import Skipped
from models.datasets.picture import is_picture, named_as_picture
from models.errors import Stopped, UserError, printable
from models.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from models.job import Control

EXPECTED = (
    "Expected are a folder per class with PNG, JPEG, BMP, GIF, WEBP or TIFF pictures in it, or the pictures themselves."
)
SYSTEM = ("/proc", "/sys", "/dev")  # what the system tells about itself there looks like files, some without end
MEMORY = "/dev/shm/"  # a disk in memory, for people's files
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

    Hidden files, whatever is not a plain file, and folders reached a second time through links are passed over;
    folders that are closed to us are listed.
    """
    if _is_of_the_system(folder):
        raise UserError("What lies here belongs to the system: it holds no pictures.", path=folder, mend=EXPECTED)
    walk = _Walk(folder, control)
    names = [place.name for place in subfolders(folder)]
    by_class = {name: list(walk.pictures(os.path.join(folder, name), printable(name))) for name in names}
    found = [picture for pictures in by_class.values() for picture in pictures]
    loose = list(walk.loose_pictures())
    if not found:
        found, loose = loose, []
    if not found and walk.closed:
        raise walk.closed[0]
    if not found:
        what = f"{counted(len(by_class), 'folder')} and {counted(walk.others, 'other file')}"
        raise UserError(f"This folder holds no pictures: found were {what}.", path=folder, mend=EXPECTED)
    left_out = [f"{counted(len(loose), 'picture')} beside the class folders left out."] if loose else []
    shut = {error.path for error in walk.closed}
    empty = [printable(name) for name in names if not by_class[name] and os.path.join(folder, name) not in shut]
    if empty:
        left_out.append(f"{counted(len(empty), 'folder')} without pictures left out: {', '.join(empty[:3])}.")
    if walk.skipped:
        left_out.append(f"Left out, as they lead to no plain file: {len(walk.skipped):,} named as pictures.")
    closed = [Skipped(printable(error.path), error.what) for error in walk.closed]
    if closed:
        left_out.append(f"{counted(len(closed), 'folder')} closed to you left out, the first: {closed[0].path}.")
    return Found(tuple(found), tuple(left_out), (*walk.skipped, *closed))


def subfolders(folder: Path) -> list[Path]:
    """The visible folders in a folder, in the order of their names. Raises UserError."""
    names = (entry.name for entry in _entries(folder) if _visible(entry.name) and _is_folder(entry))
    return [folder / name for name in names]


class _Walk:
    """One walk over a tree that enters no folder twice.

    `skipped` are names of pictures that are no plain files, `closed` says which folders could not be looked into.
    """

    def __init__(self, root: Path, control: Control) -> None:
        self.others = 0
        self.skipped: list[Skipped] = []
        self.closed: list[UserError] = []
        self._root = root
        self._control = control
        self._seen = {_identity(root)}

    def pictures(self, top: str, label: str) -> Iterator[Picture]:
        """The pictures in `top` and below it, all of one class."""
        waiting = [top]
        while waiting:
            place = waiting.pop()
            folders = []
            for entry, info in self._visible_in(place) if self._is_new(place) else ():
                if info and stat.S_ISDIR(info.st_mode):
                    folders.append(entry.path)
                else:
                    yield from self._wanted(entry, info, label)
            waiting += reversed(folders)

    def loose_pictures(self) -> Iterator[Picture]:
        """The pictures that lie in the root itself."""
        for entry, info in self._visible_in(str(self._root)):
            if not (info and stat.S_ISDIR(info.st_mode)):
                yield from self._wanted(entry, info, "")

    def _is_new(self, place: str) -> bool:
        """Whether a folder may be entered and was not yet, on whatever way."""
        if _is_of_the_system(place):
            return False
        try:
            identity = _identity(place)
        except UserError as error:
            self.closed.append(error)
            return False
        known = identity in self._seen
        self._seen.add(identity)
        return not known

    def _visible_in(self, place: str) -> Iterator[tuple[os.DirEntry[str], os.stat_result | None]]:
        try:
            entries = _entries(place)
        except UserError as error:
            self.closed.append(error)
            return
        for entry in entries:
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


def _is_of_the_system(place: Path | str) -> bool:
    real = os.path.realpath(place)
    if (real + "/").startswith(MEMORY):
        return False
    return any(real == system or real.startswith(system + "/") for system in SYSTEM)


def _visible(name: str) -> bool:
    return not name.startswith(".") and name.lower() not in CLUTTER
