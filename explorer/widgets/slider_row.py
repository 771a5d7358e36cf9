"""One number of a code as a row: its name, a slider, the value as it is, and a lock."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QDoubleValidator, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QWidget

from explorer.colors import mixed, theme
from explorer.widgets.track_slider import TrackSlider

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent, QResizeEvent

ROW = 24  # px of height
VALUE, LOCK = 56, 20  # px of width beside the slider
FURTHEST = 1e6  # a typed value may not be larger
LONGEST = 1e5  # from here on, and where it is no number, a value is written with an exponent


class LockButton(QAbstractButton):
    """A small padlock, closed while checked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        """One square at the end of a row."""
        return QSize(LOCK, ROW)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Body and shackle; the open one is faint until the mouse or the focus comes."""
        now, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lit = self.underMouse() or self.hasFocus()
        color = now.accent if self.isChecked() else now.quiet if lit else mixed(now.quiet, now.panel, 0.6)
        middle, top = self.width() / 2, self.height() / 2 - 5
        shackle = QRectF(middle - 2.5, top, 5, 7).translated(0 if self.isChecked() else 4, 0)
        painter.setPen(QPen(color, 1.4))
        painter.drawArc(shackle, 0, 180 * 16)
        if not self.isChecked():
            painter.drawLine(QPointF(shackle.left(), shackle.center().y()), QPointF(shackle.left(), top + 5))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawRoundedRect(QRectF(middle - 4, top + 4, 8, 6), 1.2, 1.2)
        if self.hasFocus():
            painter.setPen(QPen(now.accent, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1.5, 3.5, -1.5, -3.5), 3, 3)


class ValueField(QLineEdit):
    """Where a value is typed; Escape leaves it as it was."""

    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape is ours, all else a line edit's."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class SliderRow(QWidget):
    """The row of number `dimension`, its slider beginning where the name of number `widest` ends.

    A double click on the value or Return on the slider lets a person type it.
    """

    moved = Signal(int, float)
    locked = Signal(int, bool)

    def __init__(self, dimension: int, widest: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.dimension = dimension
        self._name_width = QFontMetrics(self.font()).horizontalAdvance(f"z{widest}") + 8
        self._value, self._low, self._high, self._middle = 0.0, -1.0, 1.0, 0.0
        self._field: ValueField | None = None
        name = f"z{dimension}"
        self.slider = TrackSlider(self)
        self.slider.setObjectName(f"probe_slider_{dimension}")
        self.slider.setAccessibleName(f"Dimension {name}")
        self.slider.moved.connect(self._slid)
        self.lock = LockButton(self)
        self.lock.setObjectName(f"probe_lock_{dimension}")
        self.lock.setAccessibleName(f"Lock {name}")
        self.lock.setToolTip("Locked, a number stays when the code is reset or randomised.")
        self.lock.clicked.connect(lambda checked: self.locked.emit(self.dimension, checked))

    @property
    def value(self) -> float:
        """The number as it is, finer than the slider's places."""
        return self._value

    def set_range(self, low: float, high: float, middle: float) -> None:
        """Where the data's codes live, and their middle; a range of a model that diverged is passed over."""
        if math.isfinite(high - low) and low < high:
            self._low, self._high, self._middle = low, high, middle
            self._place()

    def set_value(self, value: float) -> None:
        """Show `value`, widening the slider's range if it lies outside; emits nothing."""
        if value != self._value:
            self._value = value
            self._place()
            if QAccessible.isActive():
                self.slider.setAccessibleDescription(self.text())

    def set_locked(self, locked: bool) -> None:
        """Show the lock open or closed; emits nothing."""
        self.lock.setChecked(locked)

    def text(self) -> str:
        """The value in as many digits as its range makes worth reading."""
        digits = min(max(2 - math.floor(math.log10(self._high - self._low)), 0), 6)
        written = f"{self._value:z.{digits}f}" if abs(self._value) < LONGEST else f"{self._value:.3g}"
        return written.replace("-", "\N{MINUS SIGN}")

    def _place(self) -> None:
        """A range never moves under the hand that drags in it."""
        if not self.slider.isSliderDown() and math.isfinite(self._value):
            self.slider.set_span(min(self._low, self._value), max(self._high, self._value), self._middle)
            self.slider.set_real(self._value)
        self.update(self._value_area())

    def _slid(self, value: float) -> None:
        self._value = value
        self.update(self._value_area())
        self.moved.emit(self.dimension, value)

    # ---- typing a value

    def edit(self) -> None:
        """Open a field in place of the value."""
        self._close()
        field = ValueField(f"{self._value:.6g}", self)
        field.setObjectName(f"probe_value_{self.dimension}")
        field.setAccessibleName(f"Value of z{self.dimension}")
        field.setAlignment(Qt.AlignmentFlag.AlignRight)
        field.setValidator(QDoubleValidator(-FURTHEST, FURTHEST, 6, field))
        field.setGeometry(self._value_area().adjusted(-8, 1, 0, -1))
        field.left.connect(self._close)
        field.editingFinished.connect(self._typed)
        field.selectAll()
        field.show()
        field.setFocus()
        self._field = field

    def _typed(self) -> None:
        if self._field is None:
            return
        number, understood = self._field.locale().toDouble(self._field.text())
        self._close()
        if understood and number != self._value:
            self.set_value(number)
            self.moved.emit(self.dimension, number)

    def _close(self) -> None:
        field, self._field = self._field, None
        if field is not None:
            if field.hasFocus():
                self.slider.setFocus()
            field.hide()
            field.deleteLater()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """On the value: type it."""
        if self._value_area().contains(event.position().toPoint()):
            self.edit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return comes up from the slider: type the value."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2):
            self.edit()
        else:
            super().keyPressEvent(event)

    # ---- looks

    def _value_area(self) -> QRect:
        return QRect(self.width() - LOCK - VALUE, 0, VALUE, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Name, slider, value, lock from left to right; by hand, for there may be hundreds of rows."""
        left = self._name_width
        self.slider.setGeometry(left, 0, self.width() - left - VALUE - LOCK, self.height())
        self.lock.setGeometry(self.width() - LOCK, 0, LOCK, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """The name quietly, the value plainly."""
        now, painter = theme(), QPainter(self)
        painter.setPen(now.quiet)
        flags = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(
            QRect(2, 0, self._name_width, self.height()), flags | Qt.AlignmentFlag.AlignLeft, f"z{self.dimension}"
        )
        painter.setPen(now.text)
        painter.drawText(self._value_area().adjusted(0, 0, -4, 0), flags | Qt.AlignmentFlag.AlignRight, self.text())
