"""A strict reader of NumPy's files: a header is checked against what the file can hold before memory is taken.

The format: a magic string, a version, the length of the header, a header that tells type, order and shape, then the
data (NumPy enhancement proposal 1, numpy.lib.format). A `.npz` is a zip archive of such files. Only plain numbers and
text are read, and only members that are asked for; nothing is ever extracted.
"""

from __future__ import annotations

import io
import math
import os
import re
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from models.datasets.room import fits
from models.errors import printable
from models.wording import counted

if TYPE_CHECKING:
    from io import BufferedReader

    from numpy.typing import NDArray

MAGIC = b"\x93NUMPY"
PIECE = 2**20  # bytes read in one go
HEADER_LIMIT = 10_000  # bytes; NumPy's own are some hundred
DIRECTORY_LIMIT = 2**20  # bytes of an archive's table of contents: some ten thousand members
DEFLATE_LIMIT = 1032  # deflate never packs tighter than this
PLAIN = "biufSU"  # kinds of numbers and text; all others hold more than they show
TYPE = re.compile(r"['\"]descr['\"]\s*:\s*['\"]([<>|=]?[a-zA-Z]\d{0,9})['\"]")
ORDER = re.compile(r"['\"]fortran_order['\"]\s*:\s*(True|False)")
SHAPE = re.compile(r"['\"]shape['\"]\s*:\s*\(([\d\s,]{0,200})\)")
DIGITS = 18  # of a side at most, so that it is an int64


class Fault(Exception):
    """What is wrong with the content, in words, and what to do about it."""

    def __init__(self, what: str, mend: str = "") -> None:
        self.mend = mend
        super().__init__(what)


class Stored(Protocol):
    """Pictures as they were stored, [n, ...] of any numbers, of which one takes what one needs."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of pictures, and the shape of each."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the numbers."""

    def __getitem__(self, wanted: slice | NDArray[np.int64]) -> NDArray[Any]:
        """The pictures at these places."""


@dataclass(frozen=True)
class Header:
    """What a NumPy file declares, and how many bytes that took."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    fortran: bool
    length: int

    @property
    def nbytes(self) -> int:
        """How many bytes of data must follow."""
        return math.prod(self.shape) * self.dtype.itemsize


class Rows:
    """An array that stays in its file: each access reads its rows, so that nothing breaks if the file shrinks."""

    def __init__(self, file: BufferedReader, header: Header) -> None:
        self.shape, self.dtype = header.shape, header.dtype
        self._file = file
        self._start = header.length
        self._size = math.prod(self.shape[1:]) * self.dtype.itemsize

    def __getitem__(self, wanted: slice | NDArray[np.int64]) -> NDArray[Any]:
        """Rows by a slice without steps, or one by one."""
        if isinstance(wanted, slice):
            first, last, _ = wanted.indices(self.shape[0])
            return self._read(first, last - first)
        return np.concatenate([self._read(int(place), 1) for place in wanted])

    def _read(self, first: int, count: int) -> NDArray[Any]:
        self._file.seek(self._start + first * self._size)
        return _filled(self._file, self.dtype, (count, *self.shape[1:]))


def read_npy(file: BufferedReader) -> Stored:
    """The array of a `.npy` file; one that is large stays there, so `file` must stay open. Raises Fault."""
    file.seek(0)
    header = _header(file)
    _expect(header, os.fstat(file.fileno()).st_size)
    if fits(header.nbytes):
        return _content(file, header)
    if header.fortran:
        raise Fault("it is large and lies in Fortran order", "Save it again after numpy.ascontiguousarray.")
    return Rows(file, header)


class Archive:
    """A `.npz` file: its members are named by `keys` and read one by one."""

    def __init__(self, file: BufferedReader) -> None:
        file.seek(0)
        self._size = os.fstat(file.fileno()).st_size
        bounded = _Bounded(file)
        try:
            self._zip = zipfile.ZipFile(bounded)
        except Fault:
            raise
        except Exception as error:  # the table of contents of a damaged archive ends in nearly every type there is
            raise Fault(f"its table of contents is damaged ({_words(error)})") from error
        bounded.most = None
        self._members = {name[:-4]: name for name in self._zip.namelist() if name.endswith(".npy")}

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of the arrays."""
        return tuple(self._members)

    def read(self, key: str) -> NDArray[Any]:
        """The array of that name. Raises Fault."""
        info = self._zip.getinfo(self._members[key])
        packing = {zipfile.ZIP_STORED: 1, zipfile.ZIP_DEFLATED: DEFLATE_LIMIT}.get(info.compress_type)
        if packing is None or info.flag_bits & 1:
            raise Fault(f"its array {printable(key)} is packed in a way that NumPy does not use")
        if info.file_size > packing * min(info.compress_size, self._size):
            raise Fault(f"its array {printable(key)} declares {counted(info.file_size, 'byte')}, more than it can hold")
        if not fits(info.file_size):
            what = f"its array {printable(key)} has {info.file_size / 2**30:.1f} GB, too much for this machine's memory"
            raise Fault(what, "Save it as a .npy file, which is read piece by piece.")
        try:
            with self._zip.open(info) as stream:
                header = _header(stream)
                _expect(header, info.file_size)
                array = _content(stream, header)  # at its end the checksum is compared
        except Fault as fault:
            raise Fault(f"its array {printable(key)}: {fault}", fault.mend) from fault
        except Exception as error:  # as above
            raise Fault(f"its array {printable(key)} is damaged ({_words(error)})") from error
        return array


class _Bounded(io.RawIOBase):
    """A file for zipfile, which reads the whole table of contents at once, however large it says that it is."""

    def __init__(self, file: BufferedReader) -> None:
        self.most: int | None = DIRECTORY_LIMIT
        self._file = file

    def seekable(self) -> bool:
        return True

    def seek(self, place: int, whence: int = 0) -> int:
        return self._file.seek(place, whence)

    def tell(self) -> int:
        return self._file.tell()

    def read(self, count: int = -1) -> bytes:
        if self.most is not None and count > self.most:
            raise Fault("its table of contents is larger than that of any file of arrays")
        return self._file.read(count)


def _header(stream: Any) -> Header:
    """What is declared, from the beginning of a stream. Raises Fault."""
    begin = stream.read(8)
    if len(begin) < 8 or not begin.startswith(MAGIC) or begin[6] not in (1, 2, 3):
        raise Fault("it does not begin as an array does" if begin else "it is empty")
    width = 2 if begin[6] == 1 else 4
    length = int.from_bytes(stream.read(width), "little")
    if length > HEADER_LIMIT:
        raise Fault(f"its header claims {counted(length, 'byte')}, which none has")
    words = stream.read(length)
    if len(words) < length:
        raise Fault("it ends within its header")
    text = words.decode("latin-1")
    kind, order, shape = TYPE.search(text), ORDER.search(text), SHAPE.search(text)
    sides = [side.strip() for side in shape[1].removesuffix(",").split(",")] if shape and shape[1].strip() else []
    if not (kind and order and shape) or not all(side.isdecimal() and len(side) <= DIGITS for side in sides):
        raise Fault("its header does not tell one type, order and shape")
    return Header(_type(kind[1]), tuple(map(int, sides)), order[1] == "True", 8 + width + length)


def _type(name: str) -> np.dtype[Any]:
    if name.lstrip("<>|=")[0] not in PLAIN:
        what = "Python objects" if "O" in name else f"values of the type {name}"
        raise Fault(f"it holds {what} instead of plain numbers", "Save it again as numbers, such as uint8.")
    try:
        return np.dtype(name)
    except (TypeError, ValueError):
        raise Fault(f"it holds values of the type {name}, which does not exist") from None


def _expect(header: Header, size: int) -> None:
    """Refuse a file of `size` bytes that has less or more data than it declares."""
    there = size - header.length
    shape = " x ".join(map(str, header.shape))
    if not header.nbytes:
        raise Fault(f"it declares nothing ({shape or 'a single'} of {header.dtype})")
    if there < header.nbytes:
        raise Fault(
            f"it ends early: {shape} {header.dtype} take {counted(header.nbytes, 'byte')}, of which it has {there:,}"
        )
    if there > header.nbytes:
        raise Fault(f"it goes on after the {counted(header.nbytes, 'byte')} that it declares")


def _content(stream: Any, header: Header) -> NDArray[Any]:
    """The whole array behind its header."""
    shape = header.shape[::-1] if header.fortran else header.shape
    array = _filled(stream, header.dtype, shape)
    return array.T if header.fortran else array


def _filled(stream: Any, dtype: np.dtype[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """An array of that shape with the next bytes of a stream."""
    raw = np.empty(math.prod(shape) * dtype.itemsize, np.uint8)
    filled = 0
    while filled < raw.size:
        count = stream.readinto(raw.data[filled : filled + PIECE])
        if not count:
            raise Fault(f"it ends early, after {filled:,} of {counted(raw.size, 'byte')}")
        filled += count
    return raw.view(dtype).reshape(shape)


def _words(error: Exception) -> str:
    """What a library said, or the name of its error."""
    return printable(str(error).splitlines()[0][:100] if str(error) else type(error).__name__)
