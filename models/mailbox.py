"""The way of events from one thread to another, thinned when the reader is slower than the work."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from models.events import Thin

if TYPE_CHECKING:
    from models.events import Event


class Mailbox:
    """A thread-safe queue of events that keeps, of those that may be thinned, only what the reader needs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events: dict[object, Event] = {}
        self._serial = 0

    def put(self, event: Event) -> None:
        """Add an event from any thread; never blocks for long and never grows by events that thin."""
        with self._lock:
            self._serial += 1
            if event.thin is Thin.NEVER:
                self._events[self._serial] = event
                return
            older = self._events.pop(event.slot, None)
            merges = event.thin is Thin.MERGE and older is not None
            self._events[event.slot] = older.merged(event) if merges and older else event

    def drain(self) -> list[Event]:
        """Take everything out, oldest first; a thinned event stands where its newest part arrived."""
        with self._lock:
            events, self._events = list(self._events.values()), {}
        return events
