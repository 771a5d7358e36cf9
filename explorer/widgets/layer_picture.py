"""A layer of numbers or classes as a picture in the colours of the theme that is shown now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QColor, QImage

from explorer.colors import theme
from models.layer_coloring import ink_of, inked

if TYPE_CHECKING:
    from models.layer_events import Surveyed


def layer_color(layer: str, share: float, label: int = -1) -> QColor:
    """The colour of a value `share` (0 to 1) of the way along the scale of a layer; `label` is a recognised class."""
    now = theme()
    return QColor(*ink_of(layer, share, now.map.name(), now.name == "dark", label))


def layer_image(shown: Surveyed) -> QImage | None:
    """One pixel a cell, the top row first, transparent where nothing is known; None while nothing is."""
    now = theme()
    colors = inked(shown, now.map.name(), now.name == "dark")
    if colors is None:
        return None
    rows, columns, _ = colors.shape
    return QImage(colors.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888).copy()
