"""Looking at data before training: what the form chooses, what is known of it, and the intents that find out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from explorer import works
from models.data_events import DataShown, Looking

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.state import SessionState
    from explorer.worker import Worker
    from models.job import Control, Job


@dataclass(frozen=True)
class Look:
    """The data that are chosen by `job`, the last answer about data, and the work that goes on for the next one."""

    job: Job | None = None
    shown: DataShown | None = None
    working: Looking | None = None

    @property
    def current(self) -> DataShown | None:
        """The answer, if it is about the data that are chosen now."""
        return self.shown if self.shown is not None and same_pictures(self.shown.job, self.job) else None

    def after(self, event: Looking | DataShown) -> Look:
        """What is known after `event`; an answer about data that are no longer chosen comes too late."""
        if isinstance(event, Looking):
            return replace(self, working=event)
        return replace(self, shown=event, working=None) if same_pictures(event.job, self.job) else self


def same_pictures(one: Job, other: Job | None) -> bool:
    """Whether both trainings would see the same pictures."""
    return other is not None and _pictures(one) == _pictures(other)


def _pictures(job: Job) -> tuple[object, ...]:
    return job.dataset, job.dataset_settings, job.classes, job.limit, job.seed if job.limit else None


class Looks:
    """The intents of a session about data that are only looked at; `tasks` is the lane that loads them."""

    def __init__(self, tasks: Worker, read: Callable[[], SessionState], apply: Callable[[SessionState], None]) -> None:
        self._tasks, self._read, self._apply = tasks, read, apply
        self._control: Control | None = None

    def _write(self, **changes: Any) -> None:
        state = self._read()
        self._apply(replace(state, look=replace(state.look, **changes)))

    def choose(self, job: Job) -> None:
        """The form chooses these data now; a look at other data ends."""
        if same_pictures(job, self._read().look.job):
            return
        if self._control is not None:
            self._control.stop()
        self._write(job=job, working=None)

    def begin(self, fetch: bool = False) -> None:
        """Look at the chosen data; without `fetch` nothing is downloaded. A newer look replaces an older one."""
        job = self._read().look.job
        if job is not None:
            self._control = self._tasks.renew(works.looking(job, fetch), self._control)
            self._write(working=Looking("", 0, "Looking at the data"))

    def stop(self) -> None:
        """Look no further."""
        if self._control is not None:
            self._control.stop()
        look = self._read().look
        if look.working is not None and look.job is not None:
            self._write(shown=DataShown("", 0, look.job), working=None)
