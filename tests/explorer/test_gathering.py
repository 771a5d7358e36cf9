"""Gathered points and groups of them: pure gestures, the session's intents, and undoing them."""

import numpy as np
import pytest

from explorer.gathering import followed, gather, inverted, keep, mean_of, nearest_to, of_class, of_factor, renamed
from explorer.groups import NOTHING, Group, How, indices_of, joined
from explorer.searching import offers
from explorer.state import Visibility
from models import events as ev
from models.datasets import Factor
from tests.explorer.stage import POINTS, embedded, pictures, set_stage, told

FACTORS = (Factor("smile", low=-1.0, high=1.0), Factor("glasses", values=("none", "round")))


def with_factors(session):
    """The stage with known factors: a smile that grows with the index, round glasses on every fourth."""
    numbers = np.arange(POINTS)
    values = np.stack([numbers / POINTS, numbers % 4 == 0], axis=1).astype(np.float32)
    values[7, 0] = np.nan
    told(session, ev.HeldOut("run", 0, pictures(POINTS), session.state.data.labels, FACTORS, values))


@pytest.fixture
def staged(session):
    set_stage(session)
    return session


def gathered(session):
    return session.state.gathered.tolist()


@pytest.mark.parametrize(
    ("how", "expected"),
    [(How.ALONE, [1, 3, 9]), (How.MORE, [1, 2, 3, 9]), (How.LESS, [2]), (How.BOTH, [1, 3])],
)
def test_how_points_join_those_that_were_gathered_before(how, expected):
    assert joined(indices_of([3, 1, 2]), indices_of([9, 3, 1, 1]), how).tolist() == expected


def test_points_that_the_map_does_not_have_are_passed_over(staged):
    staged.gathering.take(np.array([POINTS, 5, -1, 2]))
    assert gathered(staged) == [2, 5]
    assert staged.state.gathered.dtype == np.int64
    staged.gathering.invert()
    assert gathered(staged) == [index for index in range(POINTS) if index not in (2, 5)]
    staged.gathering.take_all()
    assert gathered(staged) == list(range(POINTS))
    staged.gathering.let_go()
    assert gathered(staged) == []


def test_without_a_map_nothing_is_gathered(session):
    session.gathering.take_all()
    session.gathering.take(indices_of([1]))
    session.gathering.take_nearest(np.zeros(4, np.float32), 5)
    session.gathering.invert()
    session.gathering.keep()
    assert gathered(session) == []
    assert session.state.groups == ()
    assert mean_of(session.state, NOTHING) is None


def test_classes_and_factors(staged):
    with_factors(staged)
    state = staged.state
    assert of_class(state, 1).tolist() == [index for index in range(POINTS) if index % 3 == 2]
    assert of_class(state, -1).tolist() == [index for index in range(POINTS) if index % 3 == 0]
    assert of_factor(state, 1, 1, 1).tolist() == list(range(0, POINTS, 4))
    assert of_factor(state, 0, 0.1, 0.2).tolist() == [4, 5, 6, 8]  # both ends belong; the unknown one does not
    assert of_factor(state, 0, 0.9, float("inf")).tolist() == [36, 37, 38, 39]


def test_the_nearest_points_of_a_code(staged):
    codes = staged.state.embedding.codes
    distances = np.linalg.norm(codes - codes[4], axis=1)
    assert nearest_to(staged.state, codes[4], 7).tolist() == sorted(np.argsort(distances)[:7].tolist())
    assert len(nearest_to(staged.state, codes[4], 10**6)) == POINTS
    assert nearest_to(staged.state, np.zeros(3, np.float32), 5).tolist() == []  # a code of another width


def test_the_mean_is_that_of_the_codes_drawn_as_most_are(session):
    set_stage(session, capabilities=("encode", "condition"))
    indices = indices_of([2, 5, 8, 1])  # labels 1, 1, 1, 0
    mean = mean_of(session.state, indices)
    np.testing.assert_allclose(mean.code, session.state.embedding.codes[indices].mean(axis=0), rtol=1e-6)
    assert mean.code.dtype == np.float32
    assert mean.label == 1
    assert mean.index is None
    assert mean_of(session.state, indices_of([POINTS + 3])) is None


def test_groups_are_kept_renamed_recalled_and_removed(staged):
    gathering = staged.gathering
    for numbers in ([1, 2], [3, 4, 5], [6]):
        gathering.take(indices_of(numbers))
        gathering.keep()
    assert [(group.name, group.color) for group in staged.state.groups] == [
        ("group 1", 0), ("group 2", 1), ("group 3", 2),
    ]  # fmt: skip
    gathering.rename(1, "  smiling ")
    gathering.rename(0, "smiling")  # taken
    gathering.rename(2, "   ")
    gathering.remove(0)
    assert [group.name for group in staged.state.groups] == ["smiling", "group 3"]
    gathering.recall(0, How.MORE)
    assert gathered(staged) == [3, 4, 5, 6]
    gathering.keep()
    assert [(group.name, group.color) for group in staged.state.groups][-1] == ("group 1", 0)  # a free name and colour
    gathering.take(indices_of([9]))
    gathering.keep("smiling")
    assert [group.indices.tolist() for group in staged.state.groups] == [[9], [6], [3, 4, 5, 6]]


def test_everything_can_be_undone(staged):
    gathering = staged.gathering
    gathering.take(indices_of([1, 2]))
    gathering.keep()
    gathering.show_others(Visibility.HIDDEN)
    gathering.let_go()
    words = [deed.words for deed in staged.state.history.deeds]
    assert words == ["Gather points", "Keep a group", "Show the other points", "Let go of the points"]
    staged.undo()
    assert gathered(staged) == [1, 2]
    staged.undo()
    assert staged.state.others is Visibility.DIMMED
    staged.undo()
    assert staged.state.groups == ()
    staged.undo()
    assert gathered(staged) == []
    staged.go_to_deed(4)
    assert [group.name for group in staged.state.groups] == ["group 1"]


def test_groups_follow_their_points_by_index_and_lose_those_that_are_gone(staged):
    staged.gathering.take(indices_of([2, 30, 39]))
    staged.gathering.keep()
    told(staged, embedded(4, shift=2.0))
    assert gathered(staged) == [2, 30, 39]
    code = mean_of(staged.state, staged.state.gathered).code
    np.testing.assert_allclose(code, embedded(4, shift=2.0).codes[[2, 30, 39]].mean(axis=0), rtol=1e-5)
    told(staged, embedded(4, points=35))
    assert gathered(staged) == [2, 30]
    assert staged.state.groups[0].indices.tolist() == [2, 30]
    staged.undo()  # what was kept before the points went may name them; nothing breaks
    assert followed(staged.state).gathered.tolist() == [2, 30]


def test_another_run_begins_without_groups(staged):
    staged.gathering.take(indices_of([2]))
    staged.gathering.keep()
    set_stage(staged)
    assert gathered(staged) == []
    assert staged.state.groups == ()


def test_a_gesture_that_changes_nothing_is_the_same_state(staged):
    state = gather(staged.state, indices_of([4]))
    assert gather(state, indices_of([4])) is state
    assert keep(staged.state) is staged.state
    named = keep(state, "x")
    assert renamed(named, 0, "x") is named
    assert len(inverted(state).gathered) == POINTS - 1


def test_long_names_are_cut(staged):
    state = keep(gather(staged.state, indices_of([4])), "n" * 500)
    assert state.groups[0].name == "n" * 60


# ---- finding


def found(session, text):
    return [(offer.title, offer.indices.tolist()) for offer in offers(session.state, text)]


def test_an_index_is_found_with_and_without_its_sign(staged):
    assert found(staged, "7") == [("#7", [7])]
    assert found(staged, " #7 ") == [("#7", [7])]
    assert offers(staged.state, "7")[0].picture == 7
    assert offers(staged.state, "7")[0].detail == "cat"
    assert found(staged, "40") == []
    assert found(staged, "-1") == []
    assert found(staged, "99999999999999999999999") == []
    assert found(staged, "²") == []
    assert found(staged, "") == []


def test_classes_and_groups_are_found_by_their_names(staged):
    cats = of_class(staged.state, 0).tolist()
    assert found(staged, "CAT") == found(staged, "class ca") == [("class cat", cats)]
    staged.gathering.take(indices_of([3, 1]))
    staged.gathering.keep("big cats")
    assert found(staged, "cat") == [("class cat", cats), ("big cats", [1, 3])]  # the same word before a part of others
    assert found(staged, "mouse") == []


def test_factors_are_found_by_value_and_by_range(staged):
    with_factors(staged)
    assert found(staged, "glasses round") == [("glasses round", list(range(0, POINTS, 4)))]
    assert found(staged, "round")[0] == ("glasses round", list(range(0, POINTS, 4)))
    assert found(staged, "smile > 0.9") == [("smile > 0.9", [36, 37, 38, 39])]
    assert found(staged, "smile 0.1 .. 0.2") == [("smile 0.1 .. 0.2", [4, 5, 6, 8])]
    assert found(staged, "smi<=0.05")[0][1] == [0, 1, 2]
    assert found(staged, "frown > 1") == []


def test_nothing_is_found_before_there_are_points(session):
    assert offers(session.state, "7") == []


def test_a_group_knows_itself():
    group = Group("a", 0, indices_of([1]))
    assert group == group
    assert group != Group("a", 0, indices_of([1]))
