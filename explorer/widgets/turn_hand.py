"""A hand that turns the map: the right mouse button drags it round, Alt with the arrow keys turns it by steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

HALF_TURN = 180.0  # degrees that a drag across the whole map turns it by
STEP = 5.0  # degrees of an arrow key
FRAME, SLOWLY = 33, 0.5  # ms between two frames of turning by itself, and its degrees a frame
ARROWS = {
    Qt.Key.Key_Left: (-STEP, 0.0),
    Qt.Key.Key_Right: (STEP, 0.0),
    Qt.Key.Key_Up: (0.0, STEP),
    Qt.Key.Key_Down: (0.0, -STEP),
}


class TurnHand(QObject):
    """Takes hold of the right button over `shown` while it is `active`; `turned` tells degrees to the right and up."""

    turned = Signal(float, float)
    taken = Signal()  # a person takes hold of a map that turns by itself

    def __init__(self, shown: QWidget) -> None:
        super().__init__(shown)
        self._shown = shown
        self.active = False
        self._from: QPointF | None = None
        self._moved = QPointF()
        self._newest = QTimer(self, interval=0, singleShot=True)  # of many mouse moves at once all count as one
        self._newest.timeout.connect(self._tell)
        self._slowly = QTimer(self, interval=FRAME)
        self._slowly.timeout.connect(lambda: self.turned.emit(SLOWLY, 0.0))
        shown.installEventFilter(self)

    def set_active(self, active: bool) -> None:
        """Whether there is anything to turn."""
        self.active = active
        if not active:
            self._from = None
            self._slowly.stop()

    def turn_slowly(self, on: bool) -> None:
        """Let the map turn by itself, or stand."""
        if on and self.active:
            self._slowly.start()
        else:
            self._slowly.stop()

    @property
    def turning(self) -> bool:
        """Whether the map is being turned right now."""
        return self._from is not None or self._slowly.isActive()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The map does not hear of what turns it."""
        if not self.active:
            return False
        if isinstance(event, QMouseEvent):
            return self._heard(event)
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            arrow = ARROWS.get(Qt.Key(event.key()))
            if arrow is not None and event.modifiers() & Qt.KeyboardModifier.AltModifier:
                self.turned.emit(*arrow)
                return True
        return False

    def _heard(self, event: QMouseEvent) -> bool:
        kind = event.type()
        if kind is QEvent.Type.MouseButtonPress:
            self.taken.emit()
            if event.button() is Qt.MouseButton.RightButton:
                self._from = event.position()
                self._shown.setCursor(Qt.CursorShape.SizeAllCursor)
                return True
        elif kind is QEvent.Type.MouseMove and self._from is not None:
            self._moved += event.position() - self._from
            self._from = event.position()
            self._newest.start()
            return True
        elif kind is QEvent.Type.MouseButtonRelease and self._from is not None:
            self._tell()
            self._from = None
            self._shown.unsetCursor()
            return True
        return False

    def _tell(self) -> None:
        self._newest.stop()
        moved, self._moved = self._moved, QPointF()
        if not moved.isNull():
            degrees = HALF_TURN / max(1, min(self._shown.width(), self._shown.height()))
            self.turned.emit(moved.x() * degrees, -moved.y() * degrees)
