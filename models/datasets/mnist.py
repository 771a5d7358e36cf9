"""Source `mnist`: the 70,000 handwritten digits of LeCun et al. 1998, from files on disk or downloaded once.

See "Gradient-based learning applied to document recognition", Proceedings of the IEEE 86(11).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from models.datasets import Dataset, Source
from models.datasets.download import fetch
from models.datasets.idx import read_pair
from models.errors import Stopped, UserError, printable
from models.events import Working
from models.params import Params, param
from models.registry import datasets
from models.runs import runs_root

if TYPE_CHECKING:
    from collections.abc import Generator

    from torch import Tensor

    from models.events import Event
    from models.job import Control

PARTS = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
SPELLINGS = ("{}-ubyte", "{}-ubyte.gz")
PLACES = (".", "raw", "MNIST/raw")  # inside the data folder; the last is torchvision's


class MnistParams(Params):
    """Where the files are."""

    data_dir: str = param(
        "",
        "The folder with the four MNIST files, plain or gzipped; where they are missing they are downloaded to it. "
        "Empty for the program's own folder.",
        path=True,
    )


@datasets.register("mnist")
class Mnist(Source):
    """The digits that everybody starts with."""

    title = "MNIST"
    summary = "70,000 handwritten digits, 28x28 grey, in 10 classes; downloaded once (11 MB) where not on disk."
    params_type = MnistParams
    params: MnistParams

    def load(self, control: Control) -> Generator[Event, None, Dataset]:
        """Read the files, after downloading them where there are none; the official split is kept."""
        root = self._root()
        files = _found(root)
        if files is None:
            yield from _download(root / PLACES[-1], control)
            files = _found(root)
            assert files is not None
        parts = []
        for half in (0, 2):
            if control.stopping:
                raise Stopped
            yield Working("", 0, "Reading MNIST", half / 4)
            parts.append(_tensors(*files[half : half + 2]))
        (train, train_labels), (test, test_labels) = parts
        return Dataset(self.name, train, train_labels, test, test_labels, tuple("0123456789"))

    def _root(self) -> Path:
        if not self.params.data_dir.strip():
            return runs_root().parent / "data"
        root = Path(self.params.data_dir).expanduser()
        if not os.path.isdir(root):  # unlike pathlib's, never raises, whatever the name
            raise UserError(
                "There is no such folder.", path=root, mend="Give the folder that holds the MNIST files, or none."
            )
        return root


def _found(root: Path) -> list[Path] | None:
    """The four files in the order of `PARTS`, None where there is none of them. Raises UserError if some lack."""
    for place in PLACES:
        files = [_spelled(root / place, part) for part in PARTS]
        if all(files):
            return [file for file in files if file]
        if any(files):
            missing = ", ".join(f"{part}-ubyte.gz" for part, file in zip(PARTS, files, strict=True) if not file)
            raise UserError(
                f"This folder holds only a part of MNIST: {missing} is missing.",
                path=root / place,
                mend="Put it there as well.",
            )
    return None


def _spelled(folder: Path, part: str) -> Path | None:
    """The file of that part, whichever way it is stored."""
    candidates = (folder / spelling.format(part) for spelling in SPELLINGS)
    return next((path for path in candidates if path.is_file()), None)


def _tensors(images: Path, labels: Path) -> tuple[Tensor, Tensor]:
    """Pictures [n, 1, 28, 28] on the memory they were read to, and labels [n]."""
    pictures, names = read_pair(images, labels, classes=10)
    if pictures.shape[1:] != (28, 28):
        height, width = pictures.shape[1:]
        raise UserError(f"This file holds pictures of {height}x{width}, not the 28x28 of MNIST.", path=images)
    return torch.from_numpy(pictures).unsqueeze(1), torch.from_numpy(names.astype(np.int64))


def _download(folder: Path, control: Control) -> Generator[Event, None, None]:
    """Fetch the four files from where torchvision says they are, with the checksums it knows."""
    yield Working("", 0, "Looking up where MNIST is")
    from torchvision.datasets import MNIST  # a second of imports that only a download needs

    for name, checksum in MNIST.resources:
        addresses = [mirror + name for mirror in MNIST.mirrors]
        try:
            yield from fetch(addresses, folder / name, checksum, control)
        except UserError as error:
            raise UserError(
                f"MNIST could not be downloaded. {error.what}",
                mend=f"Try again, or put the four files ({', '.join(name for name, _ in MNIST.resources)}) "
                f"into {printable(folder)}, or name their folder with --data-dir.",
            ) from error
