"""What is drawn over and under the points of the map: grid, pictures, probe, rings, pins, thumbnail, a word of help."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen

from explorer import colors
from explorer.widgets.picture import to_image

if TYPE_CHECKING:
    from explorer.widgets.map_camera import Camera, Size
    from models.events import Pictures, Points

THUMBNAIL = 96  # pixels that the longer side of a thumbnail is about
TICK_GAP = 96  # pixels that two lines of the grid lie at least apart
PROBE = 19  # pixels from the middle of the probe to the edge of its image
OWN = 9.0  # pixels from the middle of an own picture's diamond to its corners
INK = 0.26  # of the colour of text in the strongest strokes of drawings behind the points, so that these read
VEIL = 0.68  # of the map's ground, laid over other pictures behind the points
GROUND = 40  # grey values within which a rim is black or white


@dataclass(frozen=True)
class Marker:
    """A marked place of the map, or the point `index` wherever that glides."""

    x: float
    y: float
    index: int | None = None


class Stretch(NamedTuple):
    """A way from one marker to another, and how far its places lie off the line between them, [n, 2]."""

    start: Marker
    end: Marker
    bulge: Points


def sheet_of(pictures: Pictures, columns: int, rows: int) -> QImage:
    """Pictures [rows * columns, h, w, c] side by side, row by row, as one image.

    Grey drawings on a black or a white ground become grey images in which 0 is ground and 255 is ink.
    """
    _, height, width, channels = pictures.shape
    cells = pictures.reshape(rows, columns, height, width, channels).swapaxes(1, 2)
    sheet = cells.reshape(rows * height, columns * width, channels)
    ground = _ground_of(pictures)
    if ground is None:
        sheet = np.broadcast_to(sheet, (*sheet.shape[:2], 3))
    return to_image(255 - sheet if ground == 255 else sheet)


def _ground_of(pictures: Pictures) -> int | None:
    """0 or 255 if nearly all grey pictures [n, h, w, 1] are drawn on black or on white, as their rims tell."""
    rims = pictures[:, [0, -1]].ravel(), pictures[:, :, [0, -1]].ravel()
    rim = np.concatenate(rims)
    if pictures.shape[-1] == 1:
        for ground in (0, 255):
            if np.mean(np.abs(rim.astype(np.int16) - ground) < GROUND) > 0.7:
                return ground
    return None


def small_font(base: QFont) -> QFont:
    """The font of quiet words on the map."""
    font = QFont(base)
    font.setPixelSize(11)
    return font


def paint_lattice(painter: QPainter, sheet: QImage, place: QRectF) -> None:
    """Decoded pictures over `place`, pixels kept crisp and faint: drawings in ink on the map's own ground."""
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    theme = colors.theme()
    if sheet.format() == QImage.Format.Format_Grayscale8:
        inked = sheet.convertToFormat(QImage.Format.Format_Indexed8)
        inked.setColorTable([colors.mixed(theme.map, theme.text, INK * value / 255).rgb() for value in range(256)])
        painter.drawImage(place, inked.convertToFormat(QImage.Format.Format_RGB32))
        return
    painter.drawImage(place, sheet)
    veil = QColor(theme.map)
    veil.setAlphaF(VEIL)
    painter.fillRect(place, veil)


def paint_field(painter: QPainter, image: QImage, place: QRectF) -> None:
    """Numbers as colours over `place`, from cell to cell without steps."""
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
    painter.drawImage(place, image)


def paint_grid(painter: QPainter, camera: Camera, size: Size) -> None:
    """Faint lines at round numbers, and the numbers small at the left and lower edge."""
    theme = colors.theme()
    step = _round_step(TICK_GAP / camera.scale)
    digits = max(0, -math.floor(math.log10(step)))
    left, bottom, right, top = camera.bounds(size)
    line, zero = QColor(theme.line), QColor(theme.line)
    line.setAlphaF(0.45)
    painter.setFont(small_font(painter.font()))
    for tick in range(math.ceil(left / step), math.floor(right / step) + 1):
        across = size[0] / 2 + (tick * step - camera.x) * camera.scale
        painter.setPen(line if tick else zero)
        painter.drawLine(QPointF(across, 0), QPointF(across, size[1]))
        painter.setPen(theme.quiet)
        painter.drawText(QPointF(across + 4, size[1] - 5), f"{tick * step:.{digits}f}")
    for tick in range(math.ceil(bottom / step), math.floor(top / step) + 1):
        down = size[1] / 2 - (tick * step - camera.y) * camera.scale
        painter.setPen(line if tick else zero)
        painter.drawLine(QPointF(0, down), QPointF(size[0], down))
        painter.setPen(theme.quiet)
        if down < size[1] - 24:  # the corner belongs to the numbers of the lower edge
            painter.drawText(QPointF(4, down - 4), f"{tick * step:.{digits}f}")


def _round_step(least: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is not below `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * lead for lead in (1, 2, 5, 10) if power * lead >= least * 0.999)


def paint_ring(painter: QPainter, place: QPointF, radius: float, color: QColor, width: float = 2.0) -> None:
    """A ring that stands out from points of any colour."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colors.theme().map, width + 2.5))
    painter.drawEllipse(place, radius, radius)
    painter.setPen(QPen(color, width))
    painter.drawEllipse(place, radius, radius)


def paint_probe(painter: QPainter, place: QPointF) -> None:
    """The crosshair of the code whose picture the probe shows, its middle at `place`."""
    ratio = painter.device().devicePixelRatio()
    theme = colors.theme()
    mark = _probe_mark(theme.map.name(), theme.accent.name(), ratio)
    corner = place - QPointF(PROBE, PROBE)
    painter.drawImage(QPointF(round(corner.x() * ratio) / ratio, round(corner.y() * ratio) / ratio), mark)


@lru_cache(maxsize=4)
def _probe_mark(ground: str, accent: str, ratio: float) -> QImage:
    """Kept as an image: the probe moves with every move of the hand, and soft lines are slow to draw."""
    mark = QImage(math.ceil(2 * PROBE * ratio), math.ceil(2 * PROBE * ratio), QImage.Format.Format_ARGB32_Premultiplied)
    mark.setDevicePixelRatio(ratio)
    mark.fill(Qt.GlobalColor.transparent)
    painter, middle = QPainter(mark), QPointF(PROBE, PROBE)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    arms = [(QPointF(dx * 6, dy * 6), QPointF(dx * 15, dy * 15)) for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1))]
    for color, width in ((ground, 5.0), (accent, 2.0)):
        painter.setPen(QPen(QColor(color), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        for near, far in arms:
            painter.drawLine(middle + near, middle + far)
    paint_ring(painter, middle, 9.0, QColor(accent))
    painter.end()
    return mark


def reach_of_probe(place: QPointF) -> QRect:
    """All that `paint_probe` may touch."""
    return QRectF(place.x() - PROBE - 1, place.y() - PROBE - 1, 2 * PROBE + 2, 2 * PROBE + 2).toAlignedRect()


def paint_neighbours(painter: QPainter, middle: QPointF, places: list[QPointF]) -> None:
    """Thin lines from a point to its nearest neighbours, and a ring around each of them."""
    pen_color = colors.theme().text
    painter.setPen(QPen(pen_color, 1.0))
    for place in places:
        painter.drawLine(middle, place)
    for place in places:
        paint_ring(painter, place, 5.0, pen_color, 1.2)


def paint_path(painter: QPainter, start: QPointF, end: QPointF, bulge: Points) -> None:
    """The way of the morph, faint: the line from start to end, and its places off that line by `bulge` [n, 2]."""
    color = QColor(colors.theme().text)
    color.setAlphaF(0.7)
    painter.setPen(QPen(color, 1.5, Qt.PenStyle.DashLine))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    shares = np.linspace(0, 1, len(bulge)).tolist()
    way = zip(shares, bulge.tolist(), strict=True)
    painter.drawPolyline([start + (end - start) * share + QPointF(x, -y) for share, (x, y) in way])


def paint_flag(painter: QPainter, place: QPointF, letter: str) -> None:
    """The flag of a pinned code, its foot at the place."""
    theme = colors.theme()
    painter.setPen(QPen(theme.map, 4.0))
    painter.drawLine(place, place + QPointF(0, -22))
    painter.setPen(QPen(theme.accent, 2.0))
    painter.drawLine(place, place + QPointF(0, -22))
    painter.setBrush(theme.accent)
    painter.setPen(QPen(theme.map, 1.0))
    painter.drawEllipse(place, 3.5, 3.5)
    banner = QRectF(place.x() - 1, place.y() - 36, 20, 18)
    painter.drawRoundedRect(banner, 4, 4)
    font = QFont(painter.font())
    bold = QFont(font)
    bold.setPixelSize(12)
    bold.setBold(True)
    painter.setFont(bold)
    painter.setPen(theme.accent_text)
    painter.drawText(banner, Qt.AlignmentFlag.AlignCenter, letter)
    painter.setFont(font)


def paint_own(painter: QPainter, place: QPointF) -> None:
    """The diamond of a person's own picture."""
    theme = colors.theme()
    corners = [place + QPointF(OWN * x, OWN * y) for x, y in ((0, -1), (1, 0), (0, 1), (-1, 0))]
    painter.setPen(QPen(theme.map, 2.5))
    painter.setBrush(theme.accent)
    painter.drawPolygon(corners)
    painter.setPen(QPen(theme.accent_text, 1.2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolygon([place + (corner - place) * 0.62 for corner in corners])


def paint_thumbnail(painter: QPainter, picture: QImage, words: str, mouse: QPointF, size: Size) -> QRectF:
    """A picture and its words on a small card beside the mouse, within the map; returns where the card lies."""
    theme = colors.theme()
    painter.setFont(small_font(painter.font()))
    times = max(1, round(THUMBNAIL / max(picture.width(), picture.height())))
    width, height = picture.width() * times, picture.height() * times
    text = QFontMetricsF(painter.font())
    card = QRectF(0, 0, max(width, min(text.horizontalAdvance(words), 160)) + 12, height + text.height() + 16)
    right, below = mouse.x() + 16, mouse.y() + 16
    card.moveLeft(right if right + card.width() < size[0] else max(0.0, mouse.x() - 12 - card.width()))
    card.moveTop(below if below + card.height() < size[1] else max(0.0, mouse.y() - 12 - card.height()))
    painter.setPen(QPen(theme.line, 1.0))
    painter.setBrush(theme.panel)
    painter.drawRoundedRect(card, 6, 6)
    painter.drawImage(QRectF(card.center().x() - width / 2, card.top() + 6, width, height), picture)
    painter.setPen(theme.text)
    line = QRectF(card.left() + 6, card.bottom() - text.height() - 5, card.width() - 12, text.height())
    fitting = text.elidedText(words, Qt.TextElideMode.ElideRight, line.width())
    painter.drawText(line, Qt.AlignmentFlag.AlignCenter, fitting)
    return card


def paint_message(painter: QPainter, title: str, words: str, size: Size) -> None:
    """What an empty map is for, in the middle of it."""
    theme = colors.theme()
    font = QFont(painter.font())
    font.setPixelSize(18)
    painter.setFont(font)
    painter.setPen(theme.text)
    middle = QRectF(24, size[1] / 2 - 64, max(size[0] - 48, 1), 48)
    painter.drawText(middle, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, title)
    font.setPixelSize(13)
    painter.setFont(font)
    painter.setPen(theme.quiet)
    below = QRectF(24, size[1] / 2 - 8, max(size[0] - 48, 1), size[1] / 2)
    centred = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
    painter.drawText(below, int(centred) | int(Qt.TextFlag.TextWordWrap), words)
