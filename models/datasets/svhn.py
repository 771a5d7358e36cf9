"""Source `svhn`: 99,289 digits from photographs of house numbers, 32x32 colour, from disk or downloaded once.

See Netzer et al. 2011, "Reading digits in natural images with unsupervised feature learning".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.datasets.download import Remote
from models.datasets.matlab import MEND, read_mat
from models.datasets.stored import Stored
from models.errors import UserError
from models.registry import datasets
from models.wording import counted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from models.datasets.stored import Part

SIDE = 32
MOST = 300_000_000  # bytes of one file


@datasets.register("svhn")
class Svhn(Stored):
    """Street view house numbers, cut to single digits."""

    title = "SVHN"
    summary = "99,289 digits of house numbers, 32x32 colour, in 10 classes; downloaded once (246 MB) where not on disk."
    classes = tuple("0123456789")
    parts = (("train_32x32.mat",), ("test_32x32.mat",))
    places = ("SVHN", "svhn", ".")

    def remotes(self) -> Sequence[Remote]:
        """The training and the test file."""
        from torchvision.datasets import SVHN  # a second of imports that only a download needs

        files = (SVHN.split_list[half] for half in ("train", "test"))
        return [Remote(name, (address,), checksum, MOST) for address, name, checksum in files]

    def read(self, files: Sequence[Path], *, train: bool) -> Part:
        """Pictures [n, 3, 32, 32] and labels [n]; the file calls the zero ten."""
        path = files[0 if train else 1]
        arrays = read_mat(path, {"X": 4, "y": 2})
        pictures, labels = arrays["X"], arrays["y"].ravel()
        if pictures.dtype != np.uint8 or pictures.shape[1:] != (3, SIDE, SIDE):
            shape = " x ".join(map(str, pictures.shape[::-1]))
            what = f"This file holds pictures of {shape} as {pictures.dtype}, not of 32 x 32 x 3 as bytes."
            raise UserError(what, path=path, mend=MEND)
        if len(pictures) != len(labels):
            what = f"This file holds {counted(len(pictures), 'picture')}, but {counted(len(labels), 'label')}."
            raise UserError(what, path=path, mend=MEND)
        wrong = np.flatnonzero(~np.isin(labels, np.arange(1, 11)))
        if wrong.size:
            what = f"This file holds the label {labels[wrong[0]]} at place {wrong[0]}; labels go from 1 to 10."
            raise UserError(what, path=path, mend=MEND)
        upright = pictures.transpose(0, 1, 3, 2)  # [n, 3, width, height] as MATLAB stores it
        return np.ascontiguousarray(upright), (labels % 10).astype(np.uint8)
