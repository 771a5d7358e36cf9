"""How far a direction moves what was wanted, and what else moves with it, as short bars with words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from explorer.colors import theme

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from models.traits import Moves

LINE = 14  # px of height
MOST = 6  # bars
LITTLE, MUCH = 0.25, 0.5  # leakage that needs no colour, and that deserves the colour of warnings


class LeakBars(QWidget):
    """Shows `Moves`: the wanted in the accent, what leaks in the colour of warnings; words while there are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._moves: Moves | None = None
        self._words = ""
        self.setMinimumWidth(120)

    @property
    def words(self) -> str:
        """What stands in place of the bars."""
        return self._words

    def set_moves(self, moves: Moves | None, words: str = "") -> None:
        """Show what moves, or words in its place."""
        self._moves, self._words = moves, words
        self.setToolTip("" if moves is None else told(moves))
        self.setAccessibleDescription(words if moves is None else told(moves))
        self.update()

    def sizeHint(self) -> QSize:
        """Some bars with their names."""
        return QSize(190, 5 * LINE)

    def minimumSizeHint(self) -> QSize:
        """The line that says how much leaks."""
        return QSize(120, 2 * LINE)

    def paintEvent(self, event: QPaintEvent) -> None:
        """How much leaks, then a bar each."""
        now, painter = theme(), QPainter(self)
        font = self.font()
        font.setPointSizeF(0.85 * font.pointSizeF())
        painter.setFont(font)
        if self._moves is None:
            painter.setPen(now.quiet)
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(QRectF(self.rect()), flags, self._words)
            return
        leak = self._moves.leakage
        painter.setPen(now.warning if leak > MUCH else now.quiet if leak > LITTLE else now.done)
        painter.drawText(QRectF(0, 0, self.width(), LINE), Qt.AlignmentFlag.AlignVCenter, f"leaks {leak:.0%}")
        shown = self._moves.moves[: min(MOST, max(1, self.height() // LINE - 1))]
        furthest = max((abs(move.amount) for move in self._moves.moves), default=1.0) or 1.0
        name_room, number_room = round(0.45 * self.width()), painter.fontMetrics().horizontalAdvance("+100 %") + 4
        room = self.width() - name_room - number_room
        for place, move in enumerate(shown, 1):
            line = QRectF(0, place * LINE, self.width(), LINE)
            painter.setPen(now.text if move.wanted else now.quiet)
            elide = Qt.TextElideMode.ElideRight
            name = painter.fontMetrics().elidedText(move.name, elide, name_room - 4)
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, name)
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, _percent(move.amount))
            wide = max(1.0, room * abs(move.amount) / furthest)
            painter.fillRect(
                QRectF(name_room, line.top() + 4, wide, LINE - 8), now.accent if move.wanted else now.warning
            )


def _percent(amount: float) -> str:
    return f"{100 * amount:+.0f} %".replace("-", "\N{MINUS SIGN}")


def told(moves: Moves) -> str:
    """All moves in words, a line each."""
    lines = [f"{'wanted: ' if move.wanted else ''}{move.name} {_percent(move.amount)}" for move in moves.moves]
    head = f"Over two spreads, on average over {moves.pictures:,} pictures, of each factor's range or of certainty:"
    return "\n".join([head, *lines, f"{moves.leakage:.0%} of all movement is not what was wanted."])
