"""Exact neighbours of many codes at once, equal ones and far-away clouds included."""

import numpy as np
import pytest

from models.errors import Stopped
from models.job import Control, finished
from models.neighbourhood import Neighbourhood


def cloud(count, width, seed=0, shift=0.0):
    return (np.random.default_rng(seed).standard_normal((count, width)) + shift).astype(np.float32)


@pytest.mark.parametrize("width", [1, 2, 16, 512])
@pytest.mark.parametrize("shift", [0.0, 1000.0])
def test_nearest_are_those_of_the_plain_search(width, shift):
    codes, queries = cloud(300, width, 0, shift), cloud(40, width, 1, shift)
    found = Neighbourhood(codes).nearest(queries, 7)
    away = np.linalg.norm(codes[None].astype(np.float64) - queries[:, None], axis=2)
    wanted = np.sort(away, axis=1)[:, :7]
    np.testing.assert_allclose(found.distances, wanted, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(np.take_along_axis(away, found.indices, axis=1), wanted, rtol=1e-3, atol=1e-4)


def test_nobody_is_its_own_neighbour():
    codes = cloud(200, 8)
    graph = finished(Neighbourhood(codes).graph(5, Control()))
    assert graph.indices.shape == graph.distances.shape == (200, 5)
    assert not (graph.indices == np.arange(200)[:, None]).any()
    assert (np.diff(graph.distances, axis=1) >= 0).all()


def test_many_equal_codes_have_neighbours_too():
    codes = np.repeat(cloud(3, 4), 20, axis=0)
    graph = finished(Neighbourhood(codes).graph(10, Control()))
    assert graph.indices.shape == (60, 10)
    assert not (graph.indices == np.arange(60)[:, None]).any()
    assert not graph.distances.any()


def test_asking_for_more_than_there_are():
    found = Neighbourhood(cloud(3, 4)).nearest(cloud(2, 4, 1), 9)
    assert found.indices.shape == (2, 3)


def test_a_stop_ends_the_search():
    control = Control()
    work = Neighbourhood(cloud(5000, 8)).graph(5, control)
    what, share, _ = next(work)
    assert what
    assert 0 < share < 1
    control.stop()
    with pytest.raises(Stopped):
        next(work)
