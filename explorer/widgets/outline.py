"""A box or a lasso around points of the map, while it is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPainterPath, QPen, QPolygonF

from explorer import colors
from explorer.groups import How
from explorer.widgets.map_marks import small_font

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QFont

    from explorer.widgets.map_camera import Size
    from models.events import Points

SIGNS = {How.ALONE: "", How.MORE: "+ ", How.LESS: "− ", How.BOTH: "∩ "}
WASH = 0.10  # opacity of the accent within the outline
STEP = 2.0  # pixels that the mouse goes at least between two corners of a lasso


class Outline:
    """From where the mouse was pressed to where it is: a box, or the way it took; all in pixels of the map."""

    def __init__(self, start: QPointF, lasso: bool, how: How) -> None:
        self.lasso, self.how = lasso, how
        self._way = QPolygonF([start])

    def extend(self, place: QPointF) -> None:
        """Draw on to `place`."""
        if not self.lasso:
            self._way = QPolygonF([self._way.first(), place])
        elif (place - self._way.last()).manhattanLength() >= STEP:
            self._way.append(place)

    @property
    def size(self) -> float:
        """The longer side of the box around it, in pixels."""
        around = self._way.boundingRect()
        return max(around.width(), around.height())

    def holds(self, places: Points, size: Size) -> NDArray[np.bool_]:
        """Which pixel places [n, 2] lie inside, and in a view of `size`.

        A lasso is filled like a picture whose pixels are then looked up: so many points cost the same for any shape,
        and what is encircled twice is inside as well.
        """
        around = self._way.boundingRect().intersected(QRectF(0, 0, *size))
        across, down = places[:, 0], places[:, 1]
        inside = (across >= around.left()) & (across <= around.right())
        inside &= (down >= around.top()) & (down <= around.bottom())
        if self.lasso and inside.any():
            near = np.flatnonzero(inside)
            corner = np.floor([around.left(), around.top()]).astype(np.float32)
            column, row = (np.take(places, near, axis=0) - corner).astype(np.intp).T
            inside[near] = self._filled(QPointF(*corner), around)[row, column]
        return inside

    def _filled(self, corner: QPointF, around: QRectF) -> NDArray[np.bool_]:
        """The pixels from `corner` on that cover `around`, true inside the lasso."""
        width, height = (int(length) + 3 for length in (around.width(), around.height()))
        image = QImage(width, height, QImage.Format.Format_Grayscale8)
        image.fill(0)
        painter = QPainter(image)
        painter.translate(-corner)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(Qt.GlobalColor.white)
        painter.drawPolygon(self._way, Qt.FillRule.WindingFill)
        painter.end()
        rows = np.frombuffer(image.constBits(), np.uint8).reshape(height, image.bytesPerLine())
        return rows[:, :width] > 0

    def paint(self, painter: QPainter, words: str, size: Size) -> None:
        """The outline, dashed where it closes, and `words` of what it holds beside the mouse."""
        theme, path = colors.theme(), QPainterPath()
        if self.lasso:
            path.addPolygon(self._way)
        else:
            path.addRect(self._way.boundingRect())
        wash = QColor(theme.accent)
        wash.setAlphaF(WASH)
        path.setFillRule(Qt.FillRule.WindingFill)
        painter.fillPath(path, wash)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in (QPen(theme.map, 3.0), QPen(theme.accent, 1.5)):
            painter.setPen(pen)
            painter.drawPath(path)
        if self.lasso:
            painter.setPen(QPen(theme.accent, 1.5, Qt.PenStyle.DashLine))
            painter.drawLine(self._way.last(), self._way.first())
        _paint_plate(painter, self._way.last(), f"{SIGNS[self.how]}{words}", size)


def _paint_plate(painter: QPainter, mouse: QPointF, words: str, size: Size) -> None:
    """Words on a small plate beside the mouse, within the map."""
    theme, font = colors.theme(), _bold(painter.font())
    painter.setFont(font)
    metrics = QFontMetricsF(font)
    plate = QRectF(0, 0, metrics.horizontalAdvance(words) + 12, metrics.height() + 6)
    plate.moveTopLeft(mouse + QPointF(14, 14))
    plate.moveRight(min(plate.right(), size[0] - 4))
    plate.moveBottom(min(plate.bottom(), size[1] - 4))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.accent)
    painter.drawRoundedRect(plate, 4, 4)
    painter.setPen(theme.accent_text)
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, words)


def _bold(base: QFont) -> QFont:
    font = small_font(base)
    font.setBold(True)
    return font
