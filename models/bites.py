"""Pictures of a model that may be slow: a few at a time, so that a stop is heard and no look takes long."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from models.events import Pictures
    from models.job import Control

LONG = 0.5  # seconds after which a request to stop, or a smaller one, should be heard
PATIENCE = 1.0  # seconds that a stop waits for looks that have begun or are still to come
LOOK = 1.0  # seconds after which a look is over, if it has seen its least share of pictures
LEAST = 5  # part of the pictures that every look sees


def next_bite(bite: int, seconds: float, most: int) -> int:
    """How many pictures to take at a time when `bite` of them took so many seconds; at most `most`."""
    if seconds > LONG:
        return max(1, bite // 2)
    return min(most, 2 * bite) if seconds < LONG / 4 else bite


class Patience:
    """Whether a stop has waited long enough: the first to ask after it starts the clock for all."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self._since: float | None = None

    @property
    def over(self) -> bool:
        """Whether what goes on should end now."""
        if not self._control.stopping:
            return False
        self._since = time.perf_counter() if self._since is None else self._since
        return time.perf_counter() - self._since > PATIENCE


class Look:
    """One kind of look: at most `most` pictures, `bite` at a time at first and never more than `widest`.

    Where that takes too long, this look and all later ones see fewer pictures.
    """

    def __init__(self, most: int, bite: int, widest: int, patience: Patience) -> None:
        self._most, self._bite, self._widest = most, bite, widest
        self._least = max(1, most // LEAST)
        self._patience = patience

    def pictures(self, coming: Callable[[slice], Iterator[Pictures]]) -> Pictures | None:
        """The last of what is `coming` of each part, in one array; after a stop the first of them, None without any."""
        start = time.perf_counter()
        parts: list[Pictures] = []
        done = 0
        while done < self._most and not (parts and self._patience.over):
            part = slice(done, min(self._most, done + self._bite))
            began = time.perf_counter()
            made = self._last(coming(part))
            if made is None:
                break
            parts.append(made)
            done = part.stop
            if part.stop - part.start == self._bite:
                self._bite = next_bite(self._bite, time.perf_counter() - began, self._widest)
            if done >= self._least and time.perf_counter() - start > LOOK:
                self._most = done
        if not parts:
            return None
        seen = np.concatenate(parts)
        seen.setflags(write=False)
        return seen

    def _last(self, steps: Iterator[Pictures]) -> Pictures | None:
        """The last of the steps; None when a stop has waited long enough before it."""
        made, over = None, False
        for made in steps:  # noqa: B007  # the last one counts
            if over:
                return None
            over = self._patience.over
        return made
