"""What a model of points says of the plane: where it draws, what it believes, and which way it sends a point."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.family import Batch, DataSpec, HasField
from models.plane import SIDE, cells, seen_plane
from models.registry import build

SPEC = DataSpec(2, 1, 1, classes=2)
PLACES = torch.tensor([[0.25, 0.3], [0.7, 0.75]])


def points(count=128):
    labels = torch.arange(count) % 2
    return (PLACES[labels] + 0.03 * torch.randn(count, 2)).view(-1, 2, 1, 1), labels


def learned(family, steps, **settings):
    torch.manual_seed(0)
    model = build(family, settings, SPEC)
    for step in range(steps):
        images, labels = points()
        model.training_step(Batch(images, labels, step, step / steps))
    return model.eval()


def look(model, seed=0):
    with torch.no_grad():
        return seen_plane("run", 3, model, model, points()[0], seed)


def from_data(places):
    """How far each place lies from the nearer middle of the data."""
    return torch.cdist(torch.tensor(np.array(places), dtype=torch.float32).reshape(-1, 2), PLACES).min(1).values.numpy()


def middles():
    return cells(SIDE).flatten(1).numpy()


@pytest.fixture(scope="module")
def vae():
    return learned("vae", 500, width=64, learning_rate=4e-3)


@pytest.fixture(scope="module")
def diffusion():
    return learned("diffusion", 400, width=64, depth=3, learning_rate=4e-3, averaging=0.9)


@pytest.fixture(scope="module")
def gan():
    return learned("gan", 400, width=64, latent_dim=2, learning_rate=1e-3, generator_norm="none")


def test_cells_run_right_and_then_up():
    places = cells(4).flatten(1)
    assert places[0].tolist() == [0.125, 0.125]
    assert places[1].tolist() == [0.375, 0.125]
    assert places[-1].tolist() == [0.875, 0.875]


@pytest.mark.parametrize("preset", ["dcgan", "plain", "wasserstein", "hinge", "stable", "collapse"])
def test_every_preset_of_the_game_is_dense_on_points(preset):
    from models.registry import families

    model = build("gan", {**families.get("gan").presets[preset].values, "width": 16}, SPEC)
    assert all(weight.dim() <= 2 for weight in model.parameters())
    figures = model.training_step(Batch(*points(), 0))
    assert all(value.isfinite() for value in figures.values())
    shown = look(model.eval())
    assert shown.heights.shape == (1, SIDE, SIDE)
    assert shown.arrows.shape == (1, SIDE, SIDE, 2)
    assert np.isfinite(shown.arrows).all()


def test_what_is_shown_is_the_same_at_every_look_and_leaves_the_model_alone(gan):
    before = {name: weight.clone() for name, weight in gan.state_dict().items()}
    slopes = [weight.grad for weight in gan.parameters()]
    real, _ = points()
    noise = torch.get_rng_state()
    with torch.no_grad():
        one, other = (seen_plane("run", 3, gan, gan, real, 0) for _ in range(2))
    assert torch.equal(noise, torch.get_rng_state())
    assert np.array_equal(one.drawn, other.drawn)
    assert one.drawn.shape == (1000, 2)
    assert not np.array_equal(one.drawn, look(gan, seed=1).drawn)
    assert all(torch.equal(before[name], weight) for name, weight in gan.state_dict().items())
    assert all(one is other.grad for one, other in zip(slopes, gan.parameters(), strict=True))
    assert not one.drawn.flags.writeable


def test_the_discriminator_believes_in_the_data_and_sends_points_there(gan):
    shown = look(gan)
    belief = shown.heights[0].reshape(-1)
    near = from_data(middles()) < 0.08
    assert 0 <= belief.min() < belief.max() <= 1
    assert belief[near].mean() > belief.mean() + 0.1
    ahead = middles() + 0.02 * shown.arrows[0].reshape(-1, 2) / np.linalg.norm(
        shown.arrows[0].reshape(-1, 2), axis=1, keepdims=True
    )
    with torch.no_grad():
        later = gan.field(torch.as_tensor(ahead).float().view(-1, 2, 1, 1), 0.0).height.numpy()
    assert (later >= belief - 1e-4).mean() > 0.9  # uphill, but for kinks
    assert gan.field_meaning().high == 1.0


def test_a_minimax_generator_hears_nothing_from_a_discriminator_that_is_sure():
    told = {}
    for loss in ("minimax", "non-saturating"):
        torch.manual_seed(0)
        model = build("gan", {"loss": loss, "architecture": "dense", "width": 16}, SPEC).eval()
        model.discriminator.head.bias.data.fill_(-12.0)
        told[loss] = model.field(cells(8), 0.0).arrows.norm(dim=1).mean().item()
    assert told["minimax"] < 1e-3 * told["non-saturating"]


def test_a_critic_has_a_scale_of_its_own():
    meaning = build("gan", {"loss": "wasserstein", "architecture": "dense", "width": 16}, SPEC).field_meaning()
    assert (meaning.low, meaning.high) == (None, None)
    assert "critic" in meaning.title


def test_the_denoiser_sends_points_to_the_data_the_farther_the_noisier(diffusion):
    shown = look(diffusion)
    assert from_data(shown.drawn).mean() < 0.06
    levels = shown.meaning.levels
    assert shown.heights.shape == (len(levels), SIDE, SIDE)
    assert list(levels) == sorted(levels)
    sent = middles() + shown.arrows[0].reshape(-1, 2)
    around = from_data(middles()) < 0.2
    assert from_data(sent[around]).mean() < 0.7 * from_data(middles()[around]).mean()
    assert shown.heights[-1].mean() > 1.5 * shown.heights[0].mean()
    np.testing.assert_allclose(np.linalg.norm(shown.arrows, axis=-1), shown.heights, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("likelihood", ["bernoulli", "discretised-logistic"])
def test_points_of_a_vae_scatter_as_a_density_whatever_is_set(likelihood):
    assert build("vae", {"likelihood": likelihood}, SPEC).params.likelihood == "gaussian"
    assert build("vae", {"likelihood": likelihood}, DataSpec(1, 8, 8)).params.likelihood == likelihood


def test_a_vae_expects_points_where_the_data_are(vae):
    shown = look(vae)
    assert np.median(from_data(shown.drawn)) < 0.12
    density = shown.heights[0].reshape(-1)
    assert density.max() == pytest.approx(1.0)
    assert (density * from_data(middles())).sum() / density.sum() < 0.7 * from_data(middles()).mean()
    sent = middles() + shown.arrows[0].reshape(-1, 2)
    around = from_data(middles()) < 0.2
    assert from_data(sent[around]).mean() < 0.8 * from_data(middles()[around]).mean()


def test_the_arrows_of_a_vae_are_the_slope_of_its_density(vae):
    here = torch.tensor([[0.35, 0.4], [0.6, 0.7]]).view(-1, 2, 1, 1).double().float()
    step = 1e-3
    base = vae.field(torch.cat([here, *(here + step * torch.eye(2)[axis].view(1, 2, 1, 1) for axis in range(2))]), 0.0)
    nats = base.height.log().view(3, 2)
    slope = torch.stack([(nats[1] - nats[0]) / step, (nats[2] - nats[0]) / step], dim=1)
    told = base.arrows[:2] / vae.log_scale.detach().exp().square()
    torch.testing.assert_close(told, slope, rtol=0.1, atol=0.5)


def test_a_conditional_vae_expects_points_of_all_its_classes():
    model = learned("cvae", 300, width=64, learning_rate=4e-3)
    density = look(model).heights[0]
    assert isinstance(model, HasField)
    for x, y in PLACES.tolist():
        assert density[int(y * SIDE), int(x * SIDE)] > 0.02


def test_a_family_without_a_field_shows_its_points(asked_family):
    model = build("asked", {}, SPEC).eval()
    shown = look(model)
    assert (shown.meaning, shown.heights, shown.arrows) == (None, None, None)
    assert shown.drawn.shape == (1000, 2)
