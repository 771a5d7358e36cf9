"""The button at the map that offers the layers behind its points; its actions also stand in a menu of the window."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton

from explorer.actions import make_action
from explorer.icons import icon
from explorer.layers import layer_of
from models.layer_events import LAYERS, PICTURES, lacking

if TYPE_CHECKING:
    from PySide6.QtGui import QAction
    from PySide6.QtWidgets import QWidget

    from explorer.session import Session

TIP = "What lies behind the points (L for the next)"


class LayerButton(QToolButton):
    """Opens a menu of all layers, of which one can be chosen; a chosen one that is chosen again goes away.

    `pictures` is the action of decoded pictures, which the map has anyhow.
    """

    def __init__(self, session: Session, pictures: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setObjectName("layer_button")
        self.setAccessibleName("Layers behind the points")
        self.setText("Layers")
        self.setIcon(icon("layers"))
        self.setIconSize(QSize(16, 16))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAutoRaise(True)
        self._layers = {PICTURES: pictures}
        others = (name for name in LAYERS if name != PICTURES)
        for number, name in enumerate(others, start=1):
            self._layers[name] = make_action(self, f"layer_{name}", LAYERS[name].title, f"Alt+{number}")
        self.none_action = make_action(self, "layer_none", "No layer", "Alt+0", partial(session.layers.choose, ""))
        self.next_action = make_action(self, "layer_next", "Next layer", "L", partial(session.layers.cycle, 1))
        self.previous_action = make_action(
            self, "layer_previous", "Previous layer", "Shift+L", partial(session.layers.cycle, -1)
        )
        self._keys = {name: action.toolTip() for name, action in self._layers.items()}
        self._group = QActionGroup(self)
        self._group.setExclusionPolicy(QActionGroup.ExclusionPolicy.ExclusiveOptional)
        for name, action in self._layers.items():
            action.setCheckable(True)
            action.triggered.connect(partial(self._choose, name))
            self._group.addAction(action)
        self._make_menu()
        for changed in (session.layer_changed, session.run_changed):
            changed.connect(self._show)
        self._show()

    def _make_menu(self) -> None:
        menu = QMenu(self)
        menu.setObjectName("layer_menu")
        menu.setAccessibleName("Layers behind the points")
        menu.setToolTipsVisible(True)
        for group in self.groups():
            menu.addSeparator()
            menu.addActions(group)
        self.setMenu(menu)

    def groups(self) -> list[list[QAction]]:
        """All actions as a menu has them."""
        return [[*self._layers.values()], [self.none_action], [self.next_action, self.previous_action]]

    def _choose(self, name: str) -> None:
        self._session.layers.choose(name if self._layers[name].isChecked() else "")

    def _show(self) -> None:
        """Which layer is chosen, and which of them the model has."""
        state = self._session.state
        chosen = layer_of(state) if state.run is not None else state.layer
        for name, action in self._layers.items():
            missing = "" if state.run is None else lacking(name, state.run)
            action.setEnabled(not missing)
            action.setToolTip(f"{self._keys[name]}<p>{missing or LAYERS[name].about}</p>")
            action.setChecked(name == chosen)
        now = LAYERS[chosen].title if chosen else "none"
        self.setToolTip(f"{TIP}: {now}")
        self.setAccessibleDescription(now)
