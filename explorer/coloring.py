"""What colours the points of the map now: their classes, the groups they belong to, or the factor a person chose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from explorer.colors import class_color, ramp_color
from models.coloring import SHADES, Coloring, by_factor, value_of
from models.errors import printable

if TYPE_CHECKING:
    from PySide6.QtGui import QColor

    from explorer.groups import Group
    from explorer.state import SessionState


GROUPS = ":groups"  # in place of a factor's name: points are coloured by their groups


def by_groups(state: SessionState) -> bool:
    """Whether the points are coloured by the groups they belong to."""
    return state.factor == GROUPS and bool(state.groups)


def chosen_factor(state: SessionState) -> int | None:
    """The index of the factor that colours the map; None where none does, or the pictures have no such one."""
    data = state.data
    if data is None or data.values is None:
        return None
    unasked = not state.factor or (state.factor == GROUPS and not state.groups)
    if unasked and data.generated and (data.labels < 0).all():
        return 0  # nobody asked for classes, so those that are recognised stand for them
    return next((index for index, factor in enumerate(data.factors) if factor.name == state.factor), None)


def coloring_of(state: SessionState) -> Coloring:
    """The labels of all points."""
    data, index = state.data, chosen_factor(state)
    if data is not None and by_groups(state):
        return _grouped(len(data.labels), state.groups)
    if data is not None and data.values is not None and index is not None:
        return by_factor(data.factors[index], data.values[:, index])
    labels = data.labels if data is not None else np.empty(0, np.int64)
    return Coloring(labels, state.run.class_names if state.run is not None else ())


def _grouped(count: int, groups: tuple[Group, ...]) -> Coloring:
    """Each point with the colour of its group, of several the last; colours that no group has are called nothing."""
    labels, names = np.full(count, -1, np.int64), [""] * (1 + max(group.color for group in groups))
    for group in groups:
        labels[group.indices[group.indices < count]] = group.color
        names[group.color] = printable(group.name)
    return Coloring(labels, tuple(names))


def told_factor(state: SessionState, picture: int) -> str:
    """What the chosen factor is in one picture, `smile 0.43` or `glasses round`; empty where the class is chosen."""
    data, index = state.data, chosen_factor(state)
    if data is None or data.values is None or index is None:
        return ""
    return f"{printable(data.factors[index].name)} {value_of(data.factors[index], float(data.values[picture, index]))}"


def shade_color(label: int) -> QColor:
    """The colour of a step of the ramp; grey for -1, where the number is not known."""
    return ramp_color((label + 0.5) / SHADES) if label >= 0 else class_color(label)
