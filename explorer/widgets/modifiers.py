"""What the keys held at a click mean for gathering: Shift adds, Ctrl or Alt takes away, both keep what is in both."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from explorer.groups import How

SHIFT = Qt.KeyboardModifier.ShiftModifier
AWAY = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
WORDS = "Shift adds, Ctrl or Alt takes away, both keep what is in both"


def how_of(modifiers: Qt.KeyboardModifier) -> How:
    """What becomes of the points gathered before."""
    more, less = bool(modifiers & SHIFT), bool(modifiers & AWAY)
    return {(False, False): How.ALONE, (True, False): How.MORE, (False, True): How.LESS, (True, True): How.BOTH}[
        more, less
    ]


def how_now() -> How:
    """The same for the keys that are held at this moment."""
    return how_of(QGuiApplication.keyboardModifiers())
