"""Key frames under a person's hands: cards to be dragged, a film to be scrubbed, pins to be dropped, keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QAction, QHelpEvent, QKeySequence
from PySide6.QtWidgets import QMenu, QToolTip, QWidget

from explorer.timeline import SHORTEST_LEG, reordered
from explorer.widgets.pin_strip import dragged_pin
from explorer.widgets.timeline_canvas import TimelineCanvas

if TYPE_CHECKING:
    from PySide6.QtGui import QContextMenuEvent, QDragEnterEvent, QDragMoveEvent, QDropEvent, QKeyEvent, QMouseEvent

FAR = 4  # px that a card is moved before it is dragged
FRAME = 1 / 30  # seconds that an arrow key goes


class TimelineBar(TimelineCanvas):
    """Tells what a person wants.

    `scrubbed` tells a time in seconds, `arranged` the key frames, `swapped` two places, `removed` a place, `dropped`
    the slot of a pin and a time, -1 for behind the last, `appended` that the probe's code shall follow the last,
    `closed` the seconds back to the first, `played` that it shall play or stand still.
    """

    scrubbed = Signal(float)
    arranged = Signal(list)
    swapped = Signal(int, int)
    removed = Signal(int)
    dropped = Signal(int, float)
    appended = Signal()
    closed = Signal(float)
    played = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pressed = QPointF()
        self._scrubbing = False
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    # ---- the mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Hold a card, or go to the time under the mouse."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        self._pressed = event.position()
        self._held = self.card_at(event.position())
        if self._held is None and self._frames and not self.adding().contains(event.position()):
            self._scrubbing = len(self._frames) > 1
            self._scrub(event.position().x())
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The card or the time under the pressed mouse goes along."""
        if self._scrubbing:
            self._scrub(event.position().x())
        elif self._held is not None and event.buttons() & Qt.MouseButton.LeftButton:
            away = event.position().x() - self._pressed.x()
            if self._dragged is not None or abs(away) >= FAR:
                self._dragged = max(0.0, self.axis.time(event.position().x(), beyond=True))
                self.update()
        else:
            over = self.card_at(event.position()) is not None or self.adding().contains(event.position())
            self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A dragged card stays where it was brought; one that was only clicked is gone to."""
        held, dragged = self._held, self._dragged
        self._held = self._dragged = None
        self._scrubbing = False
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        if held is None and self.adding().contains(event.position()) and self.adding().contains(self._pressed):
            self.appended.emit()
        elif held is not None and dragged is None:
            self._choose(held)
        elif held == len(self._frames) and dragged is not None:
            self.closed.emit(max(SHORTEST_LEG, dragged - self._frames[-1].time))
        elif held is not None and dragged is not None:
            frames, self._chosen = reordered(self._frames, held, dragged)
            self.arranged.emit(frames)
        self.update()

    def _scrub(self, x: float) -> None:
        self.scrubbed.emit(self.axis.time(x))

    def _choose(self, place: int) -> None:
        """Mark a key frame and go to its time."""
        self._chosen = min(place, len(self._frames) - 1)
        if len(self._frames) > 1:
            self.scrubbed.emit(self._length if place == len(self._frames) else self._frames[place].time)
        self.update()

    # ---- what is dropped

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Pins are welcome, and the probe's code from the map."""
        if dragged_pin(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Show where it would land."""
        self._target = self.axis.time(event.position().x(), beyond=True)
        self.update()
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: QEvent) -> None:
        """It went elsewhere."""
        self._target = None
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        """One more key frame, at the time where it was dropped."""
        self._target = None
        slot = dragged_pin(event.mimeData())
        if slot is not None:
            behind = event.position().x() >= self.adding().left()
            self.dropped.emit(slot, -1.0 if behind else self.axis.time(event.position().x(), beyond=True))
            event.acceptProposedAction()
        self.update()

    # ---- the keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows scrub, with Ctrl they reorder; Page keys go from key frame to key frame, Delete removes one."""
        key, step = event.key(), {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if key == Qt.Key.Key_Space:
            self.played.emit()
        elif len(self._frames) < 2 and key not in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            super().keyPressEvent(event)
        elif step and control and self._chosen is not None:
            other = self._chosen + step
            if 0 <= other < len(self._frames):
                place, self._chosen = self._chosen, other
                self.swapped.emit(place, other)
        elif step:
            far = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            self.scrubbed.emit(min(max((self._playhead or 0.0) + step * far * FRAME, 0.0), self._length))
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.scrubbed.emit(0.0 if key == Qt.Key.Key_Home else self._length)
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            last = len(self._frames) - 1
            now = -1 if self._chosen is None else self._chosen
            self._choose(min(max(now + (1 if key == Qt.Key.Key_PageDown else -1), 0), last))
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self._chosen is not None:
            self.removed.emit(self._chosen)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done with one key frame."""
        by_mouse = event.reason() is not event.Reason.Keyboard
        place = self.card_at(QPointF(event.pos())) if by_mouse else self._chosen
        if place is None or place >= len(self._frames):
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        called, last = self._letters.get(self._frames[place].slot, ""), len(self._frames) - 1
        for name, words, keys, possible, do in (
            ("go", f"Go to {called}", "", True, lambda: self._choose(place)),
            ("earlier", "Earlier", "Ctrl+Left", place > 0, lambda: self.swapped.emit(place, place - 1)),
            ("later", "Later", "Ctrl+Right", place < last, lambda: self.swapped.emit(place, place + 1)),
            ("remove", "Remove from the morph", "Del", True, lambda: self.removed.emit(place)),
        ):  # fmt: skip
            action = QAction(words, menu)
            action.setObjectName(f"key_frame_{name}")
            action.setShortcut(QKeySequence(keys))
            action.setEnabled(possible)
            action.triggered.connect(do)
            menu.addAction(action)
        menu.popup(event.globalPos())

    def event(self, event: QEvent) -> bool:
        """What lies under the mouse, in words."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._told(QPointF(event.pos())), self, QRect())
            return True
        return super().event(event)

    def _told(self, place: QPointF) -> str:
        held = self.card_at(place)
        if self.adding().contains(place):
            return "Add the probe's code as a key frame; or drop a pin here"
        if held is not None and held < len(self._frames):
            called = self._letters.get(self._frames[held].slot, "")
            return f"{called} at {self._frames[held].time:.1f} s: drag it to another time, or past another to reorder"
        if held is not None:
            return "Back at the first key frame: drag to change how long that takes"
        return f"{self.axis.time(place.x()):.2f} s: click or drag to go there" if len(self._frames) > 1 else ""
