"""The codes that were put aside, one picture each, to be clicked, dragged to where they are wanted, or let go of."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QMimeData, QPoint, Qt, Signal
from PySide6.QtGui import QDrag, QImage, QPixmap
from PySide6.QtWidgets import QMenu, QScrollArea, QVBoxLayout, QWidget

from explorer.widgets.parts import action_button
from explorer.widgets.picture import PictureButton

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtGui import (
        QAction,
        QContextMenuEvent,
        QDragEnterEvent,
        QDragMoveEvent,
        QDropEvent,
        QKeyEvent,
        QMouseEvent,
    )

PIN_FORMAT = "application/x-latent-explorer-pin"  # of what is dragged: the slot of a pin, in figures
FAR = 8  # px that the mouse goes before a press is a drag
WIDE = 64  # px
CARRIED = 48  # px: the longer side of a picture under the mouse


def dragged_pin(data: QMimeData) -> int | None:
    """The slot of the pin that is dragged, if one is."""
    words = bytes(data.data(PIN_FORMAT).data()) if data.hasFormat(PIN_FORMAT) else b""
    slot = int(words) if words.isdigit() else len(string.ascii_uppercase)
    return slot if slot < len(string.ascii_uppercase) else None


def carry_pin(source: QWidget, slot: int, image: QImage | None = None) -> bool:
    """Let the mouse take a pin along until it is dropped; whether somebody took it."""
    data = QMimeData()
    data.setData(PIN_FORMAT, QByteArray(str(slot).encode()))
    drag = QDrag(source)
    drag.setMimeData(data)
    if image is not None:
        drag.setPixmap(QPixmap.fromImage(image.scaled(CARRIED, CARRIED, Qt.AspectRatioMode.KeepAspectRatio)))
    return drag.exec(Qt.DropAction.CopyAction) is not Qt.DropAction.IgnoreAction


class PinButton(PictureButton):
    """A pin under its letter; `dropped` tells that a person wants it gone."""

    dropped = Signal()

    def __init__(self, slot: int, parent: QWidget | None = None) -> None:
        letter = string.ascii_uppercase[slot]
        super().__init__(letter, parent)
        self._slot, self._pressed = slot, QPoint()
        self.setObjectName(f"pin_{letter.lower()}")
        self.setAccessibleName(f"Pin {letter}")
        self.setToolTip(f"Click: the probe goes to {letter}. Drag it to where it is wanted. Delete lets go of it.")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click, or the begin of a drag."""
        self._pressed = event.position().toPoint()
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Take the pin along once the mouse is off for good."""
        away = (event.position().toPoint() - self._pressed).manhattanLength()
        if not event.buttons() & Qt.MouseButton.LeftButton or away < FAR:
            return
        self.setDown(False)
        carry_pin(self, self._slot, self.image)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete lets go of the pin."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.dropped.emit()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The same by the mouse alone."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(f"Let go of {self.text()}", self.dropped.emit).setObjectName("unpin")
        menu.popup(event.globalPos())


class PinStrip(QScrollArea):
    """Tells which slot is `picked` or `dropped`; below the pins is the button of `pin_next`. `set_*` emit nothing."""

    picked = Signal(int)
    dropped = Signal(int)

    def __init__(self, pin_next: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: dict[int, PinButton] = {}
        self.setObjectName("pin_strip")
        self.setAccessibleName("Pins")
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFixedWidth(WIDE)
        self.setAcceptDrops(True)
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(4, 4, 4, 4)
        self._column.setSpacing(4)
        self._add = action_button(pin_next, "pin_next_button")
        self._column.addWidget(self._add, 0, Qt.AlignmentFlag.AlignHCenter)
        self._column.addStretch(1)
        self.setWidget(inside)

    def set_pins(self, pictures: Mapping[int, NDArray[np.uint8] | None]) -> None:
        """A button for each slot with its picture uint8 [h, w, 1 or 3], where that is drawn already."""
        for slot in [*self.buttons]:
            if slot not in pictures:
                self.buttons.pop(slot).deleteLater()
        for place, slot in enumerate(sorted(pictures)):
            if slot not in self.buttons:
                self.buttons[slot] = self._button(slot)
                self._column.insertWidget(place, self.buttons[slot], 0, Qt.AlignmentFlag.AlignHCenter)
            self.buttons[slot].set_picture(pictures[slot])

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """A code that comes from the map is a pin already: it only has to be let go of here."""
        if dragged_pin(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Anywhere among the pins."""
        event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """It stays."""
        event.acceptProposedAction()

    def _button(self, slot: int) -> PinButton:
        button = PinButton(slot)
        button.clicked.connect(lambda: self.picked.emit(slot))
        button.dropped.connect(lambda: self.dropped.emit(slot))
        return button
