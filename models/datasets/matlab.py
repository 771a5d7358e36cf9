"""A strict reader of byte and number arrays in MAT files of level 5, with every size checked before memory is taken.

The format: 128 bytes of header, then elements of a type, a size and data, padded to eight bytes. An array is an
element of elements (flags, dimensions, name, data), often packed by zlib as a whole. See "MAT-File Format", MathWorks.
"""

from __future__ import annotations

import math
import os
import struct
import zlib
from typing import IO, TYPE_CHECKING

import numpy as np

from models.atomic import readable
from models.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Array = NDArray[np.generic]

LIMIT = 300_000_000  # bytes of one array: a third more than the largest that we know
MOST_ELEMENTS = 100
MATRIX, PACKED = 14, 15
NUMBERS = range(6, 16)  # the classes of arrays from doubles to 64-bit numbers
COMPLEX = 8
TYPES = {1: "<i1", 2: "<u1", 3: "<i2", 4: "<u2", 5: "<i4", 6: "<u4", 7: "<f4", 9: "<f8"}
CHUNK = 2**18
MEND = "Fetch the file again, or take it away so that it is downloaded."


def read_mat(path: Path, wanted: dict[str, int]) -> dict[str, Array]:
    """The arrays of these names, in the dimensions given for each, in the order of the file. Raises UserError.

    MATLAB stores the first dimension closest together: a matrix of h x w comes as [w, h].
    """
    found: dict[str, Array] = {}
    try:
        with readable(path), path.open("rb") as file:
            _check_header(file.read(128))
            size = os.fstat(file.fileno()).st_size
            for _ in range(MOST_ELEMENTS):
                if len(found) == len(wanted) or file.tell() >= size:
                    break
                kind, length = _tag(file.read(8))
                end = file.tell() + length
                if end > size:
                    raise _Fault(f"it ends early, after {size:,} of at least {end:,} bytes")
                if kind in (MATRIX, PACKED):
                    name, array = _array(_Stream(file, length, packed=kind == PACKED), wanted)
                    if array is not None:
                        found[name] = array
                file.seek(end)
    except _Fault as fault:
        raise UserError(f"This is not the MAT file it should be: {fault}.", path=path, mend=MEND) from None
    except zlib.error:
        raise UserError("This file is damaged: its data cannot be unpacked.", path=path, mend=MEND) from None
    lacking = [name for name in wanted if name not in found]
    if lacking:
        raise UserError(f"This file holds no array called {' and none called '.join(lacking)}.", path=path, mend=MEND)
    return found


class _Fault(Exception):
    """What is wrong with the content, in words."""


def _tag(data: bytes | bytearray) -> tuple[int, int]:
    """Type and size of an element."""
    if len(data) < 8:
        raise _Fault("it ends early")
    kind, length = struct.unpack("<II", data)
    return kind, length


class _Stream:
    """The bytes of one element, unpacked as they are asked for."""

    def __init__(self, file: IO[bytes], length: int, *, packed: bool) -> None:
        self._file = file
        self._left = length
        self._unpacker = zlib.decompressobj() if packed else None
        if packed:
            kind, _ = _tag(self.read(8))
        else:
            kind = MATRIX  # the tag was read already
        if kind != MATRIX:
            raise _Fault("it holds something else than arrays")

    def read(self, count: int) -> bytearray:
        """Exactly `count` bytes."""
        data = bytearray()
        while len(data) < count:
            piece = self._piece(count - len(data))
            if not piece:
                raise _Fault("one of its arrays ends early")
            data += piece
        return data

    def element(self, most: int) -> tuple[str, bytearray]:
        """The type of the next element and its data, of `most` bytes at most; up to four may stand in its tag."""
        tag = self.read(8)
        kind, size = struct.unpack("<II", tag)
        inline = kind >> 16
        if inline:
            kind, size = kind & 0xFFFF, inline
        if size > (min(most, 4) if inline else most) or kind not in TYPES:
            raise _Fault("one of its arrays is damaged, or holds something else than numbers")
        data = tag[4 : 4 + size] if inline else self.read(size)
        if not inline:
            self.read(-size % 8)
        return TYPES[kind], data

    def _piece(self, most: int) -> bytes:
        if self._unpacker is None:
            data = self._file.read(min(most, CHUNK, self._left))
            self._left -= len(data)
            return data
        while not self._unpacker.eof:
            packed = self._unpacker.unconsumed_tail
            if not packed:
                packed = self._file.read(min(CHUNK, self._left))
                self._left -= len(packed)
            data = self._unpacker.decompress(packed, min(most, CHUNK))
            if data or not packed:
                return data
        return b""


def _check_header(header: bytes) -> None:
    if header.lstrip()[:1] == b"<":
        raise _Fault("it is a web page")
    if len(header) < 128 or header[126:] != b"IM" or header[124:126] != b"\0\1":
        raise _Fault("it does not begin as a MAT file of level 5")


def _array(stream: _Stream, wanted: dict[str, int]) -> tuple[str, Array | None]:
    """The name of an array, and its values if it is one of those wanted."""
    _, flags = stream.element(8)
    _, sizes = stream.element(4 * 32)
    _, name = stream.element(64)
    called = name.decode("latin-1")
    if called not in wanted:
        return called, None
    shape = struct.unpack(f"<{len(sizes) // 4}i", sizes[: len(sizes) // 4 * 4])
    if len(flags) < 2 or flags[0] not in NUMBERS or flags[1] & COMPLEX:
        raise _Fault(f"its {called} is no array of real numbers")
    if len(shape) != wanted[called] or min(shape) < 1:
        raise _Fault(f"its {called} is of {' x '.join(map(str, shape))}, not in {wanted[called]} dimensions")
    count = math.prod(shape)
    if count > LIMIT:
        raise _Fault(f"its {called} declares {count:,} numbers, more than there can be")
    kind, data = stream.element(min(8 * count, LIMIT))
    if len(data) != count * np.dtype(kind).itemsize:
        raise _Fault(f"its {called} holds {len(data):,} bytes, which do not make {' x '.join(map(str, shape))} numbers")
    return called, np.frombuffer(data, dtype=kind).reshape(shape[::-1])
