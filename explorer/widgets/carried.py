"""What is dragged within the window: a pin, or a point of the map, in the words that sums understand."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, QMimeData, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QDrag, QMouseEvent

from explorer.widgets.pin_strip import FAR, dragged_pin

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

POINT_FORMAT = "application/x-latent-explorer-point"  # of a point that is dragged: its index, in figures
SIDE = 48  # px of what is seen of it


def point_data(index: int) -> QMimeData:
    """What is carried while a point is dragged."""
    data = QMimeData()
    data.setData(POINT_FORMAT, QByteArray(str(index).encode()))
    return data


def dragged_words(data: QMimeData) -> str:
    """What is dragged, as `pin A` or `point 12`; empty for all else."""
    slot = dragged_pin(data)
    if slot is not None:
        return f"pin {string.ascii_uppercase[slot]}"
    words = bytes(data.data(POINT_FORMAT).data()) if data.hasFormat(POINT_FORMAT) else b""
    return f"point {int(words)}" if words.isdigit() else ""


class PointHand(QObject):
    """Lets a person drag points out of `widget`; `index_of` tells which one lies at a place of it, if one does."""

    def __init__(self, widget: QWidget, index_of: Callable[[QPoint], int | None]) -> None:
        super().__init__(widget)
        self._widget, self._index_of = widget, index_of
        self._pressed: QPoint | None = None
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the point along once the mouse is off for good; a click stays what it was."""
        if isinstance(event, QMouseEvent):
            place = event.position().toPoint()
            if event.type() is QEvent.Type.MouseButtonPress and event.button() is Qt.MouseButton.LeftButton:
                self._pressed = place
            elif event.type() is QEvent.Type.MouseButtonRelease:
                self._pressed = None
            elif self._pressed is not None and (place - self._pressed).manhattanLength() >= FAR:
                start, self._pressed = self._pressed, None
                index = self._index_of(start)
                if index is not None:
                    self._carry(index, start)
                    return True
        return super().eventFilter(watched, event)

    def _carry(self, index: int, start: QPoint) -> None:
        drag = QDrag(self._widget)
        drag.setMimeData(point_data(index))
        seen = QRect(0, 0, SIDE, SIDE)
        seen.moveCenter(start)
        drag.setPixmap(self._widget.grab(seen & self._widget.rect()))
        drag.exec(Qt.DropAction.CopyAction)
