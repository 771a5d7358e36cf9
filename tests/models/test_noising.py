"""The mathematics of diffusion, against what is known in closed form."""

import math

import pytest
import torch
from torch.distributions import Normal

from models.noising import (
    MOMENTS,
    NOISE,
    SHARES,
    SIGNAL,
    aim,
    bound,
    cleaned,
    ddim,
    ddim_back,
    grey_nats,
    parts,
    timetable,
)

MEAN, SPREAD = 0.3, 0.2  # of the toy data, N(0.3, 0.2²) in every number


def exact(noisy, moment):
    """The mean of x_0 given x_t for normal data: what a perfect network sees."""
    signal, noise = SIGNAL[moment], NOISE[moment]
    return MEAN + (noisy - signal * MEAN) * signal * SPREAD**2 / (signal**2 * SPREAD**2 + noise**2)


def test_the_schedule_falls_from_all_signal_to_all_noise():
    assert SHARES[0] == 1
    assert (SHARES.diff() < 0).all()
    assert SHARES[1] == pytest.approx(0.9999587, abs=1e-6)  # beta_1 of Nichol & Dhariwal 2021, about 4.1e-5
    ideal = math.cos((0.5 + 0.008) / 1.008 * math.pi / 2) ** 2 / math.cos(0.008 / 1.008 * math.pi / 2) ** 2
    assert SHARES[500] == pytest.approx(ideal, rel=1e-9)
    assert SHARES[MOMENTS] / SHARES[MOMENTS - 1] == pytest.approx(0.001)  # where beta is cut
    assert 0 < SHARES[MOMENTS] < 1e-8


@pytest.mark.parametrize("target", ["noise", "velocity"])
def test_what_is_aimed_at_tells_the_picture_again(target):
    clean, eps = torch.randn(50, 1, 3, 2), torch.randn(50, 1, 3, 2)
    moments = torch.linspace(1, 950, 50).long()
    signal, noise = parts(moments)
    noisy = signal * clean + noise * eps
    torch.testing.assert_close(noise.square() + signal.square(), torch.ones(50, 1, 1, 1))
    said = aim(target, clean, eps, moments)
    torch.testing.assert_close(cleaned(target, said, noisy, moments), clean, atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("steps", [5, 20, 250])
def test_the_timetable_has_so_many_moments_and_rises(steps):
    moments = timetable(steps)
    assert len(set(moments)) == steps
    assert moments == sorted(moments)
    assert 1 <= moments[0] < moments[-1] <= MOMENTS


def test_ddim_with_a_perfect_network_makes_the_data_of_noise():
    noise = torch.randn(20_000, 1, 1, 1, generator=torch.Generator().manual_seed(0))
    pairs = list(ddim(exact, noise, 250))
    made = pairs[-1][1]
    assert len(pairs) == 250
    assert torch.equal(pairs[0][0], noise)
    assert made.mean() == pytest.approx(MEAN, abs=0.01)
    assert made.std() == pytest.approx(SPREAD, rel=0.02)
    rough = list(ddim(exact, noise, 5))[-1][1]
    assert abs(rough.std() - SPREAD) > abs(made.std() - SPREAD)  # fewer steps, coarser


def test_more_rounds_lead_back_to_the_same_picture():
    pictures = MEAN + SPREAD * torch.randn(500, 1, 2, 2, generator=torch.Generator().manual_seed(0))
    eps = torch.randn(1, 2, 2, generator=torch.Generator().manual_seed(1))
    errors = []
    for rounds in (1, 3, 6):
        noise = ddim_back(exact, pictures, eps, 20, rounds)
        again = list(ddim(exact, noise, 20))[-1][1]
        errors.append(float((again - pictures).square().mean().sqrt()))
    assert errors[0] > errors[1] > errors[2]
    assert errors[2] < 0.02


def test_grey_levels_share_all_the_mass():
    levels = (torch.arange(256) / 255 * 2 - 1).view(256, 1, 1, 1)
    for mean in (-1.0, 0.123, 1.0):
        mass = torch.exp(-grey_nats(levels, torch.full_like(levels, mean)))
        assert mass.sum() == pytest.approx(1, abs=1e-6)
    inner = levels[128:129]
    edges = Normal(inner.double() + 0.003, NOISE[1]).cdf(torch.tensor([-1 / 255, 1 / 255]) + inner.double())
    expected = -torch.log(edges[..., 1] - edges[..., 0])
    assert grey_nats(inner, inner + 0.003).item() == pytest.approx(expected.item(), rel=1e-4)


def test_the_bound_is_the_sum_of_ho_et_al():
    clean = torch.full((MOMENTS, 1, 1, 1), 0.6078431606)  # the grey level 205
    moments = torch.arange(1, MOMENTS + 1)
    seen = clean + 0.05
    beta = 1 - SHARES[1:] / SHARES[:-1]
    expected = float(grey_nats(clean[:1], seen[:1]))
    last = Normal(SIGNAL[-1] * clean[0].double(), NOISE[-1])
    expected += float(torch.distributions.kl_divergence(last, Normal(torch.zeros_like(last.mean), 1.0)).sum())
    for t in range(2, MOMENTS + 1):
        variance = beta[t - 1] * (1 - SHARES[t - 1]) / (1 - SHARES[t])
        weight = SHARES[t - 1].sqrt() * beta[t - 1] / (1 - SHARES[t])  # of x_0 in the posterior's mean
        expected += float((weight * 0.05) ** 2 / (2 * variance))
    assert bound(clean, seen, moments).double().mean().item() == pytest.approx(expected, rel=1e-3)
