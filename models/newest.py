"""A place for one request: put there from any thread, taken by the one that answers; the newest wins."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

from models.job import Control

T = TypeVar("T")


class Newest(Generic[T]):
    """Holds what was asked for last, until it is taken; what is answered now has a lever of its own."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: T | None = None
        self._begun = Control()

    def put(self, request: T) -> None:
        """Ask for this instead of whatever waits."""
        with self._changed:
            self._waiting = request
            self._changed.notify()

    @property
    def waiting(self) -> bool:
        """Whether something was asked for that nobody has taken yet."""
        with self._changed:
            return self._waiting is not None

    def take(self, control: Control) -> T | None:
        """What was asked for last, as soon as there is something; None once `control` says stop."""
        control.on_stop(self._wake)
        with self._changed:
            self._changed.wait_for(lambda: self._waiting is not None or control.stopping)
            request, self._waiting = self._waiting, None
        return None if control.stopping else request

    def begin(self, outer: Control) -> Control:
        """The lever of the answer that begins, which also ends when `outer` says stop."""
        self._begun = Control()
        outer.on_stop(self._begun.stop)
        return self._begun

    def enough(self) -> None:
        """End the answer that was begun."""
        self._begun.stop()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify()
