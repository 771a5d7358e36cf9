"""Source `digits`: the 1,797 small handwritten digits that scikit-learn carries, enlarged to 28x28; no download.

The digits are those of Alpaydin and Kaynak 1998, "Optical recognition of handwritten digits" (UCI repository).
"""

from __future__ import annotations

import gzip
import importlib.util
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from PIL import Image

from models.datasets import Dataset, Source
from models.datasets.split import SplitParams, stratified_split
from models.errors import UserError
from models.events import Working
from models.registry import datasets

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray

    from models.events import Event
    from models.job import Control

SIDE = 28
NAMES = tuple("0123456789")
INK = 16  # the value of full ink in the file, where every digit is 8x8 counts from 0 to 16
MEND = "Install scikit-learn again: python -m pip install --force-reinstall scikit-learn"


@datasets.register("digits")
class Digits(Source):
    """Real handwritten digits, always at hand."""

    title = "Digits"
    summary = "1,797 handwritten digits from scikit-learn, enlarged to 28x28 grey, in 10 classes; no download."
    params_type = SplitParams
    params: SplitParams

    def known_classes(self) -> tuple[str, ...]:
        """The ten digits."""
        return NAMES

    def load(self, control: Control) -> Generator[Event, None, Dataset]:
        """Read the digits [n, 1, 28, 28]; a tenth of a second."""
        yield Working("", 0, "Reading the digits", 0.0)
        table = _table()
        labels = table[:, -1].astype(np.int64)
        pictures = torch.from_numpy(_enlarged(table[:, :-1].reshape(-1, 8, 8))).unsqueeze(1)
        train, test = stratified_split(labels, self.params.test_share, self.params.split_seed)
        classes = torch.from_numpy(labels)
        return Dataset(self.name, pictures[train], classes[train], pictures[test], classes[test], NAMES)


def _table() -> NDArray[np.uint8]:
    """The packaged table [1797, 65]: 64 counts and a label a row, read without the slow import of its package."""
    package = importlib.util.find_spec("sklearn")
    if package is None or not package.submodule_search_locations:
        raise UserError("The digits come with scikit-learn, which is not installed.", mend=f"{MEND}.")
    path = Path(package.submodule_search_locations[0], "datasets", "data", "digits.csv.gz")
    try:
        rows = gzip.decompress(path.read_bytes()).decode().splitlines()
        if not rows or rows[0].count(",") != 64:
            raise ValueError("it holds no digits")
        return np.loadtxt(rows, dtype=np.uint8, delimiter=",", ndmin=2)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise UserError(f"The digits cannot be read: {error}.", path=path, mend=f"{MEND}.") from None


def _enlarged(digits: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Digits [n, 8, 8] of counts as grey pictures [n, 28, 28], bicubic in whole numbers: the same on every machine."""
    grey = (digits.astype(np.uint16) * 255 // INK).astype(np.uint8)
    grey = np.pad(grey, ((0, 0), (1, 1), (1, 1)))  # paper around the ink, which else ends hard at the edge
    large = [Image.fromarray(digit).resize((SIDE, SIDE), Image.Resampling.BICUBIC) for digit in grey]
    return np.stack([np.asarray(digit) for digit in large])
