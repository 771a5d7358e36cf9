"""What to train and how long (`Job`), the hand on the lever while it runs (`Control`), and its end (`finished`)."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

from pydantic import Field, model_validator

from models.params import Params, param

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

Device = Literal["auto", "cpu", "cuda", "mps"]
Precision = Literal["auto", "fp32", "bf16"]
T = TypeVar("T")
PART = ("classes", "limit", "seed")  # what of a job decides which pictures of a data set are taken


class Job(Params):
    """One training, complete: written to the run's manifest before the first step, and enough to repeat it.

    Of `epochs`, `steps` and `minutes` at most one is set; with none the preset's own length holds.
    """

    family: str = param("vae", "The family of models to train.")
    preset: str = param("", "A named set of the family's settings; empty for the family's first one.")
    settings: dict[str, Any] = Field(default_factory=dict)
    dataset: str = param("digits", "The data set to train on.")
    dataset_settings: dict[str, Any] = Field(default_factory=dict)
    classes: str = param(
        "", "Only these classes of the data set, by name or number (from 0), with commas between; empty for all."
    )
    limit: int | None = param(
        None, "At most so many training pictures, of every class its share; test pictures in proportion.",
        low=1, high=2**31 - 1, unit="pictures",
    )  # fmt: skip
    epochs: int | None = param(None, "How often every training picture is seen.", low=1, high=1_000_000, unit="epochs")
    steps: int | None = param(None, "How many optimiser steps are made.", low=1, high=100_000_000, unit="steps")
    minutes: float | None = param(None, "How long training lasts.", low=0.001, high=100_000, unit="min")
    seed: int = param(0, "Start of every random number: same seed, same machine, same run.", low=0, high=2**31 - 1)
    device: Device = param("auto", "Where to compute: auto takes the fastest there is.")
    precision: Precision = param("auto", "fp32, or bf16 where the hardware has it natively (auto).")
    run: str | None = param(None, "The folder of the run; empty for a new one in your runs folder.", path=True)

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        given = [name for name in ("epochs", "steps", "minutes") if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"only one of epochs, steps and minutes can be set, not {' and '.join(given)}.")
        return self


class Control:
    """Stop, pause, one step, slow motion, go on: asked from one thread and heard by another between two steps."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._stopping = self._paused = False
        self._granted = 0  # steps that paused work may make
        self._pace: float | None = None
        self._wake: Callable[[], None] | None = None

    def stop(self) -> None:
        """Ask the work to end soon, paused or not."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
            wake = self._wake
        if wake is not None:
            wake()

    def on_stop(self, wake: Callable[[], None]) -> None:
        """Have `wake` called at a stop, in the stopping thread: for work that sleeps until it is asked something."""
        with self._changed:
            self._wake = wake
            late = self._stopping
        if late:
            wake()

    def rest(self, seconds: float) -> bool:
        """Block that long, or until a stop is asked: whether it was."""
        with self._changed:
            return self._changed.wait_for(lambda: self._stopping, seconds)

    def pause(self) -> None:
        """Ask the work to halt between two steps until `resume` or `stop`."""
        with self._changed:
            self._paused, self._granted = True, 0
            self._changed.notify_all()

    def resume(self) -> None:
        """Let paused work go on."""
        with self._changed:
            self._paused, self._granted = False, 0
            self._changed.notify_all()

    def step_once(self) -> None:
        """Let paused work make one step more and halt again; work that runs halts likewise."""
        with self._changed:
            self._paused = True
            self._granted += 1
            self._changed.notify_all()

    def slow(self, steps_per_second: float | None) -> None:
        """Ask the work for no more than so many steps a second, to be watched; None for as many as it can."""
        with self._changed:
            self._pace = steps_per_second
            self._changed.notify_all()

    @property
    def stopping(self) -> bool:
        """Whether the work should end."""
        return self._stopping

    @property
    def paused(self) -> bool:
        """Whether the work should halt for now."""
        return self._paused and not self._stopping

    @property
    def pace(self) -> float | None:
        """Steps a second that the work should not exceed; None without such a limit."""
        return self._pace

    def wait(self, timeout: float | None = None) -> bool:
        """Block while paused, at most `timeout` seconds; true when the work may go on, make a step, or must end."""
        with self._changed:
            return self._changed.wait_for(lambda: not self.paused or self._granted > 0, timeout)

    def take_step(self) -> bool:
        """Whether paused work goes on for one granted step only, which this uses up."""
        with self._changed:
            taken = self.paused and self._granted > 0
            self._granted -= taken
            return taken

    def linger(self, seconds: float, pace: float) -> None:
        """Block between two steps of this pace: so many seconds, or until the lever is moved in any way."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopping or self._paused or self._pace != pace, seconds)


def finished(work: Generator[Any, None, T]) -> T:
    """Run `work` to its end, whatever it tells on the way; what it returns."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            value: T = end.value
            return value
