"""Files and folders that are either whole or not there: written beside, fsynced, renamed; disk errors in words."""

from __future__ import annotations

import errno
import json
import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from models.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LEFTOVER = ".writing-"  # what stands under such a name was never finished
JSON_LIMIT = 8 * 2**20  # bytes; ours are some kilobytes
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)


def write(path: Path, data: bytes) -> None:
    """Replace the file `path` by `data` so that a reader, a kill or a power cut sees the old or the new. UserError."""
    beside = path.with_name(LEFTOVER + path.name)
    with explained(path, len(data)):
        try:
            with beside.open("wb") as file:
                file.write(data)
            sync(beside)
            beside.replace(path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
        sync(path.parent)


def write_json(path: Path, value: dict[str, Any]) -> None:
    """`write` for a JSON object, readable for people."""
    write(path, json.dumps(value, indent=2, ensure_ascii=False).encode("utf-8", "surrogatepass"))


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Give a folder to fill; when the block ends well, it appears as `path`, durable and whole. Raises UserError."""
    beside = path.with_name(LEFTOVER + path.name)
    with explained(path):
        if beside.exists():
            shutil.rmtree(beside)
        beside.mkdir()  # no parents: when the run's folder was taken away, none is half made in its place
        try:
            yield beside
            for file in beside.iterdir():
                sync(file)
            sync(beside)
            beside.rename(path)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)  # the next opening for writing tries again
            raise
        sync(path.parent)


def clean(folder: Path) -> None:
    """Remove what killed writes left in `folder`; only for whoever holds the folder's lock."""
    with explained(folder):
        for leftover in folder.glob(LEFTOVER + "*"):
            if leftover.is_dir() and not leftover.is_symlink():
                shutil.rmtree(leftover)
            else:
                leftover.unlink()


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in a file of bounded size; whoever wrote it. Raises UserError."""
    if not path.is_file():
        raise UserError("This file is missing or not a plain file.", path=path)
    with readable(path), path.open("rb") as file:
        data = file.read(JSON_LIMIT + 1)
    if len(data) > JSON_LIMIT:
        raise UserError(f"This file is larger than {JSON_LIMIT // 2**20} MB, which it never is.", path=path)
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UserError(f"This file is damaged: {_first_line(error)}.", path=path) from None
    if not isinstance(value, dict):
        raise UserError("This file is damaged: it holds no JSON object.", path=path)
    return value


@contextmanager
def explained(path: Path, needed: int = 0) -> Iterator[None]:
    """Turn the system's errors while writing `path` (`needed` bytes, if known) into a UserError with the free space."""
    try:
        yield
    except OSError as error:
        raise _explanation(error, path, needed) from error


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn the system's errors while reading `path` into a UserError."""
    try:
        yield
    except OSError as error:
        raise UserError(f"This file cannot be read: {error.strerror}.", path=path) from error


def _explanation(error: OSError, path: Path, needed: int) -> UserError:
    free = _free(path)
    size = f"{needed:,} bytes are needed and " if needed else ""
    if error.errno in FULL:
        what = f"The disk or your share of it is full: {size}{free:,} bytes are free."
        return UserError(what, mend="Free some space, or choose another folder.", path=path)
    if error.errno in READ_ONLY:
        what = f"This place cannot be written to ({error.strerror}; {free:,} bytes are free)."
        return UserError(what, mend="Allow writing there, or choose another folder.", path=path)
    if error.errno == errno.ENOENT:
        return UserError("The folder for it is not there.", mend="Make that folder, or choose another.", path=path)
    what = f"Writing failed: {error.strerror or error} ({free:,} bytes are free)."
    return UserError(what, mend="Choose another folder.", path=path)


def _free(path: Path) -> int:
    """Bytes free on the volume of the nearest folder that exists."""
    for folder in path.absolute().parents:
        if folder.is_dir():
            return shutil.disk_usage(folder).free
    return 0


def sync(path: Path) -> None:
    """Have the system write a file or a folder's entries to the disk before going on."""
    if os.name == "nt":
        if path.is_dir():
            return  # Windows has no handle for it, and makes renames durable itself
        with path.open("r+b") as file:
            os.fsync(file.fileno())
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
