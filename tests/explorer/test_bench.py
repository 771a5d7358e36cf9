"""The bench of arithmetic as state: terms, their codes and sum, and what each intent can undo."""

import numpy as np
import pytest
from stage import POINTS, embedded, pictures, run_info, set_stage, told

from explorer.bench import FACES, asked_of, example_of, sum_of
from explorer.groups import Group
from explorer.named import groups_named, known_of, opposite
from models import events as ev
from models.arithmetic import Term
from models.datasets import Factor
from models.reading_events import PointsRead

FACTORS = (Factor("character", ("woman", "man")), Factor("glasses", ("none", "round")), Factor("smile"))


def with_factors(session):
    """A stage whose points have known factors."""
    values = np.stack([np.arange(POINTS) % 2, np.arange(POINTS) // 2 % 2, np.linspace(0, 1, POINTS)], 1)
    set_stage(session)
    data = session.state.data
    told(session, ev.HeldOut("run", 0, data.pictures, data.labels, FACTORS, values.astype(np.float32)))


def test_terms_add_up_to_a_code_that_goes_to_the_probe(session):
    set_stage(session)
    codes = session.state.embedding.codes
    session.select(3)
    session.pin(0)
    session.benching.add("pin A")
    session.benching.add("class cat", -1)
    session.benching.add("point 7")
    session.benching.weigh(2, 0.5)
    wanted = codes[3] - codes[session.state.data.labels == 0].mean(0) + 0.5 * codes[7]
    np.testing.assert_allclose(sum_of(session.state).result.code, wanted, atol=1e-6)
    session.benching.take()
    np.testing.assert_allclose(session.state.code, wanted, atol=1e-6)
    session.benching.keep()
    np.testing.assert_allclose(session.state.pins[1].code, wanted, atol=1e-6)


def test_every_gesture_can_be_undone_under_its_words(session):
    set_stage(session)
    session.benching.add("point 1")
    session.benching.flip(0)
    assert session.state.bench == (Term(-1, "point 1"),)
    session.benching.put(0, "point 2")
    session.benching.remove(0)
    assert [deed.words for deed in session.state.history.deeds] == [
        "Add point 1", "Weigh a term", "Change a term", "Remove a term",
    ]  # fmt: skip
    session.undo()
    assert session.state.bench == (Term(-1, "point 2"),)
    session.undo()
    session.undo()
    assert session.state.bench == (Term(1, "point 1"),)
    session.redo()
    assert session.state.bench[0].weight == -1


def test_the_sum_follows_the_pin_that_a_term_names(session):
    set_stage(session)
    session.select(3)
    session.pin(0)
    session.benching.add("pin A")
    session.select(5)
    session.pin(0)
    np.testing.assert_array_equal(sum_of(session.state).result.code, session.state.embedding.codes[5])
    session.unpin(0)
    total = sum_of(session.state)
    assert total.result is None
    assert "no pin A" in total.problems[0]
    assert asked_of(session.state) == ([], [])


def test_the_probe_becomes_a_term_by_being_pinned(session):
    set_stage(session)
    session.select(3)
    session.benching.add_probe()
    assert session.state.pins[0].index == 3
    assert session.state.bench == (Term(1, "pin A"),)


def test_the_sum_of_the_lectures_is_offered_for_faces_and_another_for_classes(session):
    with_factors(session)
    assert example_of(session.state) == FACES
    session.benching.example()
    codes, data = session.state.embedding.codes, session.state.data
    man, glasses = data.values[:, 0] == 1, data.values[:, 1] == 1
    wanted = codes[man & glasses].mean(0) - codes[man & ~glasses].mean(0) + codes[~man & ~glasses].mean(0)
    np.testing.assert_allclose(sum_of(session.state).result.code, wanted, atol=1e-5)
    told(session, ev.Started("other", 0, run_info(4, run="other"), 100))
    assert example_of(session.state) == ()
    assert session.state.bench == ()


def test_classes_are_heeded_where_the_model_can_be_asked(session):
    set_stage(session, capabilities=("prior", "condition"))
    session.set_label(0)
    session.benching.add("class dog")
    assert asked_of(session.state)[1] == [1, 1]
    session.benching.add("class cat", -1)
    session.benching.add("point 0")  # which has no class
    codes, labels = asked_of(session.state)
    assert len(codes) == 4
    assert labels == [1, 0, 0, 1]  # a term without a class is drawn as the probe is; dog - cat is dog


def test_more_terms_than_letters_are_refused_with_a_word(session):
    set_stage(session)
    for _ in range(27):
        session.benching.add("point 1")
    assert len(session.state.bench) == 26
    assert "full" in session.state.notice.message


def test_groups_gathered_points_and_factors_can_be_named(session):
    with_factors(session)
    session.gathering.take(np.array([1, 2]))
    session.gathering.keep("mine")
    named = dict(groups_named(known_of(session.state)))
    assert named["Groups"] == ["group mine", "group gathered points"]
    assert named["Classes"] == ["class cat", "class dog"]
    assert named["glasses"] == ["glasses=none", "glasses=round"]
    assert named["smile"] == ["smile=low", "smile=middle", "smile=high"]
    assert isinstance(session.state.groups[0], Group)
    assert known_of(session.state).members("group mine").tolist() == [1, 2]


@pytest.mark.parametrize(
    ("what", "other"),
    [
        ("smile=low", "smile=high"), ("smile=high", "smile=low"), ("smile=middle", "smile!=middle"),
        ("glasses=none", "glasses!=none"), ("glasses!=none", "glasses=none"), ("class cat", "class dog"),
        ("class dog", "class cat"), ("group alone", ""),
    ],
)  # fmt: skip
def test_the_likely_opposite(session, what, other):
    with_factors(session)
    assert opposite(known_of(session.state), what) == other


def test_what_was_read_in_made_up_pictures_can_be_named(session):
    set_stage(session)
    told(session, ev.HeldOut("run", 0, pictures(POINTS), np.full(POINTS, -1), generated=True))
    values = np.zeros((POINTS, 3), np.float32)
    values[4, 1] = 1
    told(session, PointsRead("run", 0, FACTORS, values))
    assert known_of(session.state).members("glasses=round").tolist() == [4]
    told(session, embedded(4, points=10))  # another map, of which nothing was read
    assert known_of(session.state).values is None
