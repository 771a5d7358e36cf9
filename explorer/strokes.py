"""What a round pen leaves on a small picture: soft at its edge, even where its own way crosses itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Place = tuple[float, float]  # across and down, in pixels of the picture from its left upper corner


@dataclass
class Stroke:
    """One stroke in `color` [c] over the picture `before` [h, w, c] it began on; `cover` says how far it hides that."""

    before: NDArray[np.uint8]
    color: NDArray[np.uint8]
    last: Place | None = None
    cover: NDArray[np.float32] = field(init=False)

    def __post_init__(self) -> None:
        self.cover = np.zeros(self.before.shape[:2], np.float32)

    def reach(self, place: Place, radius: float) -> NDArray[np.uint8]:
        """Draw on from the last place to this one with a pen of `radius` pixels; the picture [h, w, c] by now."""
        cover = cover_of(self.before.shape[:2], self.last or place, place, radius)
        np.maximum(self.cover, cover, out=self.cover)
        self.last = place
        share = self.cover[..., None]
        return np.rint(self.before * (1 - share) + self.color * share).astype(np.uint8)


def cover_of(size: tuple[int, int], start: Place, end: Place, radius: float) -> NDArray[np.float32]:
    """How far each pixel of a picture of `size` (h, w) lies under a pen that went straight from `start` to `end`."""
    down, across = np.mgrid[: size[0], : size[1]].astype(np.float32) + np.float32(0.5)
    (x, y), (dx, dy) = start, (end[0] - start[0], end[1] - start[1])
    length = dx * dx + dy * dy
    along = np.clip(((across - x) * dx + (down - y) * dy) / length, 0, 1) if length > 0 else np.zeros_like(across)
    away = np.hypot(across - x - along * dx, down - y - along * dy)
    return np.asarray(np.clip(radius + 0.5 - away, 0, 1), np.float32)


def usual_radius(height: int, width: int) -> float:
    """The pen with which a picture of that size is usually drawn: written digits of 28 pixels have strokes of three."""
    return max(0.5, min(height, width) / 20)


def centred(pixels: NDArray[np.uint8], ground: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture [h, w, c] moved by whole pixels until what stands out from `ground` has its weight in the middle.

    That is how the digits of MNIST lie. What is moved in from outside is ground.
    """
    weight = np.abs(pixels.astype(np.float32) - ground).sum(-1)
    if not weight.any():
        return pixels
    down, across = np.mgrid[: pixels.shape[0], : pixels.shape[1]].astype(np.float32) + np.float32(0.5)
    moves = (
        round(pixels.shape[0] / 2 - float((down * weight).sum() / weight.sum())),
        round(pixels.shape[1] / 2 - float((across * weight).sum() / weight.sum())),
    )
    moved = np.broadcast_to(ground, pixels.shape).copy()
    target, source = zip(
        *(_overlap(by, extent) for by, extent in zip(moves, pixels.shape[:2], strict=True)), strict=True
    )
    moved[target[0], target[1]] = pixels[source[0], source[1]]
    return moved


def _overlap(by: int, extent: int) -> tuple[slice, slice]:
    """Where a row of `extent` moved by so many places lies, and which part of it that is."""
    return slice(max(by, 0), extent + min(by, 0)), slice(max(-by, 0), extent - max(by, 0))
