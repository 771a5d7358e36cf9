"""What colours the points of the map: their classes, or one of the known factors of their pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.colors import class_color, ramp_color
from models.errors import printable

if TYPE_CHECKING:
    from PySide6.QtGui import QColor

    from explorer.state import SessionState
    from models.datasets import Factor
    from models.events import HeldOut, Labels

SHADES = 64  # steps of the ramp that colours a number


@dataclass(frozen=True)
class Coloring:
    """A label [n] for each point: a class, a value that has a name, or a step of the ramp; -1 where none is known."""

    labels: Labels
    names: tuple[str, ...] = ()
    ramp: Factor | None = None  # the factor whose numbers the steps stand for

    @property
    def counts(self) -> dict[int, int]:
        """How many points each label has."""
        labels, counts = np.unique(self.labels, return_counts=True)
        return dict(zip(labels.tolist(), counts.tolist(), strict=True))


def chosen_factor(state: SessionState) -> int | None:
    """The index of the factor that colours the map; None where it is the class, or the pictures have no such factor."""
    data = state.data
    if data is None or data.values is None:
        return None
    return next((index for index, factor in enumerate(data.factors) if factor.name == state.factor), None)


def by_class(data: HeldOut | None, names: tuple[str, ...]) -> Coloring:
    """The classes of the pictures."""
    return Coloring(data.labels if data is not None else np.empty(0, np.int64), names)


def by_factor(data: HeldOut, index: int) -> Coloring:
    """Factor `index` of the pictures: its values by name, or as steps from its lowest number to its highest."""
    assert data.values is not None
    factor, numbers = data.factors[index], data.values[:, index]
    known = np.isfinite(numbers)
    if factor.values:
        places, last = numbers, len(factor.values) - 1
    else:
        width = factor.high - factor.low or 1.0
        places, last = (numbers - factor.low) / width * SHADES - 0.5, SHADES - 1
    labels = np.clip(np.rint(np.where(known, places, 0)), 0, last).astype(np.int64)
    labels[~known] = -1
    names = tuple(printable(value) for value in factor.values)
    return Coloring(labels, names, None if factor.values else factor)


def value_of(data: HeldOut, factor: int, picture: int) -> str:
    """What a factor is in one picture, in words: `smile 0.43`, `glasses round`, `tilt not known`."""
    assert data.values is not None
    told, number = data.factors[factor], float(data.values[picture, factor])
    if not np.isfinite(number):
        return f"{printable(told.name)} not known"
    if told.values and 0 <= number < len(told.values):
        return f"{printable(told.name)} {printable(told.values[round(number)])}"
    return f"{printable(told.name)} {number:.3g}{f' {told.unit}' if told.unit else ''}"


def shade_color(label: int) -> QColor:
    """The colour of a step of the ramp; grey for -1, where the number is not known."""
    return ramp_color((label + 0.5) / SHADES) if label >= 0 else class_color(label)
