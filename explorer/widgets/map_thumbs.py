"""Pictures in place of points where one looks closely: as many as have room, none over another."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from explorer.widgets.later import Later
from explorer.widgets.picture import FAST, factor, to_image

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.widgets.gathering_map import GatheringMap
    from explorer.widgets.map_camera import Camera, Size
    from models.events import Pictures, Points

SIDES = (84, 56, 36)  # pixels of the longer side: the largest that has room for nearly all points in view
FULL, NONE = 3.5, 7.0  # points in view for each picture that has room: so few and pictures are opaque, so many and none
ENTERS, ENTERED = 1.15, 1.4  # times closer than the fit: pictures begin to show, and are opaque
FRAME = 2.0  # pixels of a picture's frame, in the colour of its class
MOVING = 0.05  # seconds between two choices while the view moves
GLIDING = 0.25  # the same while only the points move
KEPT = 2_000  # pictures that are kept ready
GRAIN = 2  # pixels to which places are told apart when room is sought


class MapThumbs:
    """Chooses points of `shown` and paints their pictures over them; `on` turns all of it off."""

    def __init__(self, shown: GatheringMap) -> None:
        self.on = True
        self.chosen: NDArray[np.intp] = np.empty(0, np.intp)
        self.opacity, self._side = 0.0, SIDES[-1]
        self._map = shown
        self._pictures: Pictures | None = None
        self._ready: OrderedDict[tuple[int, int], QImage] = OrderedDict()
        self._seen_from: tuple[Camera, int, bool] | None = None  # the view, the points and the wish at the last choice
        self._at = 0.0
        self._later = Later(round(1000 * MOVING), shown.update, shown)

    def set_pictures(self, pictures: Pictures | None) -> None:
        """The picture of each point, uint8 [n, h, w, 1 or 3]."""
        self._pictures = pictures
        self._ready.clear()
        self._seen_from = None

    # ---- choosing

    def _choose(self) -> None:
        """Choose anew where view or points have changed, now and then in motion and once more at rest."""
        camera, version = self._map.camera, self._map.points.version
        now = time.perf_counter()
        before = self._seen_from
        if before == (camera, version, self.on):
            return
        moved = before is None or before[0] != camera or before[2] != self.on
        if before is not None and now - self._at < (MOVING if moved else GLIDING):
            self._later.ask()
            return
        self._seen_from, self._at = (camera, version, self.on), now
        self.chosen = self._fitting()

    def _fitting(self) -> NDArray[np.intp]:
        """The points whose pictures have room; sets how large and how opaque these are."""
        points, size = self._map.points, self._map.extent
        self.opacity = 0.0
        zoom = (self._map.closeness - ENTERS) / (ENTERED - ENTERS)
        if not self.on or self._pictures is None or zoom <= 0:
            return np.empty(0, np.intp)
        known = points.vivid[points.vivid < len(self._pictures)]
        seen = self._map.camera.to_view(np.take(points.places, known, axis=0), size)
        inside = np.flatnonzero(((seen > 0) & (seen < size)).all(axis=1))
        room = size[0] * size[1]
        fitting = (side for side in SIDES if len(inside) * side**2 <= room)
        self._side = next(fitting, SIDES[-1])
        crowd = len(inside) * self._side**2 / room
        self.opacity = float(np.clip(min(zoom, (NONE - crowd) / (NONE - FULL)), 0, 1))
        if not self.opacity:
            return np.empty(0, np.intp)
        known, seen = known[inside], seen[inside]
        stay = np.argsort(~np.isin(known, self.chosen), kind="stable")  # who was chosen stays: nothing flickers
        return known[stay][apart(seen[stay], self._side + 2 * FRAME, size)]

    # ---- painting and pointing

    def paint(self, painter: QPainter) -> None:
        """The pictures of the chosen points where these are now."""
        self._choose()
        if not len(self.chosen) or not self.opacity:
            return
        points = self._map.points
        painter.setOpacity(self.opacity)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        for index, (across, down) in zip(self.chosen.tolist(), self._places().tolist(), strict=True):
            image = self._image(index)
            width, height = image.deviceIndependentSize().width(), image.deviceIndependentSize().height()
            left, top = round(across - width / 2), round(down - height / 2)
            frame = QRectF(left - FRAME, top - FRAME, width + 2 * FRAME, height + 2 * FRAME)
            painter.fillRect(frame, points.color_of(index))
            painter.drawImage(QPointF(left, top), image)
        painter.setOpacity(1.0)

    def under(self, pixel: QPointF) -> int | None:
        """The point whose picture lies at a pixel."""
        if not len(self.chosen) or self.opacity < 0.5:
            return None
        away = np.abs(self._places() - [pixel.x(), pixel.y()]).max(axis=1)
        if not len(away) or away.min() > self._side / 2 + FRAME:
            return None
        return int(self.chosen[away.argmin()])

    def _places(self) -> Points:
        """Pixels [k, 2] of the chosen points; those that are gone since are chosen no more."""
        points = self._map.points
        self.chosen = self.chosen[self.chosen < len(points)]
        return self._map.camera.to_view(points.places[self.chosen], self._map.extent)

    def _image(self, index: int) -> QImage:
        """The picture of a point at the present size, sharp on this screen."""
        key = (index, self._side)
        if key not in self._ready:
            assert self._pictures is not None
            ratio = self._map.devicePixelRatioF()
            image = to_image(self._pictures[index])
            times = factor(image.width(), image.height(), self._side * ratio, self._side * ratio)
            how = Qt.TransformationMode.SmoothTransformation if times < 1 else Qt.TransformationMode.FastTransformation
            size = round(image.width() * times), round(image.height() * times)
            scaled = image.scaled(*size, Qt.AspectRatioMode.IgnoreAspectRatio, how).convertToFormat(FAST)
            scaled.setDevicePixelRatio(ratio)
            self._ready[key] = scaled
            if len(self._ready) > KEPT:
                self._ready.popitem(last=False)
        return self._ready[key]


def apart(places: Points, side: float, size: Size) -> NDArray[np.intp]:
    """Which of the pixels [n, 2] in a view of `size` squares of `side` can lie at, none over another; first come."""
    across, down = (places / GRAIN).astype(np.intp).T.tolist()
    reach = math.ceil(side / GRAIN)
    taken = np.zeros((math.ceil(size[1] / GRAIN) + 1, math.ceil(size[0] / GRAIN) + 1), np.bool_)
    found = []
    for place, (column, row) in enumerate(zip(across, down, strict=True)):
        if not taken[row, column]:
            taken[max(0, row - reach) : row + reach + 1, max(0, column - reach) : column + reach + 1] = True
            found.append(place)
    return np.array(found, np.intp)
