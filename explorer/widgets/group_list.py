"""The groups that were kept: a colour, a name that can be changed, and how many points each has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTreeWidget, QTreeWidgetItem

from explorer import colors
from explorer.groups import How
from explorer.widgets.modifiers import WORDS, how_now
from explorer.widgets.picture import draw_empty
from models.errors import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QPaintEvent
    from PySide6.QtWidgets import QWidget

    from explorer.groups import Group

EMPTY = "Groups that you keep appear here."
DISC = 12  # px
GATHER = (("Gather", How.ALONE), ("Add to the gathered points", How.MORE), ("Take from them", How.LESS))


class GroupList(QTreeWidget):
    """Tells which group, by its place, a person wants gathered, renamed or removed."""

    wanted = Signal(int, How)
    renamed = Signal(int, str)
    removed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("group_list")
        self.setAccessibleName("Groups")
        self.setToolTip(f"Click: gather. {WORDS}. F2 or a double click renames, Delete removes.")
        self.setColumnCount(2)
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setIconSize(QSize(DISC, DISC))
        self.setMinimumSize(120, 48)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed)
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self._groups: tuple[Group, ...] = ()
        self.itemClicked.connect(lambda item: self.wanted.emit(self.indexOfTopLevelItem(item), how_now()))
        self.itemChanged.connect(self._hear_name)

    def set_groups(self, groups: Sequence[Group]) -> None:
        """Show these."""
        if tuple(groups) == self._groups:
            return
        self._groups = tuple(groups)
        chosen = self.currentIndex().row()
        self._fill(min(chosen, len(groups) - 1))

    def _fill(self, chosen: int) -> None:
        blocked = self.blockSignals(True)
        self.clear()
        for group in self._groups:
            item = QTreeWidgetItem([printable(group.name), f"{len(group.indices):,}"])
            item.setIcon(0, _disc(group.color))
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.addTopLevelItem(item)
        self.setCurrentIndex(self.model().index(chosen, 0))
        self.blockSignals(blocked)
        self.viewport().update()

    def _hear_name(self, item: QTreeWidgetItem) -> None:
        """Tell a new name once the editor is done with the row, which is then as the group is called in the end."""
        place, name = self.indexOfTopLevelItem(item), item.text(0)
        if name != printable(self._groups[place].name):
            QTimer.singleShot(0, self, lambda: self._rename(place, name))

    def _rename(self, place: int, name: str) -> None:
        self.renamed.emit(place, name)
        self._fill(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return gathers, Delete removes."""
        place = self.currentIndex().row()
        if place >= 0 and event.key() == Qt.Key.Key_Delete:
            self.removed.emit(place)
        elif place >= 0 and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.wanted.emit(place, how_now())
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """All that can be done with a group, in words."""
        item = self.itemAt(event.pos()) if event.globalPos() != QPoint() else self.currentItem()
        if item is None:
            return
        place = self.indexOfTopLevelItem(item)
        menu = QMenu(self)
        menu.setObjectName("group_menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for words, how in GATHER:
            menu.addAction(words, lambda how=how: self.wanted.emit(place, how))  # type: ignore[misc]
        menu.addSeparator()
        menu.addAction("Rename", lambda: self.editItem(item, 0))
        menu.addAction("Remove", lambda: self.removed.emit(place))
        menu.popup(event.globalPos())

    def changeEvent(self, event: QEvent) -> None:
        """Another theme brings other colours."""
        super().changeEvent(event)
        if event.type() is event.Type.PaletteChange:
            self._fill(self.currentIndex().row())

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows, or what they are for."""
        super().paintEvent(event)
        if not self._groups:
            painter = QPainter(self.viewport())
            draw_empty(painter, QRectF(self.viewport().rect()).adjusted(4, 4, -4, -4), EMPTY)
            painter.end()


def _disc(color: int) -> QIcon:
    pixmap = QPixmap(DISC, DISC)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colors.class_color(color))
    painter.drawEllipse(1, 1, DISC - 2, DISC - 2)
    painter.end()
    return QIcon(pixmap)
