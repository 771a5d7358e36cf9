"""A row of pictures for each dimension of a code, its number walking from left to right, and what is known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPolygonF
from PySide6.QtWidgets import QWidget

from explorer.colors import theme
from explorer.widgets.picture import factor
from explorer.widgets.picture_grid import GAP, PictureGrid
from explorer.widgets.slider_row import LOCK, LockButton

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtGui import QPaintEvent, QResizeEvent

HEAD, SMALL_HEAD = 104, 72  # px of width, the second in a narrow place
NARROW = 460  # px
POINTER = 5  # px of height below each row, where one sees where the probe is


class Walk(NamedTuple):
    """One dimension: its number, the share of the largest effect it has if that is known, and what else is said."""

    dimension: int
    effect: float | None
    told: str  # beside its name, as `1.2 nats`
    dead: bool
    locked: bool
    place: float  # of the probe between both ends, from 0 to 1


class WalkGrid(PictureGrid):
    """The pictures, so many in each row, and a pointer under each row to where the probe is."""

    def __init__(self, columns: int, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.columns = columns
        self.rows = 1
        self._places: tuple[float, ...] = ()
        self._faint: frozenset[int] = frozenset()

    def set_places(self, places: Sequence[float], faint: frozenset[int]) -> None:
        """Where the probe is in each row, from 0 to 1; the rows `faint` are those of dead dimensions."""
        if (tuple(places), faint) != (self._places, self._faint):
            self._places, self._faint = tuple(places), faint
            self.update()

    def _columns(self) -> tuple[int, float]:
        ratio = self.devicePixelRatioF()
        room = (self.width() - GAP) / self.columns - GAP, self.height() / self.rows - POINTER - 2
        return self.columns, factor(self._size.width(), self._size.height(), room[0] * ratio, room[1] * ratio)

    def cells(self) -> list[QRectF]:
        """The rectangle of each picture, in the middle of its place."""
        if not self._count:
            return []
        times = self._columns()[1] / self.devicePixelRatioF()
        width, height = self._size.width() * times, self._size.height() * times
        across, down = self.width() / self.columns, self.height() / self.rows
        found = []
        for index in range(self._count):
            row, column = divmod(index, self.columns)
            left, top = (column + 0.5) * across - width / 2, row * down + (down - POINTER - height) / 2
            found.append(QRectF(round(left), round(top), width, height))
        return found

    def paintEvent(self, event: QPaintEvent) -> None:
        """The pictures, dead rows faint, and the pointers."""
        super().paintEvent(event)
        if not self._count:
            return
        painter, now = QPainter(self), theme()
        cells, down, across = self.cells(), self.height() / self.rows, self.width() / self.columns
        veil = QColor(now.panel)
        veil.setAlpha(150)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for row, place in enumerate(self._places[: len(cells) // self.columns]):
            if row in self._faint:
                painter.fillRect(QRectF(0, row * down, self.width(), down), veil)
            x = (0.5 + min(max(place, 0.0), 1.0) * (self.columns - 1)) * across
            y = cells[row * self.columns].bottom() + 1
            painter.setBrush(now.accent)
            painter.drawPolygon(QPolygonF([QPointF(x, y), QPointF(x - 4, y + POINTER), QPointF(x + 4, y + POINTER)]))
        painter.end()


class WalkHead(QWidget):
    """What is known of one dimension: its name, a bar of its effect, its figure, and a lock."""

    locked = Signal(bool)

    def __init__(self, row: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._walk: Walk | None = None
        self.lock = LockButton(self)
        self.lock.setObjectName(f"traversal_lock_{row}")
        self.lock.clicked.connect(self.locked)

    def set_walk(self, walk: Walk) -> None:
        """Show a dimension."""
        self._walk = walk
        self.lock.setChecked(walk.locked)
        self.lock.setAccessibleName(f"Lock z{walk.dimension}")
        self.lock.setToolTip("Locked, a number stays when the code is reset, randomised or moved along a direction.")
        said = f"z{walk.dimension} {walk.told}" + (": dead, it does nothing that could be seen" if walk.dead else "")
        self.setToolTip(said)
        self.setAccessibleName(said)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The lock at the right end."""
        self.lock.setGeometry(self.width() - LOCK, (self.height() - POINTER - 24) // 2, LOCK, 24)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Name above, figure below, a bar between them where there is room."""
        if self._walk is None:
            return
        painter, now, walk = QPainter(self), theme(), self._walk
        room, middle = self.width() - LOCK - 8, (self.height() - POINTER) / 2
        color = now.quiet if walk.dead else now.text
        font = self.font()
        painter.setPen(color)
        tall = painter.fontMetrics().height()
        name = f"z{walk.dimension}"
        painter.drawText(QRectF(0, middle - tall, room, tall), Qt.AlignmentFlag.AlignVCenter, name)
        font.setPointSizeF(0.8 * font.pointSizeF())
        painter.setFont(font)
        painter.setPen(now.quiet)
        said = "dead" if walk.dead else walk.told
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(QRectF(0, middle - tall, room, tall), right, said)
        if walk.effect is not None:
            painter.fillRect(QRectF(0, middle + 3, room, 3), now.line)
            painter.fillRect(QRectF(0, middle + 3, room * walk.effect, 3), now.quiet if walk.dead else now.accent)
        painter.end()


class WalkTable(QWidget):
    """Heads on the left, pictures on the right; `picked` tells row and column, `locked` row and whether."""

    picked = Signal(int, int)
    locked = Signal(int, bool)

    def __init__(self, columns: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.grid = WalkGrid(columns, self)
        self.grid.setObjectName("traversal_grid")
        self.grid.setAccessibleName("Pictures along each dimension")
        self.grid.picked.connect(lambda index: self.picked.emit(*divmod(index, columns)))
        self.heads: list[WalkHead] = []

    def set_walks(self, walks: Sequence[Walk]) -> None:
        """Show these dimensions, a row each."""
        while len(self.heads) < len(walks):
            row = len(self.heads)
            head = WalkHead(row, self)
            head.locked.connect(lambda on, row=row: self.locked.emit(row, on))
            self.heads.append(head)
        for row, head in enumerate(self.heads):
            head.setVisible(row < len(walks))
            if row < len(walks):
                head.set_walk(walks[row])
        self.grid.rows = max(1, len(walks))
        self.grid.set_places([walk.place for walk in walks], frozenset(r for r, walk in enumerate(walks) if walk.dead))
        self._place()

    def set_pictures(self, pictures: NDArray[np.uint8] | None, tips: Sequence[str]) -> None:
        """Show uint8 [rows * columns, h, w, 1 or 3], row by row."""
        self.grid.set_pictures(pictures, tips)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Rows share the height."""
        self._place()

    def _place(self) -> None:
        wide = SMALL_HEAD if self.width() < NARROW else HEAD
        self.grid.setGeometry(wide, 0, max(1, self.width() - wide), self.height())
        down = self.height() / self.grid.rows
        for row, head in enumerate(self.heads[: self.grid.rows]):
            head.setGeometry(0, round(row * down), wide, round(down))

    def sizeHint(self) -> QSize:
        """Four rows."""
        return QSize(480, 4 * 44)

    def minimumSizeHint(self) -> QSize:
        """One row can always be seen."""
        return QSize(SMALL_HEAD + 160, 40)
