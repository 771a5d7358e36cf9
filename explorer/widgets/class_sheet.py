"""The pictures of a data set class by class: a name, how many there are, a quiet bar, and a row of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from explorer.colors import class_color, mixed, theme
from explorer.widgets.picture import draw, to_image

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QHelpEvent, QImage, QPaintEvent, QResizeEvent

    from models.events import Labels, Pictures
    from models.portrait import ClassCount

SIDE, GAP, BAR = 32, 2, 3  # px: the height of a picture, the space between two, the height of a bar
LAST = 8  # px below a class


class ClassSheet(QWidget):
    """As wide as it is given, as high as it needs."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("class_sheet")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._classes: Sequence[ClassCount] = ()
        self._strips: dict[int, tuple[QImage, int]] = {}  # pictures of a label, one below the other, and how many
        self._width = SIDE  # of a picture

    def set_data(self, classes: Sequence[ClassCount], pictures: Pictures, labels: Labels) -> None:
        """Show the classes, with pictures [n, h, w, c] whose labels [n] say to which class they belong."""
        self._classes, self._strips = classes, {}
        height, width, channels = pictures.shape[1:]
        self._width = max(1, round(SIDE * width / max(1, height)))
        for label in np.unique(labels).tolist():
            mine = pictures[labels == label]
            self._strips[label] = to_image(mine.reshape(-1, width, channels)), len(mine)
        told = ", ".join(self._told(each) for each in classes[:20])
        self.setAccessibleName(f"Pictures of {len(classes)} classes")
        self.setAccessibleDescription(told)
        self._fit()

    def class_at(self, down: float) -> int | None:
        """The label of the class at that height, if one lies there."""
        tall = self._row()
        place = int(down // tall)
        return self._classes[place].label if 0 <= place < len(self._classes) else None

    def _told(self, each: ClassCount) -> str:
        return f"{self._name(each)}: {each.train:,} to train on, {each.test:,} to test on"

    def _name(self, each: ClassCount) -> str:
        return each.name if each.label >= 0 else "no class" if len(self._classes) > 1 else "no classes"

    # ---- sizes

    def _head(self) -> int:
        return QFontMetrics(self.font()).height() + BAR + 4

    def _lines(self) -> int:
        """One line of pictures a class, or all lines that the only class needs."""
        if len(self._classes) != 1:
            return 1
        _, count = self._strips.get(self._classes[0].label, (None, 0))
        return max(1, -(-count // self._across()))

    def _across(self) -> int:
        return max(1, (self.width() + GAP) // (self._width + GAP))

    def _row(self) -> int:
        return self._head() + self._lines() * (SIDE + GAP) + LAST

    def _fit(self) -> None:
        self.setFixedHeight(max(1, self._row() * len(self._classes)))
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where pictures flow over several lines, the width decides the height."""
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        """A few pictures side by side."""
        return QSize(6 * (SIDE + GAP), self.height())

    # ---- drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """The classes that can be seen."""
        painter = QPainter(self)
        tall = self._row()
        first, last = event.rect().top() // tall, event.rect().bottom() // tall
        most = max((each.train for each in self._classes), default=0)
        for place, each in enumerate(self._classes[first : last + 1], first):
            self._paint_head(painter, QRectF(0, place * tall, self.width(), self._head()), each, most)
            self._paint_pictures(painter, place * tall + self._head(), each.label)
        painter.end()

    def _paint_head(self, painter: QPainter, box: QRectF, each: ClassCount, most: int) -> None:
        now, metrics = theme(), QFontMetrics(self.font())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        middle = box.top() + metrics.height() / 2
        painter.setBrush(class_color(each.label))
        painter.drawEllipse(QRectF(0, middle - 4, 8, 8))
        words, count = box.adjusted(14, 0, 0, -BAR - 4), f"{each.train:,} + {each.test:,}"
        painter.setPen(now.quiet)
        painter.drawText(words, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, count)
        painter.setPen(now.text)
        room = int(words.width()) - metrics.horizontalAdvance(count) - 8
        name = metrics.elidedText(self._name(each), Qt.TextElideMode.ElideRight, room)
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
        ground = QRectF(0, box.bottom() - BAR - 2, box.width(), BAR)
        painter.fillRect(ground, mixed(now.line, now.panel, 0.5))
        ground.setWidth(box.width() * each.train / max(1, most))
        painter.fillRect(ground, mixed(now.quiet, now.panel, 0.4))

    def _paint_pictures(self, painter: QPainter, top: float, label: int) -> None:
        if label not in self._strips:
            return
        strip, count = self._strips[label]
        height, across = strip.height() / count, self._across()
        for index in range(min(count, across * self._lines())):
            line, column = divmod(index, across)
            target = QRectF(column * (self._width + GAP), top + line * (SIDE + GAP), self._width, SIDE)
            draw(painter, target, strip, QRectF(0, index * height, strip.width(), height))

    def event(self, event: QEvent) -> bool:
        """The mouse at rest is told the counts in words."""
        if event.type() == QEvent.Type.ToolTip:
            help_event: QHelpEvent = event  # type: ignore[assignment]
            label = self.class_at(help_event.pos().y())
            told = next((self._told(each) for each in self._classes if each.label == label), "")
            QToolTip.showText(help_event.globalPos(), told, self)
            return True
        return super().event(event)
