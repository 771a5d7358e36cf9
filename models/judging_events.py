"""What is told of how good a model is: what is recognised in its samples, how far judging is, what goes wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.event import Event, Thin
from models.events import Working

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from models.events import Labels


@dataclass(frozen=True)
class Judged(Event):
    """The classes recognised in the samples of this step, in their order, beside the shares that classes should have.

    Without `recognised` nobody can tell yet: a judge of these data must be trained first, in about so many `seconds`.
    """

    thin = Thin.LATEST
    recognised: Labels | None = None
    expected: NDArray[np.float32] | None = None  # [classes], of what was asked for, else of the training data
    seconds: float = 0.0


@dataclass(frozen=True)
class Diagnosed(Event):
    """An illness of the training was seen at this step: its name, and a sentence with what to do."""

    illness: str
    message: str


@dataclass(frozen=True)
class Judging(Working):
    """How far the judging of the run in `folder` is; `score` is false where only the judge is trained."""

    folder: str = ""
    score: bool = True


@dataclass(frozen=True)
class JudgingEnded(Event):
    """Judging is over, done or stopped."""
