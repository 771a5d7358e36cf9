"""Small pictures of files, read one at a time while the window is idle, and kept."""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtCore import QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QImageReader

Key = tuple[str, int]  # a file's path, and a number that changes when its content does


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

    def get(self, path: str, version: int) -> QImage | None:
        """The picture in `path`, no larger than `side`; an empty image when there is none that can be read."""
        key = (path, version)
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
        self._images[key] = self._read(key[0])
        while len(self._images) > self._limit:
            self._images.popitem(last=False)
        while len(self._wanted) > self._limit:
            self._wanted.popitem(last=False)
        self.loaded.emit(key[0])

    def _read(self, path: str) -> QImage:
        reader = QImageReader(path, b"png")
        size = reader.size()
        if size.isEmpty() or max(size.width(), size.height()) > 8192:
            return QImage()
        image = reader.read()
        fits = QSize(self._side, self._side)
        larger = image.width() > self._side or image.height() > self._side
        keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        return image.scaled(fits, keep, smooth) if larger else image
