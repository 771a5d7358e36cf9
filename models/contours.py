"""Where points of the map lie densely: a smooth density on a grid, and the lines on which it is equal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.events import Points
    from models.latent import Bounds

    Density = NDArray[np.float64]  # [rows, columns], rows upwards

SIDE = 96  # cells along the longer side of a grid
SHARES = (0.2, 0.4, 0.6, 0.8, 0.95)  # of the points that lie within each line
FEW_SHARES = (0.3, 0.6, 0.9)  # the same where many clouds have lines
SOME = 8_000  # points that suffice to know how densely all lie
LEAST = 5  # points that have a density worth drawing


def contours(points: Points, bounds: Bounds, shares: tuple[float, ...] = SHARES) -> list[list[Points]]:
    """Lines [k, 2] of equal density of points [n, 2], those of each share in a list of their own, innermost first.

    A line encloses that share of all points (a highest density region, Hyndman 1996). Empty for fewer than five
    points, for identical ones, and for those that are not numbers; what lies outside `bounds` is passed over.
    """
    import contourpy

    points = points[:: len(points) // SOME + 1]
    points = points[np.isfinite(points).all(axis=1)]
    left, bottom, right, top = bounds
    if len(points) < LEAST or not (right > left and top > bottom) or not np.ptp(points, axis=0).any():
        return []
    grid, (x0, y0, x1, y1) = density(points, bounds)
    across, up = np.linspace(x0, x1, grid.shape[1]), np.linspace(y0, y1, grid.shape[0])
    lines = contourpy.contour_generator(across, up, grid)
    return [[np.asarray(line, np.float32) for line in lines.lines(level)] for level in levels(grid, shares)]


def density(points: Points, bounds: Bounds) -> tuple[Density, Bounds]:
    """The kernel density of points [n, 2] on a grid over `bounds` with a margin, and where its outer nodes lie.

    Points are shared among the four nodes around them, then smoothed by a round normal kernel whose width is that of
    Scott's rule (1992), taken of the middle half so that a few stray points do not blur the rest.
    """
    width = _width(points, bounds)
    left, bottom = np.array(bounds[:2]) - 3 * width
    right, top = np.array(bounds[2:]) + 3 * width
    longer = max(right - left, top - bottom)
    columns, rows = (max(8, round(SIDE * length / longer)) for length in (right - left, top - bottom))
    places = (points - [left, bottom]) / [right - left, top - bottom] * [columns - 1, rows - 1]
    counts = _counted(places, columns, rows)
    across = _kernel(columns, width / (right - left) * (columns - 1))
    up = _kernel(rows, width / (top - bottom) * (rows - 1))
    return up @ counts @ across.T, (float(left), float(bottom), float(right), float(top))


def levels(grid: Density, shares: tuple[float, ...]) -> list[float]:
    """The densities above which each share of the whole lies, without repeats."""
    heights = np.sort(grid, axis=None)[::-1]
    mass = np.cumsum(heights)
    found = [float(heights[min(np.searchsorted(mass, share * mass[-1]), len(heights) - 1)]) for share in shares]
    return list(dict.fromkeys(found))


def _width(points: Points, bounds: Bounds) -> float:
    """The standard deviation of the kernel; never so narrow that the grid would not see it."""
    low, high = np.quantile(points, [0.25, 0.75], axis=0)
    spread = np.minimum(points.std(axis=0), (high - low) / 1.349)
    finest = 1.5 * max(bounds[2] - bounds[0], bounds[3] - bounds[1]) / SIDE
    return max(float(np.sqrt(spread.prod()) * len(points) ** (-1 / 6)), finest)


def _counted(places: NDArray[np.float64], columns: int, rows: int) -> Density:
    """Points at fractional places [n, 2] of the grid, each shared among its four nodes."""
    inside = ((places >= 0) & (places < [columns - 1, rows - 1])).all(axis=1)
    places = places[inside]
    whole = places.astype(np.intp)
    right, up = (places - whole).T
    node = whole[:, 1] * columns + whole[:, 0]
    corners = (
        (0, (1 - right) * (1 - up)),
        (1, right * (1 - up)),
        (columns, (1 - right) * up),
        (columns + 1, right * up),
    )
    counts = np.zeros(rows * columns)
    for step, share in corners:
        counts += np.bincount(node + step, share, rows * columns)
    return counts.reshape(rows, columns)


def _kernel(count: int, width: float) -> Density:
    """The matrix [count, count] that smooths along one axis by a normal kernel of `width` nodes."""
    away = np.arange(count)[:, None] - np.arange(count)[None]
    kernel: Density = np.exp(-0.5 * (away / max(width, 1e-6)) ** 2)
    kernel /= kernel.sum(axis=0)
    return kernel
