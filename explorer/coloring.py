"""What colours the points of the map now: their classes, or the known factor that a person chose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from explorer.colors import class_color, ramp_color
from models.coloring import SHADES, Coloring, by_factor, value_of
from models.errors import printable

if TYPE_CHECKING:
    from PySide6.QtGui import QColor

    from explorer.state import SessionState


def chosen_factor(state: SessionState) -> int | None:
    """The index of the factor that colours the map; None where it is the class, or the pictures have no such factor."""
    data = state.data
    if data is None or data.values is None:
        return None
    if not state.factor and data.generated and (data.labels < 0).all():
        return 0  # nobody asked for classes, so those that are recognised stand for them
    return next((index for index, factor in enumerate(data.factors) if factor.name == state.factor), None)


def coloring_of(state: SessionState) -> Coloring:
    """The labels of all points."""
    data, index = state.data, chosen_factor(state)
    if data is not None and data.values is not None and index is not None:
        return by_factor(data.factors[index], data.values[:, index])
    labels = data.labels if data is not None else np.empty(0, np.int64)
    return Coloring(labels, state.run.class_names if state.run is not None else ())


def told_factor(state: SessionState, picture: int) -> str:
    """What the chosen factor is in one picture, `smile 0.43` or `glasses round`; empty where the class is chosen."""
    data, index = state.data, chosen_factor(state)
    if data is None or data.values is None or index is None:
        return ""
    return f"{printable(data.factors[index].name)} {value_of(data.factors[index], float(data.values[picture, index]))}"


def shade_color(label: int) -> QColor:
    """The colour of a step of the ramp; grey for -1, where the number is not known."""
    return ramp_color((label + 0.5) / SHADES) if label >= 0 else class_color(label)
