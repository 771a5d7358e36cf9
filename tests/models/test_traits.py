"""What is seen in pictures: how far factors move, what leaks, and whether a sum gave what it asked."""

import numpy as np
import pytest

from models.datasets import Factor
from models.traits import Traits, known_traits, moved, verdicts

FACTORS = (Factor("character", ("woman", "man")), Factor("glasses", ("none", "round", "sun")),
           Factor("smile", low=-1.0, high=1.0))  # fmt: skip


def seen(character, glasses, smile):
    """One picture of which all is certain."""
    return Traits(FACTORS, (np.eye(2, dtype=np.float32)[[character]], np.eye(3, dtype=np.float32)[[glasses]],
                            np.array([[smile]], np.float32)))  # fmt: skip


def test_moves_are_shares_of_a_range_and_the_wanted_comes_first():
    found = moved(seen(0, 0, -0.5), seen(0, 2, 0.5), "smile")
    assert [(move.name, move.wanted) for move in found.moves] == [
        ("smile", True), ("glasses", False), ("character", False),
    ]  # fmt: skip
    assert [move.amount for move in found.moves] == pytest.approx([0.5, 1.0, 0.0])
    assert found.leakage == pytest.approx(1.0 / 1.5)
    assert moved(seen(0, 0, 0), seen(0, 0, 0.4), "smile").leakage == 0
    assert moved(seen(0, 0, 0), seen(1, 0, 0.4)).moves[0].name == "character"  # nothing wanted: what moves most


def test_of_the_class_alone_each_value_moves_by_itself():
    factor = (Factor("class", ("3", "5", "8")),)
    before = Traits(factor, (np.array([[0.8, 0.1, 0.1]], np.float32),))
    after = Traits(factor, (np.array([[0.1, 0.3, 0.6]], np.float32),))
    found = moved(before, after, values=("3", "8"))
    assert [(move.name, move.wanted) for move in found.moves] == [("3", True), ("8", True), ("5", False)]
    assert [move.amount for move in found.moves] == pytest.approx([-0.7, 0.5, 0.2], abs=1e-6)
    assert found.leakage == pytest.approx(0.2 / 1.4, abs=1e-6)
    assert moved(before, before).leakage == 0


def test_signed_moves_of_many_pictures_cancel_where_they_do_not_agree():
    numbers = np.array([[0.0], [0.0]], np.float32)
    one = (Factor("smile", low=-1.0, high=1.0), Factor("brow"))
    before = Traits(one, (numbers, numbers))
    after = Traits(one, (numbers + 0.5, numbers + np.array([[0.3], [-0.3]], np.float32)))
    found = moved(before, after, "smile")
    assert found.moves[1].amount == pytest.approx(0, abs=1e-6)
    assert found.pictures == 2


def test_what_is_known_of_a_group_becomes_shares_and_a_mean():
    values = np.array([[1, 0, 0.5], [1, 2, 1.0], [0, 2, np.nan]], np.float32)
    found = known_traits(FACTORS, values, np.array([0, 1, 2]))
    np.testing.assert_allclose(found.parts[0], [[1 / 3, 2 / 3]], atol=1e-6)
    np.testing.assert_allclose(found.parts[1], [[1 / 3, 0, 2 / 3]], atol=1e-6)
    np.testing.assert_allclose(found.parts[2], [[0.75]])
    np.testing.assert_allclose(found.table(), [[1, 2, 0.75]])


MAN_WITH_GLASSES = known_traits(FACTORS, np.array([[1, 1, 0], [1, 2, 0]], np.float32), np.arange(2))
MAN, WOMAN = seen(1, 0, 0), seen(0, 0, 0)


def of(name, found):
    return next(each for each in found if each.name == name)


def test_a_sum_is_checked_against_what_its_terms_add_up_to():
    asked, weights = [MAN_WITH_GLASSES, MAN, WOMAN], [1, -1, 1]
    found = verdicts(asked, weights, seen(1, 1, 0), seen(0, 1, 0.3), {})
    assert of("character", found).fits
    assert of("character", found).asked == "woman"
    assert of("glasses", found).fits  # round or sun were asked for
    assert of("glasses", found).asked == "round or sun"
    assert of("smile", found).fits is None  # all terms smile alike, so nothing is asked of it
    assert of("smile", found).amount == pytest.approx(0.15)
    assert [each.fits is None for each in found] == [False, False, True]
    wrong = verdicts(asked, weights, seen(1, 1, 0), seen(1, 0, 0), {})
    assert not of("character", wrong).fits
    assert not of("glasses", wrong).fits
    assert of("glasses", wrong).got == "none"


def test_numbers_are_asked_for_within_their_bounds():
    asked = [seen(0, 0, 0.9), seen(0, 0, -0.9), seen(0, 0, 0.5)]
    found = of("smile", verdicts(asked, [1, -1, 1], asked[0], seen(0, 0, 0.8), {}))
    assert found.asked == "1.00"  # 0.9 + 0.9 + 0.5 and no further than a smile goes
    assert found.fits
    assert not of("smile", verdicts(asked, [1, -1, 1], asked[0], seen(0, 0, -0.8), {})).fits


def test_only_terms_that_add_up_to_one_ask_and_only_readable_factors_count():
    assert all(each.fits is None for each in verdicts([MAN, WOMAN], [1, -1], MAN, WOMAN, {}))
    found = verdicts([MAN, MAN, WOMAN], [1, -1, 1], MAN, WOMAN, {"character": 0.3})
    assert "character" not in {each.name for each in found}
