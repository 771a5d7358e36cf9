"""Many small pictures painted at once: shapes as signed distances, edges softened over one pixel.

The arrays of a canvas are [rows, columns, n] with the pictures last, so that a part of the canvas is as fast as the
whole. Only sums, products, quotients and roots are taken of pixels, which every processor rounds alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Plane = NDArray[np.floating]  # float32 [rows, columns, n], or what broadcasts to it
    Number = NDArray[np.floating] | float  # one for each picture [n], or one for all
    Colour = NDArray[np.float32]  # [3, n], from 0 to 255


@dataclass(frozen=True)
class Region:
    """A part of a canvas: x runs to the right and y down, at first both from -1 to 1 over the whole canvas."""

    planes: NDArray[np.float32]  # [3, rows, columns, n], red, green and blue from 0 to 255
    x: Plane
    y: Plane
    pixel: float  # its side, measured as x and y are
    window: tuple[slice, slice]

    def part(self, top: float, bottom: float, left: float = -1.0, right: float = 1.0) -> Region:
        """What lies between these edges of the canvas, as seen from above all pictures; call it on a whole one."""
        window = (self._pixels(top, bottom), self._pixels(left, right))
        return Region(self.planes[:, *window], self.x[window], self.y[window], self.pixel, window)

    def _pixels(self, low: float, high: float) -> slice:
        first, last = ((edge + 1) / 2 * self.planes.shape[1] for edge in (low, high))
        return slice(max(0, int(first)), int(last) + 1)

    def cover(self, distance: Plane) -> Plane:
        """How much of each pixel lies inside a shape, from 0 to 1, by its signed distance, negative inside."""
        share: Plane = distance * np.float32(-1 / self.pixel)
        share += np.float32(0.5)
        return np.clip(share, 0, 1, out=share)

    def fill(self, distance: Plane, colour: Colour, strength: Number = 1.0) -> None:
        """Paint the inside of a shape; a strength below 1 lets what is beneath shine through."""
        self.blend(self.cover(distance), colour, strength)

    def blend(self, share: Plane, colour: Colour, strength: Number = 1.0) -> None:
        """Mix so much of a colour into each pixel."""
        if not isinstance(strength, float) or strength != 1.0:
            share = share * np.asarray(strength, dtype=np.float32)
        for plane, level in zip(self.planes, colour, strict=True):
            missing = level - plane
            missing *= share
            plane += missing

    def shade(self, amount: Plane) -> None:
        """Make pixels lighter (above 0) or darker by this share of themselves."""
        np.multiply(self.planes, amount + np.float32(1), out=self.planes)


def blank(size: int, count: int) -> Region:
    """A black canvas for `count` pictures of `size` pixels a side."""
    middles = ((np.arange(size) + 0.5) * 2 / size - 1).astype(np.float32)
    x = np.broadcast_to(middles[None, :, None], (size, size, 1))
    y = np.broadcast_to(middles[:, None, None], (size, size, 1))
    planes = np.zeros((3, size, size, count), dtype=np.float32)
    return Region(planes, x, y, 2 / size, (slice(None), slice(None)))


def ellipse(x: Plane, y: Plane, wide: Number, high: Number) -> Plane:
    """Distance to an ellipse of these half axes around 0, exact at the ends of the shorter one."""
    return (radius(x, y, wide, high) - np.float32(1)) * np.minimum(wide, high).astype(np.float32)


def radius(x: Plane, y: Plane, wide: Number, high: Number) -> Plane:
    """How far out a pixel lies, where 1 is on the ellipse of these half axes."""
    across: Plane = x * (1 / np.asarray(wide, dtype=np.float32))
    down = y * (1 / np.asarray(high, dtype=np.float32))
    across *= across
    down *= down
    root: Plane = np.sqrt(across + down)
    return root


def box(x: Plane, y: Plane, wide: Number, high: Number, corner: Number) -> Plane:
    """Distance to a rectangle of these half sides around 0 with corners rounded by `corner`."""
    across = np.maximum(np.abs(x) - (wide - corner), 0)
    down = np.maximum(np.abs(y) - (high - corner), 0)
    beyond: Plane = np.sqrt(across * across + down * down)
    return beyond - np.float32(corner)


def waves(along: Plane, many: float) -> Plane:
    """A row of round humps from 0 to 1, so many in a length of 1."""
    place: Plane = along * np.float32(many)
    place -= np.floor(place)
    return place * (np.float32(1) - place) * np.float32(4)


def glow(x: Plane, y: Plane, wide: Number, high: Number) -> Plane:
    """A soft round spot: 1 in its middle, 0 from the edge of that ellipse on."""
    far = radius(x, y, wide, high)
    rest: Plane = np.maximum(np.float32(1) - far * far, 0)
    return rest * rest
