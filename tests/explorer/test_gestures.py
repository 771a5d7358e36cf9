"""What a person does with codes and classes, without a window."""

from dataclasses import replace

import numpy as np
import pytest
from stage import embedded, pictures, run_info

from explorer import gestures
from explorer.reducing import reduce
from explorer.state import SessionState, Visibility
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
    noise = np.random.default_rng(5).standard_normal(4, np.float32)
    drawn = gestures.randomise(state, np.random.default_rng(5))
    assert drawn.code.tolist() == [noise[0], 2, noise[2], noise[3]]
    middle = state.embedding.codes.mean(axis=0)
    back = gestures.reset(drawn)
    assert back.code.tolist() == pytest.approx([middle[0], 2, middle[2], middle[3]])
    assert gestures.lock(back, 1, False).locked == frozenset()


def test_without_a_prior_codes_are_drawn_as_wide_as_the_data(state):
    wide = replace(state.embedding, codes=state.embedding.codes * 100 + 1000)
    state = replace(state, embedding=wide, run=replace(state.run, capabilities=frozenset({"encode"})))
    drawn = np.stack([gestures.randomise(state, np.random.default_rng(seed)).code for seed in range(200)])
    assert drawn.mean(axis=0) == pytest.approx(wide.codes.mean(axis=0), abs=30)
    assert drawn.std(axis=0) == pytest.approx(wide.codes.std(axis=0), rel=0.2)


def test_neighbours_are_the_nearest_others_and_go_with_the_selection(state):
    assert gestures.seek_neighbours(state) is state
    state = gestures.seek_neighbours(gestures.select(state, 7))
    away = np.linalg.norm(state.embedding.codes - state.embedding.codes[7], axis=1)
    assert state.neighbours.indices.tolist() == np.argsort(away)[1:6].tolist()
    assert state.neighbours.distances.tolist() == pytest.approx(np.sort(away)[1:6].tolist(), rel=1e-5)
    for gesture in (lambda: gestures.select(state, 8), lambda: gestures.select(state, None)):
        assert gesture().neighbours is None
    assert gestures.set_dimension(state, 0, 1.0).neighbours is None


def pinned(state):
    """A at the middle, B at point 3, which the probe shows."""
    state = gestures.pin(gestures.set_code(state, np.array([0, 1, 0, 0], np.float32)), 0)
    return gestures.pin(gestures.select(state, 3), 1)


@pytest.mark.parametrize(
    "gesture",
    [
        lambda state: gestures.select(state, 5),
        lambda state: gestures.move_to(state, 0, 0),
        lambda state: gestures.set_dimension(state, 0, 1.0),
        lambda state: gestures.randomise(state, np.random.default_rng(0)),
        gestures.reset,
    ],
)
def test_who_leaves_the_way_between_the_pins_is_no_share_of_it(state, gesture):
    assert state.morph is None
    state = gestures.morph(pinned(state), 0.4)
    assert state.morph == 0.4
    assert gestures.select(state, None).morph == 0.4  # nothing was selected, nothing moved
    assert gesture(state).morph is None


def test_an_arc_keeps_its_distance_from_the_origin_and_bending_takes_the_probe_along(state):
    assert state.spherical  # four dimensions and a prior
    state = gestures.pin(gestures.set_code(state, np.array([3, 0, 0, 0], np.float32)), 0)
    state = gestures.pin(gestures.set_code(state, np.array([0, 3, 0, 0], np.float32)), 1)
    arc = gestures.morph(state, 0.5)
    assert np.linalg.norm(arc.code) == pytest.approx(3)
    line = gestures.bend(arc, False)
    assert line.code.tolist() == pytest.approx([1.5, 1.5, 0, 0])
    assert line.morph == 0.5
    free = gestures.set_code(arc, np.ones(4, np.float32))
    assert gestures.bend(free, False).code is free.code


@pytest.mark.parametrize(
    ("dimensions", "capabilities", "expected"),
    [(2, ("encode", "prior"), False), (3, ("encode", "prior"), True), (16, ("encode",), False)],
)
def test_an_arc_is_the_way_of_priors_in_more_than_two_dimensions(dimensions, capabilities, expected):
    state = reduce(SessionState(), ev.Started("run", 0, run_info(dimensions, capabilities), 100))
    assert state.spherical is expected


def test_while_points_move_the_probe_stays_on_its_share_of_the_way(state):
    state = gestures.bend(gestures.morph(pinned(state), 0.5), False)
    moved = reduce(state, embedded(4, shift=0.5))
    assert moved.code.tolist() == pytest.approx(((moved.pins[0].code + moved.embedding.codes[3]) / 2).tolist())
    assert moved.code.tolist() != pytest.approx(state.code.tolist())
    free = gestures.set_code(state, np.ones(4, np.float32))
    assert reduce(free, embedded(4, shift=0.5)).code.tolist() == [1, 1, 1, 1]


def test_a_lattice_keeps_its_pictures_until_others_come_for_the_same_place(state):
    first = gestures.lay_lattice(state, (0, 0, 1, 1), 2, 2, 1)
    first = replace(first, lattice=replace(first.lattice, pictures=pictures(4)))
    assert gestures.lay_lattice(first, (0, 0, 1, 1), 2, 2, 2).lattice.pictures is first.lattice.pictures
    assert gestures.lay_lattice(first, (0, 0, 2, 1), 2, 2, 2).lattice.pictures is None


def test_morphing_walks_from_a_to_b(state):
    state = gestures.bend(state, False)
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
        lambda state: gestures.randomise(state, np.random.default_rng(0)),
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
