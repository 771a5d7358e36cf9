"""A small picture that a person draws on, pixel by pixel enlarged: with mouse, pen, finger or keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QPainter, QPen, QPointingDevice
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.colors import theme
from explorer.strokes import Stroke
from explorer.widgets.picture import CAPTION, draw, fitted, picture_menu, to_image

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPaintEvent, QTabletEvent, QWheelEvent

    from explorer.strokes import Place

SLIMMEST, WIDEST = 0.5, 12.0  # pixels of the picture: the radius of the pen
WIDER = 1.15  # by one notch of the wheel, or one press of ]
ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
HELP = (
    "Draw with the left button, rub out with the right one; the wheel makes the pen wider.\n"
    "By keys: arrows move the pen, Space puts it down or lifts it, [ and ] change its width, E rubs out."
)


class Canvas(QWidget):
    """`painted` tells the whole picture uint8 [h, w, c] after every move of a stroke, and the stroke's number.

    `widened` and `turned` tell that the pen's radius, or what it does, was changed by wheel or keys; `set_*` emit
    nothing.
    """

    painted = Signal(object, int)
    widened = Signal(float)
    turned = Signal(bool)
    told = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.caption = "your drawing"
        self.radius, self.rubbing = 1.0, False
        self.ink, self.ground = np.full(1, 255, np.uint8), np.zeros(1, np.uint8)
        self._pixels: NDArray[np.uint8] | None = None
        self._image: QImage | None = None
        self._strokes = 0
        self._stroke: Stroke | None = None
        self._pen: Place | None = None  # where the pen is over the picture
        self._by_keys = False
        self.setMouseTracking(True)
        self.setToolTip(HELP)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def image(self) -> QImage | None:
        """What is shown, in the picture's own pixels."""
        return self._image

    def set_drawing(self, pixels: NDArray[np.uint8] | None, strokes: int) -> None:
        """Show a drawing uint8 [h, w, c] of so many strokes; one that is being made here goes on as it is."""
        if self._stroke is not None and pixels is not None and strokes == self._strokes:
            return
        self._stroke = None
        self._pixels, self._strokes = pixels, strokes
        self._image = None if pixels is None else to_image(pixels)
        self.update()

    def set_pen(self, radius: float, rubbing: bool) -> None:
        """How wide the pen is, in pixels of the picture, and whether it takes away."""
        self.radius, self.rubbing = radius, rubbing
        self.update()

    def set_colors(self, ink: NDArray[np.uint8], ground: NDArray[np.uint8]) -> None:
        """What the pen leaves, and what it leaves where it rubs out: uint8 [c] each."""
        self.ink, self.ground = ink, ground

    def sizeHint(self) -> QSize:
        """A comfortable size; the layout may give much more or less."""
        return QSize(160, 160 + CAPTION)

    def minimumSizeHint(self) -> QSize:
        """Still to be drawn on."""
        return QSize(72, 72 + CAPTION)

    # ---- where things lie

    def area(self) -> QRectF:
        """Where the picture lies in the widget."""
        space = QRectF(self.rect()).adjusted(1, 1, -1, -1 - CAPTION)
        if self._image is None:
            return space
        return fitted(self._image.size(), space, self.devicePixelRatioF())

    def place_at(self, position: QPointF) -> Place:
        """The place of the picture under a position of the widget."""
        assert self._pixels is not None
        area, (height, width) = self.area(), self._pixels.shape[:2]
        return (
            (position.x() - area.left()) / max(area.width(), 1) * width,
            (position.y() - area.top()) / max(area.height(), 1) * height,
        )

    # ---- a stroke

    def _begin(self, place: Place, rubbing: bool, pressure: float = 1.0) -> None:
        if self._pixels is None:
            return
        self._stroke = Stroke(self._pixels, self.ground if rubbing else self.ink)
        self._strokes += 1
        self._go_on(place, pressure)

    def _go_on(self, place: Place, pressure: float = 1.0) -> None:
        self._pen = place
        if self._stroke is not None:
            self._pixels = self._stroke.reach(place, self.radius * pressure)
            self._image = to_image(self._pixels)
            self.painted.emit(self._pixels, self._strokes)
        self.update()

    def _end(self) -> None:
        self._stroke = None
        self._by_keys = False
        self.update()

    # ---- mouse, pen and finger, whose touches come as those of a mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Put the pen down; with the right button the other end of it."""
        if self._pixels is None or event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            event.ignore()
            return
        other_end = event.button() is Qt.MouseButton.RightButton
        self._begin(self.place_at(event.position()), self.rubbing or other_end)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The pen follows, and draws while it is down."""
        if self._pixels is not None and not self._by_keys:
            self._go_on(self.place_at(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Lift the pen."""
        self._end()

    def tabletEvent(self, event: QTabletEvent) -> None:
        """A pen draws the wider the harder it is pressed; its other end rubs out."""
        if self._pixels is None:
            event.ignore()
            return
        place, pressure = self.place_at(event.position()), 0.4 + 0.8 * event.pressure()
        eraser = event.pointerType() is QPointingDevice.PointerType.Eraser
        if event.type() == QEvent.Type.TabletPress:
            self._begin(place, self.rubbing or eraser, pressure)
        elif event.type() == QEvent.Type.TabletMove:
            self._go_on(place, pressure)
        else:
            self._end()
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        """Without the mouse no pen is shown."""
        if self._stroke is None:
            self._pen = None
            self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel makes the pen wider or slimmer."""
        self._widen(WIDER if event.angleDelta().y() > 0 else 1 / WIDER)
        event.accept()

    def _widen(self, times: float) -> None:
        self.radius = min(max(self.radius * times, SLIMMEST), WIDEST)
        self.widened.emit(self.radius)
        self.update()

    # ---- keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move the pen, Space puts it down or lifts it; brackets and E turn it."""
        key = Qt.Key(event.key())
        if self._pixels is None:
            super().keyPressEvent(event)
        elif key in ARROWS:
            self._step(*ARROWS[key])
        elif key == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._put_down_or_lift()
        elif event.text() in ("[", "]"):
            self._widen(WIDER if event.text() == "]" else 1 / WIDER)
        elif key == Qt.Key.Key_E:
            self.turned.emit(not self.rubbing)
        else:
            super().keyPressEvent(event)

    def _step(self, across: int, down: int) -> None:
        x, y = self._resting_place()
        assert self._pixels is not None
        height, width = self._pixels.shape[:2]
        self._go_on((min(max(x + across, 0.5), width - 0.5), min(max(y + down, 0.5), height - 0.5)))

    def _put_down_or_lift(self) -> None:
        if self._by_keys:
            self._end()
        else:
            self._by_keys = True
            self._begin(self._resting_place(), self.rubbing)

    def _resting_place(self) -> Place:
        """Where the pen is; the middle where it was not seen yet."""
        assert self._pixels is not None
        height, width = self._pixels.shape[:2]
        return self._pen or (width / 2, height / 2)

    # ---- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """The drawing, the outline of the pen over it, and the caption below."""
        if self._image is None or self._pixels is None:
            return
        painter, area = QPainter(self), self.area()
        draw(painter, area, self._image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(theme().accent if self.hasFocus() else theme().line)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(area.adjusted(-1, -1, 0, 0))
        if self._pen is not None:
            self._paint_pen(painter, area)
        font = self.font()
        font.setPointSizeF(0.85 * font.pointSizeF())
        painter.setFont(font)
        painter.setPen(theme().quiet)
        line = QRectF(0, area.bottom(), self.width(), CAPTION)
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, self.caption)

    def _paint_pen(self, painter: QPainter, area: QRectF) -> None:
        """A ring as wide as the pen, seen on any colour; dashed where it rubs out."""
        assert self._pen is not None
        assert self._pixels is not None
        times = area.width() / self._pixels.shape[1]
        middle = QPointF(area.left() + self._pen[0] * times, area.top() + self._pen[1] * times)
        painter.save()
        painter.setClipRect(area)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        around = max(2.0, self.radius * times)
        painter.setPen(QPen(QColor(0, 0, 0, 160), 3))
        painter.drawEllipse(middle, around, around)
        style = Qt.PenStyle.DashLine if self.rubbing else Qt.PenStyle.SolidLine
        painter.setPen(QPen(theme().accent, 1.5, style))
        painter.drawEllipse(middle, around, around)
        painter.restore()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The right button rubs out; the menu key opens the menu of a picture."""
        if self._image is not None and event.reason() is not QContextMenuEvent.Reason.Mouse:
            picture_menu(self, self._image, self.told.emit).popup(event.globalPos())
