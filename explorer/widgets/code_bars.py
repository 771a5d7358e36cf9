"""A whole code at one glance: a bar a number, up and down from zero."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from explorer.colors import theme

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QPaintEvent

WIDEST = 12.0  # px of one bar


class CodeBars(QWidget):
    """Bars of a code [latent_dim], the largest as high as the widget; the mouse reads one number."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._code = np.empty(0, np.float32)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_code(self, code: NDArray[np.float32] | None) -> None:
        """Show `code`, or nothing."""
        self._code = np.empty(0, np.float32) if code is None else np.nan_to_num(code)
        self.update()

    def sizeHint(self) -> QSize:
        """A low strip."""
        return QSize(160, 32)

    def minimumSizeHint(self) -> QSize:
        """Still a strip."""
        return QSize(64, 32)

    def _pitch(self) -> float:
        """Width of one bar with the space behind it."""
        return min(WIDEST, self.width() / max(1, len(self._code)))

    def index_at(self, x: float) -> int | None:
        """Which number's bar stands at `x`, if one does."""
        index = int(x / self._pitch())
        return index if 0 <= index < len(self._code) else None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Bars from the line of zero."""
        painter, now = QPainter(self), theme()
        middle, pitch = self.height() / 2, self._pitch()
        painter.setPen(now.line)
        painter.drawLine(0, int(middle), self.width(), int(middle))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(now.accent)
        largest = float(np.abs(self._code).max(initial=1e-6))
        gap = 2.0 if pitch > 4 else 0.0
        for index, value in enumerate((self._code / largest).tolist()):
            painter.drawRect(QRectF(index * pitch, middle, max(1.0, pitch - gap), -value * (middle - 1)).normalized())

    def event(self, event: QEvent) -> bool:
        """The bar under the mouse says its number."""
        if event.type() == QEvent.Type.ToolTip:
            index = self.index_at(event.pos().x())  # type: ignore[attr-defined]
            words = "" if index is None else f"z{index} = {self._code[index]:.4g}"
            QToolTip.showText(event.globalPos(), words, self)  # type: ignore[attr-defined]
            return True
        return super().event(event)
