"""The map's plane: greatest variance, steady over time, and never a division by zero."""

from __future__ import annotations

import time

import numpy as np
import pytest

from models import projection


def cloud(count: int, width: int, seed: int = 0) -> np.ndarray:
    """Codes with variance falling from dimension to dimension, turned by a random rotation."""
    rng = np.random.default_rng(seed)
    spread = 8.0 / np.arange(1, width + 1)
    turn = np.linalg.qr(rng.standard_normal((width, width)))[0]
    return ((rng.standard_normal((count, width)) * spread) @ turn + 3.0).astype(np.float32)


def test_two_dimensions_show_themselves():
    codes = cloud(50, 2)
    found = projection.fit(codes)
    assert found.name == "identity"
    np.testing.assert_array_equal(projection.project(codes, found), codes)
    np.testing.assert_array_equal(projection.unproject(codes, found), codes)


def test_one_dimension_is_padded():
    codes = cloud(50, 1)
    found = projection.fit(codes)
    points = projection.project(codes, found)
    assert points.shape == (50, 2)
    assert not points[:, 1].any()
    np.testing.assert_array_equal(projection.unproject(points, found), codes)


@pytest.mark.parametrize("width", [3, 16, 700])  # 700 takes the way of wide codes
def test_plane_is_that_of_the_principal_components(width):
    codes = cloud(400, width)
    found = projection.fit(codes)
    centred = codes.astype(np.float64) - codes.mean(axis=0, dtype=np.float64)
    singular, directions = np.linalg.svd(centred, full_matrices=False)[1:]
    overlap = np.abs(found.axes @ directions[:2].T)
    np.testing.assert_allclose(overlap, np.eye(2), atol=0.02)
    assert found.explained == pytest.approx((singular[:2] ** 2).sum() / (singular**2).sum(), rel=1e-3)
    np.testing.assert_allclose(found.axes @ found.axes.T, np.eye(2), atol=1e-5)


@pytest.mark.parametrize("width", [3, 700])
def test_points_on_the_plane_come_back(width):
    found = projection.fit(cloud(100, width))
    points = np.array([[0, 0], [1.5, -2], [-3, 0.25]], dtype=np.float32)
    np.testing.assert_allclose(projection.project(projection.unproject(points, found), found), points, atol=1e-4)


def test_map_does_not_flip_between_two_fits():
    codes = cloud(300, 8)
    before = projection.fit(codes)
    mirrored = projection.Projection("pca", before.mean, -before.axes[::-1], before.explained)
    after = projection.fit(codes + 0.01, mirrored)
    np.testing.assert_allclose(after.axes, mirrored.axes, atol=1e-4)


def test_signs_do_not_depend_on_chance():
    codes = cloud(300, 8)
    axes = projection.fit(codes).axes
    assert all(row[np.abs(row).argmax()] > 0 for row in axes)
    np.testing.assert_allclose(projection.fit(codes[::-1].copy()).axes, axes, atol=1e-4)


@pytest.mark.parametrize("width", [1, 2, 3, 512, 4096])
@pytest.mark.parametrize("count", [1, 2, 40])
def test_identical_points_have_a_plane_too(width, count):
    codes = np.full((count, width), 0.5, dtype=np.float32)
    first = projection.fit(codes)
    for found in (first, projection.fit(codes, first)):
        assert np.isfinite(found.axes).all()
        assert 0.0 <= found.explained <= 1.0
        assert np.isfinite(projection.project(codes, found)).all()


def test_wide_codes_do_not_blow_up():
    codes = np.random.default_rng(0).standard_normal((2000, 4096), dtype=np.float32)
    start = time.perf_counter()
    found = projection.fit(codes)
    assert time.perf_counter() - start < 5.0  # a dense 4096 x 4096 eigenproblem takes half a minute
    assert found.axes.shape == (2, 4096)


def test_arrays_are_read_only():
    found = projection.fit(cloud(10, 5))
    assert not found.axes.flags.writeable
    assert not found.mean.flags.writeable
    assert found.axes.dtype == found.mean.dtype == np.float32
