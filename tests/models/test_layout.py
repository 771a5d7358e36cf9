"""Ways between codes and points that no formula joins: exact at the points and steady in between."""

import numpy as np
import pytest

from models import projection
from models.events import Projection
from models.layout import Ground, Layout


def laid(codes, points, step=5):
    layout = Layout(np.asarray(codes, np.float32), Ground(np.asarray(points, np.float32)), step)
    width = layout.codes.shape[1]
    return Projection("tsne", np.zeros(width, np.float32), np.eye(2, width, dtype=np.float32), 0.5, layout=layout)


@pytest.fixture
def bent():
    """Codes on a bent sheet in 5-D, laid flat."""
    points = np.random.default_rng(0).uniform(-1, 1, (400, 2))
    x, y = points.T
    return laid(np.stack([np.sin(2 * x), np.cos(2 * x), y, y**2, 0 * x], axis=1), points)


def test_points_that_were_laid_are_met_exactly(bent):
    layout = bent.layout
    np.testing.assert_allclose(projection.project(layout.codes, bent), layout.ground.points, atol=1e-4)
    np.testing.assert_allclose(projection.unproject(layout.ground.points, bent), layout.codes, atol=1e-4)


def test_places_between_are_mixed_of_those_around(bent):
    place = np.array([[0.1, -0.2]], np.float32)
    code = projection.unproject(place, bent)
    true = np.array([[np.sin(0.2), np.cos(0.2), -0.2, 0.04, 0]])
    np.testing.assert_allclose(code, true, atol=0.08)
    np.testing.assert_allclose(projection.project(code, bent), place, atol=0.08)


def test_a_small_step_is_a_small_change(bent):
    way = np.stack([np.linspace(-0.9, 0.9, 4000), np.full(4000, 0.03)], axis=1).astype(np.float32)
    codes = projection.unproject(way, bent)
    assert np.linalg.norm(np.diff(codes, axis=0), axis=1).max() < 0.02
    points = projection.project(codes, bent)
    assert np.linalg.norm(np.diff(points, axis=0), axis=1).max() < 0.05


@pytest.mark.parametrize("count", [1, 2, 3, 9, 40])
@pytest.mark.parametrize("width", [1, 2, 512])
def test_identical_points_answer_with_themselves(count, width):
    same = laid(np.full((count, width), 0.5), np.full((count, 2), 2.0))
    np.testing.assert_allclose(projection.unproject(np.array([[9, 9], [2, 2]], np.float32), same), 0.5)
    np.testing.assert_allclose(projection.project(np.full((3, width), 7, np.float32), same), 2.0)


def test_a_large_grid_of_wide_codes_takes_little_memory():
    import tracemalloc

    random = np.random.default_rng(0)
    wide = laid(random.standard_normal((2000, 512)), random.standard_normal((2000, 2)))
    places = random.standard_normal((4096, 2)).astype(np.float32)
    projection.unproject(places[:2], wide)
    tracemalloc.start()
    codes = projection.unproject(places, wide)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert codes.shape == (4096, 512)
    assert peak < 4 * codes.nbytes
