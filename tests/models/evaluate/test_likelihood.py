"""Importance weighting where the exact value is known: a linear model with normal codes and normal pixels."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from models.datasets import Dataset
from models.errors import Stopped
from models.evaluate import likelihood
from models.evaluate.likelihood import bound, has_bound, neg_log_likelihood
from models.family import Batch, DataSpec, HasLikelihood
from models.job import Control, finished
from models.lens import Lens
from models.registry import build

SPEC = DataSpec(1, 2, 2)
SCALE = 0.1


class Linear(nn.Module):
    """mean pixels = A code + b, in the place of a family's network."""

    def __init__(self, matrix, offset):
        super().__init__()
        self.matrix, self.offset = nn.Parameter(matrix), nn.Parameter(offset)


class LinearDecoder(Linear):
    def forward(self, codes):
        pixels = codes @ self.matrix.T + self.offset
        return torch.logit(((pixels + 0.1) / 1.2).clamp(1e-6, 1 - 1e-6)).view(
            -1, *SPEC.shape
        )  # which the family turns into `pixels` again


class LinearEncoder(Linear):
    """The exact posterior of the linear model, or one that is `off` by that much in its log-variance."""

    def __init__(self, matrix, offset, off):
        super().__init__(matrix, offset)
        self.off = off

    def forward(self, images):
        precision = torch.eye(2) + self.matrix.T @ self.matrix / SCALE**2
        centred = images.flatten(1) - self.offset
        mean = centred @ self.matrix @ torch.linalg.inv(precision) / SCALE**2
        log_variance = -torch.log(precision.diagonal()).expand(len(images), -1)
        return torch.cat([mean, log_variance + self.off], dim=1)


def lens(off=0.0):
    """A VAE whose networks are the linear model, and eight test pictures."""
    family = build("vae", {"likelihood": "gaussian", "scale": SCALE, "latent_dim": 2}, SPEC)
    matrix = torch.tensor(
        [[0.1, 0.0], [0.05, 0.0], [0.0, 0.1], [0.0, 0.02]]
    )  # orthogonal columns: a diagonal posterior
    offset = torch.full((4,), 0.5)
    family.encoder, family.decoder = LinearEncoder(matrix, offset, off), LinearDecoder(matrix, offset)
    images = (torch.rand(8, *SPEC.shape, generator=torch.Generator().manual_seed(0)) * 100 + 80).to(torch.uint8)
    data = Dataset("made up", images, None, images, None)
    plan = SimpleNamespace(device=torch.device("cpu"), layout=lambda _: torch.contiguous_format, precision="fp32",
                           job=SimpleNamespace(seed=0))  # fmt: skip
    covariance = matrix @ matrix.T + SCALE**2 * torch.eye(4)
    normal = torch.distributions.MultivariateNormal(offset, covariance)
    exact = -float(normal.log_prob(images.flatten(1) / 255).detach().mean())
    return Lens(family, data, plan), exact


@pytest.fixture
def measured():
    """The figure of all eight pictures with so many codes."""

    def figure(seen, count, **options):
        return finished(neg_log_likelihood(seen, torch.arange(8), count, 0, Control(), **options))

    return figure


def test_the_exact_posterior_weighs_every_code_the_same(measured):
    seen, exact = lens()
    assert isinstance(seen.family, HasLikelihood)
    for count in (1, 50):
        assert measured(seen, count) == pytest.approx(exact, abs=1e-3)
    weights = seen.family.log_weights(Batch(seen.originals(torch.arange(8)), None), 5, torch.Generator().manual_seed(0))
    assert weights.shape == (5, 8)
    assert float(weights.std(0).max()) < 1e-3


def test_more_codes_come_closer_to_the_truth_from_above(measured):
    seen, exact = lens(off=1.5)  # a posterior far too wide
    elbo = float(
        seen.family.evaluate(Batch(seen.originals(torch.arange(8)), None), torch.Generator())["neg_elbo"].mean()
    )
    few, many = measured(seen, 1), measured(seen, 5000)
    assert few == pytest.approx(elbo, abs=3)
    assert few > exact + 0.5
    assert many == pytest.approx(exact, abs=0.05)
    assert many < few


def test_a_stop_ends_it():
    control = Control()
    control.stop()
    with pytest.raises(Stopped):
        next(neg_log_likelihood(lens()[0], torch.arange(8), 1, 0, control))


def test_a_stop_is_heard_between_a_few_codes_of_the_same_pictures(monkeypatch):
    seen, _ = lens()
    control, asked = Control(), []

    def log_weights(batch, count, generator):
        asked.append((len(batch.images), count))
        return torch.zeros(count, len(batch.images))

    monkeypatch.setattr(seen.family, "log_weights", log_weights)
    work = neg_log_likelihood(seen, torch.arange(8), 100, 0, control)
    shares = [next(work), next(work)]
    assert 0 < shares[0] < shares[1] < 1
    control.stop()
    with pytest.raises(Stopped):
        next(work)
    assert asked == [(8, 20), (8, 20)]


def test_a_family_that_knows_the_truth_is_asked_once(monkeypatch, measured):
    seen, _ = lens()
    asked = []

    def log_weights(batch, count, generator):
        asked.append(count)
        return torch.full((1, len(batch.images)), -7.0)

    monkeypatch.setattr(seen.family, "log_weights", log_weights)
    assert measured(seen, 100) == pytest.approx(7)
    assert len(asked) == 1


def test_parts_of_the_codes_weigh_as_all_at_once(monkeypatch, measured):
    seen, _ = lens(off=1.5)
    parts = measured(seen, 50)
    monkeypatch.setattr(likelihood, "CODES", 50)
    assert measured(seen, 50) == pytest.approx(parts, abs=1e-9)


def test_a_bound_is_the_mean_of_the_familys_own_with_fresh_chance_for_every_seed(monkeypatch):
    seen, _ = lens(off=1.5)
    assert not has_bound(seen)  # it weighs its pictures
    monkeypatch.setattr(type(seen.family), "log_weights", None)
    told = [finished(bound(seen, torch.arange(8), seed, Control())) for seed in (0, 0, 1)]
    batch = Batch(seen.originals(torch.arange(8)), None)
    expected = seen.family.evaluate(batch, torch.Generator().manual_seed(0))["neg_elbo"].mean()
    assert told[0] == told[1] == pytest.approx(float(expected))
    assert told[0] != told[2]
    stopped = Control()
    stopped.stop()
    with pytest.raises(Stopped):
        next(bound(seen, torch.arange(8), 0, stopped))


def test_tossed_pixels_are_black_or_white_and_the_same_for_a_seed(monkeypatch, measured):
    seen, _ = lens()
    weighed = []

    def log_weights(batch, count, generator):
        weighed.append(batch.images)
        return torch.zeros(count, len(batch.images))

    monkeypatch.setattr(seen.family, "log_weights", log_weights)
    assert measured(seen, 2, binarise=True) == pytest.approx(0, abs=1e-9)
    measured(seen, 2, binarise=True)
    assert set(weighed[0].unique().tolist()) == {0.0, 1.0}
    assert torch.equal(*weighed)


def test_codes_of_a_conditional_model_are_weighed_for_their_class():
    torch.manual_seed(0)
    family = build("cvae", {"width": 16, "depth": 1, "class_prior": "learned"}, DataSpec(1, 4, 4, classes=3)).eval()
    images, labels = torch.rand(6, 1, 4, 4), torch.arange(6) % 3
    with torch.no_grad():
        family.class_prior.normal_()
        generator = torch.Generator().manual_seed(1)
        found = family.log_weights(Batch(images, labels), 400, generator)
        elbo = -family.evaluate(Batch(images, labels), torch.Generator().manual_seed(2))["neg_elbo"]
    assert found.shape == (400, 6)
    torch.testing.assert_close(found.logsumexp(0) - math.log(400) >= found.mean(0), torch.ones(6, dtype=torch.bool))
    torch.testing.assert_close(found.mean(0), elbo, atol=6.0, rtol=0.2)
    assert not torch.allclose(found, family.log_weights(Batch(images, None), 400, torch.Generator().manual_seed(1)))
