"""The ways to see codes: what each shows, that a seed decides it, and a clear sentence where there is none."""

import numpy as np
import pytest

from models import charts, projection
from models.errors import Stopped, UserError
from models.job import Control, finished

LAYOUTS = ("tsne", "umap")
QUICK = {"tsne": {"rounds": 50, "perplexity": 10}, "umap": {"rounds": 60, "neighbours": 10}}


def cloud(count=120, width=6, seed=0):
    return np.random.default_rng(seed).standard_normal((count, width)).astype(np.float32)


def clusters(width=8, each=40):
    """Three clusters far apart, and their labels."""
    random = np.random.default_rng(1)
    middles = 12 * random.standard_normal((3, width))
    labels = np.repeat(np.arange(3), each)
    return (middles[labels] + random.standard_normal((3 * each, width))).astype(np.float32), labels


# ---- planes


def test_two_numbers_are_shown_as_they_are():
    codes = cloud() + 3
    found = charts.made("dimensions", {"across": 5, "up": 2}, codes)
    np.testing.assert_allclose(projection.project(codes, found), codes[:, [4, 1]], atol=1e-6)
    back = projection.unproject(np.array([[1, 2]], np.float32), found)[0]
    assert (back[4], back[1]) == (1, 2)
    np.testing.assert_allclose(back[[0, 2, 3, 5]], codes.mean(axis=0)[[0, 2, 3, 5]], atol=1e-5)
    shown = codes[:, [4, 1]].var(axis=0).sum() / codes.var(axis=0).sum()
    assert found.explained == pytest.approx(shown, rel=1e-4)


def test_the_plane_goes_through_its_three_corners():
    codes = cloud()
    corners = codes[:3]
    found = charts.made("plane", {}, codes, corners)
    points = projection.project(corners, found)
    np.testing.assert_allclose(projection.unproject(points, found), corners, atol=1e-5)
    assert points[0] == pytest.approx([0, 0], abs=1e-5)
    assert points[1, 0] > 0
    assert points[1, 1] == pytest.approx(0, abs=1e-5)
    assert points[2, 1] > 0
    np.testing.assert_allclose(found.axes @ found.axes.T, np.eye(2), atol=1e-5)
    assert 0 < found.explained < 1


def test_three_codes_on_a_line_span_no_plane():
    codes = cloud()
    for corners in (np.stack([codes[0]] * 3), np.stack([codes[0], codes[1], (codes[0] + codes[1]) / 2])):
        with pytest.raises(UserError, match="on one line"):
            charts.made("plane", {}, codes, corners)


def test_space_shows_three_principal_components_and_keeps_distances_when_turned():
    codes = cloud(300, 10) * np.linspace(3, 0.2, 10, dtype=np.float32)
    front = charts.made("pca-3d", {}, codes)
    plane = projection.fit(codes)
    np.testing.assert_allclose(projection.project(codes, front), projection.project(codes, plane), atol=1e-3)
    turned = charts.made("pca-3d", {"yaw": 30, "pitch": -50}, codes)

    def in_space(found):
        return np.column_stack([projection.project(codes, found), projection.depths(codes, found)])

    np.testing.assert_allclose(
        np.linalg.norm(in_space(front), axis=1), np.linalg.norm(in_space(turned), axis=1), rtol=1e-3
    )
    assert not np.allclose(in_space(front), in_space(turned), atol=0.1)
    half = charts.made("pca-3d", {"yaw": 180}, codes)
    np.testing.assert_allclose(projection.depths(codes, half), -projection.depths(codes, front), atol=1e-3)


def test_space_lies_as_the_flat_map_did():
    codes = cloud(300, 10) * np.linspace(3, 0.2, 10, dtype=np.float32)
    plane = projection.fit(codes)
    mirrored = projection.Projection("pca", plane.mean, -plane.axes[::-1], plane.explained)
    front = charts.made("pca-3d", {}, codes, None, mirrored)
    np.testing.assert_allclose(projection.project(codes, front), projection.project(codes, mirrored), atol=1e-3)


def test_what_is_near_follows_the_hand():
    codes = cloud(50, 3)
    front = charts.made("pca-3d", {}, codes)
    near = (front.mean + front.depth)[None]
    right = projection.project(near, projection.seen_from(front, 20, 0))[0]
    up = projection.project(near, projection.seen_from(front, 0, 20))[0]
    assert right[0] > 0.3
    assert up[1] > 0.3


# ---- layouts


@pytest.mark.parametrize("kind", LAYOUTS)
def test_a_layout_keeps_clusters_apart_and_a_seed_decides_it(kind):
    codes, labels = clusters()
    found = finished(charts.laid(kind, QUICK[kind], codes, 7, Control()))
    points = found.layout.ground.points
    assert points.shape == (len(codes), 2)
    assert np.isfinite(points).all()
    middles = np.stack([points[labels == label].mean(axis=0) for label in range(3)])
    nearest = np.linalg.norm(points[:, None] - middles, axis=2).argmin(axis=1)
    assert (nearest == labels).mean() > 0.95
    again = finished(charts.laid(kind, QUICK[kind], codes, 7, Control()))
    np.testing.assert_array_equal(points, again.layout.ground.points)
    assert found.name == kind
    assert found.settings["seed"] == 0
    assert found.settings["step"] == found.layout.step == 7
    other = finished(charts.laid(kind, {**QUICK[kind], "seed": 1}, codes, 7, Control()))
    assert not np.allclose(points, other.layout.ground.points, atol=1e-3)


@pytest.mark.parametrize("kind", LAYOUTS)
def test_a_layout_can_be_watched_and_stopped(kind):
    codes, _ = clusters(each=100)
    control = Control()
    work = charts.laid(kind, QUICK[kind], codes, 0, control)
    moments = []
    for moment in work:
        moments.append(moment)
        if moment.projection is not None:
            break
    assert moments[0].what
    seen = moments[-1]
    assert 0 < seen.share < 1
    start = projection.project(codes, projection.fit(codes))
    assert seen.projection.layout.ground.points.std() == pytest.approx(start.std(), rel=0.3)
    control.stop()
    with pytest.raises(Stopped):
        for _ in work:
            pass


@pytest.mark.parametrize("kind", LAYOUTS)
@pytest.mark.parametrize("width", [1, 2, 512])
def test_narrow_and_wide_codes_are_laid(kind, width):
    found = finished(charts.laid(kind, QUICK[kind], cloud(30, width), 0, Control()))
    assert np.isfinite(found.layout.ground.points).all()


@pytest.mark.parametrize("kind", LAYOUTS)
def test_four_points_and_many_equal_ones_are_laid(kind):
    for codes in (cloud(4, 3), np.repeat(cloud(5, 3), 12, axis=0)):
        found = finished(charts.laid(kind, QUICK[kind], codes, 0, Control()))
        assert np.isfinite(found.layout.ground.points).all()


# ---- what cannot be


@pytest.mark.parametrize("kind", LAYOUTS)
@pytest.mark.parametrize(
    ("codes", "words"),
    [
        (cloud(3), "at least 4 points; there are 3"),
        (np.ones((9, 4), np.float32), "All 9 codes are the same"),
        (np.where(np.arange(40)[:, None] % 20 == 0, np.nan, cloud(40)), "2 of the 40 codes are not finite numbers"),
    ],
)
def test_codes_without_neighbours_get_a_sentence(kind, codes, words):
    with pytest.raises(UserError, match=words):
        finished(charts.laid(kind, {}, codes, 0, Control()))


@pytest.mark.parametrize(
    ("kind", "settings", "width", "words"),
    [
        ("identity", {}, 3, "Only codes of one or two numbers"),
        ("pca", {}, 1, "at least 2 numbers"),
        ("pca-3d", {}, 2, "at least 3 numbers"),
        ("plane", {}, 4, "Pin three codes first"),
        ("dimensions", {"across": 5}, 4, "4 numbers. Choose two from 1 to 4"),
        ("dimensions", {"across": 2, "up": 2}, 4, "two different ones"),
        ("dimensions", {"across": 0}, 4, "across must be a whole number from 1"),
        ("tsne", {"perplexity": 1}, 4, "perplexity must be"),
        ("umap", {"nearness": 1}, 4, "no setting 'nearness'"),
    ],
)
def test_what_cannot_be_is_said(kind, settings, width, words):
    make = _laid if charts.KINDS[kind].lays else charts.made
    with pytest.raises(UserError, match=words):
        make(kind, settings, cloud(20, width))


def _laid(kind, settings, codes):
    return finished(charts.laid(kind, settings, codes, 0, Control()))


def test_a_missing_library_is_named(monkeypatch):
    monkeypatch.setattr(charts, "find_spec", lambda name: None)
    assert charts.refused("umap", 8) == "UMAP needs the library umap. Run `python -m pip install umap-learn`."
    with pytest.raises(UserError, match="pip install openTSNE"):
        charts.require("tsne", cloud())


@pytest.mark.parametrize("width", [1, 2, 3, 512])
def test_the_map_has_a_home_for_codes_of_any_width(width):
    home = charts.home(width)
    assert charts.refused(home, width) == ""
    assert charts.made(home, {}, cloud(20, width)).name == home
