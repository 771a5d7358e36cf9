"""A sheet of pictures that crosses rows with columns: their own pictures at the head, the empty corner left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPen

from explorer.colors import theme
from explorer.widgets.picture_grid import GAP, PictureGrid, fitting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy import uint8
    from numpy.typing import NDArray
    from PySide6.QtGui import QPaintEvent


class CrossedGrid(PictureGrid):
    """Shows the columns' own pictures, then row by row the row's own and its mixtures."""

    _row = 1  # places of a row, its own picture counted

    def set_crossed(self, pictures: NDArray[uint8] | None, across: int, tips: Sequence[str] = ()) -> None:
        """Show uint8 [n, h, w, 1 or 3], with the corner before them `across` in a row."""
        self._row = max(2, across)
        self.set_pictures(pictures, tips)

    def place_of(self, index: int) -> tuple[int, int]:
        """Row and column of a picture; those at the head have row or column 0."""
        return divmod(index + 1, self._row)

    def cells(self) -> list[QRectF]:
        """The rectangle of each picture, in the widget's own coordinates."""
        return self._laid_out(self._count + 1)[1:] if self._count else []

    def _columns(self) -> tuple[int, float]:
        ratio, gap = self.devicePixelRatioF(), GAP * self.devicePixelRatioF()
        across, down = (self.width() - 4) * ratio, (self.height() - 4) * ratio
        return fitting(self._count + 1, self._row, self._size, (across, down), gap)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The sheet, and a line on either side of its heads."""
        super().paintEvent(event)
        cells = self.cells()
        if len(cells) < self._row:
            return
        painter = QPainter(self)
        painter.setPen(QPen(theme().line, 1))
        left, top = cells[self._row - 1].right() + GAP / 2, cells[0].bottom() + GAP / 2
        right, bottom = cells[self._row - 2].right(), cells[-1].bottom()
        painter.drawLine(QPointF(left, cells[0].top()), QPointF(left, bottom))
        painter.drawLine(QPointF(cells[self._row - 1].left(), top), QPointF(right, top))
        painter.end()
