"""What people name: points, classes, factors, groups and pins; sums of them in words."""

import numpy as np
import pytest

from models.arithmetic import Term, in_words, read_terms, results, summed, written
from models.datasets import Factor
from models.errors import UserError
from models.naming import Known, Put, titled, written_code

FACTORS = (Factor("glasses", ("none", "round", "sun")), Factor("smile", low=-1.0, high=1.0))


@pytest.fixture
def known():
    codes = np.arange(24, dtype=np.float32).reshape(8, 3)
    values = np.array([[0, -1], [1, -0.9], [2, 0], [0, 0.1], [1, 0.9], [2, 1], [0, np.nan], [np.nan, 1]], np.float32)
    labels = np.array([0, 1, 0, 1, 0, 1, -1, 1])
    pins = {"A": Put(codes[0] + 0.5, 1)}
    return Known(codes, labels, ("cat", "dog"), FACTORS, values, pins, {"mine": np.array([1, 7, 99])})


@pytest.mark.parametrize(
    ("what", "members"),
    [
        ("point 5", [5]),
        ("class dog", [1, 3, 5, 7]),
        ("group mine", [1, 7]),
        ("glasses=round", [1, 4]),
        ("glasses=round|sun", [1, 2, 4, 5]),
        ("glasses!=none", [1, 2, 4, 5, 7]),
        ("smile=low", [0, 1]),
        ("smile=middle", [2, 3]),
        ("smile=high,glasses=sun", [5]),
    ],
)
def test_members(known, what, members):
    assert known.members(what).tolist() == members


@pytest.mark.parametrize(
    ("what", "complaint"),
    [
        ("point 8", "no point 8"),
        ("point -1", "no point -1"),
        ("class cow", "no class 'cow'.*cat, dog"),
        ("group yours", "Nothing here is called"),
        ("glasses=blue", "never 'blue'.*none, round, sun"),
        ("nose=big", "No factor 'nose'.*glasses, smile"),
        ("glasses=sun,smile=low", "No point of the map is glasses sun, smile low"),
        ("glasses=", "no condition"),
        ("pin B", "no pin B"),
        ("", "Nothing here is called"),
        ("code 1 2", "has 2 numbers; those of this model have 3"),
        ("code 1 2 x", "written as numbers"),
        ("code 1 2 nan", "not numbers"),
    ],
)
def test_what_cannot_be_named_is_said(known, what, complaint):
    with pytest.raises(UserError, match=complaint):
        known.put(what)


def test_a_group_is_its_mean_and_the_class_all_have(known):
    assert known.put("class dog").label == 1
    np.testing.assert_allclose(known.put("class dog").code, known.codes[[1, 3, 5, 7]].mean(0))
    assert known.put("glasses!=none").label is None
    assert known.put("pin A").label == 1


def test_a_code_in_words_is_the_same_to_the_bit(known):
    code = np.array([1 / 3, -1e-20, 12345.678], np.float32)
    np.testing.assert_array_equal(known.put(written_code(code)).code, code)


def test_sums_are_read_and_written(known):
    text = "glasses!=none - 0.5*class dog + pin A"
    terms = read_terms(text)
    assert [term.weight for term in terms] == [1, -0.5, 1]
    assert written(terms) == text
    assert read_terms(written(terms)) == terms
    assert read_terms("- class dog + point 1")[0] == Term(-1, "class dog")
    assert in_words(terms) == "glasses not none - 0.5*class dog + pin A"
    assert in_words([Term(1, "character=man,glasses!=none", "man with glasses")]) == "man with glasses"
    minus = written_code(np.array([-1.5, 2, -3], np.float32))
    assert len(read_terms(f"{minus} - {minus}")) == 2


@pytest.mark.parametrize("text", ["", "   ", "point 1 - ", "20*point 1", " + ".join(["point 1"] * 27)])
def test_what_is_no_sum_is_said(text):
    with pytest.raises(UserError, match="sum"):
        read_terms(text)


def test_codes_and_classes_add_up(known):
    puts, total = results(read_terms("class cat - class dog + class cat"), known, classes=2)
    np.testing.assert_allclose(total.code, 2 * puts[0].code - puts[1].code, rtol=1e-6)
    assert total.label == 0
    mixed = summed(puts, [0.5, 0.5, 0.0], 2).label
    np.testing.assert_allclose(mixed, [0.5, 0.5])
    assert summed(puts, [1, 1, 1], 0).label is None
    assert summed(puts[1:2], [-1], 2).label is None  # nothing is left of it
    assert summed([Put(known.codes[0])], [1], 2).label is None


def test_words_of_names():
    assert titled("glasses=round|sun,character!=man") == "glasses round or sun, character not man"
    assert titled("code 1 2") == "a code"
    assert titled("group my own") == "my own"
    assert titled("class 3") == "class 3"
