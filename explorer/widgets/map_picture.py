"""The map as one image: a ground, and the points stamped on it, each drawn anew only when it has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtGui import QImage, QPainter

from explorer import colors
from explorer.widgets.map_raster import PointRaster

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from explorer.widgets.map_camera import Camera, Size
    from explorer.widgets.map_points import PointLayer


class Sight(NamedTuple):
    """From where the map is looked at, on how many pixels of the window and of the screen, with points how large."""

    camera: Camera
    size: Size
    ratio: float  # pixels of the screen per pixel of the window
    radius: float


class MapPicture:
    """Two images in NumPy's memory: Qt paints into the ground, NumPy copies it and stamps the points."""

    def __init__(self) -> None:
        self._raster = PointRaster(1, 1)
        self._ground, self._image = self._seen(self._raster.ground), self._seen(self._raster.pixels)
        self._shown: tuple[Sight, int] | None = None  # sight and version of the points that the image shows

    def forget_ground(self) -> None:
        """What lies behind the points has changed."""
        self._shown = None

    def drawn(self, points: PointLayer, sight: Sight, paint_ground: Callable[[QPainter], None]) -> QImage:
        """The image of `points` as seen in `sight`; `paint_ground` draws what lies behind them."""
        before, now = self._shown, (sight, points.version)
        if before == now:
            return self._image
        if before is None or before[0] != sight:
            self._lay_ground(sight, paint_ground)
        points.draw(self._raster, sight.camera, sight.size, sight.radius)
        self._shown = now
        return self._image

    def _lay_ground(self, sight: Sight, paint: Callable[[QPainter], None]) -> None:
        width, height = (round(length * sight.ratio) for length in sight.size)
        if (self._raster.width, self._raster.height) != (width, height):
            self._raster = PointRaster(width, height)
            self._ground, self._image = self._seen(self._raster.ground), self._seen(self._raster.pixels)
        for image in (self._ground, self._image):
            image.setDevicePixelRatio(sight.ratio)
        self._ground.fill(colors.theme().map)
        painter = QPainter(self._ground)
        paint(painter)
        painter.end()

    def _seen(self, memory: NDArray[np.uint32]) -> QImage:
        """An image that shares its pixels with NumPy."""
        raster = self._raster
        line = raster.stride * 4  # bytes
        return QImage(memory.data, raster.width, raster.height, line, QImage.Format.Format_RGB32)
