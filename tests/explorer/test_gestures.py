"""What a person does with codes and classes, without a window."""

from dataclasses import replace

import numpy as np
import pytest
from stage import embedded, pictures, run_info

from explorer import gestures
from explorer.state import SessionState, Visibility, reduce
from models import events as ev


@pytest.fixture
def state():
    told = (
        ev.Started("run", 0, run_info(4), 100),
        ev.HeldOut("run", 0, pictures(40), np.zeros(40, np.int64)),
        embedded(4),
    )
    state = SessionState()
    for event in told:
        state = reduce(state, event)
    return state


def test_selecting_a_point_brings_its_code_to_the_probe(state):
    state = gestures.select(state, 5)
    assert state.selection == 5
    assert state.code.tolist() == state.embedding.codes[5].tolist()


@pytest.mark.parametrize("index", [None, -1, 40])
def test_selecting_nothing_lets_go_and_keeps_the_code(state, index):
    selected = gestures.select(state, 5)
    let_go = gestures.select(selected, index)
    assert let_go.selection is None
    assert let_go.code is selected.code


def test_a_place_of_the_map_becomes_a_code_that_lies_there(state):
    moved = gestures.move_to(gestures.select(state, 5), 0.25, -1.5)
    assert moved.selection is None
    plane = state.embedding.projection
    assert ((moved.code - plane.mean) @ plane.axes.T).tolist() == pytest.approx([0.25, -1.5])


def test_one_number_changes_and_the_old_code_stays_as_it_was(state):
    before = state.code.copy()
    after = gestures.set_dimension(state, 2, 9.0)
    assert after.code.tolist() == pytest.approx([before[0], before[1], 9.0, before[3]])
    assert state.code.tolist() == before.tolist()


def test_locked_numbers_survive_randomise_and_reset(state):
    state = gestures.lock(gestures.set_code(state, np.array([1, 2, 3, 4], np.float32)), 1, True)
    drawn = gestures.randomise(state, np.full(4, 7, np.float32))
    assert drawn.code.tolist() == [7, 2, 7, 7]
    middle = state.embedding.codes.mean(axis=0)
    back = gestures.reset(drawn)
    assert back.code.tolist() == pytest.approx([middle[0], 2, middle[2], middle[3]])
    assert gestures.lock(back, 1, False).locked == frozenset()


def test_morphing_walks_from_a_to_b(state):
    state = gestures.pin(gestures.set_code(state, np.zeros(4, np.float32)), 0)
    assert gestures.morph(state, 0.5) is state  # there is no B yet
    state = gestures.pin(gestures.select(state, 3), 1)
    assert state.pins[1].index == 3
    assert state.morph == 1.0
    half = gestures.morph(state, 0.5)
    assert half.code.tolist() == pytest.approx((state.embedding.codes[3] / 2).tolist())
    assert half.morph == 0.5
    assert half.selection is None


def test_classes_are_shown_dimmed_hidden_and_isolated(state):
    hidden = gestures.set_visibility(state, 1, Visibility.HIDDEN)
    assert hidden.classes == {1: Visibility.HIDDEN}
    alone = gestures.isolate(state, 0)
    assert alone.classes == {1: Visibility.DIMMED}
    assert gestures.isolate(alone, 0).classes == {}


@pytest.mark.parametrize(
    "gesture",
    [
        lambda state: gestures.move_to(state, 0, 0),
        lambda state: gestures.set_dimension(state, 0, 1.0),
        lambda state: gestures.randomise(state, np.zeros(4, np.float32)),
        gestures.reset,
        lambda state: gestures.pin(state, 0),
        lambda state: gestures.morph(state, 0.5),
    ],
)
def test_on_an_empty_stage_gestures_change_nothing(gesture):
    empty = SessionState()
    assert gesture(empty) is empty


def test_a_map_of_points_without_any_has_no_middle(state):
    none = replace(state.embedding, codes=np.empty((0, 4), np.float32), points=np.empty((0, 2), np.float32))
    state = replace(state, embedding=none)
    assert gestures.reset(state) is state
