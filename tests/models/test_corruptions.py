"""Noise has the strength it states, repeats itself from its generator, and leaves the clean pictures alone."""

from __future__ import annotations

import pytest
import torch

from models.corruptions import CORRUPTIONS, corrupt
from models.errors import UserError

KINDS = list(CORRUPTIONS)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def images():
    return torch.rand((16, 3, 28, 32), generator=seeded(9)) * 0.8 + 0.1


def test_names():
    assert KINDS == ["gaussian", "salt-and-pepper", "block"]
    with pytest.raises(UserError, match=r"no corruption called 'snow'\. There are: gaussian, salt-and-pepper, block\."):
        corrupt(torch.zeros(1, 1, 4, 4), "snow", 0.5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("level", [0.0, 0.01, 0.5, 1.0])
@pytest.mark.parametrize("shape", [(5, 1, 28, 28), (2, 3, 64, 64), (1, 1, 1, 1), (3, 3, 7, 128)])
def test_shape_type_and_range_hold(kind, level, shape):
    clean = torch.rand(shape, generator=seeded())
    kept = clean.clone()
    spoilt = corrupt(clean, kind, level, seeded())
    assert spoilt.shape == clean.shape
    assert spoilt.dtype == clean.dtype
    assert spoilt.min() >= 0
    assert spoilt.max() <= 1
    assert torch.equal(clean, kept)
    assert level > 0 or torch.equal(spoilt, clean)


@pytest.mark.parametrize("kind", KINDS)
def test_draws_come_from_the_generator_or_the_global_one(kind, images):
    first, again, other = (corrupt(images, kind, 0.4, seeded(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    state = torch.get_rng_state()
    corrupt(images, kind, 0.4, seeded())
    assert torch.equal(state, torch.get_rng_state())
    torch.manual_seed(1)
    assert torch.equal(corrupt(images, kind, 0.4), first)


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_of_a_batch_are_spoilt_each_in_their_own_way(kind):
    same = torch.full((8, 1, 28, 28), 0.5)
    spoilt = corrupt(same, kind, 0.3, seeded())
    assert len({tuple(picture.flatten().tolist()) for picture in spoilt}) > 5


def test_gaussian_has_its_deviation():
    grey = torch.full((20, 1, 64, 64), 0.5)
    noise = corrupt(grey, "gaussian", 0.1, seeded()) - grey
    assert abs(noise.mean().item()) < 0.001
    assert noise.std().item() == pytest.approx(0.1, rel=0.02)


@pytest.mark.parametrize("level", [0.05, 0.5, 1.0])
def test_salt_and_pepper_hit_their_share_evenly_in_all_channels(level):
    grey = torch.full((20, 3, 64, 64), 0.5)
    spoilt = corrupt(grey, "salt-and-pepper", level, seeded())
    assert (spoilt == 1).float().mean().item() == pytest.approx(level / 2, rel=0.05)
    assert (spoilt == 0).float().mean().item() == pytest.approx(level / 2, rel=0.05)
    assert torch.equal(spoilt[:, 0], spoilt[:, 2])


@pytest.mark.parametrize(("level", "height", "width"), [(0.25, 14, 16), (0.01, 3, 3), (1.0, 28, 32)])
def test_block_is_one_rectangle_of_its_area_anywhere(images, level, height, width):
    hidden = corrupt(images, "block", level, seeded()) == 0
    for picture in hidden:
        rows, columns = picture[0].any(1).nonzero().flatten(), picture[0].any(0).nonzero().flatten()
        assert (len(rows), len(columns)) == (height, width)
        assert picture[0].sum() == height * width
        assert (rows.diff() == 1).all()
        assert (columns.diff() == 1).all()
        assert torch.equal(picture[0], picture[2])


def test_block_reaches_every_edge():
    hidden = corrupt(torch.ones(2000, 1, 8, 8), "block", 0.25, seeded()) == 0
    assert hidden.any(0).all()
    shares = hidden[:, 0, 0].float().mean(0)
    assert shares[0].item() == pytest.approx(shares[7].item(), abs=0.03)


@pytest.mark.parametrize("kind", KINDS)
def test_half_precision_stays_half(kind, images):
    assert corrupt(images.bfloat16(), kind, 0.5, seeded()).dtype == torch.bfloat16
