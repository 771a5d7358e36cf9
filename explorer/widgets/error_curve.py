"""A small curve of an error that falls while something is sought."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.colors import theme
from explorer.words import number

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QPaintEvent

LINE = 16  # px of height of the words
FEWEST = 2  # values that make a curve


class ErrorCurve(QWidget):
    """Values over their steps on a logarithmic height, the first and the last written below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._errors: NDArray[np.float32] = np.zeros(0, np.float32)
        self._share = 1.0

    def set_errors(self, errors: NDArray[np.float32] | None, share: float) -> None:
        """Draw errors [k], which take `share` of the width: the rest is still to come."""
        self._errors = np.zeros(0, np.float32) if errors is None else errors
        self._share = share
        self.setAccessibleName(f"Error {number(float(self._errors[-1]))}" if len(self._errors) else "Error")
        self.update()

    def sizeHint(self) -> QSize:
        """Low and wide."""
        return QSize(160, 44)

    def minimumSizeHint(self) -> QSize:
        """Still a curve."""
        return QSize(60, 44)

    def line(self) -> list[QPointF]:
        """The places of the curve in pixels; none where there are too few values for one."""
        if len(self._errors) < FEWEST:
            return []
        area = QRectF(self.rect()).adjusted(2, 3, -2, -LINE - 2)
        heights = np.log10(np.maximum(self._errors, 1e-9))
        low, high = float(heights.min()), float(heights.max())
        span = max(high - low, 1e-6)
        across = area.left() + np.linspace(0, area.width() * self._share, len(heights))
        down = area.top() + (high - heights) / span * area.height()
        return [QPointF(x, y) for x, y in zip(across.tolist(), down.tolist(), strict=True)]

    def paintEvent(self, event: QPaintEvent) -> None:
        """The curve over a line, and below it where it began and where it is."""
        painter, places = QPainter(self), self.line()
        if not places:
            return
        now = theme()
        foot = self.height() - LINE
        painter.setPen(now.line)
        painter.drawLine(0, foot, self.width(), foot)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(now.accent, 1.6))
        painter.drawPolyline(QPolygonF(places))
        painter.setPen(now.quiet)
        words = QRectF(0, foot, self.width(), LINE)
        told = f"from {self._told(0)} to {self._told(-1)} in {len(self._errors):,} steps"
        shown = painter.fontMetrics().elidedText(told, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)

    def _told(self, place: int) -> str:
        return number(float(self._errors[place]))
