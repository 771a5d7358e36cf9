"""Source `cifar10`: 60,000 small colour photographs, from disk or downloaded once, in the binary version.

See Krizhevsky 2009, "Learning multiple layers of features from tiny images". Six files of records: a byte for the
class, then 1,024 bytes each of red, green and blue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin

import numpy as np

from models.atomic import readable
from models.datasets.archive import from_tar
from models.datasets.download import Remote, fetch
from models.datasets.stored import Stored
from models.errors import UserError
from models.registry import datasets

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    from models.datasets.stored import Part
    from models.events import Event
    from models.job import Control

SIDE = 32
RECORD = 1 + 3 * SIDE * SIDE  # bytes
MOST_OF_ONE = 10_000 * RECORD
ARCHIVE = "cifar-10-binary.tar.gz"
MD5 = "c32a1d4ab5d03f1284b67883e8d87530"  # torchvision knows only that of the version for Python
MOST = 200_000_000  # bytes of the archive
TRAIN = tuple(f"data_batch_{number}.bin" for number in range(1, 6))
TEST = ("test_batch.bin",)
FOR_PYTHON = ("cifar-10-batches-py/data_batch_1", "cifar-10-python.tar.gz")
MEND = "Fetch the file again, or take it away so that it is downloaded."


@datasets.register("cifar10")
class Cifar10(Stored):
    """Animals and vehicles."""

    title = "CIFAR-10"
    summary = "60,000 photographs, 32x32 colour, in 10 classes; downloaded once (170 MB) where not on disk."
    classes = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
    parts = tuple((f"cifar-10-batches-bin/{name}", name, ARCHIVE) for name in (*TRAIN, *TEST))
    places = ("CIFAR10", "cifar10", ".")

    def remotes(self) -> Sequence[Remote]:
        """The archive, beside the one that torchvision knows."""
        from torchvision.datasets import CIFAR10  # a second of imports that only a download needs

        return [Remote(ARCHIVE, (urljoin(CIFAR10.url, ARCHIVE),), MD5, MOST)]

    def bring(self, place: Path, missing: Sequence[int], control: Control) -> Generator[Event, None, None]:
        """Download the archive, unless a person has the set in the version that is never opened."""
        there = (self._root() / folder / name for folder in self.places for name in FOR_PYTHON)
        for_python = next((path for path in there if path.is_file()), None)
        if for_python is not None:
            raise UserError(
                "This is CIFAR-10 in Python's own format, which can carry programs and is therefore never opened.",
                path=for_python,
                mend=f"Put the binary version, {ARCHIVE} from www.cs.toronto.edu/~kriz, beside it, or leave the data "
                "folder empty to have it downloaded.",
            )
        yield from fetch(self.remotes(), place, self.title, control)

    def read(self, files: Sequence[Path], *, train: bool) -> Part:
        """Pictures [n, 3, 32, 32] and labels [n]."""
        names, of = (TRAIN, files[:5]) if train else (TEST, files[5:])
        packed = [name for name, file in zip(names, of, strict=True) if file.name == ARCHIVE]
        unpacked = from_tar(of[names.index(packed[0])], packed, MOST_OF_ONE) if packed else {}
        records = []
        for name, file in zip(names, of, strict=True):
            path = file / name if name in unpacked else file
            records.append(_records(path, unpacked[name] if name in unpacked else _content(file)))
        table = np.concatenate(records)
        return np.ascontiguousarray(table[:, 1:]).reshape(-1, 3, SIDE, SIDE), table[:, 0].copy()


def _content(path: Path) -> bytes:
    with readable(path), path.open("rb") as file:
        return file.read(MOST_OF_ONE + 1)


def _records(path: Path, content: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """The records [n, 3073] of one file, once it is sure that it holds such."""
    if content.lstrip()[:1] == b"<" and len(content) % RECORD:
        reason = "it is a web page"
    elif not content or len(content) % RECORD or len(content) > MOST_OF_ONE:
        reason = f"its {len(content):,} bytes are not 1 to 10,000 records of {RECORD:,}"
    else:
        table = np.frombuffer(content, dtype=np.uint8).reshape(-1, RECORD)
        wrong = np.flatnonzero(table[:, 0] > 9)
        if not wrong.size:
            return table
        reason = f"it holds the label {table[wrong[0], 0]} at place {wrong[0]}; labels go from 0 to 9"
    raise UserError(f"This is not the file of CIFAR-10 it should be: {reason}.", path=path, mend=MEND)
