"""Directions among codes: from group to group, where codes spread most, and places counted in spreads."""

import numpy as np
import pytest

from models.directions import between, principal
from models.errors import UserError


def clouds(dimensions=5, count=400, apart=6.0):
    """Two round clouds whose middles lie `apart` in the first dimension, and all of them."""
    random = np.random.default_rng(0)
    low = random.standard_normal((count, dimensions)).astype(np.float32)
    high = random.standard_normal((count, dimensions)).astype(np.float32)
    high[:, 0] += apart
    return low, high, np.concatenate([low, high])


def test_the_difference_leads_from_mean_to_mean_in_spreads_of_all_codes():
    low, high, codes = clouds()
    found = between(low, high, codes)
    assert np.linalg.norm(found.axis) == pytest.approx(1, abs=1e-6)
    assert found.axis[0] > 0.99
    assert found.spread == pytest.approx((codes @ found.axis).std(), rel=1e-5)
    assert found.places(codes).mean() == pytest.approx(0, abs=1e-6)
    assert found.places(codes).std() == pytest.approx(1, rel=1e-6)
    assert found.ends == pytest.approx((-1, 1), abs=0.1)  # two equal halves lie one spread to each side


def test_a_code_is_brought_to_a_place_and_keeps_all_else():
    low, high, codes = clouds()
    found = between(low, high, codes)
    moved = found.at(codes[3], [-2.0, 0.0, 1.5])
    np.testing.assert_allclose(found.places(moved), [-2.0, 0.0, 1.5], atol=1e-5)
    across = np.eye(5, dtype=np.float32) - np.outer(found.axis, found.axis)
    np.testing.assert_allclose(moved @ across, np.repeat((codes[3] @ across)[None], 3, 0), atol=1e-5)
    np.testing.assert_allclose(found.places(found.shifted(codes, 0.5)), found.places(codes) + 0.5, atol=1e-5)
    np.testing.assert_allclose(found.shifted(codes[:2], [1.0, -1.0]), [found.shifted(codes[:1], 1.0)[0],
                               found.shifted(codes[1:2], -1.0)[0]], atol=1e-6)  # fmt: skip


def test_the_regression_turns_away_from_what_both_groups_share():
    """Where the groups also differ in a noisy number, the parting plane heeds the noise and the means do not."""
    random = np.random.default_rng(1)
    low, high = (random.standard_normal((2000, 2)).astype(np.float32) * [0.2, 3.0] for _ in range(2))
    high += [1.0, 2.0]
    codes = np.concatenate([low, high]).astype(np.float32)
    means, plane = (between(low, high, codes, method) for method in ("difference", "logistic"))
    assert abs(means.axis[1]) > 0.8
    assert plane.axis[0] > 0.95
    assert plane.method == "logistic"
    assert plane.ends[0] < plane.ends[1]


def test_principal_directions_come_widest_first_with_steady_signs():
    random = np.random.default_rng(2)
    codes = (random.standard_normal((500, 3)) * [1.0, 5.0, 0.2]).astype(np.float32)
    found = principal(codes, 3)
    assert [int(np.abs(each.axis).argmax()) for each in found] == [1, 0, 2]
    assert [each.axis[np.abs(each.axis).argmax()] > 0 for each in found] == [True] * 3
    assert sum(each.share for each in found) == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(found[0].axis, principal(codes[::-1], 1)[0].axis, atol=1e-4)


@pytest.mark.parametrize("dimensions", [1, 512])
def test_codes_of_one_and_of_many_numbers(dimensions):
    low, high, codes = clouds(dimensions, 40)
    for method in ("difference", "logistic"):
        found = between(low, high, codes, method)
        assert found.axis.shape == (dimensions,)
        assert found.axis[0] > 0.1
    assert len(principal(codes, 4)) == min(dimensions, 4)


def test_what_has_no_direction_is_said():
    low, high, codes = clouds()
    with pytest.raises(UserError, match="empty"):
        between(low[:0], high, codes)
    with pytest.raises(UserError, match="same place"):
        between(low, low, codes)
    with pytest.raises(UserError, match="not numbers"):
        between(low * np.nan, high, codes)
    with pytest.raises(UserError, match="one place"):
        principal(np.ones((10, 3), np.float32), 2)
    with pytest.raises(UserError, match="no spread"):
        principal(codes[:1], 2)
    one = between(low[:1], high[:1], codes)  # one point on each side is enough
    assert np.isfinite(one.axis).all()


def test_axes_cannot_be_changed():
    low, high, codes = clouds()
    with pytest.raises(ValueError, match="read-only"):
        between(low, high, codes).axis[0] = 0
