"""What is told while the run on the stage is compared with another, or with an earlier step of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from models.event import Event, Thin

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from models.datasets import Factor
    from models.events import Codes, Points, Projection, Weights


@dataclass(frozen=True)
class Pairing(Event):
    """How far the comparison with the run in `folder` is."""

    thin: ClassVar[Thin] = Thin.LATEST
    folder: str
    fraction: float


@dataclass(frozen=True)
class Compared(Event):
    """The other model at its step `at`, with its map, and what became of each point where both show the same pictures.

    `values` [n, 2] are those of the `factors` "neighbours kept" and "drift" of `models/comparing.py`, None where the
    points of both maps are no pairs. `akin` says that a code means the same to both, as to two steps of one run. Or
    there is a `problem`, in words.
    """

    folder: str
    title: str = ""
    at: int = 0
    weights: Weights | None = None
    codes: Codes | None = None
    points: Points | None = None
    projection: Projection | None = None
    factors: tuple[Factor, ...] = ()
    values: NDArray[np.float32] | None = None
    akin: bool = False
    problem: str = ""

    @property
    def paired(self) -> bool:
        """Whether the points of both maps are the same held-out pictures."""
        return self.values is not None
