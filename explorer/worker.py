"""The only thing in the program that starts a thread: it runs generators of events, one after another."""

from __future__ import annotations

import queue
import threading
import traceback
from typing import TYPE_CHECKING

from models.errors import Stopped, UserError
from models.events import Cancelled, Event, Failed
from models.ground import missing_ground
from models.job import Control

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from models.mailbox import Mailbox

    Work = Callable[[Control], Iterator[Event]]


class Worker:
    """One lane of work in a thread of its own, its events put into a mailbox.

    `wake`, if given, is called in the worker's thread after every event, for answers that cannot wait for a timer.
    """

    def __init__(self, name: str, mailbox: Mailbox, wake: Callable[[], None] | None = None) -> None:
        self.name = name
        self._mailbox = mailbox
        self._wake = wake
        self._queue: queue.SimpleQueue[tuple[Work, Control] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._controls: list[Control] = []
        self._thread: threading.Thread | None = None

    @property
    def busy(self) -> bool:
        """Whether work is running or waiting in this lane."""
        with self._lock:
            return bool(self._controls)

    def start(self, work: Work) -> Control:
        """Queue `work`; the control returned stops or pauses it."""
        control = Control()
        with self._lock:
            self._controls.append(control)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
                self._thread.start()
        self._queue.put((work, control))
        return control

    def renew(self, work: Work, before: Control | None) -> Control:
        """Queue `work` in place of what `before` controls, which is stopped."""
        if before is not None:
            before.stop()
        return self.start(work)

    def stop(self) -> None:
        """Ask all work of this lane to end."""
        with self._lock:
            for control in self._controls:
                control.stop()

    def close(self, timeout: float) -> bool:
        """Stop all work and end the thread; false if it has not ended after `timeout` seconds."""
        self.stop()
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is None:
            return True
        self._queue.put(None)
        thread.join(timeout)
        return not thread.is_alive()

    def _run(self) -> None:
        while (item := self._queue.get()) is not None:
            work, control = item
            try:
                self._drive(work, control)
            finally:
                with self._lock:
                    self._controls.remove(control)

    def _drive(self, work: Work, control: Control) -> None:
        if control.stopping:
            return
        try:
            for event in work(control):
                self._post(event)
        except Stopped:
            self._post(Cancelled("", 0))
        except UserError as error:
            self._post(Failed(self.name, 0, str(error)))
        except Exception as error:  # whatever happens in a lane is told, never lost, and the lane lives on
            known = missing_ground(error)
            generic = f"Something went wrong in the program ({self.name}): {type(error).__name__}: {error}"
            self._post(Failed(self.name, 0, str(known or generic), traceback.format_exc()))

    def _post(self, event: Event) -> None:
        self._mailbox.put(event)
        if self._wake is not None:
            self._wake()
