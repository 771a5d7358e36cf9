"""Pure maths on codes, checked against closed forms and brute force."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from models import latent
from models.latent import CACHED

A = np.array([1.0, 0.0, 0.0], dtype=np.float32)
B = np.array([0.0, 2.0, 0.0], dtype=np.float32)


@pytest.mark.parametrize("way", [latent.lerp, latent.slerp])
def test_ways_begin_and_end_where_they_should(way):
    codes = way(A, B, [0.0, 1.0])
    np.testing.assert_allclose(codes, [A, B], atol=1e-6)
    assert codes.dtype == np.float32
    assert way(A, B, 0.5).shape == (3,)


def test_lerp_is_straight_and_slerp_keeps_to_the_sphere():
    np.testing.assert_allclose(latent.lerp(A, B, 0.25), [0.75, 0.5, 0])
    unit = latent.slerp(A, B / 2, np.linspace(0, 1, 9))
    np.testing.assert_allclose(np.linalg.norm(unit, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(latent.slerp(A, B / 2, 1 / 3), [np.cos(np.pi / 6), 0.5, 0], atol=1e-6)


@pytest.mark.parametrize("end", [A, 3 * A, -A, 0 * A, A + np.float32(1e-7)])
def test_slerp_without_an_arc_is_straight(end):
    where = np.linspace(0, 1, 5)
    np.testing.assert_array_equal(latent.slerp(A, end, where), latent.lerp(A, end, where))


def test_ranges_leave_outliers_out_and_never_have_no_width():
    codes = np.zeros((1001, 2), dtype=np.float32)
    codes[:, 0] = np.linspace(-1, 1, 1001)
    codes[0, 0] = -1e6
    ranges = latent.quantile_ranges(codes)
    np.testing.assert_allclose(ranges, [[-1.188, 1.188], [-1, 1]], atol=0.01)
    assert latent.quantile_ranges(codes[:1]).shape == (2, 2)


def test_nearest_agrees_with_brute_force():
    rng = np.random.default_rng(0)
    codes, code = rng.standard_normal((500, 7)).astype(np.float32), rng.standard_normal(7).astype(np.float32)
    distances = np.linalg.norm(codes.astype(np.float64) - code, axis=1)
    found, away = latent.nearest(codes, code, 5)
    np.testing.assert_array_equal(found, np.argsort(distances)[:5])
    np.testing.assert_allclose(away, np.sort(distances)[:5], rtol=1e-6)


@pytest.mark.parametrize("width", [1, 3, 512])
def test_nearest_sees_small_differences_far_from_the_origin(width):
    """Where |a|^2 - 2ab + |b|^2 would see none; more codes than are worked on at a time."""
    codes = np.full((CACHED // width + 100, width), 1000.0, np.float32)
    codes[:, 0] += np.random.default_rng(0).permutation(len(codes)).astype(np.float32) / 256
    found, away = latent.nearest(codes, codes[17], 4)
    apart = np.abs(codes[:, 0] - codes[17, 0])
    np.testing.assert_array_equal(found, np.argsort(apart, kind="stable")[:4])
    np.testing.assert_allclose(away, np.sort(apart)[:4], rtol=1e-6)


def test_nearest_among_ten_thousand_wide_codes_copies_few_of_them():
    codes = np.random.default_rng(0).standard_normal((10_000, 512)).astype(np.float32)
    latent.nearest(codes, codes[0], 6)
    tracemalloc.start()
    latent.nearest(codes, codes[0], 6)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < codes.nbytes / 20


def test_nearest_with_equals_and_with_too_few():
    codes = np.ones((4, 2), dtype=np.float32)
    found, away = latent.nearest(codes, codes[0], 9)
    np.testing.assert_array_equal(found, [0, 1, 2, 3])
    assert not away.any()
    assert len(latent.nearest(codes, codes[0], 0)[0]) == 0


def test_plane_grid_runs_row_by_row_from_the_top_left():
    points = latent.plane_grid((0, 0, 4, 2), columns=2, rows=2)
    np.testing.assert_allclose(points, [[1, 1.5], [3, 1.5], [1, 0.5], [3, 0.5]])


def test_bounds_hold_the_points():
    points = np.array([[0, 10], [1, 20], [2, 30]], dtype=np.float32)
    left, bottom, right, top = latent.bounds_of(points)
    assert left < 0 < 2 < right
    assert bottom < 10 < 30 < top


@pytest.mark.parametrize("width", [1, 5])
def test_normal_has_the_codes_mean_and_covariance(width):
    rng = np.random.default_rng(0)
    codes = (rng.standard_normal((4000, width)) @ rng.standard_normal((width, width)) + 2).astype(np.float32)
    drawn = latent.fit_normal(codes).draw(40_000, np.random.default_rng(1))
    np.testing.assert_allclose(drawn.mean(axis=0), codes.mean(axis=0), atol=0.1)
    np.testing.assert_allclose(np.cov(drawn.T), np.cov(codes.T), atol=0.3)


def test_normal_of_identical_codes_is_that_code():
    codes = np.full((3, 4), 0.5, dtype=np.float32)
    np.testing.assert_allclose(latent.fit_normal(codes).draw(5, np.random.default_rng(0)), 0.5, atol=1e-6)
