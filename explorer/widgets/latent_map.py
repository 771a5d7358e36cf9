"""The latent map under a person's hands: point at pictures and places, look closer, walk with the arrow keys."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QApplication, QWidget

from explorer import colors
from explorer.widgets.map_canvas import MapCanvas
from explorer.widgets.map_marks import OWN

if TYPE_CHECKING:
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPaintEvent, QWheelEvent

REACH = 8.0  # pixels from a point within which a click means it
NUDGE = 0.02  # of the shorter side: the step of an arrow key
NOTCH = 1.2  # how much closer one notch of the wheel leads
ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class Grip(Enum):
    """What a pressed mouse button is doing."""

    NONE = auto()
    PAN = auto()  # the view is dragged
    POINT = auto()  # a point was pressed and not yet left
    PLACE = auto()  # places are decoded as the mouse moves


class LatentMap(MapCanvas):
    """The map that answers: `point_picked` and `place_moved` tell what is pointed at, `let_go` that nothing is.

    `own_picked` tells that it is the mark of a person's own picture, `pointed` that the mouse is elsewhere, or gone.
    """

    point_picked = Signal(int)
    place_moved = Signal(float, float)
    let_go = Signal()
    own_picked = Signal()
    carried_out = Signal()  # by the mouse, which took the probe along beyond the map
    pointed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("latent_map")
        self.setAccessibleName("Latent map")
        self.setAccessibleDescription(
            "Every point is one held-out picture, placed by its code. Arrow keys move the probe, Return selects the "
            "point nearest to it, Escape lets go, plus and minus zoom."
        )
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._grip, self._pressed_at = Grip.NONE, QPointF()
        self._pressed_on: int | None = None  # the point under the mouse then
        self._space = self._ringed = False
        self._newest = QTimer(self, interval=0, singleShot=True)  # of many mouse moves at once only the newest counts
        self._newest.timeout.connect(self._tell_place)

    def point_under(self, pixel: QPointF, reach: float = REACH) -> int | None:
        """Index of the point drawn within `reach` of a pixel, the nearest of them."""
        return self.points.pick(self.camera, self.extent, pixel.x(), pixel.y(), reach)

    # ---- the mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A point is picked at once, an empty place decoded at once; other buttons take hold of the view."""
        if not len(self.points):
            return
        self.mouse = self._pressed_at = event.position()
        self._set_hovered(None)
        if event.button() is not Qt.MouseButton.LeftButton or self._space:
            self._grip = Grip.PAN
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            return
        if self.own is not None and (self.where(self.own) - self.mouse).manhattanLength() <= OWN:
            self._grip = Grip.POINT
            self.own_picked.emit()
            return
        index = self._pressed_on = self.point_under(self.mouse)
        self._grip = Grip.PLACE if index is None else Grip.POINT
        if index is None:
            self._tell_place()
        else:
            self.point_picked.emit(index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with what the button does; without one, show whose point lies under the mouse."""
        before, self.mouse = self.mouse, event.position()
        if self._grip is Grip.PAN:
            moved = self.mouse - before
            self.look(self.camera.panned(moved.x(), moved.y()))
        elif self._grip is Grip.POINT:
            way = self.mouse - self._pressed_at
            if way.manhattanLength() >= QApplication.startDragDistance():
                self._grip = Grip.PLACE
        elif self._grip is Grip.NONE:
            self._set_hovered(self.point_under(self.mouse))
        if self._grip in (Grip.POINT, Grip.PLACE) and not self.rect().contains(self.mouse.toPoint()):
            self._newest.stop()
            self._grip = Grip.NONE
            if self._pressed_on is not None:
                self.point_picked.emit(self._pressed_on)  # a point is taken along as it is, wherever the way led
            self.carried_out.emit()
        elif self._grip is Grip.PLACE:
            self._newest.start()
        self.pointed.emit(True)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The last place is told before the button is forgotten."""
        if self._newest.isActive():
            self._newest.stop()
            self._tell_place()
        self._grip = Grip.NONE
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show all points again."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Look closer or from farther away at the place under the mouse."""
        if len(self.points):
            self.zoom(NOTCH ** (event.angleDelta().y() / 120), event.position())
            self._set_hovered(self.point_under(event.position()))
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        """No thumbnail without a mouse."""
        self._set_hovered(None)
        self.pointed.emit(False)

    def _tell_place(self) -> None:
        self.place_moved.emit(*self.camera.to_map(self.mouse.x(), self.mouse.y(), self.extent))

    def _set_hovered(self, index: int | None) -> None:
        if index is not None or self.hovered is not None:
            self.hovered = index
            self.update()

    # ---- the keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows walk, Return selects, Escape lets go, plus and minus zoom, Space makes the mouse a hand."""
        key = event.key()
        if key in ARROWS and self.probe is not None:
            self._nudge(*ARROWS[Qt.Key(key)], fine=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.probe is not None:
            index = self.point_under(self.where(self.probe), reach=float("inf"))
            if index is not None:
                self.point_picked.emit(index)
        elif key == Qt.Key.Key_Escape:
            self.let_go.emit()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus) and len(self.points):
            self.zoom(1 / NOTCH if key == Qt.Key.Key_Minus else NOTCH)
        elif key == Qt.Key.Key_Space:
            self._space = True
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Without Space the mouse points again."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = False
        super().keyReleaseEvent(event)

    def _nudge(self, across: int, up: int, fine: bool) -> None:
        assert self.probe is not None
        step = min(self.extent) * NUDGE / (5 if fine else 1)
        pixel = self.where(self.probe) + QPointF(across * step, -up * step)
        self.place_moved.emit(*self.camera.to_map(pixel.x(), pixel.y(), self.extent))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Who came by the keyboard sees that they are here."""
        self._ringed = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Leave nothing pressed behind."""
        self._space = self._ringed = False
        super().focusOutEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The map, and the ring of the keyboard's focus."""
        super().paintEvent(event)
        if self._ringed:
            painter = QPainter(self)
            painter.setPen(QPen(colors.theme().accent, 2.0))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))
            painter.end()
