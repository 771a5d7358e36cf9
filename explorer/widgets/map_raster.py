"""Points into pixels: thousands of small smooth discs stamped by NumPy, fast enough to move while a model trains."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Places = NDArray[np.float32]  # [n, 2] pixels from the top left
    Inks = NDArray[np.uint32]  # colours as 0xAARRGGBB

PHASES = 4  # places within a pixel, along each axis, at which a disc can lie: they make slow motion smooth
FAINTEST = 0.12  # coverage below which a pixel does not belong to a disc
CHUNK = 2_048  # points stamped at a time; the buffers of so many stay in the processor's cache
DUST = 1.0  # radius below which points are single pixels whose density is seen as opacity
OPACITIES = 1 - np.float32(0.55) ** np.arange(24, dtype=np.float32)  # of so many points in one pixel of dust


class PointRaster:
    """An image of the size of the map, opaque 0xFFRRGGBB: a ground, and points stamped on a copy of it.

    `ground` and `pixels` are the flat memory from the top left pixel on and `stride` the pixels from one row to the
    next: both images have a border into which discs at the edge may reach, so that none needs to be cut.
    """

    BORDER = 32
    LARGEST = 15.0  # radius of a disc that fits into the border

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.stride = width + 2 * self.BORDER
        origin = self.BORDER * self.stride + self.BORDER
        self._empty = np.zeros((height + 2 * self.BORDER) * self.stride, np.uint32)
        self._memory = np.zeros_like(self._empty)
        self.ground, self.pixels = self._empty[origin:], self._memory[origin:]

    def draw(
        self, places: Places, kinds: NDArray[np.intp], inks: Inks, paper: int, radius: float, over: bool = False
    ) -> None:
        """Draw discs of `radius` (up to `LARGEST`) at `places` on the ground, each in the ink of its kind.

        Later ones lie on top, and with `over` all of them on what was drawn before. Their soft rims fade into `paper`
        (0xRRGGBB), which keeps a fine gap around each.
        """
        if not over:
            np.copyto(self._memory, self._empty)
        places, kinds = self._in_view(places, kinds)
        if not len(places):
            return
        if radius < DUST:
            self._scatter(places, kinds, inks)
            return
        stamps, colours = _stamps(radius, self.stride), _inked(radius, tuple(inks.tolist()), paper)
        for first in range(0, len(places), CHUNK):
            part = slice(first, first + CHUNK)
            self._stamp(places[part], kinds[part], stamps, colours)

    def _in_view(self, places: Places, kinds: NDArray[np.intp]) -> tuple[Places, NDArray[np.intp]]:
        """Those whose centres lie in the image or just beside it; places that are not numbers lie nowhere."""
        reach = self.BORDER / 2 - 1
        across, down = places[:, 0], places[:, 1]
        seen = (across > -reach) & (across < self.width + reach) & (down > -reach) & (down < self.height + reach)
        if seen.all():
            return places, kinds
        return np.compress(seen, places, axis=0), np.compress(seen, kinds)

    def _stamp(
        self, places: Places, kinds: NDArray[np.intp], stamps: NDArray[np.intp], colours: NDArray[np.uint32]
    ) -> None:
        """Write whole discs one after another."""
        fine = ((places + self.BORDER) * PHASES).astype(np.intp)
        across, down = fine[:, 0], fine[:, 1]
        phase = (across % PHASES) + PHASES * (down % PHASES)
        middle = (down // PHASES) * self.stride + across // PHASES
        where = np.take(stamps, phase, axis=0)  # [n, pixels of a disc]
        where += middle[:, None]
        self._memory[where.ravel()] = np.take(colours, kinds * PHASES**2 + phase, axis=0).ravel()

    def _scatter(self, places: Places, kinds: NDArray[np.intp], inks: Inks) -> None:
        """Write points as single pixels: the more of them in one, the more opaque it is."""
        whole = (places + self.BORDER).astype(np.intp)
        where = whole[:, 1] * self.stride + whole[:, 0]
        self._memory[where] = inks[kinds]
        counts = np.bincount(where, minlength=len(self._memory))
        used = np.flatnonzero(counts)
        opacity = OPACITIES[np.minimum(counts[used], len(OPACITIES) - 1)]
        self._memory[used] = _laid(self._memory[used], self._empty[used], opacity)


def _laid(inks: Inks, papers: Inks, cover: NDArray[np.float32]) -> Inks:
    """The colours of inks, each with its own alpha, where they cover so much (0 to 1) of their paper."""
    share = cover * ((inks >> 24) / np.float32(255))
    result = np.full_like(inks, 0xFF000000)
    for shift in (16, 8, 0):
        ink, paper = (inks >> shift & 255).astype(np.float32), (papers >> shift & 255).astype(np.float32)
        result |= (paper + (ink - paper) * share + np.float32(0.5)).astype(np.uint32) << shift
    return result


@lru_cache(maxsize=32)
def _disc(radius: float) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
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
    return np.stack(padded), np.stack(cover).astype(np.float32)


@lru_cache(maxsize=32)
def _stamps(radius: float, stride: int) -> NDArray[np.intp]:
    """Steps in memory [phases, pixels] from the pixel of a disc's middle to each of its pixels."""
    offsets, _ = _disc(radius)
    return np.asarray(offsets[..., 1] * stride + offsets[..., 0])


@lru_cache(maxsize=32)
def _inked(radius: float, inks: tuple[int, ...], paper: int) -> Inks:
    """The colours [inks * phases, pixels] of a disc in each ink at each place in a pixel."""
    _, cover = _disc(radius)
    papers = np.full(cover.shape, paper, np.uint32)
    return np.concatenate([_laid(np.full(cover.shape, ink, np.uint32), papers, cover) for ink in inks])
