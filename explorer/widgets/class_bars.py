"""How often each class is recognised in some pictures, as bars, beside how often it should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from explorer.colors import class_color, theme
from models.errors import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from PySide6.QtGui import QPaintEvent

GAP = 0.28  # of a bar's room
LEAST = 10  # px across for a name below a bar


class ClassBars(QWidget):
    """One bar a class in its colour; a line over each marks the expected share."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: Sequence[str] = ()
        self._counts: NDArray[np.int64] = np.zeros(0, np.int64)
        self._expected: NDArray[np.float32] = np.zeros(0, np.float32)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_shares(self, names: Sequence[str], counts: NDArray[np.int64], expected: NDArray[np.float32]) -> None:
        """Show how often each class was recognised, int64 [classes], beside the shares it should have [classes]."""
        self._names, self._counts, self._expected = [printable(name) for name in names], counts, expected
        self.setAccessibleDescription("; ".join(self.tip(label) for label in range(len(counts))))
        self.update()

    def tip(self, label: int) -> str:
        """What the bar of class `label` says, in words."""
        total = int(self._counts.sum())
        should = self._expected[label] * total
        return f"{self._names[label]}: {self._counts[label]} of {total} samples, {should:.0f} expected"

    def sizeHint(self) -> QSize:
        """Bars high enough to compare, and a line of names."""
        return QSize(160, 40 + self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        """It gives way."""
        return QSize(48, 24 + self.fontMetrics().height())

    # ---- where everything lies

    def bars(self) -> list[QRectF]:
        """The bar of each class, in the widget's own coordinates; one that is never drawn is a pixel high."""
        count = len(self._counts)
        if not count:
            return []
        across = self.width() / count
        levels = [min(self._ground() - 1, self._level(float(share))) for share in self._shares()]
        return [
            QRectF((label + GAP / 2) * across, level, (1 - GAP) * across, self._ground() - level)
            for label, level in enumerate(levels)
        ]

    def _level(self, share: float) -> float:
        """How far down a bar of this share ends: the highest is the largest, or half as much again as is expected."""
        top = max(1e-9, 1.5 * float(self._expected.max()), float(self._shares().max()))
        return self._ground() - (self._ground() - 2) * share / top

    def _shares(self) -> NDArray[np.float64]:
        shares: NDArray[np.float64] = self._counts / max(1, self._counts.sum())
        return shares

    def _ground(self) -> float:
        return self.height() - (self.fontMetrics().height() if self._named() else 2)

    def _named(self) -> bool:
        """Whether every name fits below its bar."""
        room = self.width() / max(1, len(self._names))
        words = max((self.fontMetrics().horizontalAdvance(name) for name in self._names), default=0)
        return room >= max(LEAST, words + 2)

    # ---- painting and pointing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Bars, the marks of what is expected, names."""
        painter, now, bars = QPainter(self), theme(), self.bars()
        for label, bar in enumerate(bars):
            painter.fillRect(bar, class_color(label))
            level = self._level(float(self._expected[label]))
            painter.setPen(QPen(now.text, 1))
            painter.drawLine(QPointF(bar.left() - 2, level), QPointF(bar.right() + 2, level))
            if self._named():
                painter.setPen(now.quiet)
                below = QRectF(
                    bar.left() - bar.width(), self._ground(), 3 * bar.width(), self.height() - self._ground()
                )
                painter.drawText(below, Qt.AlignmentFlag.AlignCenter, self._names[label])
        painter.end()

    def event(self, event: QEvent) -> bool:
        """The class under the mouse says its line."""
        if event.type() == QEvent.Type.ToolTip and len(self._counts):
            place = int(event.pos().x() * len(self._counts) / max(1, self.width()))  # type: ignore[attr-defined]
            label = min(len(self._counts) - 1, max(0, place))
            QToolTip.showText(event.globalPos(), self.tip(label), self)  # type: ignore[attr-defined]
            return True
        return super().event(event)
