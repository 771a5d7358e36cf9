"""The desk: the pins on the left, and beside them one page for each way to use codes, made when it is first shown."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, cast

from PySide6.QtWidgets import QHBoxLayout, QTabWidget, QVBoxLayout, QWidget

from explorer.actions import make_action
from explorer.icons import icon
from explorer.pins import pins_set
from explorer.widgets.pin_strip import PinStrip

if TYPE_CHECKING:
    from PySide6.QtGui import QAction, QShowEvent

    from explorer.session import Session


class Page(NamedTuple):
    """A page's name, title and icon, and the view it holds, as `module:Class`."""

    name: str
    title: str
    icon: str
    view: str


PAGES: tuple[Page, ...] = (
    Page("morph", "Morph", "morph", "explorer.views.morph_view:MorphView"),
    Page("board", "Board", "board", "explorer.views.board_view:BoardView"),
    Page("groups", "Groups", "groups", "explorer.views.group_view:GroupView"),
    Page("bench", "Arithmetic", "sum", "explorer.views.bench_view:BenchView"),
    Page("directions", "Directions", "direction", "explorer.views.directions_view:DirectionsView"),
    Page("traversals", "Traversals", "traversal", "explorer.views.traversals_view:TraversalsView"),
    Page("copies", "Copies", "copies", "explorer.views.copies_view:CopiesView"),
    Page("history", "History", "reset", "explorer.views.history_view:HistoryView"),
)


class DeskView(QWidget):
    """Reads pins and their pictures of the session; the pages read what they need themselves."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._views: dict[int, QWidget] = {}  # by their places, those that were shown
        self.setObjectName("desk_view")
        self.setAccessibleName("Desk")
        self._make_actions()
        self.strip = PinStrip(self.pin_next_action)
        self.strip.picked.connect(session.take_pin)
        self.strip.dropped.connect(session.unpin)
        self.pages = QTabWidget()
        self.pages.setObjectName("desk_pages")
        self.pages.setAccessibleName("Pages of the desk")
        self.pages.setDocumentMode(True)
        self.pages.tabBar().setChangeCurrentOnDrag(True)  # a pin that is dragged finds its page
        for page in PAGES:
            self.pages.addTab(QWidget(), icon(page.icon), page.title)
        self.pages.currentChanged.connect(self._furnish)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addWidget(self.strip)
        across.addWidget(self.pages, 1)
        for changed in (session.pins_changed, session.pin_pictures_changed):
            changed.connect(self._show_pins)
        session.history_changed.connect(self._show_history)
        session.code_changed.connect(self._show_code)
        self._show_pins()
        self._show_history()
        self._show_code()

    def _make_actions(self) -> None:
        session = self._session
        self.undo_action = make_action(self, "undo", "Undo", "Ctrl+Z", session.undo, "undo", "Take the last step back")
        self.redo_action = make_action(
            self, "redo", "Redo", "Ctrl+Shift+Z", session.redo, "redo", "Do again what was undone"
        )
        self.pin_next_action = make_action(
            self, "pin_next", "Pin in the next slot", "P", session.pin_next, "pin",
            "Keep the probe's code under the first free letter",
        )  # fmt: skip
        self.page_actions = tuple(self._page_action(number, page) for number, page in enumerate(PAGES, start=1))

    def _page_action(self, number: int, page: Page) -> QAction:
        """Brings a page to the front."""
        keys, tip = f"Alt+Shift+{number}", f"Show {page.title} on the desk"
        return make_action(
            self, f"page_{page.name}", page.title, keys, partial(self.show_page, page.name), page.icon, tip
        )

    # ---- pages

    def page(self, name: str) -> QWidget:
        """The view of the page called `name`, made now if it was never shown."""
        place = [page.name for page in PAGES].index(name)
        self._furnish(place)
        return self._views[place]

    def show_page(self, name: str) -> None:
        """Bring the page called `name` to the front."""
        self.pages.setCurrentIndex([page.name for page in PAGES].index(name))

    def _furnish(self, place: int) -> None:
        if place in self._views:
            return
        module, _, name = PAGES[place].view.partition(":")
        self._views[place] = getattr(import_module(module), name)(self._session)
        column = QVBoxLayout(cast("QWidget", self.pages.widget(place)))
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._views[place])

    def showEvent(self, event: QShowEvent) -> None:
        """The page in front is made when it can be seen."""
        super().showEvent(event)
        self._furnish(self.pages.currentIndex())

    # ---- hearing

    def _show_pins(self) -> None:
        """Pictures of an earlier set of pins are passed over; their buttons stand without one meanwhile."""
        state = self._session.state
        pinned = [slot for slot, _ in pins_set(state)]
        drawn = [] if state.pin_pictures is None else [*state.pin_pictures.pictures]
        fitting = len(drawn) == len(pinned)
        self.strip.set_pins({slot: drawn[place] if fitting else None for place, slot in enumerate(pinned)})

    def _show_history(self) -> None:
        history = self._session.state.history
        for action, verb, place in (
            (self.undo_action, "Undo", history.done - 1),
            (self.redo_action, "Redo", history.done),
        ):
            possible = 0 <= place < len(history.deeds)
            action.setEnabled(possible)
            action.setText(f"{verb}: {history.deeds[place].words}" if possible else verb)

    def _show_code(self) -> None:
        self.pin_next_action.setEnabled(self._session.state.code is not None)

    def desk_actions(self) -> tuple[QAction, ...]:
        """What stands in the menu Edit."""
        return self.undo_action, self.redo_action, self.pin_next_action
