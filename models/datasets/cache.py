"""Arrays that were dear to make, kept on disk by a key and mapped into memory when they are wanted again.

A key names all that decided the content. What is damaged or was never finished counts as not there, and the entries
longest unused go when the whole grows beyond its limit.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
import os
import shutil
import uuid
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import numpy as np
import torch

from models import atomic
from models.errors import UserError
from models.runs import runs_root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from numpy.typing import DTypeLike, NDArray
    from torch import Tensor

    Arrays = Mapping[str, NDArray[np.generic]]

LIMIT = 20 * 2**30  # bytes that all entries together may take


def cache_root() -> Path:
    """The folder of all entries, beside the runs."""
    return runs_root().parent / "cache"


def digest_of(*parts: object) -> str:
    """A key for content that is decided by `parts`, whose `repr` tells all of them."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def kept(key: str) -> dict[str, NDArray[np.generic]] | None:
    """The arrays of an entry by name, read-only and mapped from disk; None if there is no whole entry."""
    folder = cache_root() / key
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".npy"))
        found = {name[:-4]: np.load(folder / name, mmap_mode="r", allow_pickle=False) for name in names}
        os.utime(folder)
    except (OSError, ValueError, EOFError):  # whatever is wrong with it, it can be made anew
        return None
    return found or None


def grown(key: str) -> dict[str, NDArray[np.generic]]:
    """The arrays of an entry that was written just now with `growing`. Raises UserError."""
    found = kept(key)
    if found is None:
        what = "The pictures that were drawn cannot be read again."
        raise UserError(what, path=cache_root() / key, mend="Try again.")
    return found


def tensor_of(array: NDArray[np.generic]) -> Tensor:
    """A tensor on the same memory, mapped or not; nobody may write into it, as torch knows no read-only tensors."""
    return torch.from_numpy(array if array.flags.writeable else np.asarray(_Lent(array)))


class _Lent:
    """Lends read-only memory to torch, which warns where NumPy says so; whoever writes into it ends the program."""

    def __init__(self, array: NDArray[np.generic]) -> None:
        self._array = array  # stays alive as long as what was made from it
        told = array.__array_interface__
        self.__array_interface__ = {**told, "data": (told["data"][0], False)}


def keep(key: str, arrays: Arrays) -> dict[str, NDArray[np.generic]]:
    """Write an entry, and return it as `kept` would; the arrays themselves where the disk has no room for them."""
    try:
        with _entry(key, sum(array.nbytes for array in arrays.values())) as place:
            for name, array in arrays.items():
                np.save(place / f"{name}.npy", array, allow_pickle=False)
    except (OSError, UserError):  # a cache that cannot be written costs time, nothing else
        return dict(arrays)
    return kept(key) or dict(arrays)


def forget(key: str) -> None:
    """Take away an entry that holds something else than its maker expects."""
    shutil.rmtree(cache_root() / key, ignore_errors=True)


@contextmanager
def growing(
    key: str, plan: Mapping[str, tuple[tuple[int, ...], DTypeLike]]
) -> Iterator[Callable[[str, NDArray[np.generic]], None]]:
    """Write an entry that is larger than memory should be: gives a function that appends rows to an array by name.

    `plan` tells the shape and type of every whole array. What was appended is on the disk at once, so that the end
    takes no longer than a part. Raises UserError where the disk has no room.
    """
    wanted = sum(math.prod(shape) * np.dtype(kind).itemsize for shape, kind in plan.values())
    with _entry(key, wanted) as place, ExitStack() as stack:
        files = {name: stack.enter_context((place / f"{name}.npy").open("wb")) for name in plan}
        for name, (shape, kind) in plan.items():
            told = {"descr": np.lib.format.dtype_to_descr(np.dtype(kind)), "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(files[name], told)

        def append(name: str, rows: NDArray[np.generic]) -> None:
            files[name].write(np.ascontiguousarray(rows, plan[name][1]).data)
            files[name].flush()
            os.fsync(files[name].fileno())

        yield append


@contextmanager
def _entry(key: str, wanted: int) -> Iterator[Path]:
    """Give a folder to fill with `wanted` bytes, which becomes the entry unless somebody else's was sooner. UserError.

    Others may be making the same entry, so each works in a folder of their own.
    """
    folder = cache_root() / key
    own = folder.with_name(f"{key}-{uuid.uuid4().hex}")
    with atomic.explained(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        _make_room(wanted)
    with atomic.new_folder(own) as place:
        yield place
    if kept(key) is None:
        shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):  # of the same moment
            own.replace(folder)
    shutil.rmtree(own, ignore_errors=True)


def _make_room(wanted: int) -> None:
    """Remove the entries longest unused until `wanted` more bytes keep the limit."""
    root = cache_root()
    entries = sorted((entry for entry in root.iterdir() if entry.is_dir()), key=_used) if root.is_dir() else []
    held = {entry: sum(file.stat().st_size for file in entry.iterdir() if file.is_file()) for entry in entries}
    excess = sum(held.values()) + wanted - LIMIT
    for entry in entries:
        if excess <= 0:
            return
        shutil.rmtree(entry, ignore_errors=True)
        excess -= held[entry]


def _used(entry: Path) -> float:
    """When an entry was last wanted."""
    with contextlib.suppress(OSError):
        return entry.stat().st_mtime
    return 0.0
