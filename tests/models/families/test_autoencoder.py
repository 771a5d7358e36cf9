"""The autoencoder's own promises: clean targets, quiet codes, no dead units, a code of the right kind."""

from __future__ import annotations

import pytest
import torch

from models import corruptions
from models.errors import UserError
from models.families.autoencoder import AutoencoderParams, bernoulli_kl
from models.family import Batch


@pytest.mark.parametrize("noise", ["gaussian", "salt-and-pepper", "block"])
def test_denoising_spoils_what_goes_in_and_wants_the_clean_picture(noise, make, pictures):
    family, images = make("autoencoder", "denoising", noise=noise), pictures(16)
    original = images.clone()
    torch.manual_seed(3)
    spoilt = corruptions.corrupt(images, noise, family.params.noise_level)
    clean_target = torch.nn.functional.binary_cross_entropy(family.decode(family.encode(spoilt)), images)
    torch.manual_seed(3)  # the family draws the same noise
    step = family.training_step(Batch(images, None))
    assert float(step["denoise_bce"]) == pytest.approx(float(clean_target.detach()), rel=1e-5)
    assert torch.equal(images, original)
    assert not torch.equal(spoilt, images)


def test_denoising_learns_to_remove_noise(make, pictures, learn, judge):
    images, held_out = pictures(128), pictures(32, seed=1)
    family = make("autoencoder", "denoising", latent_dim=8, width=128)
    family.prepare(images)
    learn(family, images, 60)
    noisy = corruptions.corrupt(held_out, "gaussian", 0.5, torch.Generator().manual_seed(0))
    assert judge(family, held_out)["denoise_mse"].mean() < 0.3 * (noisy - held_out).square().mean()


@pytest.mark.parametrize("sparsity", ["l1", "kl"])
def test_sparsity_quiets_the_code(sparsity, make, pictures, learn, judge):
    images = pictures(64)
    activity = {}
    for weight in (0.0, 10.0):
        family = make("autoencoder", "sparse", sparsity=sparsity, sparsity_weight=weight)
        learn(family, images, 40)
        activity[weight] = float(judge(family, images)["activity"].mean())
    assert activity[10.0] < 0.5 * activity[0.0]


def test_kl_brings_every_unit_to_its_target(make, pictures, learn):
    family, images = (
        make("autoencoder", "sparse", sparsity_weight=10.0, sparsity_target=0.2, anneal=False),
        pictures(64),
    )
    learn(family, images, 100)
    torch.testing.assert_close(family.encode(images).mean(0), torch.full((128,), 0.2), atol=0.05, rtol=0)


def test_bernoulli_kl_is_that_of_torch():
    activity = torch.linspace(0.01, 0.99, 33)
    coin = torch.distributions.Bernoulli
    expected = torch.distributions.kl_divergence(coin(torch.tensor(0.05)), coin(activity))
    torch.testing.assert_close(bernoulli_kl(0.05, activity), expected)


def test_a_share_of_time_needs_a_code_between_zero_and_one():
    with pytest.raises(UserError, match="set code_activation to sigmoid or auto"):
        AutoencoderParams.read({"sparsity": "kl", "code_activation": "relu"}, of="autoencoder")
    assert AutoencoderParams(sparsity="kl").activation == "sigmoid"
    assert AutoencoderParams(sparsity="l1").activation == "relu"
    assert AutoencoderParams().activation == "linear"


@pytest.mark.parametrize(("activation", "low", "high"), [("relu", 0, 99), ("sigmoid", 0, 1), ("tanh", -1, 1)])
def test_code_activations_bound_the_code(activation, low, high, make, pictures):
    codes = make("autoencoder", "simple", code_activation=activation).encode(20 * pictures(8))
    assert low <= codes.min()
    assert codes.max() <= high


def test_simple_is_one_layer_each_way_and_no_unit_of_its_code_is_dead(make, pictures, learn):
    family, images = make("autoencoder", "simple"), pictures(64)
    shapes = {tuple(weight.shape) for name, weight in family.named_parameters() if name.endswith("weight")}
    assert shapes == {(32, 784), (784, 32)}
    learn(family, images, 30)
    assert (family.encode(images).std(0) > 0).all()


def test_mse_loss_is_the_squared_error_of_the_picture(make, pictures):
    family, images = make("autoencoder", "simple", loss="mse"), pictures(16)
    expected = (family.decode(family.encode(images)) - images).square().mean()
    assert float(family.training_step(Batch(images, None))["recon_mse"]) == pytest.approx(
        float(expected.detach()), rel=1e-6
    )


def test_presets_are_what_they_are_called(make):
    assert make("autoencoder", "flat").latent_dim == 2
    assert make("autoencoder", "overcomplete").latent_dim > 784
    assert any(isinstance(module, torch.nn.Conv2d) for module in make("autoencoder", "conv").modules())
    assert sum(isinstance(module, torch.nn.Linear) for module in make("autoencoder", "deep").modules()) == 6


def test_prepare_starts_from_the_mean_picture(make, pictures):
    family, images = make("autoencoder", "conv"), pictures(64)
    torch.nn.init.zeros_(family.decoder.layers[-1].weight)
    torch.nn.init.zeros_(family.decoder.layers[-1].bias)
    family.prepare(images)
    torch.testing.assert_close(family.decode(torch.zeros(1, 32))[0], images.mean(0).clamp(0.01, 0.99))
