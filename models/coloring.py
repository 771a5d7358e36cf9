"""What the colours of the map's points mean: their classes, or one known factor of their pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.errors import printable
from models.palette import color_of, ramp_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.datasets import Factor
    from models.events import Labels

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

    def color(self, label: int, dark: bool = False) -> str:
        """The colour of a label as #RRGGBB on a light or dark ground."""
        return color_of(label, dark) if self.ramp is None or label < 0 else ramp_of((label + 0.5) / SHADES, dark)


def by_factor(factor: Factor, numbers: NDArray[np.float32]) -> Coloring:
    """A factor that is `numbers` [n] in the pictures: its values by name, or steps from its lowest to its highest."""
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


def value_of(factor: Factor, number: float) -> str:
    """What a factor is in one picture: `0.43`, `round`, `-12 degrees`, `not known`."""
    if not np.isfinite(number):
        return "not known"
    if factor.values and 0 <= number < len(factor.values):
        return printable(factor.values[round(number)])
    return f"{number:.3g}{f' {factor.unit}' if factor.unit else ''}"
