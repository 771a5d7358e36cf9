"""What a person dropped: a run, pictures, arrays, a generator, a file with a recipe, or something of no use to us."""

from __future__ import annotations

import re
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING

from models.recipe_files import may_carry

if TYPE_CHECKING:
    from collections.abc import Sequence

PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff")
ARRAYS = re.compile(r"\.np[zy]$|[.-]idx[1-4]|-ubyte(\.gz)?$", re.IGNORECASE)


class Dropped(Enum):
    """Kinds of things that can be dropped."""

    RUN = auto()
    PICTURE = auto()
    PICTURES = auto()
    ARRAYS = auto()
    GENERATOR = auto()
    RECIPE = auto()
    NOTHING = auto()


def meant_by(paths: Sequence[Path]) -> tuple[Dropped, Path]:
    """The kind of what was dropped, and the folder or file to use: by names, and whether one file carries a recipe.

    A run is meant also by a folder or file inside it, a folder of pictures also by several pictures in it, a generator
    also by its file and that of its encoder, in whatever order.
    """
    if not paths:
        return Dropped.NOTHING, Path()
    if len(paths) <= 2 and all(each.suffix.lower() == ".onnx" and each.is_file() for each in paths):
        return Dropped.GENERATOR, paths[0]
    if len(paths) == 1 and paths[0].is_file() and may_carry(paths[0]):
        return Dropped.RECIPE, paths[0]
    path, folders = paths[0], {path.parent for path in paths}
    if len(folders) == 1 and all(each.suffix.lower() in PICTURES and each.is_file() for each in paths):
        return (Dropped.PICTURE, path) if len(paths) == 1 else (Dropped.PICTURES, path.parent)
    if len(paths) > 1:
        return Dropped.NOTHING, path
    for folder in (path, *path.parents[:3]):  # run/snapshots/<step>/weights.safetensors
        if (folder / "run.json").is_file():
            return Dropped.RUN, folder
    if path.is_dir():
        return Dropped.PICTURES, path
    return (Dropped.ARRAYS if path.is_file() and ARRAYS.search(path.name) else Dropped.NOTHING), path
