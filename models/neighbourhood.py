"""Who lies nearest to whom: exact neighbours of many codes among many, a part at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.errors import Stopped
from models.latent import Nearest

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray

    from models.events import Codes
    from models.job import Control

AT_A_TIME = 2_000_000  # numbers held at a time
SPARE = 6  # candidates more than wanted, whose exact distances then decide


class Neighbourhood:
    """Codes [n, d] that are asked for the nearest to others; they are shifted to their middle, for exactness."""

    def __init__(self, codes: Codes) -> None:
        self._mean = codes.mean(axis=0, dtype=np.float64).astype(np.float32)
        self._codes = codes - self._mean
        self._squares = np.einsum("nd,nd->n", self._codes, self._codes)

    def __len__(self) -> int:
        return len(self._codes)

    def nearest(self, queries: Codes, count: int) -> Nearest:
        """The `count` codes nearest to each query [m, d]: indices and distances [m, count], nearest first."""
        rows = self._rows(count)
        parts = [self._part(queries[at : at + rows] - self._mean, count) for at in range(0, max(1, len(queries)), rows)]
        return Nearest(*(np.concatenate(side) for side in zip(*parts, strict=True)))

    def graph(self, count: int, control: Control) -> Generator[tuple[str, float, None], None, Nearest]:
        """The `count` nearest of every code, itself left out, telling what is done and its share. Raises Stopped."""
        rows, parts = self._rows(count + 1), []
        for at in range(0, len(self), rows):
            if control.stopping:
                raise Stopped
            part = slice(at, at + rows)
            found = self._part(self._codes[part], count + 1)
            parts.append(_without(found, np.arange(len(self))[part]))
            yield "Seeking neighbours", min(1.0, (at + rows) / len(self)), None
        return Nearest(*(np.concatenate(side) for side in zip(*parts, strict=True)))

    def _rows(self, count: int) -> int:
        widest = max(len(self), (count + SPARE) * self._codes.shape[1])
        return max(1, AT_A_TIME // int(widest))

    def _part(self, queries: Codes, count: int) -> Nearest:
        """A matrix product finds the candidates, their differences the distances: the product loses digits."""
        count = min(count, len(self))
        apart = self._squares - 2 * (queries @ self._codes.T)  # [m, n], without the part that is equal in a row
        wide = min(count + SPARE, len(self))
        near = np.argpartition(apart, wide - 1, axis=1)[:, :wide]
        away = self._codes[near] - queries[:, None]
        squares = np.einsum("mkd,mkd->mk", away, away)
        order = np.lexsort((near, squares), axis=1)[:, :count]
        indices = np.take_along_axis(near, order, axis=1).astype(np.int64)
        return Nearest(indices, np.sqrt(np.take_along_axis(squares, order, axis=1)))


def _without(found: Nearest, own: NDArray[np.intp]) -> Nearest:
    """Each row of `found` without its own index; without its last where many equal ones crowded it out."""
    keep = found.indices != own[:, None]
    keep[keep.all(axis=1), -1] = False
    shape = (len(own), found.indices.shape[1] - 1)
    return Nearest(found.indices[keep].reshape(shape), found.distances[keep].reshape(shape))
