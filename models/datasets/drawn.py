"""Pictures that a source draws itself: in memory or, where they are too many, on the disk; kept for the next time."""

from __future__ import annotations

import math
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from models.datasets import cache
from models.datasets.room import Room
from models.errors import Stopped
from models.pacing import Headway

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from numpy.typing import NDArray
    from torch import Tensor

    from models.events import Event
    from models.job import Control

    Parts = Mapping[str, NDArray[Any]]
    Append = Callable[[str, NDArray[np.uint8]], object]

IN_MEMORY = 2**28  # bytes; more than these are drawn onto the disk


@dataclass(frozen=True)
class Drawing:
    """How pictures uint8 [n, *shape] are drawn: `draw` makes one of each row, of at most `chunk` rows at a time.

    `what` names them for people, `key` for the cache; `keep_few` keeps there also those that memory has room for.
    """

    what: str
    key: str
    shape: tuple[int, int, int]
    chunk: int
    draw: Callable[[NDArray[Any]], NDArray[np.uint8]]
    keep_few: bool

    def of(self, parts: Parts, control: Control) -> Generator[Event, None, dict[str, Tensor]]:
        """The pictures of each part's rows, drawn now or found where they were kept. Raises UserError and Stopped."""
        shapes = {name: (len(rows), *self.shape) for name, rows in parts.items()}
        few = sum(map(math.prod, shapes.values())) <= IN_MEMORY
        found = cache.kept(self.key) if self.keep_few or not few else None
        if found is None and few:
            with ExitStack() as held:
                rooms = {name: held.enter_context(Room(len(rows), self.shape)) for name, rows in parts.items()}
                yield from self._draw(parts, control, lambda name, pictures: rooms[name].add(pictures))
                found = {name: room.filled() for name, room in rooms.items()}
            if self.keep_few:
                found = cache.keep(self.key, found)
        elif found is None:
            with cache.growing(self.key, {name: (shape, np.uint8) for name, shape in shapes.items()}) as append:
                yield from self._draw(parts, control, append)
            found = cache.grown(self.key)
        return {name: cache.tensor_of(array) for name, array in found.items()}

    def _draw(self, parts: Parts, control: Control, append: Append) -> Generator[Event, None, None]:
        """Draw all pictures and hand them on, telling how far it is. Raises Stopped."""
        headway, done = Headway(f"Drawing {self.what}", sum(map(len, parts.values()))), 0
        for name, rows in parts.items():
            for first in range(0, len(rows), self.chunk):
                if control.stopping:
                    raise Stopped
                pictures = self.draw(rows[first : first + self.chunk])
                append(name, pictures)
                done += len(pictures)
                yield from headway.at(done)
