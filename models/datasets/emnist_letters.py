"""Source `emnist-letters`: 145,600 handwritten letters, upper and lower case as one, from disk or downloaded once.

See Cohen, Afshar, Tapson and van Schaik 2017, "EMNIST: an extension of MNIST to handwritten letters".
"""

from __future__ import annotations

import io
import string
from typing import TYPE_CHECKING

from models import atomic
from models.datasets.archive import from_zip
from models.datasets.download import Remote, fetch
from models.datasets.idx import paired, read_idx, read_stream
from models.datasets.stored import Stored
from models.errors import UserError
from models.events import Working
from models.registry import datasets

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from models.datasets.stored import Part
    from models.events import Event
    from models.job import Control

STEMS = tuple(
    f"emnist-letters-{half}-{kind}-ubyte"
    for half in ("train", "test")
    for kind in ("images-idx3", "labels-idx1")
)  # fmt: skip
ARCHIVES = ("gzip.zip", "emnist.zip")  # the published archive, which packs every file again
MOST = 600_000_000  # bytes of the archive
MOST_OF_ONE = 100_000_000  # bytes of a gzipped file in it, five times the largest


@datasets.register("emnist-letters")
class EmnistLetters(Stored):
    """The letters of forms filled in by hand."""

    title = "EMNIST letters"
    summary = "145,600 handwritten letters, 28x28 grey, in 26 classes; downloaded once (562 MB) where not on disk."
    classes = tuple(string.ascii_uppercase)
    parts = tuple((stem, f"{stem}.gz", *ARCHIVES) for stem in STEMS)
    places = ("EMNIST/raw", "raw", "gzip", ".")

    def remotes(self) -> Sequence[Remote]:
        """The one archive that holds all of EMNIST."""
        from torchvision.datasets import EMNIST  # a second of imports that only a download needs

        return [Remote(ARCHIVES[0], (EMNIST.url,), EMNIST.md5, MOST)]

    def bring(self, place: Path, missing: Sequence[int], control: Control) -> Generator[Event, None, None]:
        """Download the archive, and keep only the four files of the letters."""
        yield from fetch(self.remotes(), place, self.title, control)
        yield Working("", 0, "Taking the letters out of EMNIST")
        archive = place / ARCHIVES[0]
        for name, content in from_zip(archive, [f"{stem}.gz" for stem in STEMS], MOST_OF_ONE).items():
            atomic.write(place / name, content)
        with atomic.explained(archive):
            archive.unlink(missing_ok=True)

    def read(self, files: Sequence[Path], *, train: bool) -> Part:
        """Pictures [n, 1, 28, 28], which are stored lying on their side, and labels [n] from 0."""
        images, labels = (0, 1) if train else (2, 3)
        pictures, names = paired(
            files[images], _read(files[images], STEMS[images], 3),
            files[labels], _read(files[labels], STEMS[labels], 1),
            classes=26, first=1,
        )  # fmt: skip
        if pictures.shape[1:] != (28, 28):
            height, width = pictures.shape[1:]
            raise UserError(f"This file holds pictures of {height}x{width}, not the 28x28 of EMNIST.", path=files[0])
        return pictures.transpose(0, 2, 1)[:, None].copy(), names - 1


def _read(file: Path, stem: str, dimensions: int) -> NDArray[np.uint8]:
    """One IDX file, which may be packed in the archive."""
    if file.name not in ARCHIVES:
        return read_idx(file, dimensions)
    name = f"{stem}.gz"
    content = from_zip(file, [name], MOST_OF_ONE)[name]
    return read_stream(io.BytesIO(content), len(content), file / name, dimensions)
