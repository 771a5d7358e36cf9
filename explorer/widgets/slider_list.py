"""The sliders of a whole code in a scrolling list; only rows that have been in sight are ever built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget

from explorer.widgets.slider_row import ROW, SliderRow

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtGui import QResizeEvent

COMFORTABLE = 8  # rows asked for; more are shown where there is space


class SliderList(QScrollArea):
    """One `SliderRow` a dimension; `set_*` never emit, and rows out of sight cost nothing."""

    moved = Signal(int, float)
    locked = Signal(int, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: dict[int, SliderRow] = {}  # those built so far, by dimension
        self.tab_after: QWidget | None = None  # the control that the Tab key leaves for the first row
        self._count = 0
        self._code: NDArray[np.float32] | None = None
        self._ranges: NDArray[np.float32] | None = None
        self._middle: NDArray[np.float32] | None = None
        self._locked: frozenset[int] = frozenset()
        self._inside = QWidget()
        self.setWidget(self._inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.verticalScrollBar().setSingleStep(ROW)
        self.verticalScrollBar().valueChanged.connect(self._refresh)
        self.verticalScrollBar().rangeChanged.connect(self._refresh)
        self.viewport().setAutoFillBackground(False)
        self._inside.setAutoFillBackground(False)
        self.set_count(0)

    @property
    def count(self) -> int:
        """How many dimensions the list has, built or not."""
        return self._count

    def set_count(self, count: int) -> None:
        """Start anew with `count` dimensions, without code, ranges and locks."""
        for row in self.rows.values():
            row.hide()
            row.deleteLater()
        self.rows = {}
        self._count = count
        self._code = self._ranges = self._middle = None
        self._locked = frozenset()
        self.verticalScrollBar().setValue(0)
        self._inside.setMinimumHeight(count * ROW)
        self.setMaximumHeight(max(count, 1) * ROW)
        self.updateGeometry()
        self._refresh()

    def set_code(self, code: NDArray[np.float32]) -> None:
        """Show the numbers of `code` [count]."""
        self._code = code
        self._refresh()

    def set_ranges(self, ranges: NDArray[np.float32], middle: NDArray[np.float32]) -> None:
        """Where the data's codes live: `ranges` [count, 2] and their `middle` [count]."""
        self._ranges, self._middle = ranges, middle
        self._refresh()

    def set_locked(self, locked: frozenset[int]) -> None:
        """Show which dimensions are locked."""
        self._locked = locked
        self._refresh()

    def sizeHint(self) -> QSize:
        """Some rows; the list grows to all of them where there is space."""
        return QSize(240, min(max(self._count, 1), COMFORTABLE) * ROW)

    def minimumSizeHint(self) -> QSize:
        """Two rows can always be seen."""
        return QSize(180, min(max(self._count, 1), 2) * ROW)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Rows are as wide as the list."""
        super().resizeEvent(event)
        width = self.viewport().width()
        for row in self.rows.values():
            row.resize(width, ROW)
        self._refresh()

    def _refresh(self) -> None:
        """Bring the rows in sight, and one on each side for the Tab key, up to date; build those first seen."""
        top = self.verticalScrollBar().value()
        first = max(0, top // ROW - 1)
        last = min(self._count, (top + self.viewport().height()) // ROW + 2)
        scrolls = self._count * ROW > self.viewport().height()
        for dimension in range(first, last):
            row = self.rows.get(dimension) or self._built(dimension)
            self._bring_up_to_date(row, scrolls)

    def _built(self, dimension: int) -> SliderRow:
        row = SliderRow(dimension, self._count - 1, self._inside)
        row.moved.connect(self.moved)
        row.locked.connect(self.locked)
        row.setGeometry(0, dimension * ROW, self.viewport().width(), ROW)
        above = max((other for other in self.rows if other < dimension), default=None)
        before = self.tab_after if above is None else self.rows[above].lock
        if before is not None:  # else a late row would come after everything else in the window
            QWidget.setTabOrder(before, row.slider)
        QWidget.setTabOrder(row.slider, row.lock)
        row.show()
        self.rows[dimension] = row
        return row

    def _bring_up_to_date(self, row: SliderRow, scrolls: bool) -> None:
        row.slider.wheel_needs_focus = scrolls
        if self._ranges is not None and self._middle is not None:
            low, high = self._ranges[row.dimension].tolist()
            row.set_range(low, high, float(self._middle[row.dimension]))
        if self._code is not None:
            row.set_value(float(self._code[row.dimension]))
        row.set_locked(row.dimension in self._locked)
