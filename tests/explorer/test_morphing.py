"""Morphs and boards, state to state: key frames in time, corners, and the ways between them."""

from dataclasses import replace

import numpy as np
import pytest
from stage import embedded, run_info, set_stage, told

from explorer import gestures, morph_gestures
from explorer.morph_words import told_path
from explorer.pins import Pin, pins_set
from explorer.timeline import (
    LEG,
    KeyFrame,
    Shortest,
    board_of,
    corner_slots,
    frames_of,
    leg_of,
    path_of,
    reordered,
    unsought,
)
from models import events as ev
from models.path_events import Shortened, ShorteningEnded

CODES = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [1, 1, 1, 1]], np.float32)


@pytest.fixture
def staged(session):
    """Five pins, A to E, on a stage whose model takes classes."""
    set_stage(session, capabilities=("encode", "prior", "condition"))
    for slot, code in enumerate(CODES):
        session.pin(slot, Pin(code, None, slot % 2))
    return session


def slots(session):
    return [frame.slot for frame in frames_of(session.state)]


def times(session):
    return [frame.time for frame in frames_of(session.state)]


def test_all_pins_are_key_frames_until_somebody_arranges_them(staged):
    assert slots(staged) == [0, 1, 2, 3, 4]
    assert times(staged) == [0, LEG, 2 * LEG, 3 * LEG, 4 * LEG]
    staged.unpin(1)
    assert slots(staged) == [0, 2, 3, 4]
    staged.morphing.remove(1)
    assert slots(staged) == [0, 3, 4]
    staged.pin(1, Pin(CODES[1]))
    assert slots(staged) == [0, 3, 4]
    staged.morphing.add(1)
    assert slots(staged) == [0, 3, 4, 1]
    assert times(staged)[-1] == times(staged)[-2] + LEG
    staged.morphing.take_all_pins()
    assert slots(staged) == [0, 1, 2, 3, 4]


def test_a_pin_may_come_twice_and_at_any_time(staged):
    staged.morphing.add(3, 3.0)
    assert slots(staged) == [0, 1, 3, 2, 4]
    staged.morphing.add(0, 3.5)
    assert slots(staged) == [0, 1, 3, 0, 2, 4]
    assert times(staged)[:4] == [0, 2, 3, 3.5]


def test_key_frames_never_lie_on_each_other_and_begin_at_nothing(staged):
    staged.morphing.arrange([KeyFrame(0, 1.0), KeyFrame(1, 1.0), KeyFrame(2, 5.0)])
    assert times(staged) == pytest.approx([0, 0.1, 4])


@pytest.mark.parametrize(
    ("place", "time", "found", "at"),
    [
        (1, 2.5, [(0, 0.0), (1, 2.5), (2, 4.0)], 1),
        (1, 4.5, [(0, 0.0), (2, 2.0), (1, 4.0)], 2),
        (0, 9.0, [(1, 0.0), (2, 2.0), (0, 4.0)], 2),
        (2, 0.5, [(0, 0.0), (2, 2.0), (1, 4.0)], 1),
        (2, 0.0, [(2, 0.0), (0, 2.0), (1, 4.0)], 0),
        (2, 9.0, [(0, 0.0), (1, 2.0), (2, 9.0)], 2),
    ],
)
def test_a_dragged_card_takes_a_time_or_changes_places(place, time, found, at):
    frames = [KeyFrame(0, 0.0), KeyFrame(1, 2.0), KeyFrame(2, 4.0)]
    assert reordered(frames, place, time) == (found, at)


def test_going_along_moves_the_probe_and_blends_the_classes(staged):
    staged.morphing.shape(easing="even")
    staged.bend(False)
    staged.morphing.seek(LEG / 2)
    state = staged.state
    np.testing.assert_allclose(state.code, (CODES[0] + CODES[1]) / 2)
    np.testing.assert_allclose(state.label, [0.5, 0.5])
    assert state.playhead == LEG / 2
    staged.morphing.seek(LEG)
    assert staged.state.label == 1
    staged.morphing.seek(99 * LEG)
    staged.set_code(CODES[4])
    assert staged.state.playhead is None


def test_a_class_walk_keeps_the_code(staged):
    for slot, _ in pins_set(staged.state):
        staged.unpin(slot)
    staged.set_code(CODES[3])
    staged.morphing.add_class(0)
    staged.morphing.add_class(1)
    path = path_of(staged.state)
    np.testing.assert_array_equal(path.codes, CODES[[3, 3]])
    np.testing.assert_array_equal(path.shares, np.eye(2))
    assert "same picture" not in told_path(staged.state)


def test_every_step_can_be_undone(staged):
    before = staged.state
    staged.morphing.swap(0, 1)
    assert slots(staged)[:2] == [1, 0]
    staged.morphing.last(4.0)
    assert path_of(staged.state).length == pytest.approx(4)
    staged.morphing.bend("linear")
    staged.morphing.seek(1.0)
    for _ in range(4):
        staged.undo()
    assert staged.state.timeline == before.timeline
    assert staged.state.code is before.code
    assert staged.state.spherical is before.spherical


def test_playing_leaves_one_step(staged):
    staged.morphing.seek(0.0)
    count = len(staged.state.history.deeds)
    for number in range(60):
        staged.morphing.play_on(number / 60)
    assert len(staged.state.history.deeds) == count


def test_the_ways_on_the_probes_bar_and_on_the_timeline_are_of_one_shape(staged):
    staged.morphing.bend("spherical")
    staged.morphing.shape(easing="even")
    staged.morph(0.25)
    code = staged.state.code
    staged.morphing.seek(0.25 * LEG)
    np.testing.assert_allclose(staged.state.code, code, rtol=1e-6)


def test_broken_key_frames_are_told_and_walk_nowhere(staged):
    staged.pin(0, Pin(CODES[0] * np.nan))
    assert path_of(staged.state) is None
    assert "no number" in told_path(staged.state)
    before = staged.state.code
    staged.morphing.seek(1.0)
    assert staged.state.code is before
    for slot in range(5):
        staged.pin(slot, Pin(CODES[1], None, 0))
    assert "same picture" in told_path(staged.state)
    for slot in range(1, 5):
        staged.unpin(slot)
    assert "Add another" in told_path(staged.state)


def test_pinned_points_take_the_way_along_when_they_move(staged):
    staged.pin(0, Pin(staged.state.embedding.codes[3], 3))
    told(staged, embedded(4, shift=0.5))
    np.testing.assert_array_equal(path_of(staged.state).codes[0], staged.state.embedding.codes[3])


# ---- shortest ways


def found(ends, step=1, done=True):
    nodes = np.stack([ends.start, (ends.start + ends.end) * 2, ends.end])
    return Shortened("run", step, ends, nodes, 1.0, 2.0, 1.0, done)


@pytest.fixture
def weighted(staged):
    weights = ev.Weights("run", 1, run_info(4, ("condition",)), {})
    staged._apply(replace(staged.state, weights=weights))
    staged._apply(replace(staged.state, timeline=replace(staged.state.timeline, geodesic=True)))
    staged._apply(replace(staged.state, shortest=Shortest(weights, staged.state.knobs)))
    return staged


def test_every_leg_is_sought_once_whichever_way_round(weighted):
    session = weighted
    wanted = unsought(session.state)
    assert [leg_of(ends) for ends in wanted] == [leg_of(ends) for ends in path_of(session.state).ends]
    told(session, found(wanted[0]), found(wanted[1], done=False))
    assert len(unsought(session.state)) == len(wanted) - 1
    path = path_of(session.state)
    assert set(path.nodes) == {0, 1}
    session.morphing.arrange([KeyFrame(1, 0.0), KeyFrame(0, 1.0)])
    np.testing.assert_array_equal(path_of(session.state).nodes[0], path.nodes[0][::-1])
    assert unsought(session.state) == []


def test_a_probe_on_the_way_comes_along_when_a_shorter_one_is_found(weighted):
    session = weighted
    session.morphing.shape(easing="even")
    session.morphing.seek(LEG / 2)
    before = session.state.code
    told(session, found(unsought(session.state)[0]))
    np.testing.assert_allclose(session.state.code, 4 * before)
    assert session.state.playhead == LEG / 2


def test_what_other_weights_found_is_let_go(weighted):
    session = weighted
    wanted = unsought(session.state)
    told(session, found(wanted[0], step=7))
    assert path_of(session.state).nodes == {}
    told(session, found(wanted[0]))
    assert path_of(session.state).nodes
    weights = replace(session.state.weights, step=2)
    session._apply(replace(session.state, weights=weights))
    assert path_of(session.state).nodes == {}
    told(session, ShorteningEnded("run", 2, "late"))
    assert session.state.shortest.problem == ""


# ---- boards


def test_the_first_four_pins_are_the_corners_until_others_are_chosen(staged):
    assert corner_slots(staged.state) == (0, 1, 2, 3)
    staged.morphing.corner(3, 4)
    assert corner_slots(staged.state) == (0, 1, 2, 4)
    staged.morphing.corner(0, 4)
    assert corner_slots(staged.state) == (4, 1, 2, 0)
    staged.unpin(1)
    assert corner_slots(staged.state) == (4, 3, 2, 0)
    staged.unpin(2)
    assert board_of(staged.state) is None
    staged.morphing.take_first_pins()
    assert corner_slots(staged.state) == (0, 3, 4, None)


def test_a_board_blends_codes_and_classes(staged):
    staged.bend(False)
    staged.morphing.widen(3)
    codes, labels = board_of(staged.state)
    np.testing.assert_allclose(codes[4], CODES[:4].mean(axis=0))
    np.testing.assert_allclose(labels[4], [0.5, 0.5])
    assert [labels[0], labels[2], labels[6], labels[8]] == [0, 1, 0, 1]
    staged.morphing.take(4)
    np.testing.assert_array_equal(staged.state.code, codes[4])
    staged.morphing.point_at(2)
    np.testing.assert_array_equal(staged.state.pointed, codes[2])
    staged.morphing.point_at(None)
    assert staged.state.pointed is None


def test_random_codes_fill_the_free_slots(session):
    set_stage(session)
    session.pin(1, Pin(CODES[0]))
    session.morphing.deal(4)
    assert [slot for slot, _ in pins_set(session.state)] == [0, 1, 2, 3]
    session.morphing.deal(4)
    assert len(pins_set(session.state)) == 4


def test_models_that_take_no_classes_have_no_shares(session):
    set_stage(session)
    for slot, code in enumerate(CODES):
        session.pin(slot, Pin(code))
    assert path_of(session.state).shares is None
    assert set(board_of(session.state)[1]) == {None}
    assert gestures.morph(session.state, 0.5).label == session.state.label


@pytest.mark.parametrize("width", [1, 512])
def test_codes_of_any_width_make_morphs_and_boards(session, width):
    set_stage(session, latent_dim=2)
    random = np.random.default_rng(0)
    for slot in range(4):
        session.pin(slot, Pin(random.standard_normal(width).astype(np.float32)))
    assert morph_gestures.sought(session.state, 1.0).code.shape == (width,)
    assert board_of(session.state)[0].shape == (49, width)
