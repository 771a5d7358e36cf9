"""The classes of the map with their colours and counts; each one can be hidden, dimmed, or shown alone."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QMenu, QScrollArea, QToolButton, QVBoxLayout, QWidget

from explorer import colors
from explorer.groups import How
from explorer.state import Visibility

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPaintEvent

ROW = 24  # pixels
NARROWEST, WIDEST = 88, 144
GATHER = (
    ("Gather these points", How.ALONE),
    ("Add to the gathered points", How.MORE),
    ("Take from the gathered points", How.LESS),
)
FADED = {Visibility.SHOWN: 1.0, Visibility.DIMMED: 0.5, Visibility.HIDDEN: 0.45}


class LegendItem(QAbstractButton):
    """One class: swatch, name, count. `chosen`, `isolated` and `gathered` tell what the person wants of it."""

    chosen = Signal(Visibility)
    isolated = Signal()
    gathered = Signal(How)

    def __init__(self, label: int, name: str, count: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label, self._name, self._count = label, name, count
        self._visibility = Visibility.SHOWN
        self.setObjectName(f"legend_class_{label}" if label >= 0 else "legend_unlabelled")
        self.setToolTip(
            f"{name}\nClick: hide or show · Shift: dim · Double-click: show alone\nRight click: gather its points"
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCheckable(True)
        self.clicked.connect(lambda: self._act(Qt.KeyboardModifier.NoModifier))  # by a screen reader
        self.set_visibility(Visibility.SHOWN)

    @property
    def visibility(self) -> Visibility:
        """How the class shows now."""
        return self._visibility

    def set_visibility(self, visibility: Visibility) -> None:
        """Show how the class shows."""
        self._visibility = visibility
        self.setChecked(visibility is not Visibility.HIDDEN)
        self.setAccessibleName(f"{self._name}, {self._count:,} pictures, {visibility.value}")
        self.update()

    def nextCheckState(self) -> None:
        """Only `set_visibility` changes what is shown; a click is a wish."""

    # ---- what a person does

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Shift dims, Ctrl shows alone, a plain click hides or shows."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._act(event.modifiers())
            event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """All was done when the button went down."""

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show this class alone; the press before has hidden or shown it, which alone or all undoes."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._act(Qt.KeyboardModifier.NoModifier)
            self.isolated.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space does what a click does, Return shows alone, up and down lead to the neighbours."""
        if event.key() == Qt.Key.Key_Space:
            self._act(event.modifiers())
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.isolated.emit()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """All that can be wished, in words."""
        menu = QMenu(self)
        menu.setObjectName("legend_menu")
        for words, visibility in (("Show", Visibility.SHOWN), ("Dim", Visibility.DIMMED), ("Hide", Visibility.HIDDEN)):
            action = menu.addAction(words, partial(self.chosen.emit, visibility))
            action.setEnabled(visibility is not self._visibility)
        menu.addSeparator()
        menu.addAction("Show only this class", self.isolated.emit)
        menu.addSeparator()
        for words, how in GATHER:
            menu.addAction(words, partial(self.gathered.emit, how))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos() if not event.globalPos().isNull() else self.mapToGlobal(QPoint(0, ROW)))

    def _act(self, modifiers: Qt.KeyboardModifier) -> None:
        shown = self._visibility is Visibility.SHOWN
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            self.isolated.emit()
        elif modifiers & Qt.KeyboardModifier.ShiftModifier:
            self.chosen.emit(Visibility.SHOWN if self._visibility is Visibility.DIMMED else Visibility.DIMMED)
        else:
            self.chosen.emit(Visibility.HIDDEN if shown else Visibility.SHOWN)

    # ---- drawing

    def sizeHint(self) -> QSize:
        """As wide as name and count want."""
        metrics = QFontMetrics(self.font())
        words = metrics.horizontalAdvance(self._name) + metrics.horizontalAdvance(f"{self._count:,}")
        return QSize(min(max(words + 48, NARROWEST), WIDEST), ROW)

    def minimumSizeHint(self) -> QSize:
        """Names are shortened where there is no room."""
        return QSize(NARROWEST, ROW)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A disc in the colour of the class (a ring when hidden), the name, the count."""
        theme, painter = colors.theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self.underMouse() or self.hasFocus():
            wash = QColor(theme.accent if self.hasFocus() else theme.quiet)
            wash.setAlphaF(0.12)
            painter.setPen(QPen(theme.accent, 1.5) if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(wash)
            painter.drawRoundedRect(area, 4, 4)
        hue = colors.class_color(self._label)
        ink = hue if self._visibility is not Visibility.DIMMED else colors.mixed(hue, theme.map, 0.7)
        painter.setPen(QPen(ink, 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush if self._visibility is Visibility.HIDDEN else ink)
        painter.drawEllipse(QRectF(8, self.height() / 2 - 5, 10, 10))
        painter.setOpacity(FADED[self._visibility])
        metrics, count = QFontMetrics(self.font()), f"{self._count:,}"
        words = area.adjusted(25, 0, -7, 0)
        painter.setPen(theme.quiet)
        painter.drawText(words, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, count)
        painter.setPen(theme.text)
        room = int(words.width()) - metrics.horizontalAdvance(count) - 8
        name = metrics.elidedText(self._name, Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
        painter.end()


class Legend(QScrollArea):
    """All classes in a column that scrolls when there are many, and a way back to seeing them all."""

    visibility_chosen = Signal(int, Visibility)
    isolated = Signal(int)
    gathered = Signal(int, How)
    all_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("legend")
        self.setAccessibleName("Classes on the map")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._items: dict[int, LegendItem] = {}
        self._column = QWidget()
        self._layout = QVBoxLayout(self._column)
        self._layout.setContentsMargins(0, 8, 8, 8)
        self._layout.setSpacing(0)
        self._all = QToolButton()
        self._all.setText("Show all")
        self._all.setObjectName("legend_show_all")
        self._all.setAccessibleName("Show all classes")
        self._all.setAutoRaise(True)
        self._all.clicked.connect(self.all_wanted)
        self._layout.addWidget(self._all)
        self._layout.addStretch()
        self.setWidget(self._column)
        for ground in (self.viewport(), self._column):
            ground.setAutoFillBackground(False)  # the map's ground shines through
        self.set_visibility({})

    def items(self) -> tuple[LegendItem, ...]:
        """The entries, from the top."""
        return tuple(self._items.values())

    def set_classes(self, names: Sequence[str], counts: Mapping[int, int]) -> None:
        """The names of the classes and how many pictures each label has; -1 counts those without one.

        A label that neither has a name nor pictures has no entry.
        """
        for item in self._items.values():
            self._layout.removeWidget(item)
            item.hide()  # it is not gone at once
            item.deleteLater()
        labels = [label for label, name in enumerate(names) if name or counts.get(label)]
        labels += [-1] if counts.get(-1) else []
        self._items = {}
        for place, label in enumerate(labels):
            name = names[label] if label >= 0 else "no label" if names else "no labels"
            item = LegendItem(label, name, counts.get(label, 0), self._column)
            item.chosen.connect(partial(self.visibility_chosen.emit, label))
            item.isolated.connect(partial(self.isolated.emit, label))
            item.gathered.connect(partial(self.gathered.emit, label))
            self._layout.insertWidget(place, item)
            self._items[label] = item
        widest = max((item.sizeHint().width() for item in self._items.values()), default=0)
        self.setFixedWidth(widest + 8 + self.verticalScrollBar().sizeHint().width())
        self.setVisible(bool(self._items))

    def set_visibility(self, classes: Mapping[int, Visibility]) -> None:
        """How each class shows; those that are not named are shown."""
        for label, item in self._items.items():
            item.set_visibility(classes.get(label, Visibility.SHOWN))
        self._all.setVisible(any(item.visibility is not Visibility.SHOWN for item in self._items.values()))
