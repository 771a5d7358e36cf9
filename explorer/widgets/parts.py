"""The small parts panels are made of: a quiet line of text, a choice, a line to type into."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPen
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSplitter,
    QToolButton,
    QWidget,
)

from explorer.colors import theme

if TYPE_CHECKING:
    from PySide6.QtGui import QAction, QPaintEvent, QResizeEvent, QWheelEvent


class Quiet(QLabel):
    """A line of plain text in the theme's quiet colour, or in its error colour."""

    def __init__(self, text: str = "", *, error: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._error = error
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self._paint_text()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.ApplicationPaletteChange):
            self._paint_text()
        super().changeEvent(event)

    def _paint_text(self) -> None:
        colour = self._colour()
        if self.palette().color(QPalette.ColorRole.WindowText) != colour:
            palette = self.palette()
            palette.setColor(QPalette.ColorRole.WindowText, colour)
            self.setPalette(palette)

    def _colour(self) -> QColor:
        return theme().error if self._error else theme().quiet


class Caution(Quiet):
    """The same in the colour of warnings."""

    def _colour(self) -> QColor:
        return theme().warning


class Choice(QComboBox):
    """A combo box that leaves the wheel to the panel it stands in, and may be narrower than its longest entry."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll the panel, not the choice."""
        event.ignore()


class Line(QLineEdit):
    """A line of text with its unit at the right end and a red outline while it is wrong."""

    def __init__(self, unit: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wrong = False
        self._unit = Quiet(unit, parent=self)
        self._unit.setWordWrap(False)
        self._unit.setForegroundRole(QPalette.ColorRole.WindowText)
        self._unit.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        if unit:
            self.setTextMargins(0, 0, self._unit.sizeHint().width() + 4, 0)
        self.setMinimumWidth(48)

    def set_wrong(self, wrong: bool) -> None:
        """Draw the red outline, or take it away."""
        if wrong != self._wrong:
            self._wrong = wrong
            self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the unit at the right end."""
        super().resizeEvent(event)
        self._unit.adjustSize()
        self._unit.move(self.width() - self._unit.width() - 8, (self.height() - self._unit.height()) // 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line, and the outline over it while it is wrong."""
        super().paintEvent(event)
        if self._wrong:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme().error, 1.5))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 2.5, 2.5)
            painter.end()


class ActionButton(QPushButton):
    """A button that is what its action is; `accent` marks the one that asks to be pressed."""

    def __init__(self, action: QAction, *, accent: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._action, self._accent = action, accent
        self.setDefault(accent)  # the style sheet paints a default button in the accent
        self.setObjectName(action.objectName().replace("action_", "button_"))
        self.setMinimumHeight(32)
        self.setStyleSheet("padding: 5px 4px")  # narrow panels have no room for the usual one
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.clicked.connect(action.trigger)
        action.changed.connect(self._follow)
        self._follow()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() is QEvent.Type.PaletteChange:
            self._follow()
        super().changeEvent(event)

    def _follow(self) -> None:
        action = self._action
        self.setText(action.text())
        self.setIcon(icon_on_accent(action.icon()) if self._accent and action.isEnabled() else action.icon())
        self.setToolTip(action.toolTip())
        self.setAccessibleName(action.text())
        self.setEnabled(action.isEnabled())


def action_button(action: QAction, name: str) -> QToolButton:
    """A small flat button called `name` that shows the icon of an action and does it."""
    button = QToolButton()
    button.setDefaultAction(action)
    button.setObjectName(name)
    button.setAccessibleName(action.text())
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    button.setIconSize(QSize(16, 16))
    button.setAutoRaise(True)
    return button


def side_by_side(*parts: QWidget) -> QSplitter:
    """Parts that share a place equally, until a person moves the line between two of them or one hides."""
    halves = QSplitter(Qt.Orientation.Horizontal)
    halves.setObjectName("halves")
    halves.setAccessibleName(" and ".join(part.accessibleName() for part in parts))
    halves.setChildrenCollapsible(False)
    halves.setHandleWidth(1)
    for part in parts:
        halves.addWidget(part)
        halves.setStretchFactor(halves.indexOf(part), 1)
    halves.setSizes([1000] * len(parts))  # shares of whatever there is
    return halves


def scrolled(inside: QWidget, name: str, words: str) -> QScrollArea:
    """A place called `name` in which `inside` scrolls up and down where it is higher than the panel."""
    scroll = QScrollArea()
    scroll.setObjectName(name)
    scroll.setAccessibleName(words)
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    scroll.setWidget(inside)
    return scroll


def heading(text: str) -> QLabel:
    """A bold line over what belongs together."""
    label = QLabel(text)
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    return label


def labelled(text: str, buddy: QWidget) -> QLabel:
    """A line that names `buddy`."""
    label = QLabel(text)
    label.setBuddy(buddy)
    return label


def icon_on_accent(icon: QIcon) -> QIcon:
    """The same drawing in the colour of text on the accent: our icons draw themselves so when selected."""
    return QIcon(icon.pixmap(QSize(64, 64), QIcon.Mode.Selected))
