"""A quiet line of text that shortens itself where there is no room, and says all of it in its tooltip."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QWidget

from explorer import colors

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent


class Elided(QWidget):
    """One line in the theme's quiet colour."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""

    @property
    def text(self) -> str:
        """The whole line."""
        return self._text

    def set_text(self, text: str) -> None:
        """Show another line."""
        if text != self._text:
            self._text = text
            self.setToolTip(text)
            self.setAccessibleName(text)
            self.update()

    def sizeHint(self) -> QSize:
        """As high as the text; its width gives way to all others."""
        return QSize(64, QFontMetrics(self.font()).height() + 4)

    def minimumSizeHint(self) -> QSize:
        """Hardly any width is needed."""
        return QSize(32, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what fits of the line."""
        painter = QPainter(self)
        painter.setPen(colors.theme().quiet)
        fitting = QFontMetrics(self.font()).elidedText(self._text, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, fitting)
        painter.end()
