"""Source `arrays`: pictures in one file of numbers, NumPy's `.npz` and `.npy` or an IDX pair, plain or gzipped."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from models.atomic import readable
from models.datasets import Dataset, Source
from models.datasets.cache import tensor_of
from models.datasets.idx import read_idx
from models.datasets.npy import MAGIC, Archive, Fault, Stored, read_npy
from models.datasets.picture import opened
from models.datasets.room import Room
from models.datasets.split import SplitParams, stratified_split, too_few
from models.datasets.values import SIDES, Form, form_of, labels_of, names_of
from models.errors import Stopped, UserError, printable
from models.events import Working
from models.params import param
from models.registry import datasets

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray

    from models.events import Event
    from models.job import Control

EXPECTED = "Expected is a .npz with images and, if you have them, labels and class_names; a .npy; or an IDX file."
KEYS = ("images", "labels", "class_names")
SHOWN = 8  # names of arrays in a message
AHEAD = 1024  # pictures brought to their form at once


class ArraysParams(SplitParams):
    """Where the arrays are, and the size their pictures are brought to."""

    file: str = param(
        "", "A .npz with images, labels and class_names, a .npy, or an IDX file with its labels beside it.", path=True
    )
    size: Literal["keep", "28", "32", "64", "128"] = param(
        "keep", "Keep the pictures as they are, or cut them to the square of their middle and resize to these pixels."
    )


@dataclass
class Content:
    """What a file holds: pictures, and of these perhaps the classes, with words on what was found and left out."""

    pictures: Stored
    labels: NDArray[Any] | None = None
    names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@datasets.register("arrays")
class Arrays(Source):
    """Pictures that somebody has already brought to numbers."""

    title = "Arrays in a file"
    summary = "Your own arrays: .npz with images, labels and class_names, .npy, or an IDX pair; grey or RGB."
    params_type = ArraysParams
    params: ArraysParams

    def load(self, control: Control) -> Generator[Event, None, Dataset]:
        """Check the file, recognise what its numbers mean, and bring the pictures to uint8."""
        yield Working("", 0, "Reading the arrays")
        path = self._path()
        with ExitStack() as held, readable(path):
            try:
                content = _content(path, held)
                form, recognised, odd = form_of(content.pictures, control)
                notes = [recognised, *content.notes]
                count = content.pictures.shape[0]
                labels, classes = np.zeros(count, np.int64), content.names
                if content.labels is not None:
                    labels, classes, more = labels_of(content.labels, count, content.names)
                    notes += more
                for_training, for_test = self._split(labels, form, path)
                order = np.concatenate([for_training, for_test])
                images = yield from self._pixels(content.pictures, form, order, control)
            except Fault as fault:
                raise UserError(f"This file cannot be used: {fault}.", path=path, mend=fault.mend) from None
        cut, pixels, numbers = len(for_training), tensor_of(images), tensor_of(labels[order])
        return Dataset(
            self.name,
            pixels[:cut],
            numbers[:cut] if classes else None,
            pixels[cut:],
            numbers[cut:] if classes else None,
            classes,
            (*odd, *content.warnings),
            notes=tuple(notes),
        )

    @property
    def _side(self) -> int | None:
        """The side to resize to; None where pictures keep their size."""
        return None if self.params.size == "keep" else int(self.params.size)

    def _path(self) -> Path:
        if not self.params.file.strip():
            raise UserError("No file of arrays is given.", mend=f"Choose one, or name it with --file. {EXPECTED}")
        path = Path(os.path.expanduser(self.params.file))  # os.path never raises, whatever the name
        if not os.path.isfile(path):
            mend = "A folder of pictures is the data set folder." if os.path.isdir(path) else EXPECTED
            raise UserError("This file is missing or not a plain file.", path=path, mend=mend)
        return path

    def _split(self, labels: NDArray[np.int64], form: Form, path: Path) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Which pictures to train and to test on, once it is sure that there are enough, and none is too large."""
        if self._side is None and max(form.height, form.width) > SIDES[1]:
            raise UserError(
                f"The pictures are {form.width}x{form.height}, and {SIDES[1]} pixels a side is the most.",
                path=path,
                mend="Have them resized: choose the size 128 (--size 128).",
            )
        for_training, for_test = stratified_split(labels, self.params.test_share, self.params.split_seed)
        if not len(for_test):
            raise too_few(labels.tolist(), path)
        return for_training, for_test

    def _pixels(
        self, stored: Stored, form: Form, order: NDArray[np.int64], control: Control
    ) -> Generator[Event, None, NDArray[np.uint8]]:
        """The pictures in that order as uint8 [n, channels, height, width]. Raises Stopped."""
        sides = (self._side, self._side) if self._side else (form.height, form.width)
        with Room(len(order), (form.channels, *sides)) as room:
            for first in range(0, len(order), AHEAD):
                if control.stopping:
                    raise Stopped
                yield Working("", 0, f"Reading pictures, {first:,} of {len(order):,}", first / len(order))
                room.add(form.pixels(stored[order[first : first + AHEAD]], self._side))
            return room.filled()


def _content(path: Path, held: ExitStack) -> Content:
    """What is in a file of any of the kinds, told by how it begins; `held` keeps it open. Raises Fault, UserError."""
    file = held.enter_context(opened(path))
    begin = file.read(len(MAGIC))
    if begin == MAGIC:
        return Content(read_npy(file))
    if begin.startswith(b"PK"):
        return _of_archive(Archive(file))
    if begin.startswith((b"\0\0", b"\x1f\x8b")):
        return _of_pair(path)
    raise Fault("it begins as none of .npz, .npy and IDX does" if begin else "it is empty", EXPECTED)


def _of_archive(archive: Archive) -> Content:
    names = ", ".join(printable(key)[:40] for key in archive.keys[:SHOWN]) or "no arrays"
    more = f" and {len(archive.keys) - SHOWN:,} more" if len(archive.keys) > SHOWN else ""
    if KEYS[0] not in archive.keys:
        raise Fault(f"it has no array called images; it holds {names}{more}", EXPECTED)
    others = [printable(key)[:40] for key in archive.keys if key not in KEYS]
    warnings = (f"Arrays left out: {', '.join(others[:SHOWN])}.",) if others else ()
    labels = archive.read("labels") if "labels" in archive.keys else None
    named = names_of(archive.read("class_names")) if "class_names" in archive.keys else ()
    return Content(archive.read("images"), labels, named, warnings=warnings)


def _of_pair(path: Path) -> Content:
    """The pictures of an IDX file, with the labels beside it."""
    beside = _labels_beside(path)
    try:
        pictures = read_idx(path, 3)
        labels = None if beside is None else read_idx(beside, 1)
    except UserError as error:
        raise UserError(error.what, path=error.path, mend=EXPECTED) from None
    found = "No file of labels lies" if beside is None else f"The labels of {printable(beside.name)} lie"
    return Content(pictures, labels, notes=(f"{found} beside it.",))


def _labels_beside(images: Path) -> Path | None:
    """The file that is called as that of the pictures is, but for labels; gzipped or not."""
    name = images.name.removesuffix(".gz").replace("images", "labels").replace("idx3", "idx1")
    if name == images.name.removesuffix(".gz"):
        return None
    both = (images.with_name(name), images.with_name(name + ".gz"))
    return next((path for path in both if path.is_file()), None)
