"""The colours of layers in window and exports: the ground where a value is low, one hue where it is high.

The lightness alone tells the number, so that a layer reads on light and dark ground and for who cannot tell hues apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.layer_events import CLASSES, FADED
from models.palette import color_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.layer_events import Surveyed

HUES = {"density": 0, "prior": 9, "honesty": 3, "stretch": 7}  # the classes whose colours the layers take
STRONGEST = 0.62  # share of that colour at the high end
DENSITIES = "density", "prior"  # low nearly everywhere, so that their colours rise faster at first
CLASS_SHARES = 0.08, 0.5  # the same of the colours of classes, from a mere guess to certainty
VEIL = 0.97  # how much of a decoded picture is veiled where it comes from nowhere
SHADES = 256


def ink_of(layer: str, share: float, ground: str, dark: bool, label: int = -1) -> tuple[int, int, int, int]:
    """Red, green, blue and opacity, 0 to 255, of a value `share` (0 to 1) of the way along the scale of a layer.

    `ground` is #RRGGBB, and `label` a recognised class. For faded pictures it is what is laid over them.
    """
    share = min(max(share, 0.0), 1.0) ** (0.5 if layer in DENSITIES else 1.0)
    if layer == FADED:
        return *_rgb(ground), round(255 * VEIL * share * share * (3 - 2 * share))  # slow at both ends
    if layer == CLASSES:
        color, amount = color_of(label, dark), CLASS_SHARES[0] + (CLASS_SHARES[1] - CLASS_SHARES[0]) * share
    else:
        color, amount = color_of(HUES[layer], dark), STRONGEST * share
    mixed = (round(low + (high - low) * amount) for low, high in zip(_rgb(ground), _rgb(color), strict=True))
    red, green, blue = mixed
    return red, green, blue, 255


def inked(shown: Surveyed, ground: str, dark: bool) -> NDArray[np.uint8] | None:
    """The cells as colours [rows, columns, 4], the top row first, transparent where nothing is known; None at first."""
    if shown.values is None:
        return None
    shares = np.nan_to_num((shown.values - shown.low) / (shown.high - shown.low or 1.0)).clip(0, 1)
    steps = (shares * (SHADES - 1) + 0.5).astype(np.intp)
    labels = np.full(steps.shape, -1) if shown.labels is None else shown.labels
    kinds, which = np.unique(labels, return_inverse=True)
    layer = shown.asked.layer
    inks = [[ink_of(layer, step / (SHADES - 1), ground, dark, int(kind)) for step in range(SHADES)] for kind in kinds]
    colors: NDArray[np.uint8] = np.array(inks, np.uint8)[which.reshape(steps.shape), steps]
    colors[~np.isfinite(shown.values)] = 0
    return colors


def _rgb(color: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(color[1:])
    return red, green, blue
