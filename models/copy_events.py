"""What is told of the search for copies: pictures, the training pictures nearest to them, and how near that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.event import Event, Thin

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.events import Labels, Pictures

ALARM = 0.99  # of held-out pictures that are farther from any training picture: from there on it may be a copy


@dataclass(frozen=True)
class Comparing(Event):
    """How far loading the training pictures, and measuring held-out ones by them, is."""

    thin = Thin.LATEST
    what: str
    fraction: float | None = None
    seconds_left: float | None = None


@dataclass(frozen=True)
class Copied(Event):
    """Pictures uint8 [q, h, w, c] of `source`, and of each the `nearest` training pictures [q, k, h, w, c].

    These are numbers `indices` [q, k] of class `labels` (-1 for none), at `distances` [q, k]: root mean squared
    differences of two values in [0, 1]. `alone` [q] is the first distance over the mean of the others: a copy lies much
    nearer to one picture than to all others, a smooth picture is near to many (Carlini et al. 2023, section 4.2).
    `known_distances` and `known_alone` [m], rising, are the same of held-out pictures.
    """

    thin = Thin.LATEST
    source: str
    pictures: Pictures
    nearest: NDArray[np.uint8]
    indices: NDArray[np.int64]
    labels: Labels
    distances: NDArray[np.float32]
    alone: NDArray[np.float32]
    known_distances: NDArray[np.float32]
    known_alone: NDArray[np.float32]

    @property
    def ranks(self) -> NDArray[np.float64]:
        """The share [q] of held-out pictures that lie farther from any training picture."""
        return farther(self.known_distances, self.distances[:, 0])

    @property
    def suspicious(self) -> NDArray[np.bool_]:
        """Which [q] may be copies: nearer, and nearer than to others like it, than almost all held-out pictures."""
        return (self.ranks >= ALARM) & (farther(self.known_alone, self.alone) >= ALARM)


@dataclass(frozen=True)
class CopiesUnknown(Event):
    """Why nothing can be said: the reason and its mend in words; empty where a person ended it."""

    problem: str


def farther(known: NDArray[np.float32], values: NDArray[np.float32]) -> NDArray[np.float64]:
    """The share of `known` [m], which rise, that lie above each of the values [q]."""
    return 1 - np.searchsorted(known, values, side="right") / len(known)
