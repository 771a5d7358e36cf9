"""What the colours of the plane mean: real points, drawn points, and the heights of the field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QLinearGradient, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.colors import mixed, theme
from explorer.widgets.plane_picture import heat_color

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

ROW = 18  # px of height
RAMP = 72  # px of width
GAP = 14  # px between two entries


class PlaneKey(QWidget):
    """Entries one behind the other, in as many rows as they need."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("plane_key")
        self.setAccessibleName("What the colours mean")
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._points = ("", "")
        self._ends, self._means, self._arrows = ("", ""), "", ""

    def set_points(self, real: str, drawn: str) -> None:
        """What the two kinds of points are."""
        self._points = (real, drawn)
        self._tell()

    def set_field(self, ends: tuple[str, str], means: str, arrows: str) -> None:
        """What the heights are from end to end and what the arrows are; empty words for no field."""
        self._ends, self._means, self._arrows = ends, means, arrows
        self._tell()

    def _tell(self) -> None:
        low, high = self._ends
        heights = f"{self._means}, {low} to {high}" if self._means else ""
        self.setAccessibleDescription("; ".join(filter(None, (*self._points, heights, self._arrows))))
        self.updateGeometry()
        self.update()

    def _entries(self) -> list[tuple[str, str]]:
        """Kind and words of each entry."""
        entries = [("real", self._points[0]), ("drawn", self._points[1])]
        entries += [("heights", self._means), ("arrows", self._arrows)]
        return [entry for entry in entries if entry[1]]

    def _width(self, kind: str, words: str) -> int:
        return self._sign(kind) + self.fontMetrics().horizontalAdvance(words)

    def _sign(self, kind: str) -> int:
        """How many px come before the words."""
        if kind != "heights":
            return 16 if kind != "arrows" else 22
        return RAMP + 20 + sum(self.fontMetrics().horizontalAdvance(end) for end in self._ends)

    def _places(self, width: int) -> list[tuple[str, str, int, int]]:
        """The entries with x and y of each."""
        placed, x, y = [], 0, 0
        for kind, words in self._entries():
            wide = self._width(kind, words)
            if x and x + wide > width:
                x, y = 0, y + ROW
            placed.append((kind, words, x, y))
            x += wide + GAP
        return placed

    def heightForWidth(self, width: int) -> int:
        """As many rows as the entries need."""
        return ROW + max((y for *_, y in self._places(width)), default=0)

    def sizeHint(self) -> QSize:
        """All rows of the present width."""
        return QSize(200, self.heightForWidth(max(self.width(), 200)))

    def minimumSizeHint(self) -> QSize:
        """At least one row."""
        return QSize(120, ROW)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A sign and words for each entry."""
        painter, now = QPainter(self), theme()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for kind, words, x, y in self._places(self.width()):
            self._draw_sign(painter, kind, x, y)
            painter.setPen(now.quiet)
            left = x + self._sign(kind)
            painter.drawText(QRectF(left, y, max(0, self.width() - left), ROW), Qt.AlignmentFlag.AlignVCenter, words)

    def _draw_sign(self, painter: QPainter, kind: str, x: int, y: int) -> None:
        now, middle = theme(), y + ROW / 2
        painter.setPen(Qt.PenStyle.NoPen)
        if kind in ("real", "drawn"):
            painter.setBrush(now.accent if kind == "drawn" else mixed(now.quiet, now.map, 0.35))
            painter.drawEllipse(QPointF(x + 5, middle), 3.5, 3.5)
        elif kind == "arrows":
            painter.setPen(now.text)
            painter.drawLine(QPointF(x, middle), QPointF(x + 15, middle))
            painter.drawLine(QPointF(x + 15, middle), QPointF(x + 10, middle - 3))
            painter.drawLine(QPointF(x + 15, middle), QPointF(x + 10, middle + 3))
        else:
            low, high = self._ends
            wide = self.fontMetrics().horizontalAdvance(low)
            ramp = QRectF(x + wide + 6, y + 4, RAMP, ROW - 8)
            shades = QLinearGradient(ramp.topLeft(), ramp.topRight())
            shades.setColorAt(0, heat_color(0))
            shades.setColorAt(1, heat_color(1))
            painter.setBrush(shades)
            painter.setPen(now.line)
            painter.drawRect(ramp)
            painter.setPen(now.quiet)
            painter.drawText(QPointF(x, middle + 4), low)
            painter.drawText(QPointF(ramp.right() + 6, middle + 4), high)
