"""Single files out of an archive, into memory: nothing is ever unpacked to where the archive says.

Members are found by the names that we expect; paths, links, lying sizes and endless lists in it come to nothing.
"""

from __future__ import annotations

import gzip
import io
import os
import struct
import tarfile
import zipfile
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from models.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import IO

MOST_MEMBERS = 1000
LIMIT = 230_000_000  # bytes that a tar may unpack to: a quarter more than the largest that we know
DIRECTORY_LIMIT = 2**20  # bytes of a zip's table of contents
MEND = "Fetch the file again, or take it away so that it is downloaded."


def from_tar(path: Path, names: Sequence[str], most: int) -> dict[str, bytes]:
    """The content of the files with these names in a .tar.gz, at most `most` bytes each. Raises UserError."""
    found: dict[str, bytes] = {}
    with _refused(path), path.open("rb") as file:
        stream = _Bounded(gzip.GzipFile(fileobj=file), LIMIT)
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for count, member in enumerate(archive):
                if count >= MOST_MEMBERS:
                    raise _Fault(f"it holds more than {MOST_MEMBERS:,} files")
                name = PurePosixPath(member.name).name
                if name in names and name not in found and member.isreg():
                    content = archive.extractfile(member)
                    assert content is not None
                    found[name] = _whole(content, name, member.size, most)
        while stream.read(2**16):  # to its end, where the checksum is
            pass
    return _all(path, names, found)


def from_zip(path: Path, names: Sequence[str], most: int) -> dict[str, bytes]:
    """The content of the files with these names in a .zip, at most `most` bytes each. Raises UserError."""
    found: dict[str, bytes] = {}
    with _refused(path), path.open("rb") as file:
        _check_directory(file)
        with zipfile.ZipFile(file) as archive:
            for member in archive.infolist():
                name = PurePosixPath(member.filename).name
                if name in names and name not in found:
                    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or member.flag_bits & 1:
                        raise _Fault(f"{name} in it is packed in an unusual way, or with a password")
                    with archive.open(member) as content:
                        found[name] = _whole(content, name, member.file_size, most)
    return _all(path, names, found)


class _Fault(Exception):
    """What is wrong with the archive, in words."""


class _Bounded(io.RawIOBase):
    """A stream that ends in a fault when more is read from it than there can be."""

    def __init__(self, stream: gzip.GzipFile, most: int) -> None:
        self._stream = stream
        self._left = most

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes; tarfile asks for small blocks."""
        data = self._stream.read(min(size, self._left + 1) if size >= 0 else self._left + 1)
        self._left -= len(data)
        if self._left < 0:
            raise _Fault("it unpacks to far more than it should")
        return data


def _whole(content: IO[bytes], name: str, size: int, most: int) -> bytes:
    """The content of one member, whose declared size is checked before memory is taken."""
    if size > most:
        raise _Fault(f"{name} in it declares {size:,} bytes, more than the {most:,} there can be")
    data = content.read(size)
    if len(data) < size:
        raise _Fault(f"{name} in it ends early, after {len(data):,} of {size:,} bytes")
    return data


def _check_directory(file: IO[bytes]) -> None:
    """Bound a zip's table of contents, of which its reader would otherwise make as many objects as it claims."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 2**16 - 42))  # the end record of 22 bytes, a remark, and the locator of a larger one
    tail = file.read()
    file.seek(0)
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) < at + 22:
        raise _Fault("it is no zip file, or ends early")
    members, directory = struct.unpack_from("<HI", tail, at + 10)
    if members > MOST_MEMBERS or directory > DIRECTORY_LIMIT or b"PK\6\7" in tail[max(0, at - 20) : at]:
        raise _Fault(f"it lists more than {MOST_MEMBERS:,} files")


@contextmanager
def _refused(path: Path) -> Iterator[None]:
    """Turn whatever damage does to the readers of archives into a UserError."""
    try:
        yield
    except UserError:
        raise
    except _Fault as fault:
        raise UserError(f"This archive cannot be used: {fault}.", path=path, mend=MEND) from None
    except Exception as error:  # the readers raise nearly every type there is on damaged files
        reason = f"it is damaged or ends early ({str(error) or type(error).__name__})"
        if isinstance(error, OSError) and error.strerror:
            reason = error.strerror
        raise UserError(f"This archive cannot be used: {reason}.", path=path, mend=MEND) from error


def _all(path: Path, names: Sequence[str], found: dict[str, bytes]) -> dict[str, bytes]:
    lacking = [name for name in names if name not in found]
    if lacking:
        raise UserError(f"This archive holds no {' and no '.join(lacking)}.", path=path, mend=MEND)
    return found
