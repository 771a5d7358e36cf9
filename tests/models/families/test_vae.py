"""The mathematics of the variational autoencoder against torch.distributions and against itself."""

from __future__ import annotations

import math

import pytest
import torch
from torch.distributions import Bernoulli, Normal, kl_divergence

from models.family import Batch
from models.likelihoods import GREY_STEP, bernoulli, discretised_logistic, gaussian, gaussian_kl


def test_kl_is_that_of_torch():
    mean, log_variance = torch.randn(50, 3), torch.randn(50, 3)
    expected = kl_divergence(Normal(mean, torch.exp(0.5 * log_variance)), Normal(0.0, 1.0))
    torch.testing.assert_close(gaussian_kl(mean, log_variance), expected)


def test_bernoulli_and_gaussian_costs_are_those_of_torch():
    images, logits = torch.bernoulli(torch.full((100,), 0.3)), torch.randn(100)
    torch.testing.assert_close(bernoulli(images, logits), -Bernoulli(logits=logits).log_prob(images))
    scale = torch.tensor(0.3)
    torch.testing.assert_close(gaussian(images, logits, scale.log()), -Normal(logits, scale).log_prob(images))


@pytest.mark.parametrize("scale", [0.002, 0.03, 1.0])
@pytest.mark.parametrize("mean", [-0.1, 0.0, 0.37, 1.1])
def test_masses_of_all_grey_levels_sum_to_one(mean, scale):
    levels = torch.arange(256) / 255
    costs = discretised_logistic(levels, torch.tensor(mean), torch.tensor(scale).log())
    assert float(torch.exp(-costs.double()).sum()) == pytest.approx(1, abs=1e-4)


def test_discretised_logistic_is_the_difference_of_the_distribution_function():
    mean, scale = 0.4, 0.05
    level = torch.tensor([80 / 255], dtype=torch.float64)
    edges = torch.sigmoid((level + torch.tensor([-0.5, 0.5], dtype=torch.float64) * GREY_STEP - mean) / scale)
    cost = discretised_logistic(level, torch.tensor(mean), torch.tensor(scale).log())
    assert float(cost) == pytest.approx(-math.log(edges[1] - edges[0]), rel=1e-5)


def test_discretised_logistic_has_gradients_far_from_the_level():
    mean = torch.tensor(1.1, requires_grad=True)
    discretised_logistic(torch.tensor([0.0, 0.5]), mean, torch.tensor(0.002).log()).sum().backward()
    assert mean.grad.isfinite()
    assert mean.grad > 0


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian", "discretised-logistic"])
def test_figures_are_in_nats_and_bits(likelihood, make, pictures, judge):
    family, images = make("vae", "dense-2d", likelihood=likelihood), pictures(16)
    figures = judge(family, images, seed=4)
    with torch.no_grad():
        mean, log_variance = family.posterior(images)
        noise = torch.randn(mean.shape, generator=torch.Generator().manual_seed(4))
        logits = family.decoder(mean + torch.exp(0.5 * log_variance) * noise)
        pixels = 1.2 * torch.sigmoid(logits) - 0.1
        scale = torch.tensor(0.1).log()
        nats = {
            "bernoulli": lambda: bernoulli(images, logits),
            "gaussian": lambda: gaussian(images, pixels, scale),
            "discretised-logistic": lambda: discretised_logistic(images, pixels, scale),
        }[likelihood]()
    torch.testing.assert_close(figures["recon"], nats.sum((1, 2, 3)))
    torch.testing.assert_close(figures["kl"], gaussian_kl(mean, log_variance).sum(1))
    torch.testing.assert_close(figures["neg_elbo"], figures["recon"] + figures["kl"])
    bits = figures["neg_elbo"] / (784 * math.log(2))
    # A density becomes a mass by the width of a grey level: log2(255) more bits.
    torch.testing.assert_close(figures["bits_per_dim"], bits + (math.log2(255) if likelihood == "gaussian" else 0))


@pytest.mark.parametrize("likelihood", ["gaussian", "discretised-logistic"])
def test_a_learned_scale_moves_and_a_fixed_one_stays(likelihood, make, pictures, learn):
    for variance, moves in (("learned", True), ("fixed", False)):
        family = make("vae", "dense-2d", likelihood=likelihood, variance=variance)
        learn(family, pictures(32), 10)
        assert (float(family.log_scale.detach()) != pytest.approx(math.log(0.1))) == moves


def test_density_and_masses_agree_on_bits(pictures):
    """On grey pixels both count the same 256 levels, so a broad Gaussian and the masses of its levels agree."""
    images, mean, log_scale = pictures(8).clamp(0.2, 0.8), torch.tensor(0.5), torch.tensor(0.2).log()
    levels = torch.arange(-2000, 2256) / 255
    masses = torch.exp(-gaussian(levels, mean, log_scale)) * GREY_STEP
    assert float(masses.sum()) == pytest.approx(1, abs=1e-5)
    as_mass = gaussian(images, mean, log_scale) - math.log(GREY_STEP)
    edge = GREY_STEP / 2
    exact = -torch.log(Normal(mean, 0.2).cdf(images + edge) - Normal(mean, 0.2).cdf(images - edge))
    torch.testing.assert_close(as_mass, exact, rtol=1e-3, atol=1e-3)


def test_beta_weighs_the_kl(make, pictures, judge):
    figures = judge(make("vae", "dense-2d", beta=4.0), pictures(8))
    torch.testing.assert_close(figures["loss"], figures["recon"] + 4 * figures["kl"])


def test_warm_up_raises_the_weight_from_nothing(make, pictures):
    images = pictures(16)
    for progress, weight in ((0.0, 0.0), (0.25, 1.5), (0.5, 3.0), (0.9, 3.0)):
        family = make("vae", "dense-2d", beta=3.0, warm_up=0.5)
        step = family.training_step(Batch(images, None, 0, progress))
        assert float(step["loss"]) == pytest.approx(float(step["recon"] + weight * step["kl"]), rel=1e-6)


def test_free_bits_are_not_charged_and_keep_the_code_awake(make, pictures, learn, judge):
    images = pictures(64)
    family = make("vae", "dense-2d", free_bits=0.5)
    free = family.training_step(Batch(images, None))
    assert float(free["kl"]) < 2 * 0.5  # an unlearned posterior is nearly the prior
    assert float(free["loss"]) == pytest.approx(float(free["recon"]) + 2 * 0.5, rel=1e-5)
    kept = {}
    for free_bits in (0.0, 2.0):
        family = make("vae", "dense-2d", beta=100.0, free_bits=free_bits)
        learn(family, images, 60)
        kept[free_bits] = float(judge(family, images)["kl"].mean())
    assert kept[2.0] > 2 * kept[0.0]


def test_the_prior_is_standard_normal_and_the_callers_own(make):
    family = make("vae", "conv-16")
    codes = family.prior(20_000, torch.Generator().manual_seed(0))
    torch.testing.assert_close(codes.mean(0), torch.zeros(16), atol=0.03, rtol=0)
    torch.testing.assert_close(codes.T.cov(), torch.eye(16), atol=0.04, rtol=0)
    assert torch.equal(codes[:5], family.prior(20_000, torch.Generator().manual_seed(0))[:5])


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian", "discretised-logistic"])
def test_prepare_starts_from_the_mean_picture(likelihood, make, pictures):
    family, images = make("vae", "dense-2d", likelihood=likelihood), pictures(64)
    family.prepare(images)
    drawn = family.decode(torch.zeros(1, 2))[0]
    assert (drawn - images.mean(0)).abs().mean() < 0.02


def test_the_learning_rate_rises_shortly_and_sinks_to_nothing(make):
    rate = make("vae", "dense-2d", learning_rate=1.0).params.rate
    assert 0 < rate(0.0) < 0.1
    assert rate(0.02) > 0.99
    assert rate(0.5) == pytest.approx(0.5)
    assert rate(1.0) == pytest.approx(0, abs=1e-9)
    assert make("vae", "dense-2d", learning_rate=1.0, anneal=False).params.rate(0.7) == 1.0


@pytest.mark.parametrize("log_variance", [-500.0, 500.0])
def test_a_posterior_gone_astray_stays_finite(log_variance, make, pictures, learn, judge):
    family, images = make("vae", "dense-2d"), pictures(8)
    with torch.no_grad():
        family.encoder.layers[-1].bias[2:].fill_(log_variance)
    assert all(math.isfinite(figure) for figure in learn(family, images, 1)[0].values())
    assert all(figure.isfinite().all() for figure in judge(family, images).values())
