"""How a timeline is drawn: seconds above, a film in the middle, the cards of the key frames below, the playhead."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPen, QPolygonF

from explorer.colors import mixed, theme
from explorer.widgets.map_marks import small_font
from explorer.widgets.picture import draw, fitted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtGui import QImage

    from explorer.timeline import KeyFrame

RULER, CARD, GAP = 16, 40, 6  # px: the height of the seconds, the side of a card, the space between all parts
HEAD = 6  # px of the playhead's head to either side
TICKS = 56  # px that two figures of the ruler lie at least apart
STEPS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 60.0)  # seconds


@dataclass(frozen=True)
class Axis:
    """Where times from 0 to `length` seconds lie in a bar of some width; room for one more card is left at its end."""

    width: float
    length: float

    @property
    def left(self) -> float:
        """The pixel of the first key frame."""
        return CARD / 2 + 2

    @property
    def right(self) -> float:
        """The pixel at which the way ends."""
        return max(self.left + 1, self.width - 1.5 * CARD - 2 * GAP - 4)

    def x(self, time: float) -> float:
        """The pixel of a time."""
        return self.left + (self.right - self.left) * (time / self.length if self.length else 0.0)

    def time(self, x: float, beyond: bool = False) -> float:
        """The time at a pixel; `beyond` the end too."""
        share = max(0.0, (x - self.left) / (self.right - self.left))
        return (share if beyond else min(share, 1.0)) * (self.length or 1.0)


@dataclass(frozen=True)
class Look:
    """All that is drawn; `dragged` is the place and the time of the card under the mouse."""

    axis: Axis
    height: float
    frames: tuple[KeyFrame, ...]
    letters: Mapping[int, str]
    images: Mapping[int, QImage]
    film: QImage | None
    cells: int
    around: bool
    length: float
    playhead: float | None
    chosen: int | None
    dragged: tuple[int, float] | None
    target: float | None
    focused: bool


def paint_timeline(painter: QPainter, look: Look, adding: QRectF, where: QRect) -> None:
    """Draw what lies within `where`."""
    if len(look.frames) > 1:
        _paint_ruler(painter, look)
        _paint_film(painter, look, QRectF(where))
    _paint_cards(painter, look)
    _paint_adding(painter, adding)
    if look.target is not None:
        painter.setPen(QPen(theme().accent, 2, Qt.PenStyle.DashLine))
        x = look.axis.x(look.target)
        painter.drawLine(QPointF(x, 0), QPointF(x, look.height))
    if look.playhead is not None and len(look.frames) > 1:
        _paint_playhead(painter, look.axis.x(look.playhead), look.height - CARD - GAP)


def _paint_ruler(painter: QPainter, look: Look) -> None:
    now, axis = theme(), look.axis
    per_second = (axis.right - axis.left) / look.length
    step = next((each for each in STEPS if each * per_second >= TICKS), STEPS[-1])
    painter.setFont(small_font(painter.font()))
    for tick in range(math.floor(look.length / step + 1e-6) + 1):
        x = axis.x(tick * step)
        painter.setPen(now.line)
        painter.drawLine(QPointF(x, RULER - 4), QPointF(x, RULER - 1))
        painter.setPen(now.quiet)
        words = f"{tick * step:g} s" if tick else "0"
        painter.drawText(QRectF(x - 30, 0, 60, RULER - 4), Qt.AlignmentFlag.AlignCenter, words)


def _paint_film(painter: QPainter, look: Look, where: QRectF) -> None:
    axis, now = look.axis, theme()
    band = QRectF(axis.left, RULER, axis.right - axis.left, look.height - RULER - CARD - 2 * GAP)
    painter.fillRect(band, mixed(now.panel, now.line, 0.5))
    if look.film is None or not look.cells:
        return
    width, high = band.width() / look.cells, look.film.height() / look.cells
    painter.save()
    for cell in range(look.cells):
        space = QRectF(band.left() + cell * width, band.top(), width, band.height())
        if space.intersects(where):
            source = QRectF(0, cell * high, look.film.width(), high)
            painter.setClipRect(space)
            draw(painter, _covering(space, source), look.film, source)
    painter.restore()


def _covering(space: QRectF, source: QRectF) -> QRectF:
    """The source at the height of the space, in its middle."""
    width = space.height() * source.width() / source.height()
    return QRectF(space.center().x() - width / 2, space.top(), width, space.height())


def _paint_cards(painter: QPainter, look: Look) -> None:
    now, axis, top = theme(), look.axis, look.height - CARD - 1
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    middle = top + CARD / 2
    if len(look.frames) > 1:
        painter.setPen(QPen(now.line, 2))
        painter.drawLine(QPointF(axis.x(look.frames[0].time), middle), QPointF(axis.x(look.length), middle))
    for place, frame in enumerate(look.frames):
        x = axis.x(frame.time)
        if look.dragged is not None and place == look.dragged[0]:
            x = axis.x(look.dragged[1])
        _paint_stem(painter, x, top)
        chosen = place == look.chosen
        _paint_card(painter, QRectF(x - CARD / 2, top, CARD, CARD), look, frame.slot, chosen)
    if look.around and look.frames:
        x = axis.x(look.length)
        _paint_stem(painter, x, top)
        painter.setOpacity(0.5)
        _paint_card(painter, QRectF(x - CARD / 2, top, CARD, CARD), look, look.frames[0].slot, False)
        painter.setOpacity(1)


def _paint_stem(painter: QPainter, x: float, top: float) -> None:
    """What ties a card to its moment of the film."""
    painter.setPen(QPen(theme().accent, 1.5))
    painter.drawLine(QPointF(x, top - 2 * GAP), QPointF(x, top))


def _paint_card(painter: QPainter, space: QRectF, look: Look, slot: int, chosen: bool) -> None:
    now, image = theme(), look.images.get(slot)
    painter.setPen(QPen(now.accent if chosen else now.line, 2 if chosen else 1))
    painter.setBrush(now.panel)
    painter.drawRoundedRect(space.adjusted(1, 1, -1, -1), 4, 4)
    if image is not None:
        draw(painter, fitted(image.size(), space.adjusted(3, 3, -3, -3), painter.device().devicePixelRatioF()), image)
    plate = QRectF(space.left(), space.top(), 15, 15)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(now.accent)
    painter.drawRoundedRect(plate, 3, 3)
    font = QFont(painter.font())
    font.setBold(True)
    font.setPixelSize(11)
    painter.setFont(font)
    painter.setPen(now.accent_text)
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, look.letters.get(slot, ""))
    if chosen and look.focused:
        painter.setPen(QPen(now.accent, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(space.adjusted(-2, -2, 2, 2), 6, 6)


def _paint_adding(painter: QPainter, space: QRectF) -> None:
    """A dashed card with a plus."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme().quiet, 1, Qt.PenStyle.DashLine))
    painter.drawRoundedRect(space.adjusted(1.5, 1.5, -1.5, -1.5), 4, 4)
    painter.setPen(QPen(theme().quiet, 1.5))
    middle = space.center()
    painter.drawLine(middle - QPointF(6, 0), middle + QPointF(6, 0))
    painter.drawLine(middle - QPointF(0, 6), middle + QPointF(0, 6))


def _paint_playhead(painter: QPainter, x: float, bottom: float) -> None:
    now = theme()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(now.map, 3.5))
    painter.drawLine(QPointF(x, HEAD), QPointF(x, bottom))
    painter.setPen(QPen(now.accent, 1.75))
    painter.drawLine(QPointF(x, HEAD), QPointF(x, bottom))
    painter.setPen(QPen(now.map, 1))
    painter.setBrush(now.accent)
    painter.drawPolygon(QPolygonF([QPointF(x - HEAD, 1), QPointF(x + HEAD, 1), QPointF(x, HEAD + 7)]))
