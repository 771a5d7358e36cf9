"""How far a piece of judging is, and how long the rest takes: learned from the pieces that are done."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

from models.events import Working

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from models.events import Event

T = TypeVar("T")


class Meter:
    """Tells of the `pieces` of work that lie ahead, each by its name, in their order.

    Pieces of one name are taken to last alike; `guesses` are seconds of those of which none was begun yet.
    """

    def __init__(self, run: str, step: int, pieces: Sequence[str], guesses: Mapping[str, float]) -> None:
        self._run, self._step = run, step
        self._ahead = list(pieces)
        self._seconds = dict(guesses)
        self._share = 0.0
        self._start = time.perf_counter()

    def along(self, work: Generator[float, None, T]) -> Generator[Event, None, T]:
        """Do the next piece, which yields the share of it that is done, and tell it as `Working`."""
        what = self._ahead.pop(0)
        start = time.perf_counter()
        while True:
            try:
                share = next(work)
            except StopIteration as end:
                self._seconds[what] = time.perf_counter() - start
                value: T = end.value
                return value
            yield self._told(what, share, time.perf_counter() - start)

    def _told(self, what: str, share: float, spent: float) -> Working:
        whole = spent / share if share > 0 else self._seconds[what]
        self._seconds[what] = max(whole, spent)
        left = self._seconds[what] - spent + sum(self._seconds[piece] for piece in self._ahead)
        passed = time.perf_counter() - self._start
        self._share = max(self._share, passed / (passed + left) if passed > 0 else 0.0)  # a bar never goes back
        return Working(self._run, self._step, what, self._share, left)
