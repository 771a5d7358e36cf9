"""Codes to the map and back: a plane through the codes, most often that of their greatest variance, or a layout."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from models.errors import UserError
from models.events import Projection

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.events import Codes, Points

    Axes = NDArray[np.float64]  # [2 or 3, latent_dim]

DENSE = 512  # up to this width the whole covariance is made; beyond it only its leading plane is sought
FLAT = 1e-5  # sine of the angle at a corner below which three codes lie on one line


def fit(codes: Codes, previous: Projection | None = None) -> Projection:
    """The projection of codes [n, d] that shows most of their variance, turned to lie as `previous` did.

    Two dimensions show themselves, one is padded with a second axis that is always zero. For more, the plane is
    that of principal component analysis (Pearson 1901). Without `previous` each axis points to where its largest
    entry is positive. Identical points, or a single one, get a plane too: some plane through them.
    """
    width = codes.shape[1]
    if width <= 2:
        axes = np.eye(2, width)
        return Projection("identity", _frozen(np.zeros(width)), _frozen(axes), 1.0)
    return principal(codes, previous)


def principal(codes: Codes, previous: Projection | None = None) -> Projection:
    """The plane of the two greatest variances of codes [n, d], d at least 2."""
    mean = codes.mean(axis=0, dtype=np.float64)
    axes, explained = _leading(codes, mean, previous, 2)
    axes = _signed(axes) if previous is None or previous.axes.shape != axes.shape else _turned(axes, previous)
    return Projection("pca", _frozen(mean), _frozen(axes), explained)


def space(codes: Codes, flat: Projection | None = None) -> Projection:
    """The three greatest variances of codes [n, d], d at least 3, seen from the front: the third is the depth.

    The first two lie as in the map `flat`, if one is given.
    """
    mean = codes.mean(axis=0, dtype=np.float64)
    axes, explained = _leading(codes, mean, None, 3)
    axes = _signed(axes)
    if flat is not None and flat.name == "pca":
        axes[:2] = _turned(axes[:2], flat)
    return Projection("pca-3d", _frozen(mean), _frozen(axes[:2]), explained, _frozen(axes[2]))


def seen_from(front: Projection, yaw: float, pitch: float) -> Projection:
    """What was seen from the front, turned by `yaw` degrees to the right and then by `pitch` degrees upwards."""
    assert front.depth is not None
    (sin_yaw, sin_pitch), (cos_yaw, cos_pitch) = np.sin(np.radians([yaw, pitch])), np.cos(np.radians([yaw, pitch]))
    about_up = np.array([[cos_yaw, 0, sin_yaw], [0, 1, 0], [-sin_yaw, 0, cos_yaw]])
    about_across = np.array([[1, 0, 0], [0, cos_pitch, sin_pitch], [0, -sin_pitch, cos_pitch]])
    across, up, depth = about_across @ about_up @ np.vstack([front.axes, front.depth])
    settings = {**front.settings, "yaw": yaw, "pitch": pitch}
    axes = _frozen(np.stack([across, up]))
    return replace(front, axes=axes, depth=_frozen(depth), settings=settings)


def dimensions(codes: Codes, across: int, up: int) -> Projection:
    """The numbers `across` and `up` (from 0) of codes [n, d] as they are; empty places have the means of all others."""
    mean = codes.mean(axis=0, dtype=np.float64)
    mean[[across, up]] = 0.0
    axes = np.zeros((2, len(mean)))
    axes[0, across] = axes[1, up] = 1.0
    return Projection("dimensions", _frozen(mean), _frozen(axes), _share(codes, axes))


def plane_through(codes: Codes, corners: Codes) -> Projection:
    """The plane through three codes `corners` [3, d]: the first in its middle, the second to the right of it.

    Raises UserError where they lie on one line. `codes` [n, d] are those it shows.
    """
    first, second, third = corners.astype(np.float64)
    sides = np.stack([second - first, third - first])
    lengths = np.linalg.norm(sides, axis=1)
    across = sides[0] / max(lengths[0], np.finfo(np.float64).tiny)
    up = sides[1] - (sides[1] @ across) * across
    height = np.linalg.norm(up)
    if not (lengths.min() > 0 and height > FLAT * lengths.max()):
        raise UserError("A, B and C lie on one line, through which many planes go.", mend="Pin another code as C.")
    axes = np.stack([across, up / height])
    return Projection("plane", _frozen(first), _frozen(axes), _share(codes, axes))


def project(codes: Codes, projection: Projection) -> Points:
    """Points [n, 2] of codes [n, d]."""
    if projection.layout is not None:
        return projection.layout.places(codes)
    return np.asarray((codes - projection.mean) @ projection.axes.T, dtype=np.float32)


def unproject(points: Points, projection: Projection) -> Codes:
    """The codes [n, d] that lie at points [n, 2]: on the plane of the map, or mixed from those that were laid there."""
    if projection.layout is not None:
        return projection.layout.codes_at(points)
    return np.asarray(points @ projection.axes + projection.mean, dtype=np.float32)


def depths(codes: Codes, projection: Projection) -> NDArray[np.float32] | None:
    """How near [n] codes [n, d] lie to who looks at a map in space, its middle at 0; None for a flat map."""
    if projection.depth is None:
        return None
    return np.asarray((codes - projection.mean) @ projection.depth, dtype=np.float32)


def _share(codes: Codes, axes: Axes) -> float:
    """How much of the variance of codes [n, d] orthonormal axes show."""
    total = float(codes.var(axis=0, dtype=np.float64).sum())
    return min(1.0, float((codes @ axes.T).var(axis=0).sum()) / total) if total > 0 else 1.0


def _leading(codes: Codes, mean: NDArray[np.float64], previous: Projection | None, most: int) -> tuple[Axes, float]:
    """Orthonormal axes of the `most` greatest variances, and their share of all variance."""
    count, width = codes.shape
    if width <= DENSE:
        centred = codes - mean
        covariance = centred.T @ centred / count
        variances, directions = np.linalg.eigh(covariance)
        total = max(float(np.trace(covariance)), 0.0)
        axes, kept = directions[:, : -most - 1 : -1].T, float(variances[-most:].sum())
    else:
        axes, kept, total = _subspace(codes - mean.astype(np.float32), previous, most)
    return axes, min(1.0, kept / total) if total > 0 else 1.0


def _subspace(centred: Codes, previous: Projection | None, most: int) -> tuple[Axes, float, float]:
    """The leading axes of wide codes by block power iteration (Halko, Martinsson, Tropp 2011), and its variance.

    A wide covariance is never made: each pass costs two thin products. Starting at the plane before makes the
    map of a training run follow smoothly.
    """
    count, width = centred.shape
    start = np.random.default_rng(0).standard_normal((width, 10))
    if previous is not None and previous.axes.shape[1] == width:
        start[:, :2] = previous.axes.T
    block = np.linalg.qr(start)[0]
    for _ in range(6 if previous is None else 2):
        spread = centred @ block.astype(np.float32)  # [n, 10]
        block = np.linalg.qr((centred.T @ spread).astype(np.float64) + 1e-30 * block)[0]
    spread = (centred @ block.astype(np.float32)).astype(np.float64)
    variances, turn = np.linalg.eigh(spread.T @ spread / count)
    total = float(np.einsum("nd,nd->", centred, centred, dtype=np.float64)) / count
    return (block @ turn[:, : -most - 1 : -1]).T, float(variances[-most:].sum()), total


def _signed(axes: Axes) -> Axes:
    """The same axes, each with its largest entry positive."""
    largest = np.abs(axes).argmax(axis=1)
    signs = np.where(axes[np.arange(len(axes)), largest] < 0, -1.0, 1.0)
    return axes * signs[:, None]


def _turned(axes: Axes, previous: Projection) -> Axes:
    """The same plane, its axes rotated or mirrored to lie nearest to the previous ones (orthogonal Procrustes)."""
    left, _, right = np.linalg.svd(previous.axes.astype(np.float64) @ axes.T)
    turned: Axes = left @ right @ axes
    return turned


def _frozen(array: NDArray[np.float64]) -> NDArray[np.float32]:
    narrow = array.astype(np.float32)
    narrow.flags.writeable = False
    return narrow
