"""A frame around what has just changed, which fades by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, QVariantAnimation
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QWidget

from explorer.colors import theme

if TYPE_CHECKING:
    from PySide6.QtCore import QRect
    from PySide6.QtGui import QPaintEvent

FADES = 1800  # ms


class Flash(QWidget):
    """Lies over its parent in the colour of the accent and takes no click."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("flash")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._fading = QVariantAnimation(self, duration=FADES, startValue=1.0, endValue=0.0)
        self._fading.valueChanged.connect(lambda: self.update())
        self._fading.finished.connect(self.hide)
        self.hide()

    def around(self, area: QRect) -> None:
        """Frame this area of the parent."""
        self.setGeometry(area)
        self.raise_()
        self.show()
        self._fading.stop()
        self._fading.start()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A rounded frame, weaker and weaker."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(float(self._fading.currentValue()))
        painter.setPen(QPen(theme().accent, 2))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
        painter.end()
