"""What is told of looking at pictures for their factors or class: of points, of sums, of directions, of dimensions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.event import Event, Thin
from models.events import Working

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from models.arithmetic import Term
    from models.datasets import Factor
    from models.directions import Direction
    from models.traits import Moves, Verdict


@dataclass(frozen=True)
class Reading(Working):
    """How far the looking is; `what` says at what, or that the reader of the data is still learning."""


@dataclass(frozen=True)
class ReadingEnded(Event):
    """The looking is over, done, stopped, or ended by a `problem`.

    With `unlearned` there is nobody yet who can read these data; learning to takes about so many seconds.
    """

    problem: str = ""
    unlearned: float | None = None


@dataclass(frozen=True)
class PointsRead(Event):
    """Factors as they were read in the pictures of the map's points: `values` [n, factors]."""

    thin = Thin.LATEST
    factors: tuple[Factor, ...]
    values: NDArray[np.float32]


@dataclass(frozen=True)
class Checked(Event):
    """What became of the factors in the picture of a sum."""

    thin = Thin.LATEST
    terms: tuple[Term, ...]
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True)
class Made(Event):
    """Directions that were worked out, to be taken in under their names."""

    directions: tuple[Direction, ...]


@dataclass(frozen=True)
class Leaked(Event):
    """What a direction moves: of one direction only the newest is kept."""

    thin = Thin.LATEST
    direction: Direction
    moves: Moves

    @property
    def slot(self) -> tuple[object, ...]:
        """Answers about other directions stay."""
        return (Leaked, self.run, id(self.direction.axis))


@dataclass(frozen=True)
class Effects(Event):
    """How much each dimension of the code does: to the picture, and in nats of its KL divergence where that is known.

    `effect` [latent_dim] is the root mean square change of a pixel, as a share of white, over two spreads.
    """

    thin = Thin.LATEST
    effect: NDArray[np.float32]
    kl: NDArray[np.float32] | None = None
