"""A slider over real numbers with a thin track that is filled from the middle of the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSlider, QWidget

from explorer.colors import mixed, theme

if TYPE_CHECKING:
    from PySide6.QtGui import QMouseEvent, QPaintEvent, QWheelEvent

STEPS = 2000  # places of a slider; an arrow key goes a hundredth of the way, a page key a tenth
HANDLE = 6  # px of radius
HEIGHT = 24  # px


class TrackSlider(QSlider):
    """A slider over real numbers: quiet when set, `moved` when a person moves it by mouse, keys or wheel.

    A click on the track takes the handle there. The track is filled from `middle` to the value.
    """

    moved = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._low, self._high, self._middle = 0.0, 1.0, 0.0
        self._grip = 0.0  # px between the mouse and the middle of the handle it holds
        self._hollow = False
        self.wheel_needs_focus = False  # where the wheel scrolls a list of sliders
        self.setRange(0, STEPS)
        self.setSingleStep(STEPS // 100)
        self.setPageStep(STEPS // 10)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.valueChanged.connect(lambda: self.moved.emit(self.real()))

    def real(self) -> float:
        """The number at the handle."""
        return self._low + (self._high - self._low) * self.value() / STEPS

    def set_real(self, value: float) -> None:
        """Put the handle to `value`, or to the nearest end; emits nothing."""
        self._set_quietly(round(STEPS * (value - self._low) / (self._high - self._low)))

    def set_span(self, low: float, high: float, middle: float) -> None:
        """The numbers at both ends and the one the fill begins at; emits nothing."""
        self._low, self._high, self._middle = low, high, middle
        self.update()

    def set_hollow(self, hollow: bool) -> None:
        """Whether the handle is only an offer: the number is another one, or none."""
        if hollow != self._hollow:
            self._hollow = hollow
            self.update()

    def _set_quietly(self, place: int) -> None:
        if place != self.value():
            blocked = self.blockSignals(True)
            self.setValue(place)
            self.blockSignals(blocked)
            self.update()

    def sizeHint(self) -> QSize:
        """As wide as the layout likes."""
        return QSize(120, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Still to be hit."""
        return QSize(48, HEIGHT)

    # ---- mouse and wheel; the keys are Qt's own

    def _x(self, place: float) -> float:
        return HANDLE + 2 + (self.width() - 2 * HANDLE - 4) * place / STEPS

    def _take_to(self, x: float) -> None:
        reach = max(1, self.width() - 2 * HANDLE - 4)
        place = round(STEPS * (x - HANDLE - 2) / reach)
        if self._hollow and place == self.value():
            self.moved.emit(self.real())  # the offer is taken where it lies
        self.setValue(place)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Hold the handle where it is gripped; elsewhere it comes to the mouse."""
        if event.button() is not Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self.setSliderDown(True)
        away = event.position().x() - self._x(self.value())
        self._grip = away if abs(away) <= HANDLE else 0.0
        self._take_to(event.position().x() - self._grip)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The handle follows while it is held."""
        if self.isSliderDown():
            self._take_to(event.position().x() - self._grip)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self.setSliderDown(False)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel moves the handle, unless it is there to scroll and the slider was not chosen."""
        if self.wheel_needs_focus and not self.hasFocus():
            event.ignore()
        else:
            super().wheelEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A thin track, filled from the middle, and a round handle."""
        now, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        y, x = self.height() / 2, self._x(self.value())
        painter.setBrush(now.line)
        painter.drawRoundedRect(QRectF(self._x(0), y - 1.5, self._x(STEPS) - self._x(0), 3), 1.5, 1.5)
        color = now.line if not self.isEnabled() else now.quiet if self._hollow else now.accent
        if self.isEnabled() and not self._hollow:
            share = (self._middle - self._low) / (self._high - self._low)
            start = self._x(STEPS * min(max(share, 0.0), 1.0))
            painter.setBrush(mixed(color, now.panel, 0.25))
            painter.drawRoundedRect(QRectF(min(start, x), y - 1.5, abs(x - start), 3), 1.5, 1.5)
        if self.hasFocus():
            painter.setBrush(mixed(color, now.panel, 0.7))
            painter.drawEllipse(QPointF(x, y), HANDLE + 2, HANDLE + 2)
        radius = HANDLE if self.isSliderDown() or self.underMouse() else HANDLE - 1
        painter.setBrush(color)
        painter.drawEllipse(QPointF(x, y), radius, radius)
        if self._hollow:
            painter.setBrush(now.panel)
            painter.drawEllipse(QPointF(x, y), radius - 1.5, radius - 1.5)
