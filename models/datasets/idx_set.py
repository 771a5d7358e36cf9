"""The sets that come as four IDX files, as MNIST does: pictures and labels, to train and to test."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from models.datasets.download import Remote
from models.datasets.idx import read_pair
from models.datasets.stored import Stored
from models.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from models.datasets.stored import Part

STEMS = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
MOST = 50_000_000  # bytes of one packed file: twice the largest
BEGINNINGS = {"MNIST": (7, 2, 1, 0, 4, 1, 4, 9, 5, 9), "Fashion-MNIST": (9, 2, 1, 1, 6, 1, 4, 6, 5, 7)}


class IdxSet(Stored):
    """28x28 grey pictures in ten classes, in files that have the same names in every such set."""

    parts = tuple((stem, f"{stem}.gz") for stem in STEMS)
    of_torchvision: ClassVar[str]  # the name of its class in torchvision, which knows the addresses

    def remotes(self) -> Sequence[Remote]:
        """The four files, from all mirrors."""
        import torchvision.datasets  # a second of imports that only a download needs

        known = getattr(torchvision.datasets, self.of_torchvision)
        return [
            Remote(name, tuple(mirror + name for mirror in known.mirrors), checksum, MOST)
            for name, checksum in known.resources
        ]

    def read(self, files: Sequence[Path], *, train: bool) -> Part:
        """Pictures [n, 1, 28, 28] on the memory they were read to, and labels [n]."""
        images, labels = files[:2] if train else files[2:]
        pictures, names = read_pair(images, labels, classes=10)
        if pictures.shape[1:] != (28, 28):
            height, width = pictures.shape[1:]
            raise UserError(
                f"This file holds pictures of {height}x{width}, not the 28x28 of {self.title}.", path=images
            )
        if not train:
            self._check_beginning(labels, tuple(names[:10].tolist()))
        return pictures[:, None], names

    def _check_beginning(self, labels: Path, first: tuple[int, ...]) -> None:
        """Refuse the files of another set, which have the same names. Raises UserError."""
        for title, beginning in BEGINNINGS.items():
            if first == beginning and title != self.title:
                raise UserError(
                    f"These are the files of {title}, not those of {self.title}.",
                    path=labels,
                    mend=f"Choose {title}, or another data folder.",
                )
