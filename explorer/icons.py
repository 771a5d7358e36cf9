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
        _paint(painter, rect, self._name, _tint(mode, state))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:
        return _drawn(self._name, _tint(mode, state), size.width(), size.height())


def _tint(mode: QIcon.Mode, state: QIcon.State) -> str:
    now = theme()
    if mode is QIcon.Mode.Disabled:
        return mixed(now.quiet, now.window, 0.5).name()
    if mode is QIcon.Mode.Selected:
        return now.accent_text.name()
    return (now.accent if state is QIcon.State.On else now.text).name()


def _paint(painter: QPainter, rect: QRect, name: str, color: str) -> None:
    side = min(rect.width(), rect.height())
    square = QRectF(0, 0, side, side)
    square.moveCenter(QRectF(rect).center())
    _drawing(name, color).render(painter, square)


@cache
def _drawn(name: str, color: str, width: int, height: int) -> QPixmap:
    """Kept, for a button asks for its icon whenever it is painted; one without any room gets a single pixel."""
    pixmap = QPixmap(max(1, width), max(1, height))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    _paint(painter, pixmap.rect(), name, color)
    painter.end()
    return pixmap


@cache
def _drawing(name: str, color: str) -> QSvgRenderer:
    source = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    return QSvgRenderer(QByteArray(source.replace("currentColor", color).encode()))
