"""How the window is laid out when it comes back: as it was left, or as it belongs where that cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, QSize
from PySide6.QtGui import QGuiApplication

from explorer.remembered import VERSION, put_aside

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMainWindow

    from explorer.docks import Docks

SIZE = QSize(1440, 900)
FRAME = QSize(16, 40)  # room for what the desktop draws around a window: how much that is, it tells only afterwards


def remember(window: QMainWindow) -> None:
    """Keep the window's place and that of its docks."""
    settings = QSettings()
    settings.setValue("geometry", window.saveGeometry())
    settings.setValue("docks", window.saveState(VERSION))


def restore(window: QMainWindow, docks: Docks) -> str:
    """Lay the window out; returns a sentence where what was remembered is damaged."""
    settings, problem = QSettings(), ""
    if not settings.contains("geometry"):
        _begin_anew(window, docks)
        return problem
    fits = window.restoreGeometry(settings.value("geometry"))  # not to a screen of another size
    whole = window.restoreState(settings.value("docks"), VERSION)
    if not whole:
        problem = put_aside("the layout in them is damaged")
    if not (fits and whole and docks.placed and _on_screen(window)):
        _begin_anew(window, docks)
    return problem


def _begin_anew(window: QMainWindow, docks: Docks) -> None:
    window.resize(SIZE.boundedTo(window.screen().availableSize() - FRAME))
    docks.arrange()


def _on_screen(window: QMainWindow) -> bool:
    """Whether enough of the window's head can be seen to take hold of it."""
    head = window.frameGeometry()
    head.setHeight(64)
    seen = [screen.availableGeometry().intersected(head) for screen in QGuiApplication.screens()]
    return any(part.width() >= 128 and part.height() >= 32 for part in seen)
