"""Draws any pictures of the grid of sprites: each silhouette once, by signed distances, and then only shifted."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

SHAPES = ("square", "ellipse", "heart")
SCALES = np.linspace(0.5, 1.0, 6)
ROTATIONS = np.arange(40) * 9.0  # degrees, anticlockwise
POSITIONS = 32  # along each side
GRID = (len(SHAPES), len(SCALES), len(ROTATIONS), POSITIONS, POSITIONS)  # shape, scale, rotation, x, y
TOTAL = math.prod(GRID)  # 737,280

FINE = 64  # pixels of the larger size's side; neighbouring positions are one of them apart
REACH = 15.5  # of those, from the middle of the largest silhouette to its outermost point
FIRST = 16.5  # of those, from the edge to the middle of a silhouette at position 0, which just fits
EXACT = 6  # decimals of a distance; what lies behind them differs between machines
# The heart is a square of unit diagonal that stands on its tip, with a disc of this radius on each upper side.
LOBE = math.sqrt(2) / 4
HEIGHT = (0.25 + math.pi / 8 * (0.75 + 1 / (3 * math.pi))) / (0.5 + math.pi / 8)  # of its centre of mass over the tip


def places(indices: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where pictures [n] of the grid stand in it: [n, 5], a column for each factor, of which the last moves fastest."""
    return np.stack(np.unravel_index(indices, GRID), axis=1).astype(np.int64)


class Sprites:
    """All pictures of one size (64 or 32 pixels), `hard` (black and white) or soft at their edges."""

    def __init__(self, side: int, hard: bool) -> None:
        phases = FINE // side  # positions within one pixel, for each of which silhouettes are drawn of their own
        room = POSITIONS // phases - 1  # pixels by which they can be shifted
        drawn = np.stack([_silhouettes(side / FINE, x, y, hard) for x, y in np.ndindex(phases, phases)])
        rest = side - drawn.shape[-1]
        canvas = np.pad(drawn, ((0, 0), (0, 0), (room, rest), (room, rest)))
        self._phases, self._room = phases, room
        self._windows = sliding_window_view(canvas, (side, side), axis=(2, 3))

    def draw(self, indices: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Pictures [n, 1, side, side] at places [n] of the grid, white on black."""
        shape, scale, rotation, x, y = places(indices).T
        silhouette = np.ravel_multi_index((shape, scale, rotation), GRID[:3])
        (right, phase_x), (down, phase_y) = divmod(x, self._phases), divmod(y, self._phases)
        # A window that moves up and left over the canvas shows its silhouette further down and right.
        seen: NDArray[np.uint8] = self._windows[
            phase_x * self._phases + phase_y, silhouette, self._room - down, self._room - right
        ]
        return seen[:, None]


def _silhouettes(pixel: float, x: int, y: int, hard: bool) -> NDArray[np.uint8]:
    """The silhouettes [720, p, p] at position x, y, where neighbouring positions are `pixel` pixels apart."""
    side = math.ceil((FIRST + REACH - 1) * pixel + 1.5)  # a pixel of positions, and half a pixel of soft edge
    middles = np.arange(side) + 0.5
    across, up = middles - (FIRST + x) * pixel, (FIRST + y) * pixel - middles[:, None]  # pixels from the middle
    angles = np.deg2rad(ROTATIONS)[:, None, None]
    reaches = SCALES[:, None, None, None] * REACH * pixel
    u = (across * np.cos(angles) + up * np.sin(angles)) / reaches  # [scales, rotations, p, p]
    v = (up * np.cos(angles) - across * np.sin(angles)) / reaches
    distances = np.stack([of(u, v) for of in (_square, _ellipse, _heart)]) * reaches
    outside = np.round(distances, EXACT)
    shares = outside <= 0 if hard else np.clip(0.5 - outside, 0, 1)
    return (shares * 255 + 0.5).astype(np.uint8).reshape(-1, side, side)


def _box(u: Numbers, v: Numbers, half: float) -> Numbers:
    """Signed distance to a square of half side `half`, negative inside."""
    across, up = np.abs(u) - half, np.abs(v) - half
    beyond: Numbers = np.hypot(np.maximum(across, 0), np.maximum(up, 0)) + np.minimum(np.maximum(across, up), 0)
    return beyond


def _square(u: Numbers, v: Numbers) -> Numbers:
    """Corners at distance 1, area 2."""
    return _box(u, v, math.sqrt(0.5))


def _ellipse(u: Numbers, v: Numbers) -> Numbers:
    """Half axes 1 and 2/pi, area 2; the distance of first order, which is exact at the edge."""
    short = 2 / math.pi
    level, slope = np.hypot(u, v / short), np.hypot(u, v / short**2)
    distance: Numbers = (level - 1) * (level + 1e-9) / (slope + 1e-9)  # not 0 / 0 in the middle
    return distance


def _heart(u: Numbers, v: Numbers) -> Numbers:
    """Tip at distance 1 below the centre of mass, area 2.07."""
    u, v = np.abs(u) * HEIGHT, (v + 1) * HEIGHT
    square = _box((u + v - 0.5) / math.sqrt(2), (u - v + 0.5) / math.sqrt(2), LOBE)
    lobe = np.hypot(u - 0.25, v - 0.75) - LOBE
    return np.minimum(square, lobe) / HEIGHT
