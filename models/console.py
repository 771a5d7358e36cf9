"""Events on a terminal: a progress bar where somebody looks, else a plain line every few seconds; all on stderr."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING

from models.errors import Stopped
from models.events import Cancelled, Failed, Losses, Noticed, Progress, Started, Working

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from tqdm import tqdm

    from models.events import Event
    from models.job import Control

PATIENCE = 1.0  # seconds of work that need no line
EVERY = 5.0  # seconds between two plain lines
BAR = "{desc} {percentage:3.0f}%|{bar}| {unit}"  # tqdm puts a comma before what it calls the postfix
INTERRUPTED = 130


class Console:
    """Shows the events of one piece of work; `run` is the run's folder once it is known."""

    def __init__(self, control: Control) -> None:
        self.run = ""
        self._control = control
        self._loss = ""
        self._watched = sys.stderr.isatty()
        self._bar: tqdm[None] | None = None
        self._due: float | None = 0.0 if self._watched else None

    def drive(self, events: Iterator[Event]) -> int:
        """Run the work to its end and return the exit code. Ctrl-C and SIGTERM stop it, a second one at once."""
        with _Interrupts(self._control, self):
            code = 0
            try:
                for event in events:
                    self._show(event)
                    if isinstance(event, Failed):
                        code = 1
                    elif isinstance(event, Cancelled):
                        code = INTERRUPTED
            except Stopped:
                code = INTERRUPTED
            finally:
                self._close()
        return code

    def say(self, text: str) -> None:
        """One line, without tearing the progress bar."""
        if self._bar is not None:
            self._bar.clear()
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()

    def _show(self, event: Event) -> None:
        match event:
            case Started(info=info):
                self.run = info.folder
                size = f"{info.parameter_count:,} trainable parameters, code of {info.latent_dim}"
                self.say(f"{info.family} {info.preset} on {info.dataset}: {size}, {info.device} {info.precision}")
                self.say(f"run {info.folder}")
            case Losses(split="train", values=values):
                self._loss = ", ".join(f"{name} {part[-1]:.4g}" for name, part in list(values.items())[:1])
            case Progress():
                told = f"step {event.step:,}, {self._loss}, {event.samples_per_second:,.0f} img/s"
                self._advance("Training", event.fraction, f"{told}, {_clock(event.seconds_left)} left")
            case Working():
                left = "" if event.seconds_left is None else f"{_clock(event.seconds_left)} left"
                self._advance(event.what, event.fraction, left)
            case Noticed():
                self.say(event.message)
            case Failed():
                self._close()
                self.say(event.message)
                if event.details:
                    self.say(event.details)

    def _advance(self, what: str, fraction: float | None, told: str) -> None:
        """Say how far the work is: at most ten times a second in a bar, every few seconds in lines."""
        now = time.monotonic()
        if self._due is None:  # the first word of work that may be over before anybody wonders
            self._due = now + PATIENCE
        if now < self._due:
            return
        self._due = now + (0.1 if self._watched else EVERY)
        if self._watched:
            bar = self._open_bar()
            bar.set_description_str(what, refresh=False)
            bar.unit = told
            bar.n = round(fraction or 0.0, 4)
            bar.refresh()
        else:
            share = "" if fraction is None else f" {fraction:.0%}"
            self.say(f"{what}{share}{', ' if told else ''}{told}")

    def _open_bar(self) -> tqdm[None]:
        if self._bar is None:
            from tqdm import tqdm

            tqdm.monitor_interval = 0  # no thread beside the training
            self._bar = tqdm(total=1.0, bar_format=BAR, leave=False, dynamic_ncols=True)
        return self._bar

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


class _Interrupts:
    """While inside, the first Ctrl-C or SIGTERM asks the work to stop, and the second ends the process."""

    def __init__(self, control: Control, console: Console) -> None:
        self._control = control
        self._console = console

    def __enter__(self) -> None:
        self._before = {}
        if threading.current_thread() is threading.main_thread():  # nobody else may set them
            self._before = {each: signal.signal(each, self._hear) for each in (signal.SIGINT, signal.SIGTERM)}

    def __exit__(self, *error: object) -> None:
        for each, handler in self._before.items():
            signal.signal(each, handler)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        if self._control.stopping:
            os._exit(INTERRUPTED)
        self._control.stop()
        self._console.say("Stopping; what is done is kept. Once more ends it at once.")


def _clock(seconds: float | None) -> str:
    """Seconds as 0:05, 12:34 or 1:02:03, and as … while unknown."""
    if seconds is None:
        return "…"
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
