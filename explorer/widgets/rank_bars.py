"""Where one value lies among many known ones: a small histogram with a mark, and a sentence below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.colors import mixed, theme

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QPaintEvent

BARS = 32
LINE = 16  # px of height of the words
TAIL = 0.01  # share of the known values beyond which they are told only as the last bar


class RankBars(QWidget):
    """Known values as bars from low to high, and the one that is asked about as an upright line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._known: NDArray[np.float32] = np.zeros(0, np.float32)
        self._value, self._lower = 0.0, False
        self.words = ""

    def set_value(self, value: float, known: NDArray[np.float32], words: str, *, lower: bool = False) -> None:
        """Show `value` among `known` [n], with what that means in words.

        Those below it stand out, or where the `lower` one is the stranger, those above.
        """
        self._value, self._known, self._lower, self.words = value, known, lower, words
        self.setAccessibleName(words)
        self.update()

    def sizeHint(self) -> QSize:
        """Low and wide."""
        return QSize(160, 44)

    def minimumSizeHint(self) -> QSize:
        """Still a shape."""
        return QSize(60, 44)

    def bars(self) -> tuple[NDArray[np.float64], float]:
        """The height of each bar from 0 to 1, and the place of the value from 0 (left) to 1."""
        low, high = (float(edge) for edge in np.quantile(self._known, [0, 1 - TAIL]))
        span = max(high - low, 1e-12)
        counts, _ = np.histogram(np.clip(self._known, low, high), BARS, (low, low + span))
        return counts / max(1, counts.max()), float(np.clip((self._value - low) / span, 0, 1))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Bars on one side of the mark are those that it beats; the words stand below."""
        if not len(self._known):
            return
        painter, now = QPainter(self), theme()
        heights, place = self.bars()
        foot, wide = self.height() - LINE, self.width() - 4
        for number, height in enumerate(heights.tolist()):
            beaten = ((number + 0.5) / BARS <= place) is not self._lower
            color = mixed(now.accent, now.panel, 0.45) if beaten else now.line
            tall = max(1.0, height * (foot - 4)) if height else 0.0
            painter.fillRect(QRectF(2 + wide * number / BARS, foot - tall, wide / BARS - 1, tall), color)
        painter.setPen(now.line)
        painter.drawLine(0, foot, self.width(), foot)
        painter.setPen(QPen(now.accent, 2))
        across = 2 + wide * place
        painter.drawLine(QPointF(across, 0), QPointF(across, foot))
        painter.setPen(now.quiet)
        shown = painter.fontMetrics().elidedText(self.words, Qt.TextElideMode.ElideRight, self.width())
        self.setToolTip(self.words)
        painter.drawText(QRectF(0, foot, self.width(), LINE), Qt.AlignmentFlag.AlignVCenter, shown)
