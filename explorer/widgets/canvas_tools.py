"""What a person draws with: how wide the pen is, whether it rubs out, and of coloured pictures its colour."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QColorDialog, QHBoxLayout, QMenu, QToolButton, QWidget

from explorer.colors import theme
from explorer.icons import icon
from explorer.widgets.canvas import SLIMMEST, WIDEST
from explorer.widgets.track_slider import TrackSlider

if TYPE_CHECKING:
    from numpy.typing import NDArray

COLORS = {
    "Black": "#000000", "White": "#FFFFFF", "Grey": "#808080", "Skin": "#E8B896", "Brown": "#6B4226",
    "Red": "#D93A2B", "Yellow": "#F2C230", "Green": "#3D9A4B", "Blue": "#2F6FC2", "Violet": "#7A4BB5",
}  # fmt: skip
SWATCH = 16  # px


class CanvasTools(QWidget):
    """`changed` tells that the pen is another one: `radius`, `rubbing` and `color` say which; `set_*` emit nothing."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.color = QColor(Qt.GlobalColor.white)
        self.width_slider = TrackSlider()
        self.width_slider.setObjectName("pen_width")
        self.width_slider.setAccessibleName("Width of the pen")
        self.width_slider.setToolTip("How wide the pen is; the wheel over the drawing does the same")
        self.width_slider.set_span(SLIMMEST, WIDEST / 3, SLIMMEST)
        self.width_slider.setMinimumWidth(48)
        self.width_slider.setMaximumWidth(96)
        self.width_slider.moved.connect(lambda _: self.changed.emit())
        self.rub = self._button("pen_rubs", "rub", "Rub out", "Rub out instead of drawing (E over the drawing)")
        self.rub.setCheckable(True)
        self.rub.clicked.connect(lambda _: self.changed.emit())
        self.palette_button = self._button("pen_color", "", "Colour of the pen", "The colour of the pen")
        self.palette_button.clicked.connect(lambda _: self._open_palette())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for part in (self.palette_button, self.rub, self.width_slider):
            row.addWidget(part)

    def _button(self, name: str, drawing: str, words: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        button.setAccessibleName(words)
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setIconSize(QSize(SWATCH, SWATCH))
        button.setAutoRaise(True)
        if drawing:
            button.setIcon(icon(drawing))
        return button

    def _open_palette(self) -> None:
        """A menu of colours below its button."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setObjectName("pen_colors")
        for name, code in COLORS.items():
            action = menu.addAction(_swatch(QColor(code)), name)
            action.setObjectName(f"pen_color_{name.lower()}")
            action.triggered.connect(partial(self._choose, QColor(code)))
        menu.addSeparator()
        menu.addAction("Other…", self._ask).setObjectName("pen_color_other")
        menu.popup(self.palette_button.mapToGlobal(self.palette_button.rect().bottomLeft()))

    def _ask(self) -> None:
        dialog = QColorDialog(self.color, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.colorSelected.connect(self._choose)
        dialog.open()

    def _choose(self, color: QColor, *_: object) -> None:
        self.set_color(color)
        self.rub.setChecked(False)
        self.changed.emit()

    # ---- what is chosen

    @property
    def radius(self) -> float:
        """Half the pen's width, in pixels of the picture."""
        return self.width_slider.real()

    @property
    def rubbing(self) -> bool:
        """Whether the pen takes away."""
        return self.rub.isChecked()

    def ink(self, channels: int) -> NDArray[np.uint8]:
        """The pen's colour uint8 [channels]."""
        rgb = np.array([self.color.red(), self.color.green(), self.color.blue()], np.uint8)
        return rgb if channels == 3 else rgb[:1]

    def set_color(self, color: QColor) -> None:
        """Draw in this colour."""
        self.color = color
        self.palette_button.setIcon(_swatch(color))

    def set_channels(self, channels: int) -> None:
        """Colours are offered where the pictures have them."""
        self.palette_button.setVisible(channels == 3)

    def set_radius(self, radius: float) -> None:
        """Draw so wide."""
        self.width_slider.set_real(radius)

    def set_rubbing(self, rubbing: bool) -> None:
        """Rub out, or draw."""
        self.rub.setChecked(rubbing)


def _swatch(color: QColor) -> QIcon:
    pixmap = QPixmap(2 * SWATCH, 2 * SWATCH)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(theme().quiet)
    painter.setBrush(color)
    painter.drawRoundedRect(3, 3, 2 * SWATCH - 6, 2 * SWATCH - 6, 5, 5)
    painter.end()
    return QIcon(pixmap)
