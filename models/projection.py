"""Codes to the map and back: the identity for two dimensions, else the plane of greatest variance (PCA)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.events import Projection

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.events import Codes, Points

    Axes = NDArray[np.float64]  # [2, latent_dim]

DENSE = 512  # up to this width the whole covariance is made; beyond it only its leading plane is sought


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
    mean = codes.mean(axis=0, dtype=np.float64)
    axes, explained = _leading_plane(codes, mean, previous)
    axes = _signed(axes) if previous is None or previous.axes.shape != axes.shape else _turned(axes, previous)
    return Projection("pca", _frozen(mean), _frozen(axes), explained)


def project(codes: Codes, projection: Projection) -> Points:
    """Points [n, 2] of codes [n, d]."""
    return np.asarray((codes - projection.mean) @ projection.axes.T, dtype=np.float32)


def unproject(points: Points, projection: Projection) -> Codes:
    """The codes [n, d] on the plane of the map that lie at points [n, 2]."""
    return np.asarray(points @ projection.axes + projection.mean, dtype=np.float32)


def _leading_plane(codes: Codes, mean: NDArray[np.float64], previous: Projection | None) -> tuple[Axes, float]:
    """Orthonormal axes of the two greatest variances, and their share of all variance."""
    count, width = codes.shape
    if width <= DENSE:
        centred = codes - mean
        covariance = centred.T @ centred / count
        variances, directions = np.linalg.eigh(covariance)
        total = max(float(np.trace(covariance)), 0.0)
        axes, kept = directions[:, :-3:-1].T, float(variances[-2:].sum())
    else:
        axes, kept, total = _subspace(codes - mean.astype(np.float32), previous)
    return axes, min(1.0, kept / total) if total > 0 else 1.0


def _subspace(centred: Codes, previous: Projection | None) -> tuple[Axes, float, float]:
    """The leading plane of wide codes by block power iteration (Halko, Martinsson, Tropp 2011), and its variance.

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
    return (block @ turn[:, :-3:-1]).T, float(variances[-2:].sum()), total


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
