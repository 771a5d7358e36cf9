"""Diffusion: what its codes, knobs and labels mean."""

import pytest
import torch

from models.families.diffusion import Diffusion, DiffusionKnobs, DiffusionParams, evenly
from models.family import Batch, DataSpec
from models.noising import cleaned
from models.registry import build, families

GREY = DataSpec(1, 28, 28, classes=3)


def made(preset="small", data=GREY, **settings):
    torch.manual_seed(0)
    small = {"channels": 16, "width": 32}
    return Diffusion(DiffusionParams(**{**Diffusion.presets[preset].values, **small, **settings}), data).train()


def learned(family, images, labels=None, steps=30):
    for step in range(steps):
        family.training_step(Batch(images, labels, step, step / steps))
    return family.eval()


@pytest.fixture
def halves():
    """Pictures [96, 1, 28, 28] of three classes, white above, to the left or everywhere, each of its own shade."""
    pictures = torch.zeros(96, 1, 28, 28)
    pictures[0::3, :, :14], pictures[1::3, :, :, :14], pictures[2::3] = 1, 1, 1
    return pictures * torch.linspace(0.5, 1, 96).view(-1, 1, 1, 1), torch.arange(96) % 3


@pytest.fixture
def knowing(halves):
    """A family that was told the classes for a while."""
    return learned(made("points", averaging=0.9, width=128, learning_rate=4e-3), *halves, steps=120)


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 32, 32), (3, 64, 64), (1, 30, 21)])
@pytest.mark.parametrize("classes", [0, 3])
def test_pictures_of_all_kinds(shape, classes):
    family = made(data=DataSpec(*shape, classes=classes))
    labels = torch.arange(4) % 3 if classes else None
    learned(family, torch.rand(4, *shape), labels, steps=1)
    family.knobs = DiffusionKnobs(steps=5)
    codes = family.prior(4, torch.Generator().manual_seed(0))
    with torch.no_grad():
        drawn = family.decode(codes, labels)
        assert drawn.shape == (4, *shape)
        assert torch.equal(drawn, family.decode(codes, labels))
        assert family.encode(drawn, labels).shape == (4, family.data.size) == (4, family.latent_dim)


def test_the_default_network_is_small():
    family = build("diffusion", {}, GREY)
    assert 1e6 < sum(weight.numel() for weight in family.learner.parameters()) < 2e6


def test_nobody_is_asked_for_the_width_of_the_code():
    asked = [setting.name for setting in families.get("diffusion").params_type.declared()]
    assert "latent_dim" not in asked
    assert {"learning_rate", "batch_size", "target"} <= set(asked)


def test_points_are_learned_without_convolution():
    data = DataSpec(2, 1, 1)
    family = made("points", data, width=64)
    assert all(weight.dim() < 4 for weight in family.parameters())
    places = torch.tensor([[0.2, 0.8], [0.8, 0.3]]).repeat(64, 1).view(-1, 2, 1, 1)
    learned(family, places, steps=300)
    with torch.no_grad():
        drawn = family.decode(family.prior(200, torch.Generator().manual_seed(0))).flatten(1)
        assert set(family.evaluate(Batch(places, None), torch.Generator().manual_seed(0))) == {"loss"}
    nearest = torch.cdist(drawn, places[:2].flatten(1)).min(1)
    assert nearest.values.median() < 0.05
    assert 40 < (nearest.indices == 0).sum() < 160


def test_guidance_of_one_heeds_the_class_and_of_none_ignores_it(knowing):
    codes, labels = knowing.prior(3, torch.Generator().manual_seed(0)), torch.arange(3)
    with torch.no_grad():
        knowing.knobs = DiffusionKnobs(guidance=0)
        torch.testing.assert_close(knowing.decode(codes, labels), knowing.decode(codes), rtol=0, atol=0)
        noisy, moments = codes.view(-1, 1, 28, 28), torch.full((3,), 600)
        outputs = {}
        for guidance in (0.0, 1.0, 1.5):
            knowing.knobs = DiffusionKnobs(guidance=guidance)
            outputs[guidance] = knowing._see(labels, 3)(noisy, 600)
        assert not torch.equal(outputs[0.0], outputs[1.0])
        said = knowing.averaged(noisy, moments, knowing.condition(labels))
        torch.testing.assert_close(outputs[1.0], cleaned("velocity", said, noisy, moments).clamp(-1, 1))
        inside = (outputs[1.5].abs() < 1) & (outputs[0.0].abs() < 1) & (outputs[1.0].abs() < 1)
        further = outputs[0.0] + 1.5 * (outputs[1.0] - outputs[0.0])
        torch.testing.assert_close(outputs[1.5][inside], further[inside], atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("moment", [50, 399, 825, 990])
def test_guidance_pulls_only_while_the_picture_takes_shape(knowing, moment):
    noisy, labels = knowing.prior(3, torch.Generator().manual_seed(0)).view(-1, 1, 28, 28), torch.arange(3)
    outputs = {}
    with torch.no_grad():
        for guidance in (0.0, 1.0, 4.0):
            knowing.knobs = DiffusionKnobs(guidance=guidance)
            outputs[guidance] = [knowing._see(labels, 3)(noisy, at) for at in (moment, 500)]
    assert torch.equal(outputs[4.0][0], outputs[1.0][0])
    assert not torch.equal(outputs[4.0][1], outputs[1.0][1])
    assert not torch.equal(outputs[0.0][0], outputs[1.0][0])


def test_the_class_asked_for_is_drawn(knowing):
    codes = knowing.prior(30, torch.Generator().manual_seed(0))
    with torch.no_grad():
        drawn = knowing.decode(codes, torch.arange(30) % 3)
    above, left = drawn[:, 0, :14, 14:].mean((1, 2)), drawn[:, 0, 14:, :14].mean((1, 2))
    corner = drawn[:, 0, 14:, 14:].mean((1, 2))
    assert (above[0::3] > left[0::3] + 0.2).float().mean() > 0.8
    assert (left[1::3] > above[1::3] + 0.2).float().mean() > 0.8
    assert (corner[2::3] > 0.3).float().mean() > 0.8


def test_a_picture_comes_back_from_its_noise(knowing, halves):
    images, labels = halves[0][:30], halves[1][:30]
    with torch.no_grad():
        codes = knowing.encode(images, labels)
        again = knowing.decode(codes, labels)
    assert torch.equal(codes, knowing.encode(images, labels))
    assert (again - images).square().mean() < 0.01
    assert (again - images.roll(1, 0)).square().mean() > 0.05


def test_steps_change_how_finely_is_drawn_and_nothing_else(knowing):
    codes = knowing.prior(2, torch.Generator().manual_seed(0))
    drawn = {}
    with torch.no_grad():
        for steps in (5, 20, 60):
            knowing.knobs = DiffusionKnobs(steps=steps)
            pictures = list(knowing.sample_steps(codes))
            drawn[steps] = knowing.decode(codes)
            assert len(pictures) == steps
            assert torch.equal(pictures[-1], drawn[steps])
            assert {picture.shape for picture in pictures} == {drawn[5].shape}
    assert (drawn[20] - drawn[60]).abs().mean() < (drawn[5] - drawn[60]).abs().mean()


def test_blending_of_classes_is_linear(knowing):
    single = knowing.condition(torch.arange(3))
    mixture = torch.tensor([[0.2, 0.3, 0.5]])
    torch.testing.assert_close(knowing.condition(mixture), mixture @ single)
    codes = knowing.prior(3, torch.Generator().manual_seed(0))
    with torch.no_grad():
        torch.testing.assert_close(knowing.decode(codes, torch.eye(3)), knowing.decode(codes, torch.arange(3)))


def test_what_draws_follows_what_learns(halves):
    family = made("points", averaging=0.5)
    before = [weight.clone() for weight in family.averaged.parameters()]
    family.training_step(Batch(*halves, 100, 0.1))
    for old, drawing, learning in zip(before, family.averaged.parameters(), family.learner.parameters(), strict=True):
        torch.testing.assert_close(drawing.detach(), (old + learning.detach()) / 2)
        assert not drawing.requires_grad


def test_moments_are_spread_evenly():
    moments = evenly(8, torch.tensor(0.25)).sort().values
    assert moments.diff().unique().tolist() == [125]
    assert evenly(1, torch.tensor(0.0)).tolist() == [1]
    assert evenly(1, torch.tensor(1 - 1e-7)).tolist() == [1000]


def test_the_bound_falls_with_learning(knowing, halves):
    def nats(family):
        figures = family.evaluate(Batch(*halves), torch.Generator().manual_seed(0))
        assert figures["bits_per_dim"].isfinite().all()
        return float(figures["neg_elbo"].mean())

    assert nats(knowing) < 0.9 * nats(made("points", width=128).eval())
