"""Source `folder`: a person's own pictures, a folder per class or one flat folder, brought to one size and colour."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import torch

from models import device
from models.datasets import Dataset, Source
from models.datasets.layout import EXPECTED, Found, subfolders, survey
from models.datasets.picture import read_picture
from models.datasets.split import SplitParams, stratified_split
from models.errors import Stopped, UserError
from models.events import Working
from models.params import param
from models.registry import datasets

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray

    from models.datasets.picture import Mode
    from models.events import Event
    from models.job import Control

READERS = 4  # threads at most: decoding lets go of the interpreter, and four large photographs fit in memory
AHEAD = 256  # pictures handed to the readers at once
DAMAGED_SHARE = 0.2  # above it the folder is refused


class FolderParams(SplitParams):
    """Where the pictures are, and the size and colour they are brought to."""

    data_dir: str = param("", f"The folder with your pictures. {EXPECTED}", path=True)
    size: Literal["28", "32", "64", "128"] = param(
        "32", "Pictures are cut to the square of their middle and resized to this many pixels."
    )
    colour: Literal["auto", "grey", "rgb"] = param(
        "auto", "Grey, in colour, or grey only if no picture has any colour."
    )


@datasets.register("folder")
class Folder(Source):
    """Pictures from a person's own disk."""

    title = "Folder of pictures"
    summary = "Your own pictures: a folder per class, or one flat folder; sub-folders train and test are kept apart."
    params_type = FolderParams
    params: FolderParams

    def load(self, control: Control) -> Generator[Event, None, Dataset]:
        """Find, split and decode the pictures; damaged ones are left out with a warning."""
        yield Working("", 0, "Looking for pictures")
        train, test, warnings = self._parts(self._root(), control)
        classes = tuple(sorted({*train.classes, *test.classes} - {""}))
        files = (*train.pictures, *test.pictures)
        pictures, damaged = yield from self._decode(files, control)
        whole = np.ones(len(files), dtype=bool)
        whole[list(damaged)] = False
        labels = np.array([classes.index(name) if name else -1 for name in (*train.classes, *test.classes)])
        cut = int(whole[: len(train.pictures)].sum())
        if damaged:
            pictures, labels = pictures[whole], labels[whole]
            warnings += (_summary(damaged, len(files)),)
        if cut in (0, len(pictures)):
            raise UserError(
                f"{len(pictures):,} whole pictures are too few for training and test.",
                path=self.params.data_dir,
                mend="Add pictures: at least two, and two in some class.",
            )
        if len(classes) == 1:
            warnings += (f"All pictures are of one class, {classes[0]}.",)
        images, names = torch.from_numpy(pictures), torch.from_numpy(labels) if classes else None
        return Dataset(
            self.name,
            images[:cut],
            None if names is None else names[:cut],
            images[cut:],
            None if names is None else names[cut:],
            classes,
            warnings,
        )

    def _root(self) -> Path:
        if not self.params.data_dir.strip():
            raise UserError("No folder of pictures is given.", mend=f"Name one with --data-dir. {EXPECTED}")
        root = Path(self.params.data_dir).expanduser()
        if not os.path.isdir(root):  # unlike pathlib's, never raises, whatever the name
            raise UserError("There is no such folder.", path=root, mend=EXPECTED)
        return root

    def _parts(self, root: Path, control: Control) -> tuple[Found, Found, tuple[str, ...]]:
        """What to train and to test on, shuffled, and what was left out: `train` and `test` in it, or our own split."""
        share, seed = self.params.test_share, self.params.split_seed
        folders = {folder.name.lower(): folder for folder in subfolders(root)}
        if {"train", "test"} <= folders.keys():
            parts = [survey(folders[name], control) for name in ("train", "test")]
            if len({"" in part.classes for part in parts}) > 1:
                what = "Of its folders train and test only one has class folders."
                raise UserError(what, path=root, mend="Give both class folders, or neither.")
            rng = np.random.default_rng(seed)
            train, test = (_chosen(part, rng.permutation(len(part.pictures))) for part in parts)
            return train, test, parts[0].left_out + parts[1].left_out
        found = survey(root, control)
        labels = np.unique(np.array(found.classes), return_inverse=True)[1]
        for_training, for_test = stratified_split(labels, share, seed)
        return _chosen(found, for_training), _chosen(found, for_test), found.left_out

    def _decode(
        self, files: tuple[Path, ...], control: Control
    ) -> Generator[Event, None, tuple[NDArray[np.uint8], dict[int, UserError]]]:
        """All pictures [n, c, size, size], and by index why some could not be read (their places hold nothing)."""
        side = int(self.params.size)
        mode: Mode = "L" if self.params.colour == "grey" else "RGB"

        def read(path: Path) -> NDArray[np.uint8] | UserError:
            if control.stopping:
                raise Stopped
            try:
                return read_picture(path, side, mode)
            except UserError as error:
                return error

        pictures = np.empty((len(files), len(mode), side, side), dtype=np.uint8)
        damaged: dict[int, UserError] = {}
        colourful = self.params.colour == "rgb"
        progress = _Progress(len(files))
        pool = ThreadPoolExecutor(min(READERS, device.cores()), "read-pictures")
        try:
            for first in range(0, len(files), AHEAD):
                for index, result in enumerate(pool.map(read, files[first : first + AHEAD]), first):
                    if isinstance(result, UserError):
                        damaged[index] = result
                    else:
                        pictures[index] = result
                        colourful = colourful or bool((result != result[:1]).any())
                    yield from progress.at(index + 1)
        finally:
            pool.shutdown(cancel_futures=True)
        if len(damaged) > DAMAGED_SHARE * len(files):
            raise UserError(_summary(damaged, len(files)), path=self.params.data_dir, mend="Replace or remove them.")
        return pictures if colourful else np.ascontiguousarray(pictures[:, :1]), damaged


class _Progress:
    """How far decoding is, told ten times a second."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._begun = self._told = time.monotonic()

    def at(self, done: int) -> Generator[Event, None, None]:
        now = time.monotonic()
        if now - self._told < 0.1 and done < self._total:
            return
        self._told = now
        left = (now - self._begun) * (self._total / done - 1)
        yield Working("", 0, f"Reading pictures, {done:,} of {self._total:,}", done / self._total, left)


def _chosen(found: Found, indices: NDArray[np.int64]) -> Found:
    return Found(tuple(found.pictures[i] for i in indices), tuple(found.classes[i] for i in indices))


def _summary(damaged: dict[int, UserError], total: int) -> str:
    """How many pictures could not be read, and the first of them with its reason."""
    return f"{len(damaged):,} of {total:,} pictures are damaged, the first: {damaged[min(damaged)]}"
