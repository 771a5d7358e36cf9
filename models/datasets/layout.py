"""Which pictures a folder holds and their classes: a folder per class, or one flat folder without classes."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from models.datasets.picture import is_picture
from models.errors import Stopped, UserError, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.job import Control

EXPECTED = (
    "Expected are a folder per class with PNG, JPEG, BMP, GIF, WEBP or TIFF pictures in it, or the pictures themselves."
)
CLUTTER = frozenset(("thumbs.db", "desktop.ini", "__macosx"))


@dataclass(frozen=True)
class Found:
    """The pictures of a folder, each with its class (all "" without classes), and what was left out, in words."""

    pictures: tuple[Path, ...]
    classes: tuple[str, ...]
    left_out: tuple[str, ...] = ()


def survey(folder: Path, control: Control) -> Found:
    """Everything in `folder` that is meant as a picture, in the order of names. Raises UserError and Stopped.

    Hidden files, whatever is not a plain file, and folders reached a second time through links are passed over.
    """
    walk = _Walk(folder, control)
    by_class = {printable(place.name): walk.pictures(place) for place in subfolders(folder)}
    pairs = [(path, name) for name, paths in by_class.items() for path in paths]
    loose = walk.loose_pictures()
    if not pairs:
        pairs, loose = [(path, "") for path in loose], []
    if not pairs:
        found = f"{_counted(len(by_class), 'folder')} and {_counted(walk.others, 'other file')}"
        raise UserError(f"This folder holds no pictures: found were {found}.", path=folder, mend=EXPECTED)
    left_out = [f"{_counted(len(loose), 'picture')} beside the class folders left out."] if loose else []
    empty = [name for name, paths in by_class.items() if not paths]
    if empty:
        left_out.append(f"{_counted(len(empty), 'folder')} without pictures left out: {', '.join(empty[:3])}.")
    return Found(tuple(path for path, _ in pairs), tuple(name for _, name in pairs), tuple(left_out))


def subfolders(folder: Path) -> list[Path]:
    """The visible folders in a folder, in the order of their names. Raises UserError."""
    try:
        names = sorted(entry.name for entry in os.scandir(folder) if entry.is_dir())
    except OSError as error:
        raise _closed(error, folder) from error
    return [folder / name for name in names if _visible(name)]


class _Walk:
    """One walk over a tree that enters no folder twice."""

    def __init__(self, root: Path, control: Control) -> None:
        self.others = 0
        self._root = root
        self._control = control
        self._seen = {_identity(root)}

    def pictures(self, top: Path) -> list[Path]:
        """The pictures in `top` and below it."""
        return [path for path in self._files(top) if self._wanted(path)]

    def loose_pictures(self) -> list[Path]:
        """The pictures that lie in the root itself."""
        return [path for path in sorted(self._root.iterdir()) if self._wanted(path)]

    def _files(self, top: Path) -> Iterator[Path]:
        for place, folders, names in os.walk(top, onerror=self._refuse, followlinks=True):
            identity = _identity(place)
            if identity in self._seen:
                folders.clear()
                continue
            self._seen.add(identity)
            folders[:] = sorted(filter(_visible, folders))
            yield from (Path(place, name) for name in sorted(names))

    def _wanted(self, path: Path) -> bool:
        if self._control.stopping:
            raise Stopped
        if not _visible(path.name) or not os.path.isfile(path):
            return False
        wanted = is_picture(path)
        self.others += not wanted
        return wanted

    def _refuse(self, error: OSError) -> None:
        raise _closed(error, Path(error.filename or self._root)) from error


def _closed(error: OSError, folder: Path) -> UserError:
    return UserError(
        f"This folder cannot be looked into: {error.strerror}.", path=folder, mend="Give yourself the right to read it."
    )


def _identity(place: Path | str) -> tuple[int, int]:
    info = os.stat(place)
    return info.st_dev, info.st_ino


def _visible(name: str) -> bool:
    return not name.startswith(".") and name.lower() not in CLUTTER


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
