"""A field over the map that finds points: what is typed is offered below it, and one choice leads there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from explorer.icons import icon
from explorer.widgets.parts import Quiet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QObject
    from PySide6.QtGui import QKeyEvent

WIDE = 280  # px
PICTURE = 32  # px of the picture or the disc beside an offer
NOTHING = "Nothing is called so. Try #123, a class, a group, or smile > 0.5 where factors are known."


class Row(NamedTuple):
    """One offer: its words, and a picture or a colour before them."""

    title: str
    detail: str
    picture: QImage | None = None
    color: QColor | None = None


class MapSearch(QFrame):
    """`typed` tells what to seek, `chosen` which of the offered rows, and whether to add it; `left` that it closes."""

    typed = Signal(str)
    chosen = Signal(int, bool)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("map_search")
        self.setAccessibleName("Find points")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.setFixedWidth(WIDE)
        self.line, self.rows = QLineEdit(), QListWidget()
        self.line.setObjectName("search_line")
        self.line.setAccessibleName("Find points by index, class, group or factor")
        self.line.setPlaceholderText("#index, class, group, smile > 0.5")
        self.line.setToolTip("Return goes there, Shift+Return adds the points to the gathered ones, Escape closes")
        self.line.setClearButtonEnabled(True)
        self.line.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.line.textChanged.connect(self.typed)
        self.line.installEventFilter(self)
        self.rows.setObjectName("search_offers")
        self.rows.setAccessibleName("Points that are meant")
        self.rows.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.rows.setFrameShape(QFrame.Shape.NoFrame)
        self.rows.setIconSize(QSize(PICTURE, PICTURE))
        self.rows.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.rows.itemClicked.connect(lambda item: self.chosen.emit(self.rows.row(item), False))
        self.words = Quiet(NOTHING)
        self.words.setObjectName("search_words")
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.setSpacing(4)
        for part in (self.line, self.rows, self.words):
            column.addWidget(part)
        self.set_rows(())
        self.hide()

    def open(self) -> None:
        """Show the field, its old words ready to be typed over."""
        self.show()
        self.raise_()
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.line.selectAll()
        self.typed.emit(self.line.text())

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Offer these; the first one is marked."""
        self.rows.clear()
        for row in rows:
            item = QListWidgetItem(_icon(row), f"{row.title}\n{row.detail}" if row.detail else row.title)
            item.setToolTip(row.title)
            self.rows.addItem(item)
        self.rows.setCurrentRow(0 if rows else -1)
        self.rows.setVisible(bool(rows))
        self.words.setVisible(not rows and bool(self.line.text().strip()))
        high = self.rows.sizeHintForRow(0) if rows else 0
        above = self.parentWidget()
        room = 400 if above is None else 0.7 * above.height()
        self.rows.setFixedHeight(int(min(high * len(rows) + 4, max(room, high))))
        self.adjustSize()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The keys of the line also serve the offers below it."""
        if event.type() is QEvent.Type.KeyPress and self._hear(event):  # type: ignore[arg-type]
            return True
        return super().eventFilter(watched, event)

    def _hear(self, event: QKeyEvent) -> bool:
        key = event.key()
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        if key == Qt.Key.Key_Escape:
            self.hide()
            self.left.emit()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.rows.currentRow() >= 0:
                self.chosen.emit(self.rows.currentRow(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif key in steps and self.rows.count():
            self.rows.setCurrentRow((self.rows.currentRow() + steps[Qt.Key(key)]) % self.rows.count())
        else:
            return False
        return True


def _icon(row: Row) -> QIcon:
    """The picture, or a disc in the colour."""
    if row.picture is not None:
        keep, sharp = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.FastTransformation
        return QIcon(QPixmap.fromImage(row.picture.scaled(PICTURE, PICTURE, keep, sharp)))
    pixmap = QPixmap(PICTURE, PICTURE)
    pixmap.fill(Qt.GlobalColor.transparent)
    if row.color is not None:
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(row.color)
        painter.drawEllipse(pixmap.rect().adjusted(10, 10, -10, -10))
        painter.end()
    return QIcon(pixmap)
