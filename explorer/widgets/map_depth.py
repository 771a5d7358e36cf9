"""A map in space: near points stand out, large and strong, and far ones lie behind them, small and faint."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.widgets.map_raster import Inks, Places, PointRaster

BANDS = 6  # distances that are told apart
FARTHEST, NEAREST = 0.7, 1.35  # times the usual radius
FAINTEST = 0.3  # share of their colour that the farthest points have


def nearness_of(depths: NDArray[np.float32], reach: float) -> NDArray[np.float32]:
    """How near points [n] are, from 0 to 1, by their depths in a ball that reaches so far from its middle."""
    return np.asarray(np.clip(depths / max(2 * reach, 1e-30) + 0.5, 0, 1), np.float32)


def draw(
    raster: PointRaster,
    places: Places,
    kinds: NDArray[np.intp],
    inks: Inks,
    paper: int,
    radius: float,
    nearness: NDArray[np.float32],
    over: bool = False,
) -> None:
    """As `PointRaster.draw`, band by band from the farthest to the nearest of points of `nearness` [n]."""
    bands = np.minimum((nearness * BANDS).astype(np.intp), BANDS - 1)
    for band in range(BANDS):
        share = band / (BANDS - 1)
        within = np.flatnonzero(bands == band)
        size = round(4 * radius * (FARTHEST + (NEAREST - FARTHEST) * share)) / 4  # one of few: discs are kept for reuse
        size = min(max(size, 0.5), raster.LARGEST)
        raster.draw(places[within], kinds[within], _faded(inks, FAINTEST + (1 - FAINTEST) * share), paper, size, over)
        over = True


def _faded(inks: Inks, share: float) -> Inks:
    """The same colours, so much less opaque."""
    opacity = np.rint((inks >> 24) * share).astype(np.uint32)
    return np.asarray(opacity << 24 | inks & 0xFFFFFF, np.uint32)
