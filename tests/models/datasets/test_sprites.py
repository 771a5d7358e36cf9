"""The sprites are the whole grid in order, every factor moves what it says, and many of them live on the disk."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.datasets import cache, sprites
from models.datasets import drawn as drawn_sets
from models.datasets.sprite_drawing import GRID, TOTAL, Sprites, places
from models.errors import UserError
from models.registry import datasets, source

HASHES = {
    "soft": "566227d07617a8e51385a6a279e5522446232b08fa2dea63e2c4c2e711c5cb84",
    "hard": "ae09337b5efb17e535550b7ff09a8f24a2b330767638b76f62b54ef1d9c212b8",
}


def at(shape=2, scale=5, rotation=0, x=15, y=15):
    """Places in the grid of sprites with these factors, of which each may be several numbers."""
    return np.ravel_multi_index(np.broadcast_arrays(shape, scale, rotation, x, y), GRID).ravel()


def drawn(side, hard=False, **factors):
    return Sprites(side, hard).draw(at(**factors))[:, 0]


def middles(pictures):
    """Centres of mass [n, 2] of pictures, right and down, in pixels from the edge."""
    mass = pictures.astype(np.float64)
    steps = np.arange(pictures.shape[-1]) + 0.5
    return np.stack([(mass.sum(1) * steps).sum(1), (mass.sum(2) * steps).sum(1)], 1) / mass.sum((1, 2))[:, None]


def test_the_grid_is_complete_and_in_order():
    assert TOTAL == 3 * 6 * 40 * 32 * 32
    where = places(np.arange(TOTAL))
    assert where.min(0).tolist() == [0] * 5
    assert where.max(0).tolist() == [2, 5, 39, 31, 31]
    np.testing.assert_array_equal(np.ravel_multi_index(tuple(where.T), GRID), np.arange(TOTAL))
    assert where[1].tolist() == [0, 0, 0, 0, 1]
    assert where[32].tolist() == [0, 0, 0, 1, 0]


@pytest.mark.parametrize("side", [64, 32])
@pytest.mark.parametrize("shape", [0, 1, 2])
def test_x_and_y_move_the_middle_by_even_steps(side, shape):
    step = side / 64
    along = middles(drawn(side, shape=shape, rotation=7, x=np.arange(32), y=4))
    np.testing.assert_allclose(along[:, 0], (16.5 + np.arange(32)) * step, atol=0.1)
    np.testing.assert_allclose(along[:, 1], 20.5 * step, atol=0.1)
    down = middles(drawn(side, shape=shape, rotation=7, x=4, y=np.arange(32)))
    np.testing.assert_allclose(down[:, 1], (16.5 + np.arange(32)) * step, atol=0.1)


@pytest.mark.parametrize(("side", "hard"), [(64, False), (64, True), (32, False)])
def test_scale_is_the_root_of_the_area(side, hard):
    for shape, area in ((0, 2.0), (1, 2.0), (2, 2.07)):
        found = drawn(side, hard, shape=shape, scale=np.arange(6), rotation=4).sum((1, 2)) / 255
        np.testing.assert_allclose(found, area * (np.linspace(0.5, 1, 6) * 15.5 * side / 64) ** 2, rtol=0.04)


@pytest.mark.parametrize(("shape", "period"), [(0, 10), (1, 20), (2, 40)])
@pytest.mark.parametrize("side", [64, 32])
def test_rotation_comes_round_as_often_as_the_shape_is_symmetric(shape, period, side):
    pictures = drawn(side, shape=shape, rotation=np.arange(40))
    for rotation in range(40):
        same = [other for other in range(40) if np.array_equal(pictures[other], pictures[rotation])]
        assert same == list(range(rotation % period, 40, period))


def test_the_heart_stands_upright_and_turns_anticlockwise():
    upright, quarter = drawn(64, rotation=[0, 10], x=15, y=15) > 127
    widths = upright.sum(1)[upright.any(1)]
    assert widths[-1] <= 3  # the tip is below
    assert widths[5] > 20
    np.testing.assert_array_equal(upright[:, :63], upright[:, 62::-1])  # left as right
    assert quarter.any(0).nonzero()[0].max() - 31.5 > 14  # the tip points right now, the middle being at 31.5


@pytest.mark.parametrize("side", [64, 32])
def test_nothing_is_cut_off_at_the_edges(side):
    corners = drawn(side, shape=np.arange(3)[:, None, None, None], rotation=np.arange(40)[:, None, None],
                    x=np.array([0, 31])[:, None], y=np.array([0, 31]))  # fmt: skip
    middle = drawn(side, shape=np.arange(3)[:, None, None, None], rotation=np.arange(40)[:, None, None],
                   x=np.array([16, 15])[:, None], y=np.array([16, 15]))  # fmt: skip
    np.testing.assert_array_equal(corners.sum((1, 2)), middle.sum((1, 2)))


def test_hard_edges_are_black_and_white_and_soft_ones_are_not():
    assert np.unique(drawn(64, True, rotation=np.arange(40))).tolist() == [0, 255]
    assert len(np.unique(drawn(64, False, rotation=np.arange(40)))) > 100


@pytest.mark.parametrize("hard", [True, False])
def test_silhouettes_are_filled(hard):
    pictures = drawn(64, hard, shape=np.arange(3)[:, None], rotation=np.arange(40))
    assert (pictures[:, 31, 31] == 255).all()  # in the very middle


@pytest.mark.parametrize("edges", ["soft", "hard"])
def test_the_bytes_are_the_same_everywhere(load, edges):
    assert load("sprites", count=300, edges=edges).content_hash() == HASHES[edges]


def test_seed_and_count_choose_the_pictures(load):
    first, again, other = (load("sprites", count=200, seed=seed) for seed in (1, 1, 2))
    assert first.content_hash() == again.content_hash() != other.content_hash()
    assert len(first.train_images) + len(first.test_images) == 200
    every = np.concatenate([first.train_factors, first.test_factors])
    assert len(np.unique(every, axis=0)) == 200


@pytest.mark.parametrize("label", ["shape", "scale", "rotation", "x", "y"])
def test_any_factor_can_be_the_class(load, label):
    data = load("sprites", count=2000, label=label)
    column = [factor.name for factor in data.factors].index(label)
    numbers = data.train_factors[:, column]
    assert data.spec.classes == len(data.class_names) == GRID[column]
    assert data.train_labels.dtype == torch.int64
    assert data.train_factors.dtype == torch.float32
    for kind in data.train_labels.unique():
        assert len(numbers[data.train_labels == kind].unique()) == 1
    assert (numbers[data.train_labels.argsort()].diff() >= 0).all()
    factor = data.factors[column]
    if not factor.values:
        assert (numbers.min(), numbers.max()) == (torch.tensor(factor.low), torch.tensor(factor.high))


def test_factors_tell_what_is_drawn(load):
    data = load("sprites", size="64", count=300)
    assert [factor.name for factor in data.factors] == ["shape", "scale", "rotation", "x", "y"]
    assert data.factors[0].values == data.class_names == ("square", "ellipse", "heart")
    middle = middles(data.test_images[:, 0].numpy())
    np.testing.assert_allclose(middle, 16.5 + 31 * data.test_factors[:, 3:].numpy(), atol=0.1)
    areas = data.test_images.float().sum((1, 2, 3)) / 255
    np.testing.assert_allclose(areas, 2.02 * (15.5 * data.test_factors[:, 1]) ** 2, rtol=0.05)


def test_many_are_mapped_from_the_disk_and_found_there_again(load, monkeypatch):
    in_memory = load("sprites", count=5000, size="64")
    monkeypatch.setattr(drawn_sets, "IN_MEMORY", 0)
    first = load("sprites", count=5000, size="64")
    assert first.content_hash() == in_memory.content_hash()
    assert len(list(cache.cache_root().iterdir())) == 1
    monkeypatch.setattr(sprites.Sprites, "draw", lambda *_: pytest.fail("drawn again"))
    assert load("sprites", count=5000, size="64").content_hash() == first.content_hash()


def test_none_is_every_picture(monkeypatch):
    parts = source("sprites", {"count": 0})._parts()
    assert np.array_equal(np.sort(np.concatenate(list(parts.values()))), np.arange(TOTAL))
    assert len(parts["test"]) == pytest.approx(0.2 * TOTAL, rel=1e-3)


def test_too_few_pictures_are_one_sentence(load):
    with pytest.raises(UserError, match=r"3 pictures would be too few .* Set the count higher"):
        load("sprites", count=3, label="rotation")


def test_settings_say_what_they_are():
    for setting in datasets.get("sprites").params_type.declared():
        assert setting.help.endswith(".")
