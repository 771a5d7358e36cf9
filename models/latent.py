"""Pure maths on codes: ways between two of them, their ranges, neighbours, grids, and a normal fitted to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from models.events import Codes, Points

    Code = NDArray[np.float32]  # [latent_dim]
    Bounds = tuple[float, float, float, float]  # left, bottom, right, top

NEARLY_PARALLEL = 1e-4  # sine of the angle below which an arc is a straight line
CACHED = 65_536  # numbers worked on at a time


def lerp(start: Code, end: Code, where: ArrayLike) -> Codes:
    """The straight way: code [d] at a number `where`, codes [n, d] at many; 0 is `start`, 1 is `end`."""
    share = np.asarray(where, dtype=np.float64)[..., None]
    return np.asarray((1 - share) * start + share * end, dtype=np.float32)


def slerp(start: Code, end: Code, where: ArrayLike) -> Codes:
    """The way along an arc around the origin, which keeps to where a normal prior has its mass (White 2016).

    Shapes as in `lerp`, which is taken where there is no arc: a code of zeros, or two on one line with the origin.
    """
    lengths = np.linalg.norm(start.astype(np.float64)) * np.linalg.norm(end.astype(np.float64))
    if lengths == 0:
        return lerp(start, end, where)
    angle = np.arccos(np.clip(np.dot(start.astype(np.float64), end) / lengths, -1, 1))
    if np.sin(angle) < NEARLY_PARALLEL:
        return lerp(start, end, where)
    share = np.asarray(where, dtype=np.float64)[..., None]
    arc = np.sin((1 - share) * angle) * start + np.sin(share * angle) * end
    return np.asarray(arc / np.sin(angle), dtype=np.float32)


def quantile_ranges(codes: Codes, low: float = 0.005, high: float = 0.995) -> NDArray[np.float32]:
    """Where each dimension of codes [n, d] lives: [d, 2] from a low to a high quantile, a tenth wider on each side.

    A dimension that hardly moves gets a range of 1 on each side, so that its slider does something.
    """
    ranges = np.quantile(codes.astype(np.float64), [low, high], axis=0).T  # [d, 2]
    width = ranges[:, 1] - ranges[:, 0]
    still = width < 1e-6 * np.maximum(1.0, np.abs(ranges).max(axis=1))
    pad = np.where(still, 1.0, 0.1 * width)
    return np.asarray(ranges + pad[:, None] * [-1, 1], dtype=np.float32)


class Nearest(NamedTuple):
    """Which codes lie nearest, and how far away, nearest first."""

    indices: NDArray[np.int64]
    distances: NDArray[np.float32]  # Euclidean


def nearest(codes: Codes, code: Code, count: int) -> Nearest:
    """The `count` codes of [n, d] nearest to `code` [d]; of equals those that come first."""
    squares = _squares(codes, code)
    count = min(count, len(codes))
    found = np.flatnonzero(squares <= np.partition(squares, count - 1)[count - 1]) if count else np.empty(0, np.intp)
    found = found[np.argsort(squares[found], kind="stable")][:count]
    distances = np.linalg.norm(codes[found].astype(np.float64) - code, axis=1)
    return Nearest(found.astype(np.int64), distances.astype(np.float32))


def _squares(codes: Codes, code: Code) -> NDArray[np.float32]:
    """Squared distances [n], a few codes at a time: their differences stay in the processor's cache."""
    squares = np.empty(len(codes), np.float32)
    rows = max(1, CACHED // codes.shape[1])
    for first in range(0, len(codes), rows):
        apart = codes[first : first + rows] - code
        np.einsum("nd,nd->n", apart, apart, out=squares[first : first + rows])
    return squares


def plane_grid(bounds: Bounds, columns: int, rows: int) -> Points:
    """Centres [rows * columns, 2] of equal cells over (left, bottom, right, top), row by row from the top left."""
    left, bottom, right, top = bounds
    across = left + (np.arange(columns) + 0.5) * (right - left) / columns
    down = top - (np.arange(rows) + 0.5) * (top - bottom) / rows
    return np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 2).astype(np.float32)


def crossed(rows: Codes, columns: Codes) -> tuple[Codes, Codes]:
    """The pairs of codes of a sheet that crosses every row [r, d] with every column [c, d]: two times [n, d].

    First the columns, each with itself, then row by row the row with itself and with every column. With an empty
    place before them all they fill r + 1 rows of c + 1 places.
    """
    coarse, fine = [columns], [columns]
    for row in rows:
        coarse.append(np.repeat(row[None], len(columns) + 1, axis=0))
        fine.append(np.concatenate([row[None], columns]))
    return np.concatenate(coarse), np.concatenate(fine)


def bounds_of(points: Points) -> Bounds:
    """Left, bottom, right and top of where points [n, 2] live: their padded quantiles."""
    (left, right), (bottom, top) = quantile_ranges(points).tolist()
    return left, bottom, right, top


@dataclass(frozen=True)
class Normal:
    """A normal distribution of codes: `mean` [d], and `factor` [d, d] with covariance = factor @ factor.T."""

    mean: NDArray[np.float64]
    factor: NDArray[np.float64]

    def draw(self, count: int, random: np.random.Generator) -> Codes:
        """Codes [count, d]."""
        noise = random.standard_normal((count, len(self.mean)))
        return np.asarray(noise @ self.factor.T + self.mean, dtype=np.float32)


def fit_normal(codes: Codes) -> Normal:
    """The normal with the mean and covariance of codes [n, d]: a stand-in for families without a prior."""
    mean = codes.mean(axis=0, dtype=np.float64)
    variances, directions = np.linalg.eigh(
        np.cov(codes - mean, rowvar=False, bias=True, dtype=np.float64).reshape(len(mean), -1)
    )
    return Normal(mean, directions * np.sqrt(np.maximum(variances, 0)))
