"""Small pictures of sheets of pictures, read one at a time while the window is idle, and kept."""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtCore import QObject, QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QImageReader, QPainter

from models.grids import SPACING

Shape = tuple[int, int, int]  # channels, height, width
Key = tuple[str, int, Shape | None]  # a file, a number that changes when its content does, the pictures on it


class Thumbnails(QObject):
    """`get` answers at once, with None for what must be read first; `loaded` tells when it has been."""

    loaded = Signal(str)

    def __init__(self, side: int, limit: int = 400, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._side, self._limit = side, limit
        self._images: OrderedDict[Key, QImage] = OrderedDict()
        self._wanted: OrderedDict[Key, None] = OrderedDict()
        self._idle = QTimer(self)
        self._idle.setInterval(0)
        self._idle.timeout.connect(self._read_next)

    def get(self, path: str, version: int, shape: Shape | None = None) -> QImage | None:
        """The first pictures of shape `shape` on the sheet in `path`, or all of it, no larger than `side`.

        None while it is still to be read; an empty image when there is none that can be.
        """
        key = (path, version, shape)
        if key in self._images:
            self._images.move_to_end(key)
            return self._images[key]
        self._wanted[key] = None
        self._wanted.move_to_end(key)
        self._idle.start()
        return None

    def _read_next(self) -> None:
        """Read what was asked for last: it is what is on the screen now."""
        if not self._wanted:
            self._idle.stop()
            return
        key, _ = self._wanted.popitem()
        self._images[key] = self._read(key[0], key[2])
        while len(self._images) > self._limit:
            self._images.popitem(last=False)
        while len(self._wanted) > self._limit:
            self._wanted.popitem(last=False)
        self.loaded.emit(key[0])

    def _read(self, path: str, shape: Shape | None) -> QImage:
        reader = QImageReader(path, b"png")
        size = reader.size()
        if size.isEmpty() or max(size.width(), size.height()) > 8192:
            return QImage()
        image = first_pictures(reader.read(), shape)
        fits = QSize(self._side, self._side)
        larger = image.width() > self._side or image.height() > self._side
        keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        return image.scaled(fits, keep, smooth) if larger else image


def first_pictures(sheet: QImage, shape: Shape | None) -> QImage:
    """The first two by two pictures of a sheet, side by side; the whole of one that does not hold such pictures."""
    _, height, width = shape or (0, 0, 0)
    across, left_over = divmod(sheet.width() - SPACING, width + SPACING)
    down, below = divmod(sheet.height() - SPACING, height + SPACING)
    if min(width, height, across, down) < 1 or left_over or below:
        return sheet
    columns, rows = min(across, 2), min(down, 2)
    together = QImage(columns * width, rows * height, QImage.Format.Format_RGB32)
    painter = QPainter(together)
    for place in range(columns * rows):
        row, column = divmod(place, columns)
        corner = QPoint(SPACING + column * (width + SPACING), SPACING + row * (height + SPACING))
        painter.drawImage(QPoint(column * width, row * height), sheet, QRect(corner, QSize(width, height)))
    painter.end()
    return together
