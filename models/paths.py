"""Ways through key frames: where one is on them at any time, and boards blended from four corners; pure maths."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from models import latent
from models.errors import UserError
from models.path_events import Ends

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from models.events import Codes, Shares
    from models.latent import Code

Mode = Literal["linear", "spherical", "geodesic"]
Easing = Literal["even", "smooth", "in", "out"]
Loop = Literal["once", "around", "to-and-fro"]
MODES, EASING_NAMES, LOOPS = get_args(Mode), get_args(Easing), get_args(Loop)

EASINGS: Mapping[str, Callable[[float], float]] = {
    "even": lambda share: share,
    "smooth": lambda share: share * share * (3 - 2 * share),
    "in": lambda share: share * share,
    "out": lambda share: share * (2 - share),
}


@dataclass(frozen=True)
class Moment:
    """Where one is at some time: the code [d], and the shares [classes] of the classes it is drawn as."""

    code: Code
    shares: Shares | None


@dataclass(frozen=True)
class Path:
    """A way through k >= 2 key frames; `seconds` has an entry for each leg, the closing one too when it goes around.

    `nodes` are codes [n, d] at equal steps of the legs, by number, whose shortest way is known; a geodesic leg without
    them is straight. Raises UserError for what is no way.
    """

    codes: Codes  # [k, d]
    seconds: tuple[float, ...]
    shares: Shares | None = None  # [k, classes]
    mode: Mode = "linear"
    easing: Easing = "even"
    loop: Loop = "once"
    nodes: Mapping[int, Codes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.codes) < 2:
            raise UserError("A morph needs two key frames at least.", mend="Add another one.")
        if not np.isfinite(self.codes).all():
            raise UserError("A key frame has a code that is no number, so there is no way to it.")
        if len(self.seconds) != len(self.legs) or not all(math.isfinite(each) and each > 0 for each in self.seconds):
            raise UserError("Every leg of a morph needs a length of more than no seconds.")

    @property
    def legs(self) -> list[tuple[int, int]]:
        """The key frames at both ends of each leg, in order."""
        last = len(self.codes) - 1
        return [*((each, each + 1) for each in range(last)), *([(last, 0)] if self.loop == "around" else [])]

    @property
    def ends(self) -> list[Ends]:
        """Both ends of each leg."""
        shares = [None] * len(self.codes) if self.shares is None else [*self.shares]
        return [Ends(self.codes[one], self.codes[other], shares[one], shares[other]) for one, other in self.legs]

    @property
    def length(self) -> float:
        """Seconds from the first key frame to the last, or around to the first."""
        return math.fsum(self.seconds)

    @property
    def round(self) -> float:
        """Seconds until everything comes again, or all has been seen."""
        return 2 * self.length if self.loop == "to-and-fro" else self.length

    def folded(self, time: float) -> float:
        """A time after any number of rounds as one from 0 to `length`."""
        if self.loop == "once":
            return min(max(time, 0.0), self.length)
        within = time % self.round
        return self.length - abs(self.length - within) if self.loop == "to-and-fro" else within

    def place(self, time: float) -> tuple[int, float]:
        """The leg that is gone at a time, and the share (0 to 1) of its seconds that are over."""
        left = self.folded(time)
        for leg, seconds in enumerate(self.seconds):
            if left <= seconds:
                return leg, left / seconds
            left -= seconds
        return len(self.seconds) - 1, 1.0

    def at(self, time: float) -> Moment:
        """Code and shares at a time in seconds."""
        leg, share = self.place(time)
        start, end = self.legs[leg]
        gone = EASINGS[self.easing](share)
        shares = None if self.shares is None else latent.lerp(self.shares[start], self.shares[end], gone)
        return Moment(self.between(leg, gone), shares)

    def between(self, leg: int, share: float) -> Code:
        """The code `share` (0 to 1) of a leg's way, however long that takes."""
        start, end = (self.codes[each] for each in self.legs[leg])
        if self.mode == "geodesic" and leg in self.nodes:
            return along(self.nodes[leg], share)
        return between(start, end, share, self.mode)

    def times(self, fps: float) -> NDArray[np.float64]:
        """The moments of one round at so many pictures a second; a loop does not show its first picture twice."""
        return self.moments(max(2, round(self.round * fps) + (self.loop == "once")))

    def moments(self, count: int) -> NDArray[np.float64]:
        """So many moments of one round, evenly spread: to its end, or to just before its beginning comes again."""
        return np.linspace(0, self.round, count, endpoint=self.loop == "once")

    def sampled(self, times: NDArray[np.float64]) -> tuple[Codes, Shares | None]:
        """Codes [n, d] and shares [n, classes] at times [n]."""
        moments = [self.at(time) for time in times.tolist()]
        shares = None if self.shares is None else np.stack([each.shares for each in moments if each.shares is not None])
        return np.stack([each.code for each in moments]), shares


def between(start: Code, end: Code, share: float, mode: Mode) -> Code:
    """The code `share` of the way from one [d] to another: along an arc around the origin, or straight."""
    return (latent.slerp if mode == "spherical" else latent.lerp)(start, end, share)


def along(nodes: Codes, share: float) -> Code:
    """The code `share` of the way over nodes [n, d] at equal steps, straight between two of them."""
    place = min(max(share, 0.0), 1.0) * (len(nodes) - 1)
    before = min(int(place), len(nodes) - 2)
    return latent.lerp(nodes[before], nodes[before + 1], place - before)


def board(corners: Codes, side: int, mode: Mode) -> Codes:
    """Codes [side * side, d] blended from corners [4, d]: top left, top right, bottom left, bottom right; row by row.

    First along the upper and the lower edge, then down each column, straight or along arcs.
    """
    shares = np.linspace(0, 1, side).tolist()
    edges = ((corners[0], corners[1]), (corners[2], corners[3]))
    top, bottom = ([between(start, end, share, mode) for share in shares] for start, end in edges)
    rows = [between(above, below, share, mode) for share in shares for above, below in zip(top, bottom, strict=True)]
    return np.stack(rows)
