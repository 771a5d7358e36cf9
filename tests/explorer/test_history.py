"""Every gesture can be undone and done again, and what was undone makes room for what is done next."""

import numpy as np
import pytest
from stage import set_stage

from explorer.history import DRAG, MOST, gone_to, noted
from explorer.pins import Pin, free_slot, letter, pins_set
from explorer.state import SessionState
from explorer.views.history_view import HistoryView


@pytest.fixture
def staged(session):
    set_stage(session, latent_dim=4)
    return session


def codes(session):
    return session.state.code.tolist()


def test_a_gesture_is_undone_and_done_again(staged):
    first = codes(staged)
    staged.select(3)
    chosen = codes(staged)
    staged.undo()
    assert (codes(staged), staged.state.selection) == (first, None)
    staged.redo()
    assert (codes(staged), staged.state.selection) == (chosen, 3)


def test_several_gestures_of_every_kind_come_back_one_by_one(staged):
    states = [staged.state]
    for do in (
        lambda: staged.select(3), lambda: staged.pin(0), lambda: staged.set_dimension(1, 0.5), lambda: staged.pin(3),
        lambda: staged.lock(1, True), lambda: staged.isolate(0), lambda: staged.color_by("smile"),
        lambda: staged.unpin(0), lambda: staged.reset_code(), lambda: staged.take_pin(3),
    ):  # fmt: skip
        do()
        states.append(staged.state)
    fields = ("code", "selection", "pins", "locked", "classes", "factor", "morph")
    for before in reversed(states[:-1]):
        staged.undo()
        assert all(getattr(staged.state, name) is getattr(before, name) for name in fields)
    staged.undo()  # there is nothing before the first
    staged.go_to_deed(len(states) - 1)
    assert all(getattr(staged.state, name) is getattr(states[-1], name) for name in fields)


def test_what_was_undone_makes_room_for_a_new_gesture(staged):
    staged.select(3)
    staged.pin(0)
    staged.undo()
    staged.select(5)
    assert [deed.words for deed in staged.state.history.deeds] == ["Select a point", "Select a point"]
    staged.redo()
    assert staged.state.selection == 5


def moved(state, value, words, moment):
    return noted(words, state, SessionState(code=np.array([value], np.float32), history=state.history), moment)


def test_a_drag_is_one_deed_and_a_pause_begins_another():
    state = SessionState(code=np.zeros(1, np.float32))
    for moment in np.arange(10) * DRAG / 2:
        state = moved(state, moment, "Move z1", moment)
    assert len(state.history.deeds) == 1
    state = moved(state, 7, "Move z1", 10 * DRAG)
    state = moved(state, 8, "Move z2", 10 * DRAG)
    assert [deed.words for deed in state.history.deeds] == ["Move z1", "Move z1", "Move z2"]
    assert gone_to(state, 0).code.tolist() == [0]
    assert gone_to(gone_to(state, 0), 2).code.tolist() == [7]


def test_old_deeds_are_forgotten_and_nothing_new_is_no_deed():
    state = SessionState()
    for number in range(MOST + 5):
        state = moved(state, number, f"Step {number}", number)
    assert len(state.history.deeds) == MOST == state.history.done
    assert gone_to(state, 0).code.tolist() == [4]
    assert noted("Nothing", state, state, 0.0) is state


def test_another_run_begins_a_history_of_its_own(staged):
    staged.select(3)
    set_stage(staged, latent_dim=2)
    assert staged.state.history.deeds == ()
    staged.undo()
    assert staged.state.code.shape == (2,)


def test_pins_have_letters_and_take_the_first_free_slot(staged):
    for _ in range(3):
        staged.pin_next()
    assert [letter(slot) for slot, _ in pins_set(staged.state)] == ["A", "B", "C"]
    staged.unpin(1)
    assert free_slot(staged.state) == 1
    staged.unpin(2)
    assert len(staged.state.pins) == 2
    staged.pin(25, Pin(np.zeros(4, np.float32)))
    assert [letter(slot) for slot, _ in pins_set(staged.state)] == ["A", "Z"]
    for _ in range(24):
        staged.pin_next()
    assert free_slot(staged.state) is None
    staged.pin_next()
    assert "All 26 pins are taken" in staged.state.notice.message


def test_the_list_shows_the_steps_and_a_click_goes_back(qtbot, staged):
    view = HistoryView(staged)
    qtbot.addWidget(view)
    assert view.steps.isHidden()
    first = codes(staged)
    staged.select(3)
    staged.pin(0)
    words = [view.steps.item(row).text() for row in range(view.steps.count())]
    assert words == ["As the run was opened", "Select a point", "Pin A"]
    assert view.steps.currentRow() == 2
    view.steps.itemClicked.emit(view.steps.item(0))
    assert codes(staged) == first
    assert view.steps.count() == 3
    assert view.steps.item(1).foreground() != view.steps.item(0).foreground()
