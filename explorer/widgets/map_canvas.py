"""The latent map as a picture: a cloud of points that moves while a model learns, and the view that follows it."""

from __future__ import annotations

import math
import string
import time
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter

from explorer import colors
from explorer.widgets import map_marks as marks
from explorer.widgets.map_camera import Camera, fitted, following
from explorer.widgets.map_picture import MapPicture, Sight
from explorer.widgets.map_points import GLIDE, PointLayer, radius_of
from explorer.widgets.marked_widget import MarkedWidget
from explorer.widgets.picture import to_image

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from PySide6.QtGui import QColor, QImage, QPaintEvent, QResizeEvent
    from PySide6.QtWidgets import QWidget

    from explorer.state import Visibility
    from explorer.widgets.map_camera import Bounds, Size
    from models.events import Labels, Pictures, Points

FRAME = 33  # ms between two frames of motion
BUSY_FRAME = 50  # the same while new places keep arriving: a training needs the processor more
OFTEN = 1.0  # seconds between new places that keep arriving
CLOSEST = 1e4  # times closer than the fit that one may look, and as much farther
CELLS = 20  # pictures of the lattice along the longer side
SMALLEST_CELL = 26.0  # pixels


class MapCanvas(MarkedWidget):
    """Points coloured by class in a view that follows them until a person pans or zooms.

    `set_*` never emits. `view_moved` tells that another part of the plane has come into view, by whatever cause.
    """

    view_moved = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumSize(160, 120)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.animated = True
        self.following = True
        self.camera = Camera()
        self.points = PointLayer()
        self.hovered: int | None = None
        self.mouse = QPointF()
        self.probe: marks.Marker | None = None
        self._goal, self._home = self.camera, self.camera.scale
        self._pictures: Pictures | None = None
        self._name_of: Callable[[int], str] = str
        self._selection: int | None = None
        self._neighbours: tuple[int, ...] = ()
        self._lattice: tuple[QImage, Bounds] | None = None
        self._field: tuple[QImage, Bounds] | None = None
        self._message = ("", "")
        self._picture = MapPicture()
        self._last_frame = self._last_places = 0.0
        self._frames = QTimer(self, interval=FRAME)
        self._frames.timeout.connect(self._move_on)

    # ---- what is shown

    def set_points(self, points: Points | None, fresh: bool = False) -> None:
        """Points [n, 2]; they glide there from where they were, unless they are other points (`fresh`)."""
        points = np.empty((0, 2), np.float32) if points is None else points
        fresh = fresh or len(points) != len(self.points)
        if fresh:
            self.hovered, self._selection, self._neighbours, self.following = None, None, (), True
        gliding = self.points.set_points(points, glide=self.animated and not fresh)
        if len(points) and self.following and np.isfinite(points).all():
            self._aim(following(self._goal, self.points.bounds, self.extent), jump=fresh)
        if gliding:
            self._pace()
            self._start_moving()
        else:
            self.update()

    def set_classes(
        self, labels: Labels, classes: Mapping[int, Visibility], color: Callable[[int], QColor] = colors.class_color
    ) -> None:
        """The label of each point, -1 for none, how each class shows, and the colour of a label."""
        self.points.set_classes(labels, classes, color)
        self.update()

    def set_pictures(self, pictures: Pictures | None, name_of: Callable[[int], str] = str) -> None:
        """The original of each point, and what a point is called under its thumbnail."""
        self._pictures, self._name_of = pictures, name_of
        self.update()

    def set_probe(self, probe: marks.Marker | None) -> None:
        """Where the probe's code lies."""
        if probe != self.probe:
            before, self.probe = self.probe, probe
            for each in (before, probe):  # no more than lies under it, for it moves with every move of the hand
                if each is not None and (each.index is None or each.index < len(self.points)):
                    self.update(marks.reach_of_probe(self.where(each)))

    def set_selection(self, index: int | None, neighbours: Sequence[int] = ()) -> None:
        """The selected point and its nearest neighbours."""
        if (index, tuple(neighbours)) != (self._selection, self._neighbours):
            self._selection, self._neighbours = index, tuple(neighbours)
            self.update()

    def set_lattice(self, sheet: QImage | None, bounds: Bounds = (0.0, 0.0, 0.0, 0.0)) -> None:
        """Decoded pictures as one sheet over a rectangle of the map, or none."""
        self._lattice = None if sheet is None else (sheet, bounds)
        self._picture.forget_ground()
        self.update()

    def set_field(self, image: QImage | None, bounds: Bounds = (0.0, 0.0, 0.0, 0.0)) -> None:
        """Numbers as colours over a rectangle of the map, and over its decoded pictures, or none."""
        if image is not None or self._field is not None:
            self._field = None if image is None else (image, bounds)
            self._picture.forget_ground()
            self.update()

    def set_message(self, title: str, words: str) -> None:
        """What the map says while it has no points."""
        self._message = (title, words)
        self.update()

    # ---- the view

    @property
    def extent(self) -> Size:
        """Width and height in pixels, never zero."""
        return float(max(self.width(), 1)), float(max(self.height(), 1))

    def fit(self) -> None:
        """Show all points, and follow them from now on."""
        self.following = True
        if len(self.points):
            self._aim(fitted(self.points.bounds, self.extent))

    def place_of(self, index: int) -> QPointF:
        """The pixel at which point `index` is shown now."""
        x, y = self.points.places[index].tolist()
        return self._pixel(x, y)

    def lattice_layout(self, aspect: float = 1.0) -> tuple[Bounds, int, int]:
        """Bounds, columns and rows of a lattice that fills the view with pictures `aspect` times wider than high."""
        width, height = self.extent
        cell = max(SMALLEST_CELL, max(width, height) / CELLS)
        columns, rows = math.ceil(width / cell), math.ceil(height / cell * aspect)
        half_width, half_height = columns * cell / 2, rows * cell / aspect / 2
        left, top = self.camera.to_map(width / 2 - half_width, height / 2 - half_height, self.extent)
        right, bottom = self.camera.to_map(width / 2 + half_width, height / 2 + half_height, self.extent)
        return (left, bottom, right, top), columns, rows

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Look `factor` closer; the place under the pixel `at`, else the middle, stays where it is."""
        at = at if at is not None else QPointF(self.width() / 2, self.height() / 2)
        scale = min(max(self.camera.scale * factor, self._home / CLOSEST), self._home * CLOSEST)
        self.look(self.camera.zoomed(scale / self.camera.scale, at.x(), at.y(), self.extent))

    def look(self, camera: Camera) -> None:
        """Take a person's own view: it stays whatever the points do."""
        self.following, self._goal = False, camera
        self._show(camera)

    def _aim(self, goal: Camera, jump: bool = False) -> None:
        """Our view of the cloud: go there, gliding if that is wanted."""
        self._goal, self._home = goal, goal.scale
        if jump or not self.animated or not self.isVisible():
            self._show(goal)
        elif goal != self.camera:
            self._start_moving()

    def _show(self, camera: Camera) -> None:
        moved, self.camera = camera != self.camera, camera
        self.update()
        if moved:
            self.view_moved.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The points that are followed stay fitted; else what was in the middle stays there."""
        if self.following and len(self.points):
            self._aim(fitted(self.points.bounds, self.extent), jump=True)
        self.view_moved.emit()

    def changeEvent(self, event: QEvent) -> None:
        """Another theme brings other colours."""
        if event.type() == QEvent.Type.PaletteChange:
            self.points.refresh()
            self._picture.forget_ground()
            self.update()
        super().changeEvent(event)

    # ---- motion

    def _pace(self) -> None:
        """Choose the time between frames by how fast new places arrive."""
        now = time.perf_counter()
        often = now - self._last_places < OFTEN
        self._last_places = now
        if self._frames.interval() != (BUSY_FRAME if often else FRAME):
            self._frames.setInterval(BUSY_FRAME if often else FRAME)

    def _start_moving(self) -> None:
        if not self._frames.isActive():
            self._last_frame = time.perf_counter()
            self._frames.start()

    def _move_on(self) -> None:
        """One frame of gliding, of points and view; the last one stops the clock."""
        now = time.perf_counter()
        seconds, self._last_frame = min(now - self._last_frame, 0.1), now
        gliding = self.points.step(seconds, self.camera.scale)
        if self.camera != self._goal:
            near = self.camera.is_near(self._goal, self.extent)
            share = 1 - math.exp(-seconds / GLIDE)
            self._show(self._goal if near else self.camera.towards(self._goal, share))
        if not gliding and self.camera == self._goal:
            self._frames.stop()
        self.update()

    @property
    def moving(self) -> bool:
        """Whether points or view are on their way."""
        return self._frames.isActive()

    # ---- drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground, points, marks: only what has changed is drawn anew, the rest is kept as an image."""
        painter = QPainter(self)
        painter.drawImage(0, 0, self._drawn())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if len(self.points):
            self._paint_marks(painter)
        else:
            marks.paint_message(painter, *self._message, self.extent)
        painter.end()

    def _drawn(self) -> QImage:
        """Ground and points."""
        radius = radius_of(len(self.points), self.camera.scale / self._home, self.extent)
        sight = Sight(self.camera, self.extent, self.devicePixelRatioF(), radius)
        return self._picture.drawn(self.points, sight, self._paint_ground)

    def _paint_ground(self, painter: QPainter) -> None:
        painter.setFont(self.font())
        if self._lattice is not None:
            sheet, (left, bottom, right, top) = self._lattice
            marks.paint_lattice(painter, sheet, QRectF(self._pixel(left, top), self._pixel(right, bottom)))
        if self._field is not None:
            image, (left, bottom, right, top) = self._field
            marks.paint_field(painter, image, QRectF(self._pixel(left, top), self._pixel(right, bottom)))
        if self._lattice is None and len(self.points):
            marks.paint_grid(painter, self.camera, self.extent)

    def _paint_marks(self, painter: QPainter) -> None:
        for start, end, bulge in self._ways:
            marks.paint_path(painter, self.where(start), self.where(end), bulge * self.camera.scale)
        if self._selection is not None and self._neighbours:
            neighbours = [self.place_of(index) for index in self._neighbours]
            marks.paint_neighbours(painter, self.place_of(self._selection), neighbours)
        for letter, pin in zip(string.ascii_uppercase, self._pins, strict=False):
            if pin is not None:
                marks.paint_flag(painter, self.where(pin), letter)
        if self._pointed is not None:
            marks.paint_ring(painter, self.where(self._pointed), 7.0, colors.theme().accent)
        if self.own is not None:
            marks.paint_own(painter, self.where(self.own))
        if self.probe is not None:
            marks.paint_probe(painter, self.where(self.probe))
        if self._selection is not None:
            marks.paint_ring(painter, self.place_of(self._selection), 5.0, colors.theme().text, 1.5)
        if self.hovered is not None and self._pictures is not None and self.hovered < len(self._pictures):
            marks.paint_ring(painter, self.place_of(self.hovered), 6.0, colors.theme().text, 1.5)
            picture = to_image(self._pictures[self.hovered])
            marks.paint_thumbnail(painter, picture, self._name_of(self.hovered), self.mouse, self.extent)

    def _pixel(self, x: float, y: float) -> QPointF:
        width, height = self.extent
        return QPointF(
            width / 2 + (x - self.camera.x) * self.camera.scale, height / 2 - (y - self.camera.y) * self.camera.scale
        )

    def where(self, marker: marks.Marker) -> QPointF:
        """The pixel at which a marker is shown now."""
        return self._pixel(marker.x, marker.y) if marker.index is None else self.place_of(marker.index)
