"""A square of pictures blended from its four corners, which take pins that are dropped on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFont, QPainter, QPen
from PySide6.QtWidgets import QMenu, QWidget

from explorer.colors import theme
from explorer.widgets.picture import factor
from explorer.widgets.picture_grid import GAP, PictureGrid
from explorer.widgets.pin_strip import FAR, carry_pin, dragged_pin

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy import uint8
    from numpy.typing import NDArray
    from PySide6.QtGui import (
        QDragEnterEvent,
        QDragMoveEvent,
        QDropEvent,
        QFocusEvent,
        QImage,
        QMouseEvent,
        QPaintEvent,
    )

PLATE = 16  # px of the letter at a corner


class BoardGrid(PictureGrid):
    """`pointed` tells which picture lies under the mouse or the keys, -1 for none; `cornered` a corner and a slot."""

    pointed = Signal(int)
    cornered = Signal(int, int)

    def __init__(self, empty: str = "", parent: QWidget | None = None) -> None:
        super().__init__(empty, parent)
        self._side = 1
        self._slots: tuple[int | None, ...] = (None,) * 4
        self._letters: Mapping[int, str] = {}
        self._target: int | None = None  # the corner that what is dragged would land on
        self._pressed: QPointF | None = None
        self.setAcceptDrops(True)

    def set_board(self, pictures: NDArray[uint8] | None, side: int, tips: Sequence[str] = ()) -> None:
        """Show uint8 [side * side, h, w, 1 or 3], row by row."""
        self._side = side
        self.set_pictures(pictures, tips)

    def set_corners(self, slots: Sequence[int | None], letters: Mapping[int, str]) -> None:
        """The slots of the pins at the corners, and what all pins are called."""
        self._slots, self._letters = tuple(slots), letters
        self.update()

    @property
    def corners(self) -> tuple[int, ...]:
        """The pictures at the corners: top left, top right, bottom left, bottom right."""
        last = self._side - 1
        return 0, last, last * self._side, self._count - 1

    def _columns(self) -> tuple[int, float]:
        ratio = self.devicePixelRatioF()
        gap, side = GAP * ratio, self._side
        across, down = ((extent - PLATE) * ratio for extent in (self.width(), self.height()))
        room = (across + gap) / side - gap, (down + gap) / side - gap
        return side, factor(self._size.width(), self._size.height(), *room)

    def index_at(self, place: QPoint) -> int | None:
        """Which picture lies at `place`; the gaps between them belong to the picture before."""
        if not self._count:
            return None
        cells = self.cells()
        whole = cells[0].united(cells[-1])
        column, row = ((place.x() - whole.left()) / whole.width(), (place.y() - whole.top()) / whole.height())
        if not (0 <= column < 1 and 0 <= row < 1):
            return None
        return int(row * self._side) * self._side + int(column * self._side)

    def corner_at(self, place: QPointF) -> int:
        """The corner in whose quarter a place lies."""
        return (place.x() > self.width() / 2) + 2 * (place.y() > self.height() / 2)

    # ---- pointing and dragging

    def _point_at(self, index: int | None) -> None:
        if index != self._current:
            super()._point_at(index)
            self.pointed.emit(-1 if index is None else index)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Perhaps a corner is dragged."""
        at_corner = self.index_at(event.position().toPoint()) in self.corners if self._count else False
        left = event.button() is Qt.MouseButton.LeftButton
        self._pressed = event.position() if left and at_corner else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Take the corner's pin along once the mouse is off for good."""
        super().mouseMoveEvent(event)
        if self._pressed is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        if (event.position() - self._pressed).manhattanLength() >= FAR:
            slot, self._pressed = self._slots[self.corner_at(self._pressed)], None
            if slot is not None:
                carry_pin(self, slot, self._picture_of(self.corners[self._slots.index(slot)]))

    def _picture_of(self, index: int) -> QImage | None:
        high = self._size.height()
        return None if self._strip is None else self._strip.copy(0, index * high, self._size.width(), high)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Pins are welcome."""
        if dragged_pin(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Show the corner it would become."""
        self._target = self.corner_at(event.position())
        self.update()
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: QEvent) -> None:
        """It went elsewhere."""
        self._target = None
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        """The corner of the quarter becomes that pin."""
        self._target = None
        slot = dragged_pin(event.mimeData())
        if slot is not None:
            self.cornered.emit(self.corner_at(event.position()), slot)
            event.acceptProposedAction()
        self.update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """At a corner any pin can be chosen; elsewhere copy or save the picture."""
        by_mouse = event.reason() is QContextMenuEvent.Reason.Mouse
        index = self.index_at(event.pos()) if by_mouse else self._current
        if not self._count or index not in self.corners:
            super().contextMenuEvent(event)
            return
        corner = self.corners.index(index)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for slot, called in self._letters.items():
            action = menu.addAction(f"Pin {called} at this corner")
            action.setObjectName(f"board_corner_{called.lower()}")
            action.setEnabled(slot != self._slots[corner])
            action.triggered.connect(lambda _=False, slot=slot: self.cornered.emit(corner, slot))
        menu.popup(event.globalPos())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Who goes elsewhere points at nothing."""
        super().focusOutEvent(event)
        if not self.underMouse():
            self._point_at(None)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The pictures, and the letters of the pins at the corners."""
        super().paintEvent(event)
        if not self._count:
            return
        painter, cells, now = QPainter(self), self.cells(), theme()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = QFont(self.font())
        font.setBold(True)
        font.setPixelSize(11)
        painter.setFont(font)
        for corner, (index, slot) in enumerate(zip(self.corners, self._slots, strict=True)):
            cell = cells[index]
            right, below = index in self.corners[1::2], index in self.corners[2:]
            left = cell.right() - PLATE / 2 if right else cell.left() - PLATE / 2
            plate = QRectF(left, cell.bottom() - PLATE / 2 if below else cell.top() - PLATE / 2, PLATE, PLATE)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(now.accent)
            painter.drawRoundedRect(plate, 3, 3)
            painter.setPen(now.accent_text)
            painter.drawText(
                plate, Qt.AlignmentFlag.AlignCenter, self._letters.get(slot, "") if slot is not None else ""
            )
            painter.setBrush(Qt.BrushStyle.NoBrush)
            if corner == self._target:
                painter.setPen(QPen(now.accent, 3))
                painter.drawRoundedRect(cell.adjusted(-2, -2, 2, 2), 4, 4)
        painter.end()
