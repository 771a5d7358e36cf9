"""Points laid by their neighbours: no formula leads from a code to its place, so both ways mix the nearest ones."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from models.neighbourhood import Neighbourhood

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.events import Codes, Points

MIXED = 8  # neighbours that have a say


@dataclass(frozen=True, eq=False)
class Ground:
    """Where points [n, 2] were laid."""

    points: Points

    @cached_property
    def tree(self) -> Any:
        """Finds the nearest of them in a moment."""
        from scipy.spatial import cKDTree

        return cKDTree(self.points.astype(np.float64))


@dataclass(frozen=True, eq=False)
class Layout:
    """Codes [n, d] as they are now, and the ground on which they were laid at training step `step`.

    Ways between them weigh the nearest ones by their closeness, as Franke and Nielson (1980) mended Shepard's (1968)
    weights: one who is met exactly decides alone, and the farthest has lost its say when another takes its place, so
    that there and back nothing jumps.
    """

    codes: Codes
    ground: Ground
    step: int

    @cached_property
    def _neighbourhood(self) -> Neighbourhood:
        return Neighbourhood(self.codes)

    def places(self, codes: Codes) -> Points:
        """The points [m, 2] of other codes [m, d]."""
        found = self._neighbourhood.nearest(codes, min(MIXED + 1, len(self.codes)))
        return _mixed(found.indices, found.distances, self.ground.points)

    def codes_at(self, points: Points) -> Codes:
        """The codes [m, d] of other points [m, 2]."""
        count = min(MIXED + 1, len(self.codes))
        distances, indices = self.ground.tree.query(points.astype(np.float64), count)
        shape = (len(points), count)
        return _mixed(indices.reshape(shape), distances.reshape(shape), self.codes)


def _mixed(indices: NDArray[np.int64], distances: NDArray[Any], values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows of `values`, mixed [m, ...] by how near they are; the last of each row of neighbours has no say."""
    from scipy.sparse import csr_array

    reach = np.maximum(distances[:, -1:], np.finfo(np.float32).tiny)
    share = np.maximum(distances / reach, 1e-6)
    weights = np.square((1 - share) / share)
    weights[weights.sum(axis=1) == 0] = 1.0  # all are equally near, or there is only one
    weights /= weights.sum(axis=1, keepdims=True)
    rows, count = indices.shape
    starts = np.arange(0, rows * count + 1, count)
    mixing = csr_array((weights.ravel(), indices.ravel(), starts), shape=(rows, len(values)))
    return np.asarray(mixing @ values, np.float32)
