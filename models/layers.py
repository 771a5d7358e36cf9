"""The maths of the layers behind the map: how dense, how honest and how stretched it is, and what is recognised."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F

from models import latent, projection
from models.slopes import slope

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from torch import Tensor

    from models.evaluate.classifier import Classifier
    from models.events import Codes, Points, Projection
    from models.latent import Bounds
    from models.layer_events import Cells

    Draw = Callable[[Tensor], Tensor]  # codes [n, latent_dim] to pictures [n, c, h, w]

GRID = 64  # cells a side of the grid on which the densest place is sought
SMOOTH = 0.5  # of the width that suits a single normal cloud: maps have several clouds
MOST = 20_000  # points that suffice to know a density
NARROW = 4  # numbers of a code up to which the volume is that of the whole code, not of the map's plane
STEP = 0.01  # of the spread of the points: how far apart two places lie by which a direction is known
STILL = -40.0  # the log volume where nothing moves at all
EXTREMES = (0.02, 0.98)  # shares of the cells beyond which a scale does not reach


def density(points: Points, bounds: Bounds, columns: int, rows: int, smooth: float = SMOOTH) -> Cells:
    """How dense points [n, 2] lie in each cell of a grid over `bounds`, as a share of the densest place anywhere.

    A sum of normal kernels as wide as Scott (1992) has them for one normal cloud, times `smooth`. Points that are no
    numbers do not count; n may be one.
    """
    own = points[np.isfinite(points).all(axis=1)].astype(np.float64)
    own = own[:: max(1, math.ceil(len(own) / MOST))]
    width = smooth * own.std(axis=0) * len(own) ** (-1 / 6)
    width = np.maximum(width, 1e-3 * max(float(np.ptp(own)), 1e-3))  # points on a line, or all in one place
    peak = _kernel_sum(own, width, latent.bounds_of(own.astype(np.float32)), GRID, GRID).max()
    dense = _kernel_sum(own, width, bounds, columns, rows) / max(peak, 1e-300)
    return np.asarray(np.minimum(dense, 1.0), np.float32)


def _kernel_sum(
    points: NDArray[np.float64], width: NDArray[np.float64], bounds: Bounds, columns: int, rows: int
) -> NDArray[np.float64]:
    """The sum [rows, columns] of normal kernels about all points: one axis after the other, as they are separable."""
    places = latent.plane_grid(bounds, columns, rows).reshape(rows, columns, 2)
    across = np.exp(-0.5 * ((places[0, :, 0] - points[:, :1]) / width[0]) ** 2)  # [n, columns]
    down = np.exp(-0.5 * ((places[:, 0, 1] - points[:, 1:]) / width[1]) ** 2)  # [n, rows]
    summed: NDArray[np.float64] = down.T @ across
    return summed


def spread_of(codes: Codes) -> float:
    """How far codes [n, d] lie from their middle (root mean square); 0 if there is no telling."""
    own = codes[np.isfinite(codes).all(axis=1)].astype(np.float64)
    return math.sqrt(np.square(own - own.mean(axis=0)).sum(axis=1).mean()) if len(own) else 0.0


def round_trip(encode: Draw, draw: Draw, codes: Tensor) -> Tensor:
    """How far from each code [n, d] the code of its own picture lies, |E(D(z)) - z|, [n]."""
    apart: Tensor = torch.linalg.vector_norm(encode(draw(codes)).float() - codes, dim=1)
    return apart


def ways_of_the_map(places: Points, plane: Projection, step: float) -> NDArray[np.float32]:
    """Where the code goes for one unit of the map to the right and one up, at each of the places [n, 2]: [2, n, d]."""
    steps = step * np.eye(2, dtype=np.float32)
    ways = [projection.unproject(places + by, plane) - projection.unproject(places - by, plane) for by in steps]
    return np.asarray(np.stack(ways) / (2 * step), np.float32)


def log_stretch(draw: Draw, codes: Tensor, ways: Tensor) -> Tensor:
    """The logarithm of sqrt det(J'J) [n], J being how the pictures move as the codes [n, d] go along `ways` [k, n, d].

    By forward-mode derivatives: one directional derivative of all pictures at once for each way (Arvanitidis et al.
    2018, Latent space oddity).
    """
    return _log_volume([slope(draw, codes, way) for way in ways])


def log_stretch_by_steps(draw: Draw, codes: Tensor, ways: Tensor, step: float) -> Tensor:
    """The same by central differences over `step` units of each way, for drawings that have no forward mode."""
    return _log_volume([(draw(codes + step * way) - draw(codes - step * way)) / (2 * step) for way in ways])


def has_forward_mode(draw: Draw, codes: Tensor, ways: Tensor) -> bool:
    """Whether the drawing of these codes can be followed by forward-mode derivatives, and moves by them."""
    try:
        moved = slope(draw, codes, ways[0])
    except RuntimeError:  # an operation has none; a drawing that fails anyhow fails again without derivatives
        return False
    return bool(moved.any())


def _log_volume(moves: list[Tensor]) -> Tensor:
    """The log volume [n] that the moves, k times [n, c, h, w], span: half the log determinant of their products."""
    moved = torch.stack([move.flatten(1).double() for move in moves], 1)  # [n, k, pixels]
    volume: Tensor = 0.5 * torch.linalg.slogdet(moved @ moved.mT)[1]
    return volume.clamp_min(STILL).float()


def votes(classifier: Classifier, pictures: Tensor) -> Tensor:
    """The share [n, classes] in which a classifier believes pictures [n, c, h, w] to be of each class."""
    _, leanings = classifier(pictures.float().clamp(0, 1))
    shares: Tensor = leanings.float().softmax(1)
    return shares


def smoothed(shares: NDArray[np.float32], times: int) -> NDArray[np.float32]:
    """Shares [rows, columns, k] on a grid so many times finer, in between as their neighbours have them."""
    planes = torch.from_numpy(np.ascontiguousarray(shares.transpose(2, 0, 1)))[None]
    finer = F.interpolate(planes, scale_factor=times, mode="bilinear", align_corners=False)[0]
    return np.ascontiguousarray(finer.numpy().transpose(1, 2, 0))


def scale_of(values: NDArray[np.float32]) -> tuple[float, float]:
    """Low and high end of a scale for values of which some lie far off; those that are no numbers do not count."""
    known = values[np.isfinite(values)]
    if not len(known):
        return 0.0, 1.0
    low, high = np.quantile(known, EXTREMES).tolist()
    return (low, high) if high - low > 1e-6 * max(1.0, abs(low)) else (low - 0.5, low + 0.5)
