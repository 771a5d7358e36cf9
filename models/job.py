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
    """Stop, pause and go on, asked from one thread and heard by another between two steps."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._running = threading.Event()
        self._running.set()
        self._wake: Callable[[], None] | None = None

    def stop(self) -> None:
        """Ask the work to end soon, paused or not."""
        self._stopping.set()
        self._running.set()
        if self._wake is not None:
            self._wake()

    def on_stop(self, wake: Callable[[], None]) -> None:
        """Have `wake` called at a stop, in the stopping thread: for work that sleeps until it is asked something."""
        self._wake = wake
        if self._stopping.is_set():  # asked last, as in `pause`
            wake()

    def rest(self, seconds: float) -> bool:
        """Block that long, or until a stop is asked: whether it was."""
        return self._stopping.wait(seconds)

    def pause(self) -> None:
        """Ask the work to halt between two steps until `resume` or `stop`."""
        self._running.clear()
        if self._stopping.is_set():  # asked last, so that a stop at the same moment is never missed
            self._running.set()

    def resume(self) -> None:
        """Let paused work go on."""
        self._running.set()

    @property
    def stopping(self) -> bool:
        """Whether the work should end."""
        return self._stopping.is_set()

    @property
    def paused(self) -> bool:
        """Whether the work should halt for now."""
        return not self._running.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        """Block while paused, at most `timeout` seconds; true when the work may go on or must end."""
        return self._running.wait(timeout)


def finished(work: Generator[Any, None, T]) -> T:
    """Run `work` to its end, whatever it tells on the way; what it returns."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            value: T = end.value
            return value
