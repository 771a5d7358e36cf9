"""The colours of classes, the same in map, legend, grids and exports: one set for light ground, one for dark.

Both are ten colours found by annealing: the nearest two lie 0.10 apart in OKLab (Ottosson 2020) for ordinary eyes and
for those without red or green cones (Machado, Oliveira, Fernandes 2009), and each stands out from its ground by at
least 3:1 (WCAG 2). A class has the same hue in both, and the first few differ most.
"""

from __future__ import annotations

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


def color_of(label: int, dark: bool = False) -> str:
    """The colour of class `label` as #RRGGBB on a light or dark ground.

    Beyond ten classes colours return, below zero it is `UNLABELLED`.
    """
    colors = DARK_CLASS_COLORS if dark else CLASS_COLORS
    return colors[label % len(colors)] if label >= 0 else UNLABELLED
