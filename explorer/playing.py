"""A morph that plays: where it is follows from the clock, at the rate of the display."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from explorer.timeline import path_of

if TYPE_CHECKING:
    from PySide6.QtGui import QScreen

    from explorer.session import Session

SLOWEST, FASTEST = 30.0, 60.0  # pictures a second that are asked for, within what the display shows


class Playing(QObject):
    """Moves the session along its morph; `changed` tells that it begins or stands still.

    Who moves the code elsewhere meanwhile stops it.
    """

    changed = Signal()

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._ticking = False
        self._began, self._from = 0.0, 0.0  # when it began, and where
        self._clock = QTimer(self)
        self._clock.setTimerType(Qt.TimerType.PreciseTimer)
        self._clock.timeout.connect(self._tick)
        session.playhead_changed.connect(self._look_up)

    @property
    def on(self) -> bool:
        """Whether the morph goes by itself."""
        return self._clock.isActive()

    def begin(self, screen: QScreen | None) -> None:
        """Play from where the morph is, or from its beginning; not where there is none."""
        state, path = self._session.state, path_of(self._session.state)
        if path is not None:
            at = state.playhead or 0.0
            self._from = 0.0 if path.loop == "once" and at >= path.length else at
            self._began = time.perf_counter()
            rate = min(max(FASTEST if screen is None else screen.refreshRate(), SLOWEST), FASTEST)
            self._ticking = True
            self._session.morphing.seek(self._from)
            self._ticking = False
            self._clock.start(round(1000 / rate))
        self.changed.emit()

    def stop(self) -> None:
        """Stand still."""
        self._clock.stop()
        self.changed.emit()

    def _tick(self) -> None:
        """One picture on the way, however late the tick comes."""
        path = path_of(self._session.state)
        now = self._from + time.perf_counter() - self._began
        if path is None:
            self.stop()
            return
        over = path.loop == "once" and now >= path.length
        self._ticking = True
        self._session.morphing.play_on(path.length if over else now % path.round)
        self._ticking = False
        if over:
            self.stop()

    def _look_up(self) -> None:
        if self.on and not self._ticking and self._session.state.playhead is None:
            self.stop()
