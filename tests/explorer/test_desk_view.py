"""The desk: pins that can be clicked, dragged and let go of, pages that are made when they are shown, undo by keys."""

import numpy as np
import pytest
from PySide6.QtCore import QByteArray, QMimeData, Qt
from stage import pictures, set_stage, told

from explorer.views.desk_view import PAGES, DeskView
from explorer.views.history_view import HistoryView
from explorer.widgets.pin_strip import PIN_FORMAT, dragged_pin
from models import events as ev


@pytest.fixture
def desk(qtbot, session):
    set_stage(session, latent_dim=4)
    view = DeskView(session)
    qtbot.addWidget(view)
    view.resize(600, 260)
    view.show()
    qtbot.waitExposed(view)
    return view


def test_a_pin_is_shown_taken_and_let_go_of(qtbot, desk, session):
    session.select(3)
    desk.pin_next_action.trigger()
    pinned = session.state.code
    session.set_code(np.zeros(4, np.float32))
    desk.pin_next_action.trigger()
    assert sorted(desk.strip.buttons) == [0, 1]
    qtbot.mouseClick(desk.strip.buttons[0], Qt.MouseButton.LeftButton)
    assert session.state.code is pinned
    assert session.state.selection == 3
    qtbot.keyClick(desk.strip.buttons[0], Qt.Key.Key_Delete)
    assert sorted(desk.strip.buttons) == [1]
    assert session.state.pins[0] is None


def test_pins_show_their_own_pictures(desk, session):
    session.pin(0)
    session.pin(2)
    told(session, ev.Rendered("run", 1, "pins", 1, np.zeros((2, 4), np.float32), pictures(2), 0.001))
    assert [desk.strip.buttons[slot].image is not None for slot in (0, 2)] == [True, True]
    session.pin(1)  # whose picture is not drawn yet
    assert desk.strip.buttons[0].image is None


@pytest.mark.parametrize(
    ("words", "slot"), [(b"0", 0), (b"25", 25), (b"26", None), (b"-1", None), (b"A", None), (b"", None)]
)
def test_only_a_slot_is_dragged(words, slot):
    data = QMimeData()
    data.setData(PIN_FORMAT, QByteArray(words))
    assert dragged_pin(data) == slot
    assert dragged_pin(QMimeData()) is None


def test_undo_and_redo_say_what_they_do(desk, session):
    assert not desk.undo_action.isEnabled()
    session.select(3)
    assert desk.undo_action.text() == "Undo: Select a point"
    desk.undo_action.trigger()
    assert session.state.selection is None
    assert desk.redo_action.text() == "Redo: Select a point"
    assert not desk.undo_action.isEnabled()
    desk.redo_action.trigger()
    assert session.state.selection == 3


def test_every_page_is_made_when_it_is_shown(desk):
    for page in PAGES:
        desk.show_page(page.name)
        view = desk.page(page.name)
        assert view is desk.page(page.name)
        assert view.accessibleName()
    assert isinstance(desk.page("history"), HistoryView)


def test_undo_works_by_the_keyboard_in_the_real_window(qtbot, window, session):
    set_stage(session, latent_dim=4)
    window.map_view.map.setFocus()
    session.select(3)
    session.pin_next()
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert session.state.pins == (None, None)
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert session.state.selection is None
