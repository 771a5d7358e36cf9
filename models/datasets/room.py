"""Room for pictures as they come: in memory, or in a nameless file where they would fill too much of it."""

from __future__ import annotations

import math
import tempfile
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
import torch

from models import atomic, device
from models.datasets.cache import cache_root

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHARE = 0.25  # of the machine's memory that pictures may fill while they are gathered


def fits(size: int) -> bool:
    """Whether so many bytes may lie in memory."""
    return size <= SHARE * device.memory(torch.device("cpu"))


class Room:
    """Room for at most so many pictures uint8 [channels, height, width], filled from the first on."""

    def __init__(self, most: int, shape: tuple[int, ...]) -> None:
        self.count = 0
        self._shape = shape
        self._file: BinaryIO | None = None
        self._pictures = np.empty((0, *shape), np.uint8)
        if fits(most * math.prod(shape)):
            self._pictures = np.empty((most, *shape), np.uint8)
            return
        with atomic.explained(cache_root(), most * math.prod(shape)):
            cache_root().mkdir(parents=True, exist_ok=True)
            self._file = tempfile.TemporaryFile(dir=cache_root())

    def __enter__(self) -> Room:
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file; what was mapped of it stays until it is forgotten."""
        if self._file is not None:
            self._file.close()

    def add(self, pictures: NDArray[np.uint8]) -> None:
        """Put pictures [k, channels, height, width] behind those that are there. UserError if the disk is full."""
        if self._file is None:
            self._pictures[self.count : self.count + len(pictures)] = pictures
        else:
            with atomic.explained(cache_root(), pictures.nbytes):
                self._file.write(np.ascontiguousarray(pictures).data)
        self.count += len(pictures)

    def filled(self) -> NDArray[np.uint8]:
        """All pictures that were added [count, channels, height, width]; from disk they are mapped."""
        if self._file is None or not self.count:
            return self._pictures[: self.count]
        with atomic.explained(cache_root()):
            self._file.flush()
            return np.memmap(self._file, np.uint8, "r", shape=(self.count, *self._shape))
