"""The question before the window closes over a training."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QLabel, QMessageBox

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from explorer.session import Session

ROOM_TO_READ = 360  # px: a question that is wider than its words is read at a glance
TOLD = "It is kept and can be resumed later. Wait, and the window closes when it is done."


class Question(QObject):
    """Asks once whether to stop the training, which goes on behind the question; `close` is the answer yes."""

    def __init__(self, session: Session, window: QWidget, close: Callable[[], None]) -> None:
        super().__init__(window)
        self._session, self._window, self._close = session, window, close
        session.phase_changed.connect(self._close_if_awaited)

    def ask(self) -> None:
        """Ask, if nobody is asked already."""
        if self._box() is not None:
            return
        box = QMessageBox(
            QMessageBox.Icon.NoIcon, "Quit", "A training is running. Stop it and quit?", parent=self._window
        )
        box.setObjectName("closing_box")
        box.setInformativeText(TOLD)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        stop = box.addButton("Stop and quit", QMessageBox.ButtonRole.AcceptRole)
        stop.setObjectName("closing_yes")
        box.addButton(QMessageBox.StandardButton.Cancel).setObjectName("closing_no")
        box.setDefaultButton(stop)
        stop.clicked.connect(self._close)
        for label in box.findChildren(QLabel):
            label.setMinimumWidth(ROOM_TO_READ if label.text() else 0)
        box.open()

    def _box(self) -> QMessageBox | None:
        """The question that is being asked, if it is."""
        boxes = self._window.findChildren(QMessageBox, "closing_box")
        return next((box for box in boxes if box.isVisible()), None)

    def _close_if_awaited(self) -> None:
        """A training that ended behind the question has answered it; what went wrong is still to be read."""
        box, state = self._box(), self._session.state
        if box is None or state.phase.busy:
            return
        box.close()
        if state.notice is None or state.notice.level != "error":
            self._close()
