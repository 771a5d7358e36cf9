"""Our own icons: drawn as SVG in one colour, tinted at every painting, so they follow the theme by themselves."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from explorer.colors import mixed, theme

FOLDER = Path(__file__).resolve().parent.parent / "resources" / "icons"


def icon(name: str) -> QIcon:
    """The icon called `name`, one of the files of `resources/icons` without its suffix."""
    return QIcon(_Tinted(name))


def app_icon() -> QIcon:
    """The application's own icon, in colours."""
    return QIcon(str(FOLDER / "latent-explorer.svg"))


class _Tinted(QIconEngine):
    """Paints one drawing in the colour of the theme's text: fainter when disabled, in the accent when on."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def clone(self) -> QIconEngine:
        return _Tinted(self._name)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        side = min(rect.width(), rect.height())
        square = QRectF(0, 0, side, side)
        square.moveCenter(QRectF(rect).center())
        _drawing(self._name, _tint(mode, state)).render(painter, square)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return pixmap


def _tint(mode: QIcon.Mode, state: QIcon.State) -> str:
    now = theme()
    if mode is QIcon.Mode.Disabled:
        return mixed(now.quiet, now.window, 0.5).name()
    if mode is QIcon.Mode.Selected:
        return now.accent_text.name()
    return (now.accent if state is QIcon.State.On else now.text).name()


@cache
def _drawing(name: str, color: str) -> QSvgRenderer:
    source = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    return QSvgRenderer(QByteArray(source.replace("currentColor", color).encode()))
