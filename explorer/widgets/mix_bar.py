"""Which classes some points have, as one bar in their colours."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from explorer import colors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QMouseEvent, QPaintEvent

HIGH = 22  # px


class Part(NamedTuple):
    """One class of the mix: its label, name, and how many points have it."""

    label: int
    name: str
    points: int


class MixBar(QWidget):
    """A stretch a class, the most frequent first; a click on one tells its label by `picked`."""

    picked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts: tuple[Part, ...] = ()
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_parts(self, parts: Sequence[Part]) -> None:
        """Show these classes."""
        self._parts = tuple(sorted((part for part in parts if part.points), key=lambda part: -part.points))
        self.setAccessibleDescription("; ".join(self.tip(place) for place in range(len(self._parts))))
        self.setCursor(Qt.CursorShape.PointingHandCursor if self._parts else Qt.CursorShape.ArrowCursor)
        self.update()

    def tip(self, place: int) -> str:
        """What the stretch at `place` says, in words."""
        part = self._parts[place]
        return f"{part.name}: {part.points:,} points, {part.points / self._total:.1%}"

    @property
    def _total(self) -> int:
        return sum(part.points for part in self._parts)

    def sizeHint(self) -> QSize:
        """A line of text in a bar."""
        return QSize(160, HIGH)

    def minimumSizeHint(self) -> QSize:
        """It gives way."""
        return QSize(48, HIGH)

    def stretches(self) -> list[QRectF]:
        """Where each class lies."""
        left, found = 0.0, []
        for part in self._parts:
            wide = self.width() * part.points / self._total
            found.append(QRectF(left, 0, wide, self.height()))
            left += wide
        return found

    def place_at(self, across: float) -> int | None:
        """The class that lies so far from the left."""
        return next((place for place, it in enumerate(self.stretches()) if it.left() <= across < it.right()), None)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The stretches with a fine gap between them, each with its name and share where these fit."""
        painter, now = QPainter(self), colors.theme()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if not self._parts:
            painter.setBrush(now.line)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0, 8, 0, -8), 3, 3)
        for part, stretch in zip(self._parts, self.stretches(), strict=True):
            color = colors.class_color(part.label)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            painter.drawRoundedRect(stretch.adjusted(0.5, 1, -0.5, -1), 3, 3)
            metrics, share = painter.fontMetrics(), f"{part.points / self._total:.0%}"
            for words in (f"{part.name}  {share}", part.name):
                if metrics.horizontalAdvance(words) + 10 <= stretch.width():
                    painter.setPen(now.panel if color.lightnessF() < 0.62 or now.name == "dark" else now.text)
                    painter.drawText(stretch, Qt.AlignmentFlag.AlignCenter, words)
                    break
        painter.end()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click picks a class."""
        where = event.position()
        place = self.place_at(where.x()) if self.rect().contains(where.toPoint()) else None
        if event.button() is Qt.MouseButton.LeftButton and place is not None:
            self.picked.emit(self._parts[place].label)

    def event(self, event: QEvent) -> bool:
        """The class under the mouse says its line."""
        if event.type() == QEvent.Type.ToolTip:
            place = self.place_at(event.pos().x())  # type: ignore[attr-defined]
            words = "" if place is None else f"{self.tip(place)}\nClick: keep only these"
            QToolTip.showText(event.globalPos(), words, self)  # type: ignore[attr-defined]
            return True
        return super().event(event)
