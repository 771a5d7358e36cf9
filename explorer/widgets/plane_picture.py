"""Points of the plane: real ones quietly, drawn ones in the accent, and behind them a field as heights and arrows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPen, QPolygonF, QTransform
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.colors import class_color, mixed, theme

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QColor, QPaintEvent

    from models.events import Points

MARGIN = 8  # px around the square
WARM = 3  # the class whose colour the heights take: far from the accent in both themes
STRONGEST = 0.55  # share of that colour at the top of the field
SHADES = 64
COARSE = 4  # cells along each side of the square that shares one arrow
USUAL = 90  # percentile of the arrows that is drawn in full length
HEAD = 0.32  # of an arrow's length
DOT, REAL_DOT = 3.5, 3.0  # px


def heat_color(share: float) -> QColor:
    """The colour of a height `share` (0 to 1) of the way from low to high."""
    return mixed(theme().map, class_color(WARM), STRONGEST * min(max(share, 0.0), 1.0))


class PlanePicture(QWidget):
    """The unit square as large as it fits, x to the right and y upwards, both to the same scale."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("plane_picture")
        self.setAccessibleName("Points of the plane")
        self.setMinimumSize(120, 120)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._real = self._drawn = QPolygonF()
        self._shares: NDArray[np.float32] | None = None
        self._arrows: NDArray[np.float32] | None = None
        self._message = ""

    def set_points(self, real: Points | None, drawn: Points | None) -> None:
        """Show real and drawn points [n, 2] of the unit square."""
        self._real, self._drawn = _polygon(real), _polygon(drawn)
        self.update()

    def set_field(self, shares: NDArray[np.float32] | None, arrows: NDArray[np.float32] | None) -> None:
        """Lay heights from 0 to 1 [side, side] and arrows [side, side, 2] behind the points, rows from the bottom."""
        self._shares = shares
        self._arrows = None if arrows is None else _coarse(arrows)
        self.update()

    def set_message(self, words: str) -> None:
        """What is said while there are no points."""
        self._message = words
        self.update()

    def sizeHint(self) -> QSize:
        """A square of some size."""
        return QSize(360, 360)

    def square(self) -> QRectF:
        """Where the unit square lies."""
        side = max(1, min(self.width(), self.height()) - 2 * MARGIN)
        return QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Heights, arrows, real points, drawn points, and the rim of the square."""
        painter, now, square = QPainter(self), theme(), self.square()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(square, now.map)
        if self._shares is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(square, _image(self._shares))
        painter.setPen(QPen(now.line, 1))
        painter.drawRect(square)
        if self._real.isEmpty() and self._drawn.isEmpty():
            painter.setPen(now.quiet)
            painter.drawText(square.adjusted(16, 16, -16, -16), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
                             self._message)  # fmt: skip
            return
        if self._arrows is not None:
            self._draw_arrows(painter, square)
        self._draw_dots(painter, square, self._real, mixed(now.quiet, now.map, 0.35), REAL_DOT)
        self._draw_dots(painter, square, self._drawn, now.accent, DOT)

    def _draw_dots(self, painter: QPainter, square: QRectF, dots: QPolygonF, color: QColor, size: float) -> None:
        side = square.width()
        painter.setPen(QPen(color, size, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawPoints(QTransform(side, 0, 0, -side, square.left(), square.bottom()).map(dots))

    def _draw_arrows(self, painter: QPainter, square: QRectF) -> None:
        """One arrow a coarse cell: its length tells strength, but never leaves the cell."""
        assert self._arrows is not None
        count = len(self._arrows)
        cell = square.width() / count
        lengths = np.linalg.norm(self._arrows, axis=2)
        usual = float(np.percentile(lengths, USUAL))
        if not usual > 0:
            return
        painter.setPen(QPen(mixed(theme().text, theme().map, 0.35), 1.1))
        lines = []
        for row in range(count):
            for column in range(count):
                length = float(lengths[row, column])
                shown = 0.85 * cell * min(1.0, length / usual) ** 0.5
                if shown < 2:
                    continue
                x, y = self._arrows[row, column] / length * shown
                middle = QPointF(square.left() + (column + 0.5) * cell, square.bottom() - (row + 0.5) * cell)
                lines += _arrow(middle, float(x), float(-y))
        painter.drawLines(lines)


def _arrow(middle: QPointF, x: float, y: float) -> list[QLineF]:
    """The lines of an arrow (x, y) px through `middle`."""
    half = QPointF(x / 2, y / 2)
    tip, back = middle + half, QPointF(-x * HEAD, -y * HEAD)
    side = QPointF(-y * HEAD * 0.6, x * HEAD * 0.6)
    return [QLineF(middle - half, tip), QLineF(tip, tip + back + side), QLineF(tip, tip + back - side)]


def _polygon(points: Points | None) -> QPolygonF:
    return QPolygonF([] if points is None else [QPointF(x, y) for x, y in points.tolist()])


def _coarse(arrows: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean arrow of each square of cells; those that are no numbers vanish."""
    side = len(arrows) // COARSE
    cut = np.nan_to_num(arrows[: side * COARSE, : side * COARSE], posinf=0.0, neginf=0.0)
    return np.asarray(cut.reshape(side, COARSE, side, COARSE, 2).mean(axis=(1, 3)), np.float32)


def _image(shares: NDArray[np.float32]) -> QImage:
    """One pixel a cell, the top row first."""
    inks = np.array([heat_color(shade / (SHADES - 1)).rgb() for shade in range(SHADES)], np.uint32)
    whole = (np.nan_to_num(shares) * (SHADES - 1) + 0.5).clip(0, SHADES - 1).astype(np.intp)
    pixels = np.ascontiguousarray(inks[whole][::-1])
    side = len(pixels)
    return QImage(pixels.data, side, side, 4 * side, QImage.Format.Format_RGB32).copy()
