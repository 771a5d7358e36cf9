"""The panels around the map: each view in a dock that can move, float, hide and be put back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QScrollArea, QTabBar, QWidget

from explorer.actions import numbered
from explorer.icons import icon
from explorer.views.class_view import ClassView
from explorer.views.data_view import DataView
from explorer.views.desk_view import DeskView
from explorer.views.figures_view import FiguresView
from explorer.views.mixing_view import MixingView
from explorer.views.own_view import OwnView
from explorer.views.probe_view import ProbeView
from explorer.views.runs_view import RunsView
from explorer.views.samples_view import SamplesView
from explorer.views.selection_view import SelectionView
from explorer.views.train_view import TrainView

if TYPE_CHECKING:
    from PySide6.QtGui import QAction
    from PySide6.QtWidgets import QLayout

    from explorer.session import Session

LEFT, RIGHT = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea
PANELS: tuple[tuple[str, str, Qt.DockWidgetArea, type | None], ...] = (
    ("train", "Train", LEFT, TrainView),
    ("data", "Data", LEFT, DataView),
    ("runs", "Runs", LEFT, RunsView),
    ("curves", "Curves", BOTTOM, None),  # its view comes behind the first painting
    ("samples", "Samples", BOTTOM, SamplesView),
    ("probe", "Probe", RIGHT, ProbeView),
    ("selection", "Selection", RIGHT, SelectionView),
    ("classes", "Classes", RIGHT, ClassView),
    ("figures", "Figures", BOTTOM, FiguresView),
    ("own", "Own picture", BOTTOM, OwnView),
    ("mixing", "Styles", BOTTOM, MixingView),
    ("desk", "Desk", BOTTOM, DeskView),
)
LOW = 760  # px of height under which probe and selection share one place
LEAST_LEFT = 248  # px: room for the words of three tabs
SIDES = 0.19, 0.23  # shares of the width that go to the left and the right
NOWHERE = QPoint(-4000, -4000)  # where Qt lays out nothing
FOOT = 0.27  # share of the height that goes to the bottom


class Docks:
    """Makes the docks of `window` and knows how they belong."""

    def __init__(self, session: Session, window: QMainWindow) -> None:
        self._session, self._window = session, window
        self._docks: dict[str, QDockWidget] = {}
        self.completed = False
        corner = Qt.Corner
        window.setDockOptions(QMainWindow.DockOption.AllowNestedDocks | QMainWindow.DockOption.AllowTabbedDocks)
        window.setCorner(corner.BottomLeftCorner, LEFT)
        window.setCorner(corner.BottomRightCorner, RIGHT)
        for number, (name, title, _, view) in enumerate(PANELS, start=1):
            dock = QDockWidget(title, window)
            dock.setObjectName(f"dock_{name}")
            dock.setAccessibleName(title)
            dock.setWindowIcon(icon(name))
            self._docks[name] = dock
            self._furnish(name, view(session) if view is not None else QWidget())
            toggle = dock.toggleViewAction()
            toggle.setObjectName(f"action_dock_{name}")
            toggle.setShortcut(numbered(number))
            toggle.triggered.disconnect()  # Qt would hide a dock that stands behind others
            toggle.triggered.connect(partial(self._toggle, name))

    def _furnish(self, name: str, view: QWidget) -> None:
        view.setObjectName(f"{name}_view")
        view.setAccessibleName(self._docks[name].windowTitle())
        self._docks[name].setWidget(view)

    def complete(self) -> None:
        """Bring the curves: their plot needs pyqtgraph, whose import takes as long as all others together."""
        from explorer.views.curves_view import CurvesView

        empty = self.view("curves")
        self._furnish("curves", CurvesView(self._session))
        empty.deleteLater()
        self.completed = True

    def view(self, name: str) -> QWidget:
        """The view in the dock called `name`."""
        return self._docks[name].widget()

    def actions(self) -> list[QAction]:
        """One action a dock, to show or hide it."""
        return [dock.toggleViewAction() for dock in self._docks.values()]

    def show(self, name: str) -> None:
        """Bring the dock called `name` to the front."""
        self._docks[name].show()
        self._docks[name].raise_()

    @property
    def placed(self) -> bool:
        """Whether every dock has its place; a layout that an older program remembered does not know them all."""
        areas = ((dock, self._window.dockWidgetArea(dock)) for dock in self._docks.values())
        return all(dock.isFloating() or area is not Qt.DockWidgetArea.NoDockWidgetArea for dock, area in areas)

    def _toggle(self, name: str) -> None:
        """Hide a dock that can be seen; bring one that cannot, for it is hidden or stands behind others."""
        dock = self._docks[name]
        if dock.isHidden() or dock.visibleRegion().isEmpty():
            self.show(name)
        else:
            dock.hide()
        dock.toggleViewAction().setChecked(not dock.isHidden())

    def step(self, by: int) -> None:
        """Take the keyboard to the next panel on the screen, or with -1 to the one before; the map is one of them."""
        seen = [dock.widget() for dock in self._docks.values() if not dock.visibleRegion().isEmpty()]
        centre = cast("QWidget", self._window.centralWidget())
        places = sorted((centre, *seen), key=_reading_order)
        entries = [(place, entry) for place in places if (entry := _entry(place)) is not None]
        now = QApplication.focusWidget()
        inside = [number for number, (place, _) in enumerate(entries) if now is not None and place.isAncestorOf(now)]
        start = inside[0] if inside else -max(by, 0)
        if entries:
            entries[(start + by) % len(entries)][1].setFocus(Qt.FocusReason.TabFocusReason)

    def arrange(self) -> None:
        """Put every dock where it belongs, in the sizes that leave most to the map."""
        window, docks = self._window, self._docks
        for name, _, area, _ in PANELS:
            docks[name].setFloating(False)
            window.addDockWidget(area, docks[name])
            docks[name].show()
        window.tabifyDockWidget(docks["train"], docks["data"])
        window.tabifyDockWidget(docks["data"], docks["runs"])
        window.tabifyDockWidget(docks["curves"], docks["samples"])
        window.tabifyDockWidget(docks["samples"], docks["figures"])
        window.tabifyDockWidget(docks["figures"], docks["mixing"])
        window.tabifyDockWidget(docks["mixing"], docks["desk"])
        if window.height() < LOW:
            window.tabifyDockWidget(docks["probe"], docks["selection"])
        else:
            window.splitDockWidget(docks["probe"], docks["selection"], Qt.Orientation.Vertical)
        window.tabifyDockWidget(docks["selection"], docks["classes"])
        window.tabifyDockWidget(docks["figures"], docks["own"])
        for front in ("train", "samples", "selection", "probe"):
            docks[front].raise_()
        self._tidy()
        self._size()

    def _tidy(self) -> None:
        """Hide the tab bars of groups that are no more: Qt forgets them when docks are put elsewhere by program.

        Which bars are in use Qt does not tell, but it lays out those and no others.
        """
        bars = self._window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
        for bar in bars:
            bar.move(NOWHERE)
        layout = cast("QLayout", self._window.layout())
        whole = layout.geometry()
        layout.setGeometry(whole.adjusted(0, 0, 0, -1))
        layout.setGeometry(whole)
        for bar in bars:
            if bar.pos() == NOWHERE:
                bar.hide()

    def _size(self) -> None:
        window, docks = self._window, self._docks
        left, right = (round(share * window.width()) for share in SIDES)
        left = max(left, LEAST_LEFT)
        window.resizeDocks([docks["train"], docks["probe"]], [left, right], Qt.Orientation.Horizontal)
        window.resizeDocks([docks["curves"]], [round(FOOT * window.height())], Qt.Orientation.Vertical)
        if window.height() >= LOW:
            tall = window.height() - 120
            share = [round(tall * 0.62), round(tall * 0.38)]
            window.resizeDocks([docks["probe"], docks["selection"]], share, Qt.Orientation.Vertical)


def _reading_order(panel: QWidget) -> tuple[int, int]:
    """From left to right, then from above to below."""
    corner = panel.mapToGlobal(QPoint())
    return corner.x(), corner.y()


def _entry(panel: QWidget) -> QWidget | None:
    """The first control of a panel that the keyboard can use now.

    Not by `nextInFocusChain`: in Python it makes each widget a child of the one before, and they die together.
    """
    usable = (it for it in panel.findChildren(QWidget) if it.isVisible() and it.isEnabled())
    reached = (it for it in usable if it.focusPolicy() & Qt.FocusPolicy.TabFocus)
    return next((it for it in reached if not isinstance(it, QScrollArea)), None)
