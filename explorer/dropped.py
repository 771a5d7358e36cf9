"""What a person dropped on the window: a run, a folder of pictures, or something we have no use for."""

from __future__ import annotations

from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class Dropped(Enum):
    """Kinds of things that can be dropped."""

    RUN = auto()
    PICTURES = auto()
    NOTHING = auto()


def folder_of(paths: Sequence[Path]) -> tuple[Dropped, Path]:
    """The kind of what was dropped and the folder to use: a run also by a folder or file inside it."""
    if len(paths) != 1:
        return Dropped.NOTHING, Path()
    path = paths[0]
    for folder in (path, *path.parents[:3]):  # run/snapshots/<step>/weights.safetensors
        if (folder / "run.json").is_file():
            return Dropped.RUN, folder
    return (Dropped.PICTURES, path) if path.is_dir() else (Dropped.NOTHING, path)
