"""Directions as state: made in a lane, taken in as a gesture, walked, renamed, deleted."""

import numpy as np
import pytest
from stage import set_stage, told

from explorer.directing import MOST, PLACES, _name, strips_of
from models.directions import principal
from models.reading_events import Leaked, Made
from models.traits import Move, Moves


@pytest.fixture
def made(qtbot, session):
    """A session with the direction from cat to dog."""
    set_stage(session)
    session.directing.make("class cat", "class dog")
    qtbot.waitUntil(lambda: len(session.state.directions) == 1, timeout=20_000)
    return session


def test_two_classes_make_a_direction_with_a_name_and_ends(made):
    found = made.state.directions[0]
    codes, labels = made.state.embedding.codes, made.state.data.labels
    way = codes[labels == 1].mean(0) - codes[labels == 0].mean(0)
    np.testing.assert_allclose(found.axis, way / np.linalg.norm(way), atol=1e-5)
    assert found.name == "cat to dog"
    assert found.names == ("cat", "dog")
    assert made.state.history.deeds[-1].words == "Make cat to dog"
    made.undo()
    assert made.state.directions == ()
    made.redo()
    assert made.state.directions[0] is found


def test_moving_along_it_changes_nothing_else_and_heeds_locks(made):
    found, before = made.state.directions[0], made.state.code
    made.directing.move(0, 2.0)
    assert float(found.places(made.state.code)) == pytest.approx(2.0, abs=1e-4)
    across = (made.state.code - before) - ((made.state.code - before) @ found.axis) * found.axis
    assert np.abs(across).max() < 1e-4
    made.lock(1, True)
    kept = made.state.code[1]
    made.directing.move(0, -1.0)
    assert made.state.code[1] == kept
    assert made.state.history.deeds[-1].words == "Move along cat to dog"


def test_strips_show_the_probe_at_every_place(made):
    codes, _ = strips_of(made.state)
    np.testing.assert_allclose(made.state.directions[0].places(np.stack(codes)), PLACES, atol=1e-4)


def test_names_are_unique_and_can_be_changed(made):
    found = made.state.directions[0]
    told(made, Made("run", 0, (found, found)))
    assert [each.name for each in made.state.directions] == ["cat to dog", "cat to dog 2", "cat to dog 3"]
    made.directing.rename(0, "  barks ")
    made.directing.rename(1, "barks")  # taken
    made.directing.rename(2, "")
    assert [each.name for each in made.state.directions] == ["barks", "cat to dog 2", "cat to dog 3"]
    made.directing.remove(1)
    assert [each.name for each in made.state.directions] == ["barks", "cat to dog 3"]
    made.undo()
    assert len(made.state.directions) == 3


def test_what_was_measured_stays_with_a_renamed_direction(made):
    found = made.state.directions[0]
    moves = Moves((Move("dog", 0.5, True),), 8)
    told(made, Leaked("run", 0, found, moves))
    made.directing.rename(0, "barks")
    assert made.state.seen.leak_of(made.state.directions[0]).moves is moves


def test_too_many_are_refused_with_a_word(made):
    codes = made.state.embedding.codes
    told(made, Made("run", 0, tuple(principal(codes, 1) * (MOST + 3))))
    assert len(made.state.directions) == MOST
    assert "Delete one" in made.state.notice.message


def test_what_cannot_be_made_is_said_at_once(made):
    made.directing.make("class cow", "class dog")
    assert "no class 'cow'" in made.state.notice.message


def test_what_fails_in_the_lane_is_said(qtbot, made):
    made.directing.make("class cat", "class cat")
    qtbot.waitUntil(lambda: made.state.notice is not None, timeout=20_000)
    assert "same place" in made.state.notice.message


@pytest.mark.parametrize(
    ("low", "high", "name"),
    [
        ("smile=low", "smile=high", "smile"),
        ("glasses!=none", "glasses=none", "glasses none"),
        ("glasses=none", "glasses!=none", "glasses not none"),
        ("class 3", "class 8", "3 to 8"),
        ("group a", "class 8", "a to 8"),
    ],
)
def test_first_names(low, high, name):
    assert _name(low, high) == name
