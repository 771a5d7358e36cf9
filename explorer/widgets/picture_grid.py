"""A sheet of pictures that fills the space it has, in which one can be pointed at and picked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QImage, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from explorer.colors import theme
from explorer.widgets.picture import draw, draw_empty, factor, picture_menu, to_image

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent

GAP = 4  # px between two pictures


def columns_for(count: int, width: int, height: int, across: float, down: float, gap: float) -> tuple[int, float]:
    """The number of columns with which `count` pictures of width x height become largest, and their enlargement.

    Of several, the one whose last row is fullest.
    """

    def enlarged(columns: int) -> float:
        rows = -(-count // columns)
        return factor(width, height, (across + gap) / columns - gap, (down + gap) / rows - gap)

    best = max(range(1, count + 1), key=lambda columns: (enlarged(columns), -(-count % columns)))
    return best, enlarged(best)


def fitting(count: int, columns: int, size: QSize, room: tuple[float, float], gap: float) -> tuple[int, float]:
    """The columns that are given, and the enlargement with which `count` pictures fill the room."""
    rows = -(-count // columns)
    across, down = (room[0] + gap) / columns - gap, (room[1] + gap) / rows - gap
    return columns, factor(size.width(), size.height(), across, down)


class PictureGrid(QWidget):
    """Pictures in rows, `picked` by click or Return; `empty` are the words while there are none."""

    picked = Signal(int)
    told = Signal(str, str)

    def __init__(self, empty: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = empty
        self._strip: QImage | None = None  # all pictures, one below the other: drawn from without copying
        self._count, self._size, self._paired = 0, QSize(), False
        self._across: int | None = None  # pictures in a row, where the space is not to say it
        self._tips: Sequence[str] = ()
        self._current: int | None = None  # the picture under the mouse or the keys
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def count(self) -> int:
        """How many pictures, or pairs, are shown."""
        return self._count

    def set_pictures(self, pictures: NDArray[np.uint8] | None, tips: Sequence[str] = ()) -> None:
        """Show uint8 [n, h, w, 1 or 3]; `tips` are said, one a picture, where the mouse rests."""
        self._show(pictures, tips, paired=False)

    def set_pairs(self, left: NDArray[np.uint8], right: NDArray[np.uint8], tips: Sequence[str] = ()) -> None:
        """Show two stacks uint8 [n, h, w, 1 or 3] side by side, pair by pair."""
        self._show(np.concatenate([left, right], axis=2), tips, paired=True)

    def set_columns(self, across: int | None) -> None:
        """So many pictures in a row, or as many as make them largest."""
        self._across = across
        self.update()

    def set_empty(self, words: str) -> None:
        """The words shown while there are no pictures."""
        self.words = words
        self.update()

    def _show(self, pictures: NDArray[np.uint8] | None, tips: Sequence[str], paired: bool) -> None:
        self._tips, self._paired = tips, paired
        if pictures is None or not len(pictures):
            self._strip, self._count, self._current = None, 0, None
        else:
            self._count, height, width, channels = pictures.shape
            self._size = QSize(width, height)
            self._strip = to_image(pictures.reshape(-1, width, channels))
            if self._current is not None and self._current >= self._count:
                self._current = None
        self.update()

    def sizeHint(self) -> QSize:
        """A comfortable size; the layout may give much more or less."""
        return QSize(240, 160)

    def minimumSizeHint(self) -> QSize:
        """Small pictures are still worth a look."""
        return QSize(96, 48)

    # ---- where everything lies

    def _columns(self) -> tuple[int, float]:
        ratio = self.devicePixelRatioF()
        across, down = (self.width() - 4) * ratio, (self.height() - 4) * ratio
        if self._across is not None:
            return fitting(self._count, self._across, self._size, (across, down), GAP * ratio)
        return columns_for(self._count, self._size.width(), self._size.height(), across, down, GAP * ratio)

    def cells(self) -> list[QRectF]:
        """The rectangle of each picture, in the widget's own coordinates."""
        return self._laid_out(self._count) if self._count else []

    def _laid_out(self, count: int) -> list[QRectF]:
        """The rectangles of so many places."""
        ratio = self.devicePixelRatioF()
        columns, times = self._columns()
        rows = -(-count // columns)
        width, height = round(self._size.width() * times), round(self._size.height() * times)
        gap = round(GAP * ratio)
        left = int((self.width() * ratio - columns * (width + gap) + gap) / 2)
        top = int((self.height() * ratio - rows * (height + gap) + gap) / 2)
        return [
            QRectF(
                (left + column * (width + gap)) / ratio,
                (top + row * (height + gap)) / ratio,
                width / ratio,
                height / ratio,
            )
            for row, column in (divmod(index, columns) for index in range(count))
        ]

    def index_at(self, place: QPoint) -> int | None:
        """Which picture lies at `place`, if one does."""
        return next((index for index, cell in enumerate(self.cells()) if cell.contains(place)), None)

    # ---- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """All pictures from the one strip, and a frame around the current one."""
        painter = QPainter(self)
        if self._strip is None:
            draw_empty(painter, QRectF(self.rect()), self.words)
            return
        width, height = self._size.width(), self._size.height()
        cells = self.cells()
        for index, cell in enumerate(cells):
            draw(painter, cell, self._strip, QRectF(0, index * height, width, height))
        if self._paired:
            painter.setPen(QPen(theme().panel, 1))
            for cell in cells:
                middle = cell.center().x()
                painter.drawLine(QPointF(middle, cell.top()), QPointF(middle, cell.bottom()))
        if self._current is not None and (self.underMouse() or self.hasFocus()):
            painter.setPen(QPen(theme().accent, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(cells[self._current].adjusted(-1, -1, 1, 1))

    # ---- pointing and picking

    def _point_at(self, index: int | None) -> None:
        if index != self._current:
            self._current = index
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The picture under the mouse is framed."""
        index = self.index_at(event.position().toPoint())
        self._point_at(index)
        self.setCursor(Qt.CursorShape.ArrowCursor if index is None else Qt.CursorShape.PointingHandCursor)

    def leaveEvent(self, event: QEvent) -> None:
        """Without the mouse no picture is framed."""
        self._point_at(None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click picks."""
        index = self.index_at(event.position().toPoint())
        if event.button() is Qt.MouseButton.LeftButton and index is not None:
            self._point_at(index)
            self.picked.emit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows walk from picture to picture, Return picks."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if self._count:
            columns = self._columns()[0]
            steps |= {Qt.Key.Key_Up: -columns, Qt.Key.Key_Down: columns}
        key = Qt.Key(event.key())
        if self._count and key in steps:
            place = 0 if self._current is None else self._current + steps[key]
            self._point_at(min(max(place, 0), self._count - 1))
        elif self._current is not None and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.picked.emit(self._current)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """The picture under the mouse says its line."""
        if event.type() == QEvent.Type.ToolTip and self._tips:
            index = self.index_at(event.pos())  # type: ignore[attr-defined]
            QToolTip.showText(event.globalPos(), self._tips[index] if index is not None else "", self)  # type: ignore[attr-defined]
            return True
        return super().event(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Copy or save one picture, or one pair."""
        by_mouse = event.reason() is QContextMenuEvent.Reason.Mouse
        index = self.index_at(event.pos()) if by_mouse else self._current
        if self._strip is not None and index is not None:
            height = self._size.height()
            one = self._strip.copy(0, index * height, self._size.width(), height)
            picture_menu(self, one, self.told.emit).popup(event.globalPos())
