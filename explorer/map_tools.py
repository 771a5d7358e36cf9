"""The tools of the map: box and lasso, search, pictures for points, contours; and the actions on gathered points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QSettings

from explorer import colors
from explorer.actions import make_action
from explorer.contouring import Contouring
from explorer.groups import How, indices_of
from explorer.searching import Offer, offers
from explorer.state import Visibility
from explorer.widgets.gathering_map import Tool
from explorer.widgets.map_search import MapSearch, Row
from explorer.widgets.modifiers import WORDS
from explorer.widgets.parts import action_button
from explorer.widgets.picture import to_image

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QAction
    from PySide6.QtWidgets import QToolButton, QWidget

    from explorer.map_coloring import MapColoring
    from explorer.session import Session
    from explorer.widgets.gathering_map import GatheringMap

NEIGHBOURS = 50  # points that are gathered around the probe
CORNER = QPoint(12, 12)  # of the field for searching, from that of the map
PICTURES, CONTOURS, BY_CLASS = "map/pictures", "map/contours", "map/contours_by_class"
ROOMY = 480  # px across from which all buttons stand below the map
NEXT = {
    Visibility.DIMMED: Visibility.HIDDEN,
    Visibility.HIDDEN: Visibility.SHOWN,
    Visibility.SHOWN: Visibility.DIMMED,
}


class MapTools(QObject):
    """Wires the tools of `shown`; its actions are those of `view`, in whose menu they stand."""

    def __init__(self, session: Session, view: QWidget, shown: GatheringMap, coloring: MapColoring) -> None:
        super().__init__(view)
        self._session, self._view, self._map = session, view, shown
        self._offers: list[Offer] = []
        self.search = MapSearch(shown)
        self.search.move(CORNER)
        self._make_tools()
        self._make_gestures()
        self.search.typed.connect(self._seek)
        self.search.chosen.connect(self._choose)
        self.search.left.connect(shown.setFocus)
        shown.outlined.connect(session.gathering.take)
        shown.point_toggled.connect(self._toggle)
        coloring.gathered.connect(session.gathering.take)
        for changed in (session.gathered_changed, session.others_changed):
            changed.connect(self._show)
        session.embedding_changed.connect(self._show_points)
        # It hears last, for it reads what the map shows.
        self._contouring = Contouring(session, shown, coloring, self.contours_action, self.by_class_action)
        self._show()
        self._show_points()

    # ---- making

    def _action(self, name: str, text: str, keys: str, do: Callable[[], object], drawing: str, tip: str) -> QAction:
        return make_action(self._view, name, text, keys, do, drawing, tip)

    def _make_tools(self) -> None:
        self.box_action = self._action(
            "box_tool", "Gather by a box", "S", lambda: self._take_up(self.box_action, Tool.BOX), "box",
            f"Drag a box around points to gather them; {WORDS}. Without this tool, Shift and drag",
        )  # fmt: skip
        self.lasso_action = self._action(
            "lasso_tool", "Gather by a lasso", "Shift+S", lambda: self._take_up(self.lasso_action, Tool.LASSO), "lasso",
            f"Draw around points to gather them; {WORDS}. Without this tool, Ctrl and drag",
        )  # fmt: skip
        self.find_action = self._action(
            "find_points", "&Find points…", "Ctrl+F", self.search.open, "search",
            "Go to a point by its index, or gather a class, a group or the values of a factor",
        )  # fmt: skip
        self.pictures_action = self._kept(
            "pictures_for_points", "Pictures for points", "I", self._toggle_pictures, "thumbs",
            "Show pictures in place of points where you look closely", PICTURES, True,
        )  # fmt: skip
        self.contours_action = self._kept(
            "contours", "Density contours", "C", lambda: None, "contours",
            "Draw lines around where the points lie densely: 20, 40, 60, 80 and 95 % lie within", CONTOURS, False,
        )  # fmt: skip
        self.by_class_action = self._kept(
            "contours_by_class", "Contours by class", "Shift+C", lambda: None, "",
            "Give each class lines of its own", BY_CLASS, True,
        )  # fmt: skip
        for action in (self.box_action, self.lasso_action):
            action.setCheckable(True)
        self._map.thumbs.on = self.pictures_action.isChecked()

    def _kept(
        self, name: str, text: str, keys: str, do: Callable[[], object], drawing: str, tip: str, key: str, default: bool
    ) -> QAction:
        """An action that is on or off and remembered under `key`."""
        action = self._action(name, text, keys, do, drawing, tip)
        action.setCheckable(True)
        action.setChecked(QSettings().value(key, default, bool) is True)
        action.toggled.connect(lambda on: QSettings().setValue(key, on))
        return action

    def _make_gestures(self) -> None:
        gathering = self._session.gathering
        self.all_action = self._action(
            "gather_all", "Gather &all points", "Ctrl+A", gathering.take_all, "", "Gather every point of the map"
        )
        self.invert_action = self._action(
            "gather_others", "Gather the &others", "Ctrl+Shift+I", gathering.invert, "", "Gather those that are not"
        )
        self.let_go_action = self._action(
            "let_points_go",
            "&Let go of the points",
            "Ctrl+Shift+A",
            gathering.let_go,
            "",
            "Gather none (Escape does too)",
        )
        self.near_action = self._action(
            "gather_neighbours", "Gather &neighbours of the probe", "N", self._gather_neighbours, "",
            f"Gather the {NEIGHBOURS} points whose codes lie nearest to the probe's",
        )  # fmt: skip
        self.others_action = self._action(
            "show_others", "&Dim, hide or show the others", "D", self._change_others, "",
            "Let the points that are not gathered be dim, hidden, or as they are",
        )  # fmt: skip
        self.keep_action = self._action(
            "keep_group", "&Keep as a group", "Ctrl+G", gathering.keep, "groups", "Keep the gathered points as a group"
        )

    def buttons(self) -> tuple[QToolButton, ...]:
        """Small buttons to stand below the map."""
        drawn = (self.box_action, self.lasso_action, self.find_action, self.pictures_action, self.contours_action)
        self._buttons = tuple(action_button(it, it.objectName().replace("action_", "button_")) for it in drawn)
        self._map.view_moved.connect(self._fit_buttons)
        return self._buttons

    def _fit_buttons(self) -> None:
        """Where there is little room the words below the map need it more than what also stands in the menu."""
        for button in self._buttons[3:]:
            button.setVisible(self._map.width() >= ROOMY)

    # ---- tools

    def _take_up(self, action: QAction, tool: Tool) -> None:
        """Take the tool in hand and put the other one away, or point again."""
        for other in (self.box_action, self.lasso_action):
            other.setChecked(other is action and action.isChecked())
        self._map.set_tool(tool if action.isChecked() else Tool.POINT)
        self._map.setFocus()

    def _toggle_pictures(self) -> None:
        self._map.thumbs.on = self.pictures_action.isChecked()
        self._map.update()

    def let_go(self) -> None:
        """What Escape does: let go of the gathered points, else of the selected one, else of the tool."""
        state = self._session.state
        if len(state.gathered):
            self._session.gathering.let_go()
        elif state.selection is not None:
            self._session.select(None)
        else:
            for action in (self.box_action, self.lasso_action):
                action.setChecked(False)
            self._map.set_tool(Tool.POINT)

    # ---- gathering

    def _toggle(self, index: int) -> None:
        """A point comes to the gathered ones, or leaves them."""
        inside = index in self._session.state.gathered
        self._session.gathering.take(indices_of([index]), How.LESS if inside else How.MORE)

    def _gather_neighbours(self) -> None:
        code = self._session.state.code
        if code is not None:
            self._session.gathering.take_nearest(code, NEIGHBOURS)

    def _change_others(self) -> None:
        self._session.gathering.show_others(NEXT[self._session.state.others])

    def _show(self) -> None:
        state = self._session.state
        self._map.set_gathered(state.gathered, state.others)
        some = bool(len(state.gathered))
        for action in (self.let_go_action, self.others_action, self.keep_action, self.invert_action):
            action.setEnabled(some)

    def _show_points(self) -> None:
        known = self._session.state.embedding is not None
        for action in (self.box_action, self.lasso_action, self.find_action, self.all_action, self.near_action):
            action.setEnabled(known)

    # ---- searching

    def _seek(self, text: str) -> None:
        self._offers = offers(self._session.state, text)
        self.search.set_rows([self._row(offer) for offer in self._offers])

    def _row(self, offer: Offer) -> Row:
        data = self._session.state.data
        picture = None if data is None or offer.picture is None else data.picture(offer.picture)
        color = None if offer.color is None else colors.class_color(offer.color)
        return Row(offer.title, offer.detail, None if picture is None else to_image(picture), color)

    def _choose(self, place: int, more: bool) -> None:
        """Go where the offer lies: a point is selected, several are gathered."""
        offer = self._offers[place]
        if offer.picture is not None and not more:
            self._session.select(offer.picture)
        else:
            self._session.gathering.take(offer.indices, How.MORE if more else How.ALONE)
        self._map.glide_to(offer.indices)
