"""The colours of classes, the same in map, legend, grids and exports: one set for light ground, one for dark.

Both are ten colours found by annealing: the nearest two lie 0.10 apart in OKLab (Ottosson 2020) for ordinary eyes and
for those without red or green cones (Machado, Oliveira, Fernandes 2009), and each stands out from its ground by at
least 3:1 (WCAG 2). A class has the same hue in both, and the first few differ most.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

CONES_OF_RGB = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
LAB_OF_CONES = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
CLASS_COLORS: tuple[str, ...] = (
    "#164993",  # blue
    "#8C9702",  # lime
    "#99599C",  # lilac
    "#BF360D",  # vermilion
    "#7B225C",  # plum
    "#698FD8",  # periwinkle
    "#027853",  # green
    "#654BD1",  # violet
    "#5D3600",  # brown
    "#12A286",  # turquoise
)
DARK_CLASS_COLORS: tuple[str, ...] = (
    "#3D8DC5",
    "#A8D42D",
    "#F7B5FF",
    "#D73E0F",
    "#D84C95",
    "#909FFB",
    "#018458",
    "#7859E3",
    "#CB9324",
    "#36CAB3",
)
UNLABELLED = "#8A8F98"
RAMP = ("#3B1256", "#164993", "#0B6C8A", "#178F6C", "#9A9500")  # of numbers, low to high: ever lighter on light ground
DARK_RAMP = ("#7859E3", "#3D8DC5", "#36CAB3", "#A8D42D", "#F6F08A")


def color_of(label: int, dark: bool = False) -> str:
    """The colour of class `label` as #RRGGBB on a light or dark ground.

    Beyond ten classes colours return, below zero it is `UNLABELLED`.
    """
    colors = DARK_CLASS_COLORS if dark else CLASS_COLORS
    return colors[label % len(colors)] if label >= 0 else UNLABELLED


def ramp_of(share: float, dark: bool = False) -> str:
    """The colour of a number that lies `share` (0 to 1) of the way from low to high, as #RRGGBB.

    Between the colours of the ramp it goes straight in OKLab, so that equal steps look equal.
    """
    ramp = DARK_RAMP if dark else RAMP
    place = min(max(share, 0.0), 1.0) * (len(ramp) - 1)
    first = min(int(place), len(ramp) - 2)
    one, other = (_oklab(ramp[first]), _oklab(ramp[first + 1]))
    return _hex(one + (other - one) * (place - first))


def _oklab(color: str) -> NDArray[np.float64]:
    """#RRGGBB as L, a, b (Ottosson 2020)."""
    shares = np.array([int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)])
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    return np.asarray(LAB_OF_CONES @ np.cbrt(CONES_OF_RGB @ linear))


def _hex(lab: NDArray[np.float64]) -> str:
    linear = np.clip(np.linalg.solve(CONES_OF_RGB, np.linalg.solve(LAB_OF_CONES, lab) ** 3), 0, 1)
    shares = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{round(share * 255):02X}" for share in shares)
