"""The colours of classes, the same in map, legend, grids and exports, on light and on dark ground.

Ten colours found by annealing: the nearest two lie 0.10 apart in OKLab (Ottosson 2020) for ordinary eyes and for
those without red or green cones (Machado, Oliveira, Fernandes 2009), and each stands out from white and near black.
They are ordered so that the first few differ most.
"""

from __future__ import annotations

CLASS_COLORS: tuple[str, ...] = (
    "#2B6CA8",  # blue
    "#A9D31C",  # lime
    "#E7AFFF",  # lilac
    "#D9490D",  # vermilion
    "#844064",  # plum
    "#8399D3",  # periwinkle
    "#388B5F",  # green
    "#8A58EA",  # violet
    "#C89D5E",  # sand
    "#3CCAB2",  # turquoise
)
UNLABELLED = "#8A8F98"


def color_of(label: int) -> str:
    """The colour of class `label` as #RRGGBB; beyond ten classes colours return, below zero it is `UNLABELLED`."""
    return CLASS_COLORS[label % len(CLASS_COLORS)] if label >= 0 else UNLABELLED
