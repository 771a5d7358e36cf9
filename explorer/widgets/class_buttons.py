"""A button a class, in as many columns as there is room for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QToolButton, QWidget

from explorer.colors import class_color
from models.errors import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent

DOT = 10  # px: the class's colour
LONGEST = 14  # letters of a name; the tooltip tells it all
AROUND = 16  # px beside colour and name
GAP = 4


class ClassButtons(QWidget):
    """`chosen` tells the class that a person pressed; `set_*` emit nothing."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: list[QToolButton] = []
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GAP)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def set_names(self, names: Sequence[str]) -> None:
        """One button for each class."""
        for button in self.buttons:
            button.setParent(None)
            button.deleteLater()
        self.buttons = [self._button(label, printable(name)) for label, name in enumerate(names)]
        self._columns = 0
        self._arrange()

    def _button(self, label: int, name: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(f"class_{label}")
        button.setAccessibleName(f"Class {name}")
        button.setText(name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…")
        button.setToolTip(f"Draw {name}" + (f" ({label})" if label < 10 else ""))
        button.setIcon(_dot(label))
        button.setIconSize(QSize(DOT, DOT))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setStyleSheet("padding: 2px 3px")  # a narrow panel shall show all ten digits in two rows
        button.setMinimumWidth(button.fontMetrics().horizontalAdvance(button.text()) + DOT + AROUND)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.clicked.connect(lambda: self._choose(label))
        return button

    def _choose(self, label: int) -> None:
        """Pressed again, the button of the class asked for stays down."""
        self.set_chosen(label)
        self.chosen.emit(label)

    def set_chosen(self, label: int | None) -> None:
        """Show which class is asked for, if it is one."""
        for place, button in enumerate(self.buttons):
            button.setChecked(place == label)

    def changeEvent(self, event: QEvent) -> None:
        """The colours of the classes change with the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            for label, button in enumerate(self.buttons):
                button.setIcon(_dot(label))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many columns as fit."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        widest = max((button.minimumWidth() for button in self.buttons), default=1)
        columns = min(max(1, (self.width() + GAP) // (widest + GAP)), max(1, len(self.buttons)))
        rows = -(-len(self.buttons) // columns)
        columns = -(-len(self.buttons) // rows) if rows else 1  # rows of equal length
        if columns != self._columns:
            self._columns = columns
            for place, button in enumerate(self.buttons):
                self._grid.addWidget(button, *divmod(place, columns))
            self.updateGeometry()


def _dot(label: int) -> QIcon:
    pixmap = QPixmap(2 * DOT, 2 * DOT)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(class_color(label))
    painter.drawEllipse(2, 2, 2 * DOT - 4, 2 * DOT - 4)
    painter.end()
    return QIcon(pixmap)
