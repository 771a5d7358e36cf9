"""Shortcuts: all of them by menu, to look up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QLabel, QMenu, QScrollArea, QVBoxLayout, QWidget

if TYPE_CHECKING:
    from collections.abc import Sequence


class ShortcutList(QDialog):
    """Reads the actions of `menus`; nothing here can be changed."""

    def __init__(self, menus: Sequence[QMenu], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("shortcut_list")
        self.setAccessibleName("Shortcuts")
        self.setWindowTitle("Shortcuts")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet = QWidget()
        grid = QGridLayout(sheet)
        grid.setHorizontalSpacing(32)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 1)
        for menu in menus:
            _add_menu(grid, menu)
        scroll = QScrollArea()
        scroll.setObjectName("shortcut_scroll")
        scroll.setAccessibleName("All shortcuts")
        scroll.setWidgetResizable(True)
        scroll.setWidget(sheet)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.setObjectName("shortcut_buttons")
        buttons.rejected.connect(self.close)
        column = QVBoxLayout(self)
        column.addWidget(scroll)
        column.addWidget(buttons)
        self.resize(400, min(680, parent.height() - 64))


def _add_menu(grid: QGridLayout, menu: QMenu) -> None:
    title = QLabel(_plain(menu.title()))
    font = title.font()
    font.setBold(True)
    title.setFont(font)
    title.setContentsMargins(0, 8, 0, 0)
    grid.addWidget(title, grid.rowCount(), 0, 1, 2)
    for action in menu.actions():
        if action.isSeparator():
            continue
        row = grid.rowCount()
        keys = QLabel(action.shortcut().toString(QKeySequence.SequenceFormat.NativeText))
        grid.addWidget(QLabel(_plain(action.text())), row, 0)
        grid.addWidget(keys, row, 1, Qt.AlignmentFlag.AlignRight)


def _plain(text: str) -> str:
    return text.replace("&", "").rstrip("…")
