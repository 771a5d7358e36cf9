"""Keeps the nearest neighbours of the selected point true: sought at once for a new one, now and then in motion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from explorer.widgets.later import Later

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.session import Session

EVERY = 500  # ms between two searches while the points move


class Neighbours(QObject):
    """Hears of selection and points before any panel does, and calls `seek` when their neighbours are out of date."""

    def __init__(self, session: Session, seek: Callable[[], None]) -> None:
        super().__init__(session)
        self._session, self._seek = session, seek
        self._later = Later(EVERY, seek, self)
        session.selection_changed.connect(self._hear_selection)
        session.embedding_changed.connect(self._hear_points)

    def stop(self) -> None:
        """Seek no more on account of moves until now."""
        self._later.stop()

    def _hear_selection(self) -> None:
        self._later.stop()
        self._seek()

    def _hear_points(self) -> None:
        if self._session.state.selection is not None:
            self._later.ask()
