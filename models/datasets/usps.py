"""Source `usps`: 9,298 digits scanned from envelopes, 16x16 grey, from disk or downloaded once.

See Hull 1994, "A database for handwritten text recognition research", IEEE PAMI 16(5); the text files are those of
LIBSVM: a line for each digit, with its class from 1 to 10 and 256 numbers from -1 (paper) to 1 (ink).
"""

from __future__ import annotations

import bz2
from typing import IO, TYPE_CHECKING

import numpy as np

from models.atomic import readable
from models.datasets.download import Remote
from models.datasets.stored import Stored
from models.errors import UserError
from models.registry import datasets

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from models.datasets.stored import Part

SIDE = 16
MOST = 20_000_000  # bytes of one packed file: three times the larger
MOST_LINES = 20_000  # twice all digits there are
LINE_LIMIT = 16_384  # bytes; real lines have some three thousand
MEND = "Fetch the file again, or take it away so that it is downloaded."


@datasets.register("usps")
class Usps(Stored):
    """The digits of the United States Postal Service."""

    title = "USPS"
    summary = "9,298 digits from envelopes, 16x16 grey, in 10 classes; downloaded once (8 MB) where not on disk."
    classes = tuple("0123456789")
    parts = (("usps", "usps.bz2"), ("usps.t", "usps.t.bz2"))
    places = ("USPS", "usps", ".")

    def remotes(self) -> Sequence[Remote]:
        """The training and the test file."""
        from torchvision.datasets import USPS  # a second of imports that only a download needs

        files = (USPS.split_list[half] for half in ("train", "test"))
        return [Remote(name, (address,), checksum, MOST) for address, name, checksum in files]

    def read(self, files: Sequence[Path], *, train: bool) -> Part:
        """Pictures [n, 1, 16, 16] and labels [n]."""
        path = files[0 if train else 1]
        try:
            with readable(path), path.open("rb") as file:
                packed = file.read(3) == b"BZh"
                file.seek(0)
                rows = [_row(number, line) for number, line in _lines(bz2.BZ2File(file) if packed else file)]
        except (ValueError, EOFError, UserError) as error:
            reason = error.what.rstrip(".") if isinstance(error, UserError) else str(error)
            raise UserError(f"This is not the file of USPS it should be: {reason}.", path=path, mend=MEND) from None
        if not rows:
            raise UserError("This file is empty.", path=path, mend=MEND)
        table = np.stack(rows)
        pictures = ((table[:, 1:].astype(np.float32) + 1) / 2 * 255).astype(np.uint8)
        return pictures.reshape(-1, 1, SIDE, SIDE), table[:, 0].astype(np.uint8) - 1


def _lines(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    for number in range(1, MOST_LINES + 2):
        line = file.readline(LINE_LIMIT)
        if not line:
            return
        if number > MOST_LINES or (len(line) == LINE_LIMIT and not line.endswith(b"\n")):
            raise ValueError(f"its line {number:,} is one too many, or too long")
        yield number, line


def _row(number: int, line: bytes) -> NDArray[np.float64]:
    """A line as its class and 256 numbers [257]."""
    if line.lstrip()[:1] == b"<":
        raise ValueError("it is a web page")
    words = line.replace(b":", b" ").split()
    try:
        values = np.array(words, dtype=np.float64)
    except ValueError:
        raise ValueError(f"its line {number:,} holds something else than numbers") from None
    if len(values) != 1 + 2 * SIDE * SIDE or not np.array_equal(values[1::2], np.arange(1, SIDE * SIDE + 1)):
        raise ValueError(f"its line {number:,} does not hold 256 numbered values")
    row = np.concatenate((values[:1], values[2::2]))
    if row[0] not in range(1, 11):
        raise ValueError(f"its line {number:,} begins with the class {row[0]:g}; classes go from 1 to 10")
    if not (np.abs(row[1:]) <= 1).all():  # refuses what is not a number as well
        raise ValueError(f"its line {number:,} holds a value that is not from -1 to 1")
    return row
