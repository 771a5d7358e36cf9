"""How far two models lay pictures apart, and whose neighbours stay together."""

import numpy as np
import pytest

from models import comparing
from models.comparing import aligned, contrasts, drifts, kept_neighbours
from models.errors import Stopped
from models.job import Control, finished


@pytest.fixture
def codes():
    return np.random.default_rng(0).standard_normal((200, 3)).astype(np.float32) * [3, 2, 1]


def turned(codes, scale=2.5):
    """The same codes turned, mirrored, moved and scaled."""
    turn = np.linalg.qr(np.random.default_rng(1).standard_normal((3, 3)))[0]
    return (scale * codes @ turn + 7).astype(np.float32)


def test_what_differs_by_axes_alone_has_not_drifted_and_keeps_its_neighbours(codes):
    np.testing.assert_allclose(aligned(turned(codes), codes), codes, atol=1e-4)
    np.testing.assert_allclose(drifts(turned(codes), codes), 0, atol=1e-4)
    np.testing.assert_array_equal(finished(kept_neighbours(codes, turned(codes), Control())), 1)


def test_what_was_moved_has_drifted_furthest_and_lost_its_neighbours(codes):
    moved = turned(codes)
    moved[7] = moved[np.argmax(np.linalg.norm(moved - moved[7], axis=1))] + 0.01
    found = finished(contrasts(codes, moved, Control()))
    assert found.shape == (200, len(comparing.FACTORS))
    assert found[:, 1].argmax() == 7
    assert found[7, 0] == 0
    assert found[7, 1] > 1 > 5 * np.median(found[:, 1])


def test_codes_of_other_widths_are_compared_in_the_wider(codes):
    wider = np.hstack([codes, np.zeros((200, 4), np.float32)])
    np.testing.assert_allclose(drifts(wider, codes), 0, atol=1e-4)
    np.testing.assert_allclose(drifts(codes, wider), 0, atol=1e-4)


def test_strangers_share_hardly_a_neighbour(codes):
    others = np.random.default_rng(9).standard_normal((200, 5)).astype(np.float32)
    assert finished(kept_neighbours(codes, others, Control())).mean() < 0.1
    assert np.median(drifts(others, codes)) > 0.5


@pytest.mark.parametrize("count", [1, 2, 5])
def test_few_points_and_equal_ones_are_no_trouble(count):
    same = np.ones((count, 2), np.float32)
    found = finished(contrasts(same, same, Control()))
    assert np.isfinite(found).all()
    assert (found[:, 1] == 0).all()


def test_a_stop_is_heard(codes):
    control = Control()
    control.stop()
    with pytest.raises(Stopped):
        finished(kept_neighbours(codes, codes, control))
