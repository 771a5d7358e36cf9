from __future__ import annotations

import math

import pytest

from explorer.words import duration, figure, measured, number, time_left


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"), (-3, "0 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (80, "1 min 20 s"), (3600, "1 h 00 min"),
        (7500, "2 h 05 min"), (90_000, "1 d 1 h"), (math.inf, "a long time"), (math.nan, "a long time"),
    ],
)  # fmt: skip
def test_durations_are_two_words_at_most(seconds, words):
    assert duration(seconds) == words


def test_time_left_says_nothing_until_it_is_known():
    assert time_left(None) == "… left"
    assert time_left(0.0) == "0 s left"
    assert time_left(80) == "1 min 20 s left"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (143.21, "143.2"), (0.071423, "0.07142"), (0, "0.000"), (-5.5, "-5.500"), (54321.0, "54,321"),
        (1.2e-7, "1.20e-07"), (0.00071423, "7.14e-04"), (-0.0010004, "-0.001000"),
        (3e9, "3.00e+09"), (math.nan, "nan"), (math.inf, "inf"),
    ],
)  # fmt: skip
def test_numbers_keep_the_digits_that_matter(value, text):
    assert number(value) == text


def test_figures_are_named_as_in_the_lectures():
    assert [figure(name) for name in ("neg_elbo", "recon_mse", "class_kl", "nll_k100")] == [
        "neg ELBO", "recon MSE", "class KL", "NLL k100",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "spread", "text"),
    [
        (0.98531, 0.0021, "0.9853 ± 0.0021"), (0.9512, 0.0041, "0.951 ± 0.004"), (1234.5, 31.0, "1,234 ± 31"),
        (10.0, 0.0, "10 ± 0"), (0.5, 0.0, "0.5000 ± 0"), (93.2, None, "93.20"), (93.2, math.nan, "93.20"),
        (4.0, 1e-9, "4.000 ± 1e-09"),
    ],
)  # fmt: skip
def test_a_figure_ends_where_chance_begins(value, spread, text):
    assert measured(value, spread) == text
