"""Pictures side by side along a way, each under its place on the slider above, and where one is on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPolygonF

from explorer.colors import theme
from explorer.widgets.picture import factor
from explorer.widgets.picture_grid import GAP, PictureGrid
from explorer.widgets.track_slider import HANDLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintEvent
    from PySide6.QtWidgets import QWidget

INSET = HANDLE + 2  # px that the slider above keeps free at both ends
MARKS = 14  # px of height above the pictures for the names of the ends


class FilmStrip(PictureGrid):
    """Shows a picture at each of the rising `places`; the track above reaches half a step further on both sides.

    `picked` tells which picture a person wants to go to. `set_*` emit nothing.
    """

    def __init__(self, places: Sequence[float], parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self._places = tuple(places)
        self._step = self._places[1] - self._places[0]
        self._place: float | None = None
        self._ends: tuple[tuple[float, str], ...] = ()

    @property
    def span(self) -> tuple[float, float]:
        """The numbers at both ends of the track above."""
        return self._places[0] - self._step / 2, self._places[-1] + self._step / 2

    def set_place(self, place: float | None) -> None:
        """Mark where one is on the way."""
        if place != self._place:
            self._place = place
            self.update()

    def set_ends(self, ends: Sequence[tuple[float, str]]) -> None:
        """Mark places that have a name, as where two groups lie."""
        self._ends = tuple(ends)
        self.update()

    def sizeHint(self) -> QSize:
        """Pictures as large as digits are."""
        return QSize(320, MARKS + 52)

    def minimumSizeHint(self) -> QSize:
        """Still recognisable."""
        return QSize(180, MARKS + 30)

    def x_of(self, place: float) -> float:
        """Where a place lies across, in the widget's own coordinates; those beyond the ends at the ends."""
        low, high = self.span
        share = min(max((place - low) / (high - low), 0.0), 1.0)
        return INSET + (self.width() - 2 * INSET) * share

    def cells(self) -> list[QRectF]:
        """The rectangle of each picture, centred under its place."""
        if not self._count:
            return []
        times = self._columns()[1] / self.devicePixelRatioF()
        width, height = self._size.width() * times, self._size.height() * times
        top = MARKS + max(0.0, (self.height() - MARKS - height) / 2)
        middles = (self.x_of(place) for place in self._places[: self._count])
        return [QRectF(round(middle - width / 2), round(top), width, height) for middle in middles]

    def _columns(self) -> tuple[int, float]:
        ratio = self.devicePixelRatioF()
        room = (self.width() - 2 * INSET) / len(self._places) - GAP
        down = self.height() - MARKS - 4
        return len(self._places), factor(self._size.width(), self._size.height(), room * ratio, down * ratio)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The pictures, names above them, and a pointer to where one is."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ends(painter)
        if self._place is not None:
            x = self.x_of(self._place)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().accent)
            painter.drawPolygon(QPolygonF([QPointF(x - 4, MARKS - 5), QPointF(x + 4, MARKS - 5), QPointF(x, MARKS)]))
        painter.end()

    def _paint_ends(self, painter: QPainter) -> None:
        font = self.font()
        font.setPointSizeF(0.8 * font.pointSizeF())
        painter.setFont(font)
        painter.setPen(theme().quiet)
        metrics, taken = painter.fontMetrics(), QRectF()
        for place, name in sorted(self._ends):
            wide = metrics.horizontalAdvance(name) + 2
            left = min(max(self.x_of(place) - wide / 2, 0.0), max(0.0, self.width() - wide))
            where = QRectF(left, 0, wide, MARKS - 4)
            if not where.intersects(taken):
                painter.drawText(where, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip, name)
                taken = where
