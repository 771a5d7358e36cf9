"""A strict reader of IDX files, the format of MNIST, plain or gzipped: every fault is named before memory is taken.

The format: two zero bytes, a type byte (8 for unsigned bytes), the number of dimensions, each dimension as a
big-endian 32-bit number, then the data. See LeCun, Cortes and Burges, "The MNIST database of handwritten digits".
"""

from __future__ import annotations

import gzip
import math
import os
import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np

from models.atomic import readable
from models.datasets.room import Room
from models.errors import UserError, printable
from models.wording import counted

if TYPE_CHECKING:
    from io import BufferedIOBase
    from pathlib import Path

    from numpy.typing import NDArray

PIECE = 2**20  # bytes read in one go
GZIP_LIMIT = 1032  # deflate never packs tighter than this, so a file that claims more is damaged
TYPES = {8: "bytes", 9: "signed bytes", 11: "16-bit numbers", 12: "32-bit numbers", 13: "floats", 14: "doubles"}
MEND = "Fetch the file again, or take it away so that it is downloaded."


def read_idx(path: Path, dimensions: int) -> NDArray[np.uint8]:
    """The bytes of an IDX file, in as many dimensions as expected; mapped where they are many. Raises UserError."""
    if not path.is_file():
        raise UserError("This file is missing or not a plain file.", path=path, mend=MEND)
    with readable(path), path.open("rb") as file:
        return read_stream(file, os.fstat(file.fileno()).st_size, path, dimensions)


def read_stream(file: BufferedIOBase, size: int, path: Path, dimensions: int) -> NDArray[np.uint8]:
    """`read_idx` for `size` bytes that stand open, called `path` in messages. Raises UserError."""
    packed = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    try:
        if packed:
            return _read(gzip.GzipFile(fileobj=file), dimensions, size * GZIP_LIMIT)
        return _read(file, dimensions, size)
    except _Fault as fault:
        raise UserError(f"This is not the IDX file it should be: {fault}.", path=path, mend=MEND) from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        what = "This file is damaged: its gzip data cannot be unpacked to the end."
        raise UserError(what, path=path, mend=MEND) from None


def read_pair(images: Path, labels: Path, classes: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Pictures [n, height, width] and their labels [n] below `classes` from two IDX files. Raises UserError."""
    return paired(images, read_idx(images, 3), labels, read_idx(labels, 1), classes)


def paired(
    images: Path, pictures: NDArray[np.uint8], labels: Path, names: NDArray[np.uint8], classes: int, first: int = 0
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """What was read from two files, once it is sure that they fit; labels count from `first`. Raises UserError."""
    last = first + classes - 1
    wrong = np.flatnonzero((names < first) | (names > last))
    if wrong.size:
        raise UserError(
            f"This file holds the label {names[wrong[0]]} at place {wrong[0]}; labels go from {first} to {last}.",
            path=labels,
            mend=MEND,
        )
    if len(pictures) != len(names):
        raise UserError(
            f"This file holds {counted(len(pictures), 'picture')}, but {printable(labels.name)} holds "
            f"{counted(len(names), 'label')}.",
            path=images,
            mend="Fetch both files again, from the same place.",
        )
    return pictures, names


class _Fault(Exception):
    """What is wrong with the content, in words."""


def _read(stream: BufferedIOBase, dimensions: int, most: int) -> NDArray[np.uint8]:
    """Check the header against what can be there at most, then fill room of exactly the declared size."""
    shape = _header(stream, dimensions)
    declared = math.prod(shape)
    if declared > most:
        raise _Fault(f"it declares {counted(declared, 'byte')} of data, more than it can hold")
    with Room(declared, ()) as room:
        while room.count < declared:
            piece = stream.read(min(PIECE, declared - room.count))
            if not piece:
                raise _Fault(f"it ends early, after {room.count:,} of {counted(declared, 'byte')} of data")
            room.add(np.frombuffer(piece, np.uint8))
        if stream.read(1):
            raise _Fault(f"it goes on after the {counted(declared, 'byte')} of data that it declares")
        return room.filled().reshape(shape)


def _header(stream: BufferedIOBase, dimensions: int) -> tuple[int, ...]:
    magic = stream.read(4)
    if magic.lstrip()[:1] == b"<":
        raise _Fault("it is a web page")
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in TYPES:
        raise _Fault(f"it begins with the bytes {magic.hex(' ')}" if magic else "it is empty")
    if TYPES[magic[2]] != "bytes":
        raise _Fault(f"it holds {TYPES[magic[2]]} instead of bytes")
    if magic[3] != dimensions:
        raise _Fault(f"it has {counted(magic[3], 'dimension')} instead of {dimensions}")
    raw = stream.read(4 * dimensions)
    if len(raw) < 4 * dimensions:
        raise _Fault("it ends within its header")
    shape = struct.unpack(f">{dimensions}I", raw)
    if 0 in shape:
        raise _Fault(f"it declares nothing: {' x '.join(map(str, shape))}")
    return shape
