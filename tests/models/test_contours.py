"""The lines of equal density: where they lie, how much they enclose, and what has none."""

import numpy as np
import pytest
from matplotlib.path import Path

from models.contours import contours, density, levels

BOUNDS = (-4.0, -4.0, 4.0, 4.0)


def cloud(count=5_000, at=(0.0, 0.0), seed=0):
    return (np.random.default_rng(seed).standard_normal((count, 2)) + at).astype(np.float32)


def inside(points, lines):
    """The share of points within closed lines, each one within an odd number of them."""
    crossed = sum(Path(line).contains_points(points).astype(int) for line in lines)
    return float(np.mean(crossed % 2 == 1))


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_a_line_holds_its_share_of_the_points(share):
    points = cloud()
    (lines,) = contours(points, BOUNDS, (share,))
    assert inside(points, lines) == pytest.approx(share, abs=0.03)
    (line,) = lines
    radius = np.sqrt(-2 * np.log(1 - share))  # of a normal distribution in the plane
    np.testing.assert_allclose(np.linalg.norm(line, axis=1), radius, rtol=0.25)


def test_two_clouds_have_lines_of_their_own():
    points = np.concatenate([cloud(2_000, (-3, 0)), cloud(2_000, (3, 1), 1)])
    (lines,) = contours(points, (-6, -4, 6, 5), (0.5,))
    middles = sorted(line.mean(axis=0).tolist() for line in lines)
    np.testing.assert_allclose(middles, [[-3, 0], [3, 1]], atol=0.2)


def test_the_density_keeps_all_points_and_is_nowhere_negative():
    points = cloud(500)
    grid, (left, bottom, right, top) = density(points, BOUNDS)
    assert grid.min() >= 0
    assert grid.sum() == pytest.approx(500, rel=0.01)
    rows, columns = grid.shape
    assert (right - left) / (columns - 1) == pytest.approx((top - bottom) / (rows - 1), rel=0.05)
    up = np.linspace(bottom, top, rows) @ grid.sum(axis=1) / grid.sum()
    assert up == pytest.approx(points[:, 1].mean(), abs=0.05)


@pytest.mark.parametrize("points", [np.empty((0, 2)), cloud(4), np.zeros((50, 2)), np.full((50, 2), np.nan)])
def test_too_few_identical_or_impossible_points_have_no_lines(points):
    assert contours(points.astype(np.float32), BOUNDS) == []
    assert contours(cloud(), (1.0, 1.0, 1.0, 1.0)) == []


def test_points_on_a_line_have_lines_around_it():
    points = np.stack([np.linspace(-3, 3, 200), np.zeros(200)], axis=1).astype(np.float32)
    lines = contours(points, (-3, 0, 3, 0.1), (0.8,))
    assert np.isfinite(np.concatenate(lines[0])).all()


def test_stray_points_and_points_that_are_not_numbers_change_little():
    points = cloud()
    strayed = np.concatenate([points, [[900, -900], [np.inf, 0]]]).astype(np.float32)
    ((clean,),), ((other,),) = contours(points, BOUNDS, (0.5,)), contours(strayed, BOUNDS, (0.5,))
    assert np.linalg.norm(clean, axis=1).mean() == pytest.approx(np.linalg.norm(other, axis=1).mean(), rel=0.05)


def test_levels_fall_as_shares_grow():
    grid, _ = density(cloud(), BOUNDS)
    found = levels(grid, (0.2, 0.4, 0.9))
    assert found == sorted(found, reverse=True)
    assert levels(np.ones((4, 4)), (0.2, 0.9)) == [1.0]
