"""Walks along single dimensions: ranges, codes, order and what is dead."""

import numpy as np
import pytest

from models.traversals import dead, ordered, places, ranges_of, spreads_of, walks


def test_ranges_hold_the_data_and_the_prior():
    codes = np.random.default_rng(0).standard_normal((500, 2)).astype(np.float32) * [0.01, 9.0]
    own, with_prior = ranges_of(codes, False), ranges_of(codes, True)
    assert own[0, 1] < 0.1
    np.testing.assert_allclose(with_prior[0], [-3, 3])
    np.testing.assert_allclose(with_prior[1], own[1])
    assert spreads_of(codes, True)[0] == 1
    assert spreads_of(codes, False)[0] < 0.02


@pytest.mark.parametrize("dimensions", [1, 512])
def test_a_walk_changes_one_number_alone(dimensions):
    code = np.random.default_rng(1).standard_normal(dimensions).astype(np.float32)
    ranges = np.tile(np.array([-2, 4], np.float32), (dimensions, 1))
    shown = np.arange(dimensions)[::-1][:3]
    codes = walks(code, shown, ranges, 5).reshape(len(shown), 5, dimensions)
    for row, dimension in enumerate(shown):
        np.testing.assert_allclose(codes[row, :, dimension], [-2, -0.5, 1, 2.5, 4])
        np.testing.assert_array_equal(np.delete(codes[row], dimension, 1), np.tile(np.delete(code, dimension), (5, 1)))
    assert places(ranges, 0, 1).tolist() == [1.0]


def test_order_and_the_dead():
    effect, kl = np.array([0.1, 0.0001, 0.3], np.float32), np.array([2.0, 0.001, 0.005], np.float32)
    assert ordered(3, "number", effect, kl).tolist() == [0, 1, 2]
    assert ordered(3, "effect", effect, kl).tolist() == [2, 0, 1]
    assert ordered(3, "kl", effect, kl).tolist() == [0, 2, 1]
    assert ordered(3, "kl", effect, None).tolist() == [0, 1, 2]  # not known
    assert ordered(4, "effect", effect, kl).tolist() == [0, 1, 2, 3]  # of another model
    assert dead(effect, None, 3).tolist() == [False, True, False]
    assert dead(effect, kl, 3).tolist() == [False, True, True]
    assert dead(None, None, 2).tolist() == [False, False]
