"""The map on which points are gathered: by a box or a lasso, by a tool or by keys held while the mouse is dragged."""

from __future__ import annotations

import math
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication

from explorer.groups import NOTHING, How, indices_of
from explorer.widgets.latent_map import REACH, LatentMap
from explorer.widgets.map_camera import Camera, bounds_of, fitted
from explorer.widgets.map_thumbs import MapThumbs
from explorer.widgets.modifiers import AWAY, SHIFT, how_of
from explorer.widgets.outline import Outline
from models.wording import counted

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter
    from PySide6.QtWidgets import QWidget

    from explorer.groups import Indices
    from explorer.state import Visibility
    from models.events import Pictures

NEAR = 4.0  # times closer than the fit: how closely a sought point is looked at
CLOSE = 12.0  # times closer than the fit: no closer to several sought points


class Tool(Enum):
    """What the left mouse button does by itself."""

    POINT = "point"  # picks points and decodes places
    BOX = "box"
    LASSO = "lasso"


class GatheringMap(LatentMap):
    """The latent map that also tells which points a person gathered, and on which others may paint.

    With the tools: Shift adds, Ctrl or Alt takes away, both keep what is in both. Without a tool: Shift draws a box,
    Ctrl or Alt a lasso, and with Shift too the lasso adds. `outlined` tells the points and how they are gathered.
    """

    outlined = Signal(object, How)
    point_toggled = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.under: list[
            Callable[[QPainter], None]
        ] = []  # paint beneath the points; kept until the ground is forgotten
        self.over: list[Callable[[QPainter], None]] = []  # paint over the points and beneath the marks, at every frame
        self.thumbs = MapThumbs(self)
        self._tool = Tool.POINT
        self._outline: Outline | None = None
        self._held = 0  # points within the outline
        self._counting = QTimer(self, interval=0, singleShot=True)  # of many mouse moves at once only the newest counts
        self._counting.timeout.connect(self._count)

    # ---- what is shown

    def set_gathered(self, gathered: Indices, others: Visibility) -> None:
        """Which points are gathered, and how the others show while any are."""
        self.points.set_gathered(gathered, others)
        self.update()

    def set_pictures(self, pictures: Pictures | None, name_of: Callable[[int], str] = str) -> None:
        """The original of each point, which is shown in its place from near, and what the point is called."""
        self.thumbs.set_pictures(pictures)
        super().set_pictures(pictures, name_of)

    @property
    def closeness(self) -> float:
        """How many times closer than the fit one looks."""
        return self.camera.scale / self._home

    def point_under(self, pixel: QPointF, reach: float = REACH) -> int | None:
        """Index of the point whose picture lies at a pixel, else of the nearest one drawn within `reach`."""
        index = self.thumbs.under(pixel) if math.isfinite(reach) else None
        return super().point_under(pixel, reach) if index is None else index

    def set_tool(self, tool: Tool) -> None:
        """What the left button does from now on."""
        self._tool = tool
        self._let_outline_go()

    def forget_ground(self) -> None:
        """What is painted beneath the points has changed."""
        self._picture.forget_ground()
        self.update()

    def glide_to(self, indices: Indices) -> None:
        """Look at these points from now on: one from near, several so that all are seen."""
        places = self.points.targets[indices]
        places = places[np.isfinite(places).all(axis=1)]
        if not len(places):
            return
        goal = fitted(bounds_of(places), self.extent)
        closest = max(self._home * (NEAR if len(places) == 1 else CLOSE), self.camera.scale if len(places) == 1 else 0)
        goal = Camera(goal.x, goal.y, min(goal.scale, closest))
        if not self.animated:
            self.look(goal)
            return
        self.following, self._goal = False, goal
        self._start_moving()

    # ---- the outline

    def inside(self, outline: Outline) -> Indices:
        """The points that an outline holds, but for those that the key dims or hides."""
        seen = self.camera.to_view(self.points.places, self.extent)
        return indices_of(np.flatnonzero(outline.holds(seen, self.extent) & self.points.bright))

    def _meant(self, modifiers: Qt.KeyboardModifier) -> tuple[bool, How] | None:
        """Whether a lasso, and how its points are gathered; None where the button does something else."""
        shift, away = bool(modifiers & SHIFT), bool(modifiers & AWAY)
        if self._tool is Tool.POINT:
            return (away, How.MORE if shift and away else How.ALONE) if shift or away else None
        return self._tool is Tool.LASSO, how_of(modifiers)

    def _count(self) -> None:
        if self._outline is not None:
            self._held = len(self.inside(self._outline))
            self.update()

    def _let_outline_go(self) -> None:
        self._outline = None
        self._counting.stop()
        self._show_cursor()
        self.update()

    def _show_cursor(self) -> None:
        if self._tool is Tool.POINT and self._outline is None:
            self.unsetCursor()
        else:
            self.setCursor(Qt.CursorShape.CrossCursor)

    # ---- the mouse and the keyboard

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """An outline begins where a tool or a key says so."""
        meant = self._meant(event.modifiers())
        left = event.button() is Qt.MouseButton.LeftButton
        if self._outline is not None or not len(self.points):
            self._let_outline_go()
        elif left and meant is not None and not self._space:
            self.mouse = event.position()
            self._set_hovered(None)
            self._outline, self._held = Outline(self.mouse, *meant), 0
            self._show_cursor()
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The outline grows, and tells how many points it holds."""
        if self._outline is None:
            super().mouseMoveEvent(event)
            return
        self.mouse = event.position()
        self._outline.extend(self.mouse)
        self._counting.start()
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """What is inside is told; a press without a drag is a click."""
        outline = self._outline
        if outline is None:
            super().mouseReleaseEvent(event)
            self._show_cursor()
            return
        outline.extend(event.position())
        self._let_outline_go()
        if outline.size >= QApplication.startDragDistance():
            self.outlined.emit(self.inside(outline), outline.how)
        else:
            self._click(event.position(), outline.how)

    def _click(self, place: QPointF, how: How) -> None:
        """With a key a click gathers a point or lets it go; with a tool it selects a point, or lets all go."""
        index = self.point_under(place)
        if self._tool is Tool.POINT or how is not How.ALONE:
            if index is not None:
                self.point_toggled.emit(index)
        elif index is not None:
            self.point_picked.emit(index)
        else:
            self.outlined.emit(NOTHING, how)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """With a tool or a key two clicks are two clicks."""
        if self._meant(event.modifiers()) is None:
            super().mouseDoubleClickEvent(event)
        else:
            self.mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape first lets the outline go."""
        if event.key() == Qt.Key.Key_Escape and self._outline is not None:
            self._let_outline_go()
        else:
            super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """The outline waits for the mouse to come back."""
        if self._outline is None:
            super().leaveEvent(event)

    # ---- drawing

    def _paint_ground(self, painter: QPainter) -> None:
        super()._paint_ground(painter)
        for paint in self.under:
            paint(painter)

    def _paint_marks(self, painter: QPainter) -> None:
        for paint in (*self.over, self.thumbs.paint):
            paint(painter)
        super()._paint_marks(painter)
        if self._outline is not None:
            self._outline.paint(painter, counted(self._held, "point"), self.extent)
