"""Faces hang on their factors alone, every factor shows where it should, and what was drawn once is found again."""

from __future__ import annotations

import hashlib
from typing import get_args

import numpy as np
import pytest
import torch

from models.datasets import cache, face_factors, faces
from models.datasets import drawn as drawn_sets
from models.datasets.face_factors import FACTORS, NAMES, THIRDS, WOMAN, classes
from models.datasets.faces import draw, sample_factors
from models.errors import UserError
from models.events import Failed, Finished
from models.job import Control, Job
from models.registry import datasets
from models.trainer import train

HASH = "abd007dd3219fe516251a4f16cc0b7fb1a139ad07983f616c3c6fbaf389eb7db"
PLAIN = {"smile": 0.5, "hair-colour": 3, "hair-length": 0.6, "skin-tone": 0.3, "eye-openness": 0.9, "face-width": 0.5}


def row(**changes):
    """The factors of a blond smiling woman who looks ahead, but for the changes."""
    known = dict.fromkeys(NAMES, 0.0) | PLAIN | {name.replace("_", "-"): value for name, value in changes.items()}
    return [known[name] for name in NAMES]


def drawn(*rows, size=32):
    return draw(np.array(rows, np.float32), size).astype(int)


def ends(name):
    """Two faces as far apart in this one factor as they can be, or one for each of its values."""
    factor = FACTORS[NAMES.index(name)]
    numbers = range(len(factor.values)) if factor.values else (factor.low, factor.high)
    own = {"character": 1, "hair-length": 0.2} if name == "beard" else {}
    return drawn(*[row(**own, **{name.replace("-", "_"): number}) for number in numbers])


def middle(weights):
    """The centre of mass of weights [h, w], right and down from 0 to 1."""
    steps = (np.arange(len(weights)) + 0.5) / len(weights)
    return (weights.sum(0) @ steps / weights.sum()).item(), (weights.sum(1) @ steps / weights.sum()).item()


def test_the_bytes_are_the_same_everywhere():
    pictures = draw(sample_factors(64, 5), 32)
    assert pictures.shape == (64, 3, 32, 32)
    assert pictures.dtype == np.uint8
    assert hashlib.sha256(pictures.tobytes()).hexdigest() == HASH


@pytest.mark.parametrize("size", [32, 64])
def test_a_face_hangs_on_its_own_row_alone(size, monkeypatch):
    factors = sample_factors(150, 1)
    together = draw(factors, size)
    monkeypatch.setattr("models.datasets.face_drawing.AT_ONCE", 7 * size**2)
    np.testing.assert_array_equal(draw(factors, size), together)
    np.testing.assert_array_equal(draw(factors[149:], size), together[149:])


def test_a_larger_picture_shows_the_same_face():
    factors = sample_factors(60, 2)
    small, large = draw(factors, 32).astype(float), draw(factors, 64).astype(float)
    halved = large.reshape(60, 3, 32, 2, 32, 2).mean((3, 5))
    assert np.abs(halved - small).mean((1, 2, 3)).max() < 3
    other = np.abs(halved - np.roll(small, 1, axis=0)).mean((1, 2, 3))
    assert other.min() > 8


def test_drawing_takes_any_numbers_as_the_nearest_face_and_refuses_other_columns():
    np.testing.assert_array_equal(drawn(row(smile=7, glasses=9, beard=-3)), drawn(row(smile=1, glasses=3, beard=0)))
    np.testing.assert_array_equal(drawn(row(glasses=1.4)), drawn(row(glasses=1)))
    assert draw(np.empty((0, len(FACTORS)), np.float32), 32).shape == (0, 3, 32, 32)
    with pytest.raises(ValueError, match=r"\[n, 13\], not \[4, 3\]"):
        draw(np.zeros((4, 3), np.float32), 32)


# How many of the 1,024 pixels change by more than 24 levels, at least, and how far down the middle of the change lies.
SEEN = {
    "character": (50, 0.65, 0.8), "smile": (24, 0.6, 0.75), "glasses": (65, 0.45, 0.6), "hair-colour": (220, 0.3, 0.5),
    "hair-length": (190, 0.55, 0.75), "skin-tone": (140, 0.5, 0.7), "head-turn": (280, 0.4, 0.55),
    "head-tilt": (400, 0.35, 0.55), "eye-openness": (48, 0.45, 0.55), "brow": (18, 0.3, 0.42),
    "face-width": (200, 0.4, 0.55), "background": (300, 0.4, 0.7), "beard": (12, 0.58, 0.7),
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_every_factor_is_seen_in_its_place(name):
    pictures = ends(name)
    pixels, high, low = SEEN[name]
    for first in range(len(pictures)):
        for second in range(first):
            change = np.abs(pictures[first] - pictures[second]).max(0)
            assert (change > 24).sum() >= pixels, (first, second)
            assert high < middle(change)[1] < low, (first, second)


def test_turn_and_tilt_go_the_way_they_say():
    def place(**pose):
        """Where sunglasses change the picture, to the right from 0 to 1."""
        without, worn = drawn(row(**pose), row(**pose, glasses=3))
        return middle(np.abs(worn - without).max(0))[0]

    assert place(head_turn=-35) < 0.43 < 0.48 < place() < 0.52 < 0.57 < place(head_turn=35)
    assert place(head_tilt=-14) < 0.46 < 0.48 < place() < 0.52 < 0.54 < place(head_tilt=14)


def test_eyes_and_mouth_move_more_than_the_outline_when_the_head_turns():
    def shift(one, other):
        """How far the middle of the change between two faces moves by a turn, in shares of the side."""
        ahead, turned = (
            np.subtract(*drawn(row(**one, **pose), row(**other, **pose))) for pose in ({}, {"head_turn": 30})
        )
        return middle(np.abs(turned).max(0))[0] - middle(np.abs(ahead).max(0))[0]

    outline = shift({"face_width": 0, "background": 0}, {"face_width": 0, "background": 2})
    assert shift({"eye_openness": 0}, {"eye_openness": 1}) > 0.06
    assert shift({"smile": -1}, {"smile": 1}) > 0.06
    assert abs(outline) < 0.02


def test_edges_are_soft():
    factors = np.array([row(background=background, smile=0.5) for background in (0, 2)], np.float32)
    sky, lemon = draw(factors, 32).astype(int)
    change = np.abs(sky - lemon).max(0)
    edge = change[4:20]  # where the head stands before the background: full change outside, none inside
    between = (edge > 8) & (edge < edge.max() * 0.8)
    assert (edge == 0).sum() > 100
    assert 20 < between.sum() < 120
    assert len(np.unique(edge[between])) > 12


def test_lots_are_in_range_and_spread_as_they_say():
    factors = sample_factors(4000, 3)
    assert factors.dtype == np.float32
    for factor, numbers in zip(FACTORS, factors.T, strict=True):
        if factor.values:
            assert np.unique(numbers).tolist() == list(range(len(factor.values)))
        else:
            assert factor.low <= numbers.min() < factor.low + 0.06 * (factor.high - factor.low)
            assert factor.high - 0.06 * (factor.high - factor.low) < numbers.max() <= factor.high
    man = face_factors.column(factors, "character") == face_factors.MAN
    beard, length = (face_factors.column(factors, name) for name in ("beard", "hair-length"))
    assert (beard[~man] == 0).all()
    np.testing.assert_allclose(np.bincount(beard[man].astype(int)) / man.sum(), face_factors.BEARDS, atol=0.04)
    assert length[man].mean() < 0.4 < 0.6 < length[~man].mean()
    others = [NAMES.index(name) for name in NAMES if name not in ("character", "beard", "hair-length")]
    assert np.abs(np.corrcoef(factors[:, others].T) - np.eye(len(others))).max() < 0.06
    np.testing.assert_array_equal(sample_factors(50, 3), factors[:50])
    assert not np.array_equal(sample_factors(50, 4), factors[:50])


def test_a_difference_of_means_is_the_true_arithmetic():
    """Man with glasses - man + woman is a woman with glasses, as far as the factors tell it."""
    man = {"character": 1, "hair_length": 0.2}
    glasses = np.subtract(row(**man, glasses=1), row(**man))
    np.testing.assert_array_equal(drawn(glasses + row(character=WOMAN)), drawn(row(glasses=1)))


@pytest.mark.parametrize("label", NAMES)
def test_any_factor_can_be_the_class(load, label):
    data = load("faces", count=300, label=label)
    factor, column = FACTORS[NAMES.index(label)], NAMES.index(label)
    assert data.factors == FACTORS
    assert data.class_names == (factor.values or THIRDS[label])
    assert data.train_labels.dtype == torch.int64
    assert data.train_factors.dtype == data.test_factors.dtype == torch.float32
    for labels, factors in ((data.train_labels, data.train_factors), (data.test_labels, data.test_factors)):
        np.testing.assert_array_equal(labels, classes(factors.numpy(), label))
    numbers = data.train_factors[:, column]
    for kind in range(len(data.class_names)):
        low, high = (kind, kind) if factor.values else (
            factor.low + (factor.high - factor.low) / 3 * part for part in (kind, kind + 1))  # fmt: skip
        members = numbers[data.train_labels == kind]
        assert len(members)
        assert low - 1e-5 <= members.min() <= members.max() <= high + 1e-5


def test_the_ends_of_a_factor_are_its_outer_classes():
    factors = np.array([row(smile=number) for number in (-1, -0.34, -0.33, 0.33, 0.34, 1)], np.float32)
    assert classes(factors, "smile").tolist() == [0, 0, 1, 1, 2, 2]


def test_pictures_keep_their_factors_whatever_the_split_the_seed_and_the_label(load):
    def check(data):
        for images, factors in ((data.train_images, data.train_factors), (data.test_images, data.test_factors)):
            np.testing.assert_array_equal(images, draw(factors.numpy(), 32))
        every = np.concatenate([data.train_factors, data.test_factors])
        return set(map(tuple, every.tolist()))

    data, other = load("faces", count=200, test_share=0.3), load("faces", count=200, test_share=0.3, label="smile")
    assert (len(data.train_images), len(data.test_images)) == (140, 60)
    assert torch.equal(data.test_images, other.test_images)
    moved, others = load("faces", count=200, test_share=0.3, split_seed=1), load("faces", count=200, seed=1)
    assert not torch.equal(moved.test_factors, data.test_factors)
    assert check(data) == check(moved) == set(map(tuple, sample_factors(200, 0).tolist()))
    assert check(others) == set(map(tuple, sample_factors(200, 1).tolist()))


def test_grey_and_large(load):
    data, grey, large = (load("faces", count=100, **more) for more in ({}, {"colour": "grey"}, {"size": "64"}))
    assert data.spec.shape == (3, 32, 32)
    assert grey.spec.shape == (1, 32, 32)
    assert large.spec.shape == (3, 64, 64)
    weights = torch.tensor([0.299, 0.587, 0.114])[None, :, None, None]
    wanted = (data.train_images * weights).sum(1, keepdim=True)
    assert (grey.train_images.float() - wanted).abs().max() <= 0.51
    np.testing.assert_array_equal(large.test_images, draw(large.test_factors.numpy(), 64))


@pytest.mark.parametrize("limit", [drawn_sets.IN_MEMORY, 0])
def test_faces_drawn_once_are_found_again(load, monkeypatch, limit):
    monkeypatch.setattr(drawn_sets, "IN_MEMORY", limit)
    drawn_first = load("faces", count=300).content_hash()
    (entry,) = cache.cache_root().iterdir()
    with monkeypatch.context() as patch:
        patch.setattr(faces, "draw", lambda *_: pytest.fail("drawn again"))
        assert load("faces", count=300).content_hash() == drawn_first
        load("faces", count=300, label="beard", test_share=0.5)
    file = entry / "images.npy"
    file.unlink()  # not written over: the pictures above are mapped from it
    np.save(file, np.full((300, 3, 32, 32), 7, np.uint8))
    assert (load("faces", count=300).test_images == 7).all()  # they do come from there
    torn = file.read_bytes()[:5000]
    file.unlink()
    file.write_bytes(torn)
    assert load("faces", count=300).content_hash() == drawn_first


@pytest.mark.parametrize(("family", "preset"), [("autoencoder", "conv"), ("vae", "conv-2d")])
@pytest.mark.parametrize("settings", [{}, {"colour": "grey", "label": "smile"}, {"size": "64"}])
def test_families_train_on_faces(tmp_path, family, preset, settings):
    job = Job(family=family, preset=preset, dataset="faces", dataset_settings={"count": 100, **settings}, steps=2,
              device="cpu", run=str(tmp_path / "run"))  # fmt: skip
    events = list(train(job, Control()))
    assert not [event for event in events if isinstance(event, Failed)]
    assert isinstance(events[-1], Finished)


def test_settings_say_what_they_are_and_offer_every_factor():
    params = datasets.get("faces").params_type
    assert all(setting.help.endswith(".") for setting in params.declared())
    assert get_args(faces.Label) == NAMES
    with pytest.raises(UserError, match="count must be a whole number from 100 to 200000 pictures, not 99"):
        params.read({"count": 99}, of="faces")
