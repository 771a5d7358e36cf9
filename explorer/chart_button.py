"""The button at the map that offers its projections; its actions also stand in a menu of the window."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton

from explorer.actions import make_action
from explorer.chart_panel import ChartPanel
from explorer.charts import corners, kind_of
from explorer.icons import icon
from models.charts import KINDS, refused

if TYPE_CHECKING:
    from PySide6.QtGui import QAction
    from PySide6.QtWidgets import QWidget

    from explorer.session import Session
    from models.params import Value

KEYS = {"identity": "I", "pca": "P", "pca-3d": "3", "dimensions": "N", "plane": "A", "tsne": "T", "umap": "U"}


class ChartButton(QToolButton):
    """Opens a menu of all projections, of which one holds; those that cannot be say why."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._settings: dict[str, dict[str, Value]] = {}  # as they were chosen last, by kind
        self.setObjectName("chart_button")
        self.setAccessibleName("Projection of the map")
        self.setIcon(icon("chart"))
        self.setIconSize(QSize(16, 16))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAutoRaise(True)
        self._make_actions()
        self._make_menu()
        for changed in (session.chart_changed, session.run_changed, session.pins_changed, session.home_changed):
            changed.connect(self._show)
        self._show()

    def _make_actions(self) -> None:
        self._kinds = {
            name: make_action(self, f"chart_{name.replace('-', '_')}", kind.title, f"M, {KEYS[name]}")
            for name, kind in KINDS.items()
        }
        self._tips = {name: action.toolTip() for name, action in self._kinds.items()}
        group = QActionGroup(self)
        for name, action in self._kinds.items():
            action.setCheckable(True)
            action.triggered.connect(partial(self._choose, name))
            group.addAction(action)
        self.settings_action = make_action(
            self, "chart_settings", "Settings of the projection…", "M, M", self.open_settings, "",
            "What the projection shows, with its numbers",
        )  # fmt: skip
        self.again_action = make_action(
            self, "chart_again", "Lay out anew", "M, R", self._session.projecting.again, "",
            "Make the projection anew, of the codes as they are now",
        )  # fmt: skip
        self.stop_action = make_action(
            self, "chart_stop", "Stop laying out", "M, X", self._session.projecting.stop, "stop",
            "End the work on the layout; the map lies as it did before",
        )  # fmt: skip
        self.turn_action = make_action(
            self,
            "chart_turn",
            "Turn slowly",
            "M, S",
            tip="Let a map in space turn by itself, until you take hold of it",
        )
        self.turn_action.setCheckable(True)

    def groups(self) -> list[list[QAction]]:
        """All actions as a menu has them."""
        return [
            [*self._kinds.values()],
            [self.settings_action, self.again_action, self.stop_action],
            [self.turn_action],
        ]

    def _make_menu(self) -> None:
        menu = QMenu(self)
        menu.setObjectName("chart_menu")
        menu.setAccessibleName("Projection of the map")
        menu.setToolTipsVisible(True)
        for group in self.groups():
            menu.addSeparator()
            menu.addActions(group)
        self.setMenu(menu)

    # ---- what a person does

    def _choose(self, kind: str) -> None:
        self._session.projecting.choose(kind, self._settings.get(kind))
        self._show()  # one that could not be chosen holds no more than before

    def open_settings(self) -> None:
        """Show the settings of the projection over the map, to be changed."""
        panel = ChartPanel(self._session, self.window())
        corner = self.mapToGlobal(self.rect().topRight())
        panel.adjustSize()
        panel.move(corner.x() - panel.width(), corner.y() - panel.height() - 4)
        panel.show()

    # ---- what the session says

    def _show(self) -> None:
        state = self._session.state
        kind, chart = kind_of(state), state.chart
        if chart.kind:
            self._settings[kind] = dict(chart.settings)
        pinned = corners(state)
        for name, action in self._kinds.items():
            width = 0 if state.run is None else state.run.latent_dim
            problem = "Train a model or open a run first." if state.run is None else ""
            problem = problem or refused(name, width, 0 if pinned is None else len(pinned))
            action.setEnabled(not problem)
            action.setToolTip(f"{self._tips[name]}<p>{problem or KINDS[name].summary}</p>")
            action.setChecked(name == kind)
        space = chart.projection is not None and chart.projection.depth is not None
        self.turn_action.setEnabled(space)
        self.turn_action.setChecked(self.turn_action.isChecked() and space)
        self.again_action.setEnabled(bool(chart.kind))
        self.stop_action.setEnabled(bool(chart.kind) and chart.projection is None)
        self.settings_action.setEnabled(state.home is not None)
        self.setText(KINDS[kind].short if state.run is not None else "Projection")
        self.setToolTip(f"How the map shows the codes: {KINDS[kind].title}<p>{KINDS[kind].summary}</p>")
