"""Time in training: how long it lasts, what the clock says, and what is due without costing too much."""

from __future__ import annotations

import math
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.events import Working

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from models.events import Event
    from models.family import Preset
    from models.job import Job

SURE = 1.5  # seconds of steps before anything is said of those to come: the first are slow
OFTEN = 0.1  # seconds between two words on how far work is
MEMORY = 10.0  # seconds over which the speed is a mean, so that what is foretold does not jump


@dataclass(frozen=True)
class Length:
    """When training ends: after so many steps, or after so many seconds; exactly one is set."""

    steps: int | None = None
    seconds: float | None = None

    @classmethod
    def of(cls, job: Job, preset: Preset, steps_per_epoch: int) -> Length:
        """What the job asks for, else the preset's own length."""
        if job.minutes is not None:
            return cls(seconds=job.minutes * 60)
        if job.steps is not None:
            return cls(steps=job.steps)
        epochs = job.epochs or preset.epochs
        return cls(steps=epochs * steps_per_epoch if epochs else preset.steps)

    def fraction(self, step: int, seconds: float) -> float:
        """How much of the training is done, from 0 to 1."""
        done = step / self.steps if self.steps else seconds / self.seconds if self.seconds else 1.0
        return min(1.0, done)

    def reached(self, step: int, seconds: float) -> bool:
        """Whether training is over."""
        return step >= self.steps if self.steps is not None else seconds >= (self.seconds or 0.0)


class Stopwatch:
    """Seconds of training, without its pauses; goes on from `seconds`."""

    def __init__(self, seconds: float = 0.0) -> None:
        self._before = seconds
        self._since: float | None = None

    def start(self) -> None:
        """Let time count from now on, if it does not yet."""
        if self._since is None:
            self._since = time.perf_counter()

    def stop(self) -> None:
        """Let time stand still."""
        self._before, self._since = self.seconds, None

    @property
    def seconds(self) -> float:
        """Seconds so far."""
        return self._before + (0.0 if self._since is None else time.perf_counter() - self._since)


class Speed:
    """Steps a second over the last `MEMORY` seconds."""

    def __init__(self) -> None:
        self._moments: deque[tuple[float, int]] = deque()

    def take(self, seconds: float, step: int) -> None:
        """Take note that `step` was reached after so many seconds of training."""
        moments = self._moments
        moments.append((seconds, step))
        while len(moments) > 2 and moments[1][0] <= seconds - MEMORY:
            moments.popleft()

    @property
    def now(self) -> float:
        """The speed; until two moments are known, that since the training began."""
        (then, before), (seconds, step) = self._moments[0], self._moments[-1]
        return (step - before) / (seconds - then) if seconds > then else step / max(seconds, 1e-9)

    def seconds_for(self, steps: int) -> float | None:
        """How long so many more steps take; None while it cannot be known."""
        watched = self._moments[-1][0] - self._moments[0][0]
        if steps <= 0:
            return 0.0
        return steps / self.now if watched >= SURE and self.now > 0 else None


class Headway:
    """How far work on a known number of things is: told ten times a second, with the time left once it is sure."""

    def __init__(self, what: str, total: int) -> None:
        self._what, self._total = what, total
        self._begun, self._told = time.monotonic(), -math.inf

    def at(self, done: int) -> Generator[Event, None, None]:
        """Tell that so many are done, if there is something new to tell."""
        now = time.monotonic()
        if now - self._told < OFTEN and done < self._total:
            return
        self._told = now
        spent = now - self._begun
        left = spent * (self._total / done - 1) if spent >= SURE or done == self._total else None
        yield Working("", 0, f"{self._what}, {done:,} of {self._total:,}", done / self._total, left)


class Duty:
    """Work beside the steps: at most once in `every` seconds, and never costing more than `share` of the time."""

    def __init__(self, perform: Callable[[], Iterator[Event]], every: float, share: float, first: float = 0.0) -> None:
        self.perform = perform
        self.every = every
        self.share = share
        self.next = time.perf_counter() + first
        self.cost: float | None = None  # seconds that it took at its fastest: what else goes on here is not its fault

    def done(self, start: float, end: float) -> None:
        """Take note that it was performed between these two moments of `time.perf_counter`."""
        self.cost = min(end - start, math.inf if self.cost is None else self.cost)
        self.next = max(start + self.every, end + (end - start) * (1 / self.share - 1))
