"""Ways through key frames at any time, their loops and easings, and boards between four corners."""

import numpy as np
import pytest

from models import latent
from models.errors import UserError
from models.paths import EASINGS, Path, along, board

CODES = np.array([[0, 0], [2, 0], [2, 4]], np.float32)


def path(**changes):
    return Path(**{"codes": CODES, "seconds": (1.0, 3.0), **changes})


def at(way, time):
    return way.at(time).code.tolist()


def test_every_leg_takes_its_own_seconds():
    way = path()
    assert way.length == way.round == 4
    assert [at(way, time) for time in (-1, 0, 0.5, 1, 2.5, 4, 9)] == [
        [0, 0], [0, 0], [1, 0], [2, 0], [2, 2], [2, 4], [2, 4],
    ]  # fmt: skip


def test_to_and_fro_turns_round_at_both_ends():
    way = path(loop="to-and-fro")
    assert way.round == 8
    assert at(way, 5.5) == at(way, 2.5) == [2, 2]
    assert at(way, 8.5) == at(way, 0.5) == [1, 0]


def test_around_comes_back_to_the_first():
    way = path(loop="around", seconds=(1.0, 3.0, 2.0))
    assert way.length == 6
    assert at(way, 5) == [1, 2]
    assert at(way, 6.5) == [1, 0]


@pytest.mark.parametrize("easing", EASINGS)
def test_easings_rest_at_key_frames_and_never_turn_back(easing):
    shares = [EASINGS[easing](share) for share in np.linspace(0, 1, 50).tolist()]
    assert shares[0] == 0
    assert shares[-1] == 1
    assert (np.diff(shares) > 0).all()


def test_easings_are_slow_where_they_say():
    early = {name: ease(0.1) for name, ease in EASINGS.items()}
    late = {name: 1 - ease(0.9) for name, ease in EASINGS.items()}
    assert early["in"] < early["smooth"] < early["even"] < early["out"]
    assert late["out"] < late["smooth"] < late["even"] < late["in"]
    assert at(path(easing="in"), 0.5) == [0.5, 0]


def test_spherical_ways_are_arcs():
    codes = np.array([[3, 0], [0, 3]], np.float32)
    way = Path(codes, (1.0,), mode="spherical")
    np.testing.assert_array_equal(way.at(0.25).code, latent.slerp(*codes, 0.25))
    assert np.linalg.norm(way.at(0.5).code) == pytest.approx(3)


def test_geodesic_ways_follow_their_nodes_and_are_straight_without():
    nodes = np.array([[0, 0], [0, 3], [2, 0]], np.float32)
    way = path(mode="geodesic", nodes={0: nodes})
    assert at(way, 0.25) == [0, 1.5]
    assert at(way, 2.5) == [2, 2]
    assert along(nodes, 0.75).tolist() == [1, 1.5]
    assert along(nodes, 2).tolist() == [2, 0]


def test_classes_blend_along_the_way():
    way = path(shares=np.eye(3, dtype=np.float32))
    np.testing.assert_allclose(way.at(0.25).shares, [0.75, 0.25, 0])
    assert way.at(1).shares.tolist() == [0, 1, 0]
    codes, shares = way.sampled(np.array([0.0, 0.5]))
    assert codes.shape == (2, 2)
    assert shares.shape == (2, 3)
    assert path().sampled(np.array([0.0]))[1] is None


def test_a_loop_shows_its_first_picture_once():
    assert path().times(2).tolist() == [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4]
    assert path(loop="to-and-fro").times(1).tolist() == [0, 1, 2, 3, 4, 5, 6, 7]
    assert path().moments(3).tolist() == [0, 2, 4]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"codes": CODES[:1], "seconds": ()}, "two key frames"),
        ({"codes": CODES * np.nan}, "no number"),
        ({"seconds": (1.0,)}, "length"),
        ({"seconds": (1.0, 0.0)}, "length"),
        ({"seconds": (1.0, float("inf"))}, "length"),
        ({"loop": "around"}, "length"),
    ],
)
def test_what_is_no_way_is_refused(changes, words):
    with pytest.raises(UserError, match=words):
        path(**changes)


@pytest.mark.parametrize("width", [1, 512])
def test_codes_of_any_width_and_identical_ones_have_a_way(width):
    codes = np.ones((2, width), np.float32)
    for mode in ("linear", "spherical", "geodesic"):
        way = Path(codes, (1.0,), mode=mode)
        np.testing.assert_allclose(way.at(0.3).code, codes[0], rtol=1e-6)


def test_a_board_has_its_corners_and_their_middles():
    corners = np.array([[0, 0], [4, 0], [0, 8], [4, 8]], np.float32)
    codes = board(corners, 3, "linear").reshape(3, 3, 2)
    np.testing.assert_array_equal(codes[[0, 0, 2, 2], [0, 2, 0, 2]], corners)
    assert codes[1, 1].tolist() == [2, 4]
    assert codes[0, 1].tolist() == [2, 0]
    assert codes[1, 0].tolist() == [0, 4]


def test_a_spherical_board_stays_on_the_sphere():
    corners = np.eye(4, dtype=np.float32) * 5
    norms = np.linalg.norm(board(corners, 5, "spherical"), axis=1)
    np.testing.assert_allclose(norms, 5, rtol=1e-5)
