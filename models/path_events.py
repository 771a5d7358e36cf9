"""What is told of the search for the shortest way between two codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.event import Event, Thin

if TYPE_CHECKING:
    from models.events import Codes, Shares
    from models.latent import Code


@dataclass(frozen=True)
class Ends:
    """The two ends of a leg: codes [d], and the shares [classes] as which they are drawn."""

    start: Code
    end: Code
    start_shares: Shares | None = None
    end_shares: Shares | None = None


@dataclass(frozen=True)
class Shortened(Event):
    """How far the search for the shortest way between `ends` is: the best by now, as codes [n, d] at equal steps.

    `length` and `straight` are lengths in picture space, the root of the summed squares of all values in [0, 1], of
    this way and of the straight one; the first is never above the second. Of one leg only the newest is kept.
    """

    thin = Thin.LATEST
    ends: Ends
    nodes: Codes
    length: float
    straight: float
    share: float = 0.0  # of the search for this leg
    done: bool = False

    @property
    def slot(self) -> tuple[object, ...]:
        """Answers replace older answers about the same leg only."""
        return (Shortened, self.run, id(self.ends))


@dataclass(frozen=True)
class ShorteningEnded(Event):
    """The search for shortest ways is over, because all are found or because of a `problem`."""

    problem: str = ""
