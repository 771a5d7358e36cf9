"""Lines of equal density over the points of the map: sought when they are wanted, anew when points or key change."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PySide6.QtCore import QObject, QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPolygonF, QTransform

from explorer import colors
from explorer.widgets.later import Later
from explorer.widgets.map_camera import bounds_of
from models.contours import FEW_SHARES, contours

if TYPE_CHECKING:
    from PySide6.QtGui import QAction

    from explorer.map_coloring import MapColoring
    from explorer.session import Session
    from explorer.widgets.gathering_map import GatheringMap
    from explorer.widgets.map_camera import Camera, Size
    from models.events import Points

REST = 60  # ms that the view must rest before the lines are drawn anew
SOON = 60  # ms until lines follow what is gathered or filtered, so that this is seen first
REFRESH = 600  # ms between two searches while the points move
MOST_CLASSES = 30  # beyond so many one density of all is drawn: more colours than can be told apart


class Drawn(NamedTuple):
    """The lines as an image: as seen by a camera, for what size, screen and theme."""

    camera: Camera
    about: tuple[Size, float, str]
    image: QImage


class Contouring(QObject):
    """Lies over `shown` while `wanted` is checked; with `by_class` each class of the key has lines of its own."""

    def __init__(
        self, session: Session, shown: GatheringMap, coloring: MapColoring, wanted: QAction, by_class: QAction
    ) -> None:
        super().__init__(shown)
        self._session, self._map, self._coloring = session, shown, coloring
        self._wanted, self._by_class = wanted, by_class
        self.paths: list[tuple[int | None, QPainterPath]] = []  # of each class, or of all, in places of the map
        self._drawn: Drawn | None = None
        self._rest = QTimer(self, interval=REST, singleShot=True)
        self._rest.timeout.connect(self._draw_anew)
        self._later, self._soon = Later(REFRESH, self._seek, self), Later(SOON, self._seek, self)
        wanted.toggled.connect(self._seek)
        by_class.toggled.connect(self._seek)
        for changed in (session.data_changed, session.factor_changed, session.groups_changed, session.run_changed):
            changed.connect(self._seek)
        for changed in (session.classes_changed, session.gathered_changed, session.others_changed):
            changed.connect(self._soon.ask)
        session.embedding_changed.connect(self._hear_points)
        shown.over.append(self.paint)

    def _hear_points(self) -> None:
        if not self._wanted.isChecked():
            return
        if self.paths:
            self._later.ask()
        else:
            self._seek()

    # ---- seeking

    def _seek(self) -> None:
        """Find the lines of what is shown undimmed."""
        for timer in (self._later, self._soon):
            timer.stop()
        self.paths, self._drawn = [], None
        points = self._map.points.targets
        if self._wanted.isChecked() and len(points):
            self.paths = [(label, _path(lines)) for label, lines in self._lines(points)]
        self._map.update()

    def _lines(self, points: Points) -> list[tuple[int | None, list[Points]]]:
        finite = np.isfinite(points).all(axis=1)
        vivid = np.zeros(len(points), np.bool_)
        vivid[self._map.points.vivid] = True
        vivid &= finite
        if not vivid.any():
            return []
        bounds, coloring = bounds_of(points[finite]), self._coloring.coloring
        labels, known = coloring.labels, len(coloring.names)
        named = len(labels) == len(points) and coloring.ramp is None and 0 < known <= MOST_CLASSES
        if not (named and self._by_class.isChecked() and (labels[vivid] >= 0).any()):
            return [(None, _flat(contours(points[vivid], bounds)))]
        found = ((label, contours(points[vivid & (labels == label)], bounds, FEW_SHARES)) for label in range(known))
        return [(label, _flat(lines)) for label, lines in found if lines]

    # ---- painting

    def paint(self, painter: QPainter) -> None:
        """The lines as one image, which moves along with the view and is drawn anew once that rests."""
        if not self.paths:
            return
        camera, size = self._map.camera, self._map.extent
        about = (size, self._map.devicePixelRatioF(), colors.theme().name)
        if self._drawn is None or self._drawn.about != about or not 0.5 < camera.scale / self._drawn.camera.scale < 2:
            self._drawn = Drawn(camera, about, self._image(camera, size, about[1]))
        elif self._drawn.camera != camera:
            self._rest.start()
        painter.drawImage(moved(self._drawn.camera, camera, size), self._drawn.image)

    def _draw_anew(self) -> None:
        self._drawn = None
        self._map.update()

    def _image(self, camera: Camera, size: Size, ratio: float) -> QImage:
        image = QImage(round(size[0] * ratio), round(size[1] * ratio), QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(ratio)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = size[0] / 2 - camera.x * camera.scale, size[1] / 2 + camera.y * camera.scale
        painter.setTransform(QTransform(camera.scale, 0, 0, -camera.scale, *middle), combine=True)
        halo, theme = QColor(colors.theme().map), colors.theme()
        halo.setAlphaF(0.6)
        for label, path in self.paths:
            color = theme.text if label is None else colors.mixed(colors.class_color(label), theme.text, 0.25)
            for ink, width in ((halo, 2.8), (color, 1.1)):
                pen = QPen(ink, width)
                pen.setCosmetic(True)
                painter.setPen(pen)
                painter.drawPath(path)
        painter.end()
        return image


def moved(before: Camera, now: Camera, size: Size) -> QRectF:
    """Where what filled a view of `size` lies in it when the camera has moved."""
    times, (width, height) = now.scale / before.scale, size
    across, down = (before.x - now.x) * now.scale, (now.y - before.y) * now.scale
    return QRectF(width / 2 * (1 - times) + across, height / 2 * (1 - times) + down, width * times, height * times)


def _flat(lines: list[list[Points]]) -> list[Points]:
    return [line for level in lines for line in level]


def _path(lines: list[Points]) -> QPainterPath:
    path = QPainterPath()
    for line in lines:
        path.addPolygon(QPolygonF([QPointF(x, y) for x, y in line.tolist()]))
    return path
