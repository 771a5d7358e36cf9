"""Where the map is looked at: an equal-sided view of the plane, with zoom, pan and a fit that does not fidget."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from models.events import Points

    Size = tuple[float, float]  # width and height in pixels
    Bounds = tuple[float, float, float, float]  # left, bottom, right, top

MARGIN = 0.08  # of the view, left free on each side of the cloud
LOOSEST = 0.55  # a cloud smaller than this share of the room it could fill is looked at more closely
FAR_OUT = 0.002  # share of points on each side of an axis that may lie outside the view
LOOKED_AT = 5_000  # points that suffice to know the bounds


@dataclass(frozen=True)
class Camera:
    """The place (x, y) in the middle of the view, and how many pixels one unit of the map is long; y points up."""

    x: float = 0.0
    y: float = 0.0
    scale: float = 100.0

    def to_view(self, points: Points, size: Size) -> Points:
        """Pixel places [n, 2] of points [n, 2], from the top left corner."""
        flip = np.array([self.scale, -self.scale], np.float32)
        shift = np.array([size[0] / 2 - self.x * self.scale, size[1] / 2 + self.y * self.scale], np.float32)
        return np.asarray(points * flip + shift, np.float32)

    def to_map(self, across: float, down: float, size: Size) -> tuple[float, float]:
        """The place of the map under a pixel."""
        return self.x + (across - size[0] / 2) / self.scale, self.y - (down - size[1] / 2) / self.scale

    def bounds(self, size: Size) -> Bounds:
        """Left, bottom, right and top of what is in view."""
        half_width, half_height = size[0] / 2 / self.scale, size[1] / 2 / self.scale
        return self.x - half_width, self.y - half_height, self.x + half_width, self.y + half_height

    def panned(self, across: float, down: float) -> Camera:
        """The view after its content was dragged by so many pixels."""
        return replace(self, x=self.x - across / self.scale, y=self.y + down / self.scale)

    def zoomed(self, factor: float, across: float, down: float, size: Size) -> Camera:
        """The view `factor` closer; the place under the pixel (across, down) stays there."""
        x, y = self.to_map(across, down, size)
        scale = self.scale * factor
        return Camera(x - (across - size[0] / 2) / scale, y + (down - size[1] / 2) / scale, scale)

    def towards(self, other: Camera, share: float) -> Camera:
        """The view `share` (0 to 1) of the way to another, in equal steps of zoom."""
        scale = self.scale * (other.scale / self.scale) ** share
        return Camera(self.x + (other.x - self.x) * share, self.y + (other.y - self.y) * share, scale)

    def is_near(self, other: Camera, size: Size) -> bool:
        """Whether both views differ by less than a pixel anywhere."""
        edge = max(size) / 2 * abs(1 - other.scale / self.scale)
        return edge + math.hypot(other.x - self.x, other.y - self.y) * self.scale < 1.0


def bounds_of(points: Points) -> Bounds:
    """Left, bottom, right and top of a cloud [n, 2], but for the farthest few points; n is at least one."""
    some = points[:: len(points) // LOOKED_AT + 1]
    low, high = np.quantile(some, [FAR_OUT, 1 - FAR_OUT], axis=0, method="nearest")
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def fitted(bounds: Bounds, size: Size) -> Camera:
    """The view that shows `bounds` whole with a margin around them."""
    left, bottom, right, top = bounds
    room = 1 - 2 * MARGIN
    wanted = [room * size[0] / (right - left or 1e-6), room * size[1] / (top - bottom or 1e-6)]
    return Camera((left + right) / 2, (bottom + top) / 2, min(*wanted, 1e6))


def following(camera: Camera, bounds: Bounds, size: Size) -> Camera:
    """The same view as long as it shows `bounds` well, else the one that fits them.

    A view that followed every small move of the cloud would never stand still, so it waits until the cloud
    reaches over its edge or leaves much of the room empty.
    """
    left, bottom, right, top = camera.bounds(size)
    inside = left <= bounds[0] and bottom <= bounds[1] and right >= bounds[2] and top >= bounds[3]
    fit = fitted(bounds, size)
    return camera if inside and camera.scale > LOOSEST * fit.scale else fit
