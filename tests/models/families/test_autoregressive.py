"""Autoregressive families: exact likelihoods, what may depend on what, and codes that write the picture they say."""

from __future__ import annotations

from itertools import product

import pytest
import torch

from models.autoregressive import LEAST, code_of, conditional, level_at
from models.family import Batch, DataSpec
from models.raster import Raster
from models.registry import families

SMALL = {"pixel-gpt": {"width": 64, "depth": 2}, "pixel-lstm": {"width": 64, "depth": 1}}
SHAPES = [(1, 28, 28), (3, 32, 32), (1, 64, 64), (3, 64, 64), (1, 30, 21)]


@pytest.fixture(params=sorted(SMALL))
def name(request):
    return request.param


def build(name, shape=(1, 28, 28), classes=0, **settings):
    """A family whose weights are far from those of the start, so that values depend on each other."""
    torch.manual_seed(0)
    cls = families.get(name)
    family = cls(cls.params_type.read({**SMALL[name], **settings}, of=name), DataSpec(*shape, classes)).eval()
    with torch.no_grad():
        family.head.write.mul_(10)
    return family


def noise(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("pixels", [1, 3, 4])
def test_likelihoods_of_all_pictures_sum_to_one(name, pixels):
    family = build(name, (1, 2, 2), pixels=pixels)
    world = torch.tensor(list(product([0.0, 1.0], repeat=4))).view(16, 1, 2, 2)
    nll = family.evaluate(Batch(world, None), torch.Generator().manual_seed(0))["nll"]
    assert float(torch.exp(-nll.double()).sum()) == pytest.approx(1, abs=1e-5)
    assert nll.std() > 0.1  # a uniform model would pass whatever it reads


def test_what_is_drawn_is_as_frequent_as_its_likelihood_says(name):
    family = build(name, (1, 2, 2), pixels=2)
    drawn = family.decode(family.prior(8000, torch.Generator().manual_seed(0)))
    kinds, counts = drawn.flatten(1).unique(dim=0, return_counts=True)
    nll = family.evaluate(Batch(kinds.view(-1, 1, 2, 2), None), torch.Generator().manual_seed(0))["nll"]
    torch.testing.assert_close(counts / 8000, torch.exp(-nll), atol=0.02, rtol=0)


@pytest.mark.parametrize(("shape", "pixels"), [((1, 6, 7), 4), ((3, 4, 5), 2), ((1, 5, 3), 1)])
def test_no_value_depends_on_a_later_one(name, shape, pixels):
    family = build(name, shape, pixels=pixels)
    levels = torch.randint(0, 2, (1, family.latent_dim), generator=torch.Generator().manual_seed(1))
    told = family._told(None, 1)
    with torch.no_grad():
        before = family._logits(levels, told)
        heeded = 0
        for place in range(family.latent_dim):
            changed = levels.clone()
            changed[0, place] = 1 - changed[0, place]
            moved = (family._logits(changed, told) - before).abs().amax(-1)[0]
            assert moved[: place + 1].max() < 1e-5
            heeded += int((moved[place + 1 :] > 1e-4).any())
    assert heeded > 0.9 * family.latent_dim


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("levels", ["2", "16"])
def test_codes_draw_their_picture_to_the_last_level(name, shape, levels, pictures):
    """One pass and token by token must agree: cached writing is uncached writing."""
    family = build(name, shape, levels=levels, classes=3)
    grain = torch.rand(6, *shape, generator=torch.Generator().manual_seed(0))
    images = (pictures(6, shape) + 0.3 * grain).clamp(0, 1)
    labels = torch.tensor([0, 1, 2, 0, 1, 2])
    nearest = family.raster.pictures(family.raster.values(family.raster.quantise(images)))
    for temperature in (1.0, 0.5):
        family.knobs = family.knobs.changed(temperature=temperature)
        codes = family.encode(images, labels)
        assert codes.isfinite().all()
        assert torch.equal(family.decode(codes, labels), nearest)
    if family.raster.factor == 1:
        assert (nearest - images).abs().max() <= 0.5 / (int(levels) - 1) + 1e-6


def test_writing_with_memory_is_what_one_pass_would_draw(name):
    family = build(name, (1, 8, 8), levels="4")
    codes = noise(5, 64)
    drawn = family.raster.quantise(family.decode(codes))
    with torch.no_grad():
        logits = family._logits(drawn, family._told(None, 5))
    assert torch.equal(level_at(codes, conditional(logits)), drawn)


def test_codes_and_levels_are_inverse_of_each_other_however_unlikely():
    for levels in (2, 4, 16):
        probabilities = conditional(30 * noise(500, levels), 0.5)
        torch.testing.assert_close(probabilities.sum(-1), torch.ones(500))
        assert probabilities.min() >= LEAST
        for level in range(levels):
            chosen = torch.full((500,), level)
            assert torch.equal(level_at(code_of(chosen, probabilities), probabilities), chosen)


def test_cold_drawing_takes_the_likeliest_level():
    logits = noise(1000, 8)
    assert torch.equal(level_at(0.5 * noise(1000, seed=1), conditional(logits, 1e-3)), logits.argmax(-1))


def test_temperature_leaves_likelihoods_alone_and_makes_pictures_likelier(name):
    family = build(name, (1, 8, 8))
    codes = noise(64, 64)

    def nll(images):
        return family.evaluate(Batch(images, None), torch.Generator().manual_seed(0))["nll"].mean()

    warm = family.decode(codes)
    usual = nll(warm)
    family.knobs = family.knobs.changed(temperature=0.3)
    assert nll(warm) == usual
    assert nll(family.decode(codes)) < usual - 1


def test_pictures_come_row_by_row(name):
    family = build(name, (1, 12, 6), pixels=4)
    codes = noise(3, 72)
    stages = list(family.sample_steps(codes))
    assert len(stages) == 12
    assert torch.equal(stages[-1], family.decode(codes))
    for row, stage in enumerate(stages):
        assert torch.equal(stage[:, :, : row + 1], stages[-1][:, :, : row + 1])
        assert (stage[:, :, row + 2 :] == 0.5).all()


@pytest.mark.parametrize("shape", [(1, 12, 12), (3, 40, 40)])
def test_completion_keeps_what_is_given_and_heeds_it(name, shape, pictures):
    family = build(name, shape)
    images = pictures(4, shape)
    mask = torch.zeros(1, 1, *shape[1:])
    mask[..., shape[1] // 2 :, :] = 1  # of 40 rows 20 are drawn, as 10 of the 20 that are left when it is shrunk
    codes = noise(4, family.latent_dim)
    *_, done = family.complete(images, mask, codes)
    hidden = mask.bool().expand_as(images)
    assert torch.equal(done[~hidden], images[~hidden])
    assert set(done[hidden].unique().tolist()) <= {0.0, 1.0}
    *_, other = family.complete(1 - images, mask, codes)
    assert not torch.equal(done[hidden], other[hidden])
    *_, own = family.complete(images, mask, family.encode(images))
    assert torch.equal(own[hidden], family.decode(family.encode(images))[hidden])
    *_, free = family.complete(images, torch.ones_like(mask), codes)
    assert torch.equal(free, family.decode(codes))


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 64, 64), (1, 41, 50)])
def test_the_map_of_likelihoods_sums_to_that_of_the_picture(name, shape, pictures):
    family = build(name, shape, rounding="nearest", classes=2)
    images, labels = pictures(4, shape), torch.tensor([0, 1, 1, 0])
    nats = family.log_likelihood_map(images, labels)
    assert nats.shape == images.shape
    assert nats.max() <= 0
    batch = Batch(images, labels)
    figures = family.evaluate(batch, torch.Generator().manual_seed(0))
    torch.testing.assert_close(-nats.flatten(1).sum(1), figures["nll"], rtol=1e-4, atol=1e-3)
    weights = family.log_weights(batch, 10, torch.Generator().manual_seed(0))
    torch.testing.assert_close(weights, -figures["nll"][None])


def test_classes_and_their_mixtures_are_heeded(name):
    family = build(name, (1, 8, 8), classes=3)
    codes = noise(3, 64)
    labels = torch.tensor([0, 1, 2])
    told = family.decode(codes, labels)
    assert torch.equal(told, family.decode(codes, torch.eye(3)))
    assert not torch.equal(told, family.decode(codes, labels.flip(0)))
    assert not torch.equal(told, family.decode(codes))
    halves = torch.tensor([[0.5, 0.5, 0.0]])
    middle = (family.condition(torch.tensor([0])) + family.condition(torch.tensor([1]))) / 2
    torch.testing.assert_close(family.condition(halves), middle)


def test_it_learns_what_a_class_means(name):
    """Class 0 is black and class 1 white: a bit that the label tells."""
    family = build(name, (1, 4, 4), classes=2, learning_rate=1e-2, anneal=False).train()
    labels = torch.arange(32) % 2
    images = labels.float().view(-1, 1, 1, 1).expand(-1, 1, 4, 4)
    for step in range(40):
        family.training_step(Batch(images, labels, step, step / 40))
    family.eval()
    told = family.evaluate(Batch(images, labels), torch.Generator().manual_seed(0))["nll"].mean()
    untold = family.evaluate(Batch(images, None), torch.Generator().manual_seed(0))["nll"].mean()
    assert told < 0.2
    assert untold > 0.5  # at least ln 2 = 0.69 where nothing else can tell


def test_dynamic_rounding_is_right_in_the_mean_and_nearest_is_nearest():
    raster = Raster(DataSpec(1, 4, 4), levels=4, pixels=4)
    images = torch.full((20_000, 1, 4, 4), 0.4)
    grain = torch.rand(20_000, 16, generator=torch.Generator().manual_seed(0))
    rounded = raster.quantise(images, grain).float() / 3
    assert rounded.unique().tolist() == pytest.approx([1 / 3, 2 / 3])
    assert float(rounded.mean()) == pytest.approx(0.4, abs=1e-3)
    assert (raster.quantise(images) == 1).all()
    assert (raster.quantise(torch.ones(1, 1, 4, 4), torch.full((1, 16), 0.999)) == 3).all()


@pytest.mark.parametrize(
    ("shape", "small"), [((1, 28, 28), (28, 28)), ((3, 64, 64), (32, 32)), ((1, 41, 50), (21, 25))]
)
def test_large_pictures_are_shrunk_by_a_whole_factor(shape, small):
    raster = Raster(DataSpec(*shape), levels=16, pixels=4)
    assert (raster.rows, raster.columns) == small
    assert raster.tokens <= 1100
    blocks = torch.rand(2, shape[0], *small).mul(15).round() / 15
    large = raster.spread(raster.flat(blocks))
    assert large.shape == (2, *shape)
    torch.testing.assert_close(raster.pictures(raster.values(raster.quantise(large))), large)


@pytest.mark.parametrize("levels", ["2", "4", "8", "16"])
def test_an_untrained_model_knows_nothing(name, levels, make, pictures):
    family = make(name, next(iter(families.get(name).presets)), levels=levels).eval()
    bits = family.evaluate(Batch(pictures(4), None), torch.Generator().manual_seed(0))["bits_per_dim"]
    torch.testing.assert_close(bits, torch.full((4,), float(levels)).log2(), rtol=0.15, atol=0)
