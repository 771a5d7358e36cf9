"""Points into pixels: thousands of small smooth discs stamped by NumPy, fast enough to move while a model trains."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Places = NDArray[np.float32]  # [n, 2] pixels from the top left
    Inks = NDArray[np.uint32]  # [n_inks] colours as 0xAARRGGBB, alpha not multiplied in

PHASES = 4  # places within a pixel, along each axis, at which a disc can lie: they make slow motion smooth
FAINTEST = 0.12  # coverage below which a pixel does not belong to a disc
CHUNK = 16_384  # points stamped at a time; the buffers of so many stay in the processor's cache
DUST = 1.0  # radius below which points are single pixels whose density is seen as opacity
GRAIN = 0.45  # opacity of one point of dust


class PointRaster:
    """An image of the size of the map, premultiplied 0xAARRGGBB, that is drawn anew from points at each call.

    `pixels` is the flat memory from the top left pixel on and `stride` the pixels from one row to the next: the
    image has a border into which discs at the edge may reach, so that none needs to be cut.
    """

    BORDER = 32
    LARGEST = 15.0  # radius of a disc that fits into the border

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.stride = width + 2 * self.BORDER
        self._memory = np.zeros((height + 2 * self.BORDER) * self.stride, np.uint32)
        self._origin = self.BORDER * self.stride + self.BORDER
        self.pixels = self._memory[self._origin :]

    def draw(self, places: Places, kinds: NDArray[np.intp], inks: Inks, radius: float) -> None:
        """Draw discs of `radius` (up to `LARGEST`) at `places`, each in the ink of its kind, later ones on top."""
        self._memory.fill(0)
        places, kinds = self._in_view(places, kinds)
        if radius < DUST:
            self._scatter(places, kinds, inks)
            return
        stamps, colours = _stamps(radius, self.stride), _inked(radius, tuple(inks.tolist()))
        for first in range(0, len(places), CHUNK):
            part = slice(first, first + CHUNK)
            self._stamp(places[part], kinds[part], stamps, colours)

    def _in_view(self, places: Places, kinds: NDArray[np.intp]) -> tuple[Places, NDArray[np.intp]]:
        """Those whose centres lie in the image or just beside it; places that are not numbers lie nowhere."""
        reach = self.BORDER / 2 - 1
        across, down = places[:, 0], places[:, 1]
        seen = (across > -reach) & (across < self.width + reach) & (down > -reach) & (down < self.height + reach)
        return (places, kinds) if seen.all() else (places[seen], kinds[seen])

    def _stamp(
        self, places: Places, kinds: NDArray[np.intp], stamps: NDArray[np.intp], colours: NDArray[np.uint32]
    ) -> None:
        """Write whole discs one after another; their soft rims, written over others, leave a fine gap between them."""
        fine = ((places + self.BORDER) * PHASES).astype(np.intp)
        across, down = fine[:, 0], fine[:, 1]
        phase = (across % PHASES) + PHASES * (down % PHASES)
        corner = (down // PHASES) * self.stride + across // PHASES
        where = np.take(stamps, phase, axis=0)  # [n, pixels of a disc]
        where += corner[:, None]
        self._memory[where.ravel()] = np.take(colours, kinds * PHASES**2 + phase, axis=0).ravel()

    def _scatter(self, places: Places, kinds: NDArray[np.intp], inks: Inks) -> None:
        """Write points as single pixels: the more of them in one, the more opaque it is."""
        whole = (places + self.BORDER).astype(np.intp)
        where = whole[:, 1] * self.stride + whole[:, 0]
        self._memory[where] = inks[kinds]
        counts = np.bincount(where, minlength=len(self._memory))
        used = np.flatnonzero(counts)
        opacity = 1 - (1 - GRAIN) ** np.minimum(counts[used], 32)
        self._memory[used] = _premultiplied(self._memory[used], opacity)


def _premultiplied(inks: NDArray[np.uint32], cover: NDArray[np.float64]) -> NDArray[np.uint32]:
    """Inks with `cover` (0 to 1) and their own alpha multiplied into all four channels."""
    channels = np.stack([inks >> shift & 255 for shift in (24, 16, 8, 0)]).astype(np.float64)
    alpha = channels[0] / 255 * cover
    channels[0] = 255
    alpha, red, green, blue = np.rint(channels * alpha).astype(np.uint32)
    return np.asarray(alpha << 24 | red << 16 | green << 8 | blue, np.uint32)


@lru_cache(maxsize=32)
def _disc(radius: float) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Offsets [phases, pixels, 2] (across, down) and coverage [phases, pixels] of a disc at each place in a pixel.

    All phases are given equally many pixels; those that need fewer repeat their middle.
    """
    fine, half = 8, int(np.ceil(radius + 0.5))
    pixels = np.arange(-half, half + 1)
    samples = (pixels[:, None] + (np.arange(fine) + 0.5) / fine).ravel()  # along one axis, from the pixel's corner
    offsets, covers = [], []
    for down in range(PHASES):
        for across in range(PHASES):
            x, y = samples - (across + 0.5) / PHASES, samples - (down + 0.5) / PHASES
            inside = y[:, None] ** 2 + x[None, :] ** 2 < radius**2
            cover = inside.reshape(len(pixels), fine, len(pixels), fine).mean(axis=(1, 3))
            rows, columns = np.nonzero(cover > FAINTEST)
            offsets.append(np.stack([pixels[columns], pixels[rows]], axis=1))
            covers.append(cover[rows, columns])
    most = max(map(len, covers))
    padded = [np.concatenate([each, np.zeros((most - len(each), 2), np.intp)]) for each in offsets]
    cover = [np.concatenate([each, np.full(most - len(each), each.max())]) for each in covers]
    return np.stack(padded), np.stack(cover)


@lru_cache(maxsize=32)
def _stamps(radius: float, stride: int) -> NDArray[np.intp]:
    """Steps in memory [phases, pixels] from the pixel of a disc's middle to each of its pixels."""
    offsets, _ = _disc(radius)
    return np.asarray(offsets[..., 1] * stride + offsets[..., 0])


@lru_cache(maxsize=32)
def _inked(radius: float, inks: tuple[int, ...]) -> NDArray[np.uint32]:
    """The colours [inks * phases, pixels] of a disc in each ink at each place in a pixel."""
    _, cover = _disc(radius)
    return np.concatenate([_premultiplied(np.full(cover.shape, ink, np.uint32), cover) for ink in inks])
