"""One term of a sum: its sign, its picture, what it is, how much it counts; pins and points can be dropped on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QDoubleSpinBox,
    QFrame,
    QHBoxLayout,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from explorer.colors import theme
from explorer.icons import icon
from explorer.widgets.carried import dragged_words
from explorer.widgets.elided import Elided
from explorer.widgets.picture import Pictured, draw_empty

if TYPE_CHECKING:
    from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QKeyEvent, QPaintEvent, QWheelEvent

SIDE = 76  # px of a term's picture
WIDE, TALL = 104, 156  # px of a card, at most as high
MINUS = "\N{MINUS SIGN}"


class TermPicture(Pictured, QAbstractButton):
    """The picture of a term, a button that asks for something else in its place; `lit` while something is over it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = ""
        self.lit = False
        self.setMinimumSize(QSize(40, 40))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        """As large as a term's picture is."""
        return QSize(SIDE, SIDE)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture, or why there is none, framed under the mouse, the focus or something dragged."""
        painter, space = QPainter(self), QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self._image is None and not self.words:
            draw_empty(painter, space, "…")
        else:
            self._paint_picture(painter, space, self.words, theme().line)
        if self.lit or self.hasFocus() or self.underMouse():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme().accent, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(space, 4, 4)
        painter.end()


class Weight(QDoubleSpinBox):
    """How much a term counts; the wheel is the panel's."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRange(0.0, 10.0)
        self.setSingleStep(0.25)
        self.setDecimals(2)
        self.setPrefix("×")
        self.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
        self.setKeyboardTracking(False)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)

    def textFromValue(self, value: float) -> str:
        """As few digits as say it."""
        return f"{value:g}"

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll the panel, unless a person is in the field."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class TermCard(QFrame):
    """The card of the term at `place`; `set_*` emit nothing."""

    flipped = Signal()
    weighed = Signal(float)  # without the sign
    removed = Signal()
    replaced = Signal(str)  # by what, as `pin A`
    asked = Signal()  # for a choice of what else it could be

    def __init__(self, place: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._place = place
        self.setObjectName(f"bench_term_{place}")
        self.setAcceptDrops(True)
        self.sign = QToolButton()
        self.sign.clicked.connect(self.flipped)
        self.picture = TermPicture()
        self.picture.clicked.connect(self.asked)
        self.title = Elided()
        self.title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.weight = Weight()
        self.weight.valueChanged.connect(self.weighed)
        self.remove = QToolButton()
        self.remove.setIcon(icon("close"))
        self.remove.clicked.connect(self.removed)
        parts = (("sign", self.sign), ("picture", self.picture), ("weight", self.weight), ("remove", self.remove))
        for name, part in parts:
            part.setObjectName(f"bench_{name}_{place}")
        self._lay_out()

    def _lay_out(self) -> None:
        self.setFixedWidth(WIDE)
        self.setMaximumHeight(TALL)
        for button in (self.sign, self.remove):
            button.setFixedSize(20, 24)
            button.setAutoRaise(True)
        font = self.sign.font()
        font.setPointSizeF(1.5 * font.pointSizeF())
        self.sign.setFont(font)
        foot = QHBoxLayout()
        foot.setContentsMargins(22, 0, 0, 0)
        foot.setSpacing(2)
        foot.addWidget(self.weight, 1)
        foot.addWidget(self.remove)
        head = QHBoxLayout()
        head.setSpacing(2)
        head.addWidget(self.sign)
        head.addWidget(self.picture, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(2, 2, 2, 2)
        column.setSpacing(2)
        column.addLayout(head, 1)
        self.title.setContentsMargins(22, 0, 0, 0)
        column.addWidget(self.title)
        column.addLayout(foot)

    def set_term(self, words: str, weight: float, problem: str = "") -> None:
        """Show what it is and how much it counts; a `problem` stands in place of the picture."""
        number, less = self._place + 1, weight < 0
        self.title.setText(words)
        self.sign.setText(MINUS if less else "+")
        self.sign.setAccessibleName(f"Sign of term {number}")
        self.sign.setToolTip("Subtracted; click to add it" if less else "Added; click to subtract it")
        blocked = self.weight.blockSignals(True)
        self.weight.setValue(abs(weight))
        self.weight.blockSignals(blocked)
        self.weight.setAccessibleName(f"Weight of term {number}")
        self.weight.setToolTip("How much the term counts")
        self.remove.setAccessibleName(f"Remove term {number}")
        self.remove.setToolTip("Remove this term (Delete)")
        self.picture.words = "?" if problem else ""
        self.picture.setAccessibleName(f"Term {number}: {words}")
        self.picture.setToolTip(problem or f"{words}\nClick to choose something else, or drop a pin or a point here")
        self.setAccessibleName(f"Term {number}: {words}")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete removes, plus and minus set the sign."""
        key, text = event.key(), event.text()
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        elif text in "+-" and text and (text == "-") != (self.sign.text() == MINUS):
            self.flipped.emit()
        else:
            super().keyPressEvent(event)

    # ---- dropping

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome pins and points."""
        if dragged_words(event.mimeData()):
            self._light(True)
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Not here after all."""
        self._light(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Take it in place of what was here."""
        self._light(False)
        event.acceptProposedAction()
        self.replaced.emit(dragged_words(event.mimeData()))

    def _light(self, lit: bool) -> None:
        self.picture.lit = lit
        self.picture.update()
