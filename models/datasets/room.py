"""Room for pictures as they come: in memory, or in a nameless file where they would fill too much of it."""

from __future__ import annotations

import math
import tempfile
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import torch

from models import atomic, device
from models.datasets.cache import cache_root

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

SHARE = 0.25  # of the machine's memory that pictures may fill while they are gathered


def fits(size: int) -> bool:
    """Whether so many bytes may lie in memory."""
    return size <= SHARE * device.memory(torch.device("cpu"))


class Room:
    """Room for at most so many pictures [channels, height, width] of one `kind`, filled from the first on."""

    def __init__(self, most: int, shape: tuple[int, ...], kind: DTypeLike = np.uint8) -> None:
        self.count = 0
        self._shape = shape
        self._kind = np.dtype(kind)
        self._file: BinaryIO | None = None
        self._pictures = np.empty((0, *shape), kind)
        wanted = most * math.prod(shape) * self._kind.itemsize
        if fits(wanted):
            self._pictures = np.empty((most, *shape), kind)
            return
        with atomic.explained(cache_root(), wanted):
            cache_root().mkdir(parents=True, exist_ok=True)
            self._file = tempfile.TemporaryFile(dir=cache_root())

    def __enter__(self) -> Room:
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file; what was mapped of it stays until it is forgotten."""
        if self._file is not None:
            self._file.close()

    def add(self, pictures: NDArray[Any]) -> None:
        """Put pictures [k, channels, height, width] behind those that are there. UserError if the disk is full."""
        if self._file is None:
            self._pictures[self.count : self.count + len(pictures)] = pictures
        else:
            with atomic.explained(cache_root(), pictures.nbytes):
                self._file.write(np.ascontiguousarray(pictures).data)
        self.count += len(pictures)

    def filled(self) -> NDArray[Any]:
        """All pictures that were added [count, channels, height, width]; from disk they are mapped."""
        if self._file is None or not self.count:
            return self._pictures[: self.count]
        with atomic.explained(cache_root()):
            self._file.flush()
            return np.memmap(self._file, self._kind, "r", shape=(self.count, *self._shape))
