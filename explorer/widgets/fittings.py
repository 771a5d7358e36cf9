"""What the pages of the desk are fitted with: buttons with a word and an icon, and places that scroll."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QToolButton, QWidget

from explorer.icons import icon


def button(name: str, text: str, drawing: str, tip: str) -> QPushButton:
    """A low button called `name` with a word, an icon if there is a `drawing`, and a tip."""
    made = QPushButton(text)
    if drawing:
        made.setIcon(icon(drawing))
    made.setObjectName(name)
    made.setAccessibleName(tip)
    made.setToolTip(tip)
    made.setStyleSheet("padding: 3px 8px")
    return made


def scrolling(inside: QWidget, name: str, words: str) -> QScrollArea:
    """A place called `name` in which `inside` scrolls when it is too large; `words` are for screen readers."""
    area = QScrollArea()
    area.setObjectName(name)
    area.setAccessibleName(words)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inside)
    area.viewport().setAutoFillBackground(False)
    inside.setAutoFillBackground(False)
    return area


def flat_button(name: str, drawing: str, tip: str) -> QToolButton:
    """A small button called `name` that shows but an icon, with a tip."""
    made = QToolButton()
    made.setObjectName(name)
    made.setAccessibleName(tip)
    made.setToolTip(tip)
    made.setIcon(icon(drawing))
    made.setIconSize(QSize(16, 16))
    made.setAutoRaise(True)
    return made
