"""What became of each factor in a sum: what was asked and came, and what moved besides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.colors import theme
from models.errors import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintEvent

    from models.traits import Verdict

LINE = 18  # px of height
LITTLE = 0.05  # moves below this share of the range are not listed
YES, NO = "✓", "✗"


class VerdictList(QWidget):
    """A line for each factor that was asked for, then one for each that moved besides."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines: tuple[tuple[str, str, bool | None], ...] = ()  # mark, words, whether it fits
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)

    def set_verdicts(self, verdicts: Sequence[Verdict]) -> None:
        """Show what became of the factors."""
        self.lines = tuple((_mark(each), words(each), each.fits) for each in verdicts if _worth_telling(each))
        self.setAccessibleDescription("; ".join(f"{mark} {line}" for mark, line, _ in self.lines))
        self.setMinimumHeight(max(1, len(self.lines)) * LINE)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As high as its lines."""
        return QSize(220, max(1, len(self.lines)) * LINE)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A mark and its words, line by line."""
        painter, now = QPainter(self), theme()
        for place, (mark, line, fits) in enumerate(self.lines):
            top = place * LINE
            painter.setPen({True: now.done, False: now.warning, None: now.quiet}[fits])
            painter.drawText(QRectF(0, top, 18, LINE), Qt.AlignmentFlag.AlignCenter, mark)
            painter.setPen(now.quiet if fits is None else now.text)
            room = QRectF(20, top, self.width() - 20, LINE)
            text = painter.fontMetrics().elidedText(line, Qt.TextElideMode.ElideRight, int(room.width()))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()


def summary(verdicts: Sequence[Verdict]) -> str:
    """Whether the sum gave what it asks for, in one line."""
    asked = [each for each in verdicts if each.fits is not None]
    right = [each for each in asked if each.fits]
    if not asked:
        return "Nothing in particular was asked; this is what moved."
    if len(right) == len(asked):
        return f"As asked: {', '.join(printable(each.got) for each in asked)}."
    return f"{len(right)} of {len(asked)} as asked."


def _worth_telling(verdict: Verdict) -> bool:
    moves = abs(verdict.amount) >= LITTLE and verdict.before != verdict.got
    return verdict.fits is not None or moves


def _mark(verdict: Verdict) -> str:
    return "→" if verdict.fits is None else YES if verdict.fits else NO


def words(verdict: Verdict) -> str:
    """One factor in words: `glasses round`, `smile 0.2, asked 0.8`, `beard full → none`."""
    name = printable(verdict.name)
    if verdict.fits is None:
        return f"{name} {verdict.before} → {verdict.got} ({100 * abs(verdict.amount):.0f} %)"
    return f"{name} {verdict.got}" + ("" if verdict.fits else f", asked {verdict.asked}")
