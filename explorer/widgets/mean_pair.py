"""Two means of some pictures side by side: of what is seen, and of the codes that it comes from."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from explorer.widgets.picture import Picture


class MeanPair(QWidget):
    """`average` shows the mean of pictures, `drawn` the picture of the mean code; `pinned` wants this as a pin."""

    pinned = Signal()
    told = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.average = Picture(caption="mean picture")
        self.average.setToolTip("The mean of what is seen: pixel by pixel")
        self.drawn = Picture(caption="mean code")
        self.drawn.setToolTip("What the model draws for the mean of the codes")
        pictures, column = QHBoxLayout(), QVBoxLayout(self)
        for picture, name in ((self.average, "average_picture"), (self.drawn, "mean_code_picture")):
            picture.setObjectName(name)
            picture.setAccessibleName(picture.caption.capitalize())
            picture.setMinimumSize(64, 48)
            picture.told.connect(self.told)
            pictures.addWidget(picture)
        self.pin = QPushButton("Pin the mean")
        self.pin.setObjectName("pin_mean")
        self.pin.setAccessibleName("Pin the mean")
        self.pin.setToolTip("Pin the mean code of the gathered points under the first free letter")
        self.pin.clicked.connect(self.pinned)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(pictures, 1)
        column.addWidget(self.pin)
