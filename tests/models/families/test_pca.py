"""The streaming principal components against the exact ones of scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from models.families.pca import leading_directions
from models.family import Batch


@pytest.fixture(scope="module")
def digits():
    """1,797 real digits as [n, 1, 32, 32], with grain so that no direction is empty."""
    small = torch.tensor(load_digits().images, dtype=torch.float32)[:, None] / 16
    large = torch.nn.functional.interpolate(small, size=32, mode="bilinear")
    grain = torch.rand(large.shape, generator=torch.Generator().manual_seed(0))
    return 0.9 * large + 0.1 * grain


def stream(family, images, batch):
    for part in images.split(batch):
        family.training_step(Batch(part, None))
    return family.eval()


@pytest.mark.parametrize("batch", [1797, 200, 64])
def test_streaming_matches_the_exact_components(batch, digits, make):
    family = stream(make("pca", "wide", (1, 32, 32), latent_dim=16), digits, batch)
    flat = digits.flatten(1).numpy()
    exact = PCA(16, svd_solver="full").fit(flat)
    np.testing.assert_allclose(family.mean.numpy(), exact.mean_, atol=1e-5)
    np.testing.assert_allclose(family.strengths[:16].numpy(), exact.singular_values_, rtol=2e-3)
    cosines = np.abs((family.directions[:16].numpy() * exact.components_).sum(1))
    assert cosines.min() > 0.995
    error = float(family.evaluate(Batch(digits, None), torch.Generator())["recon_mse"].mean())
    restored = exact.inverse_transform(exact.transform(flat)).clip(0, 1)
    assert error == pytest.approx(float(((restored - flat) ** 2).mean()), rel=1e-3)


def test_one_batch_is_exact_and_its_signs_are_fixed(digits, make):
    family = stream(make("pca", "plane", (1, 32, 32)), digits, len(digits))
    exact = PCA(2, svd_solver="full").fit(digits.flatten(1).numpy())
    signs = np.sign(exact.components_[np.arange(2), np.abs(exact.components_).argmax(1)])
    np.testing.assert_allclose(family.directions[:2].numpy(), exact.components_ * signs[:, None], atol=1e-4)
    reordered = stream(make("pca", "plane", (1, 32, 32)), digits.flip(0), 300)
    torch.testing.assert_close(reordered.encode(digits), family.encode(digits), atol=1e-2, rtol=0)


def test_codes_have_zero_mean_and_the_variances_of_the_prior(digits, make):
    family = stream(make("pca", "plane", (1, 32, 32)), digits, 500)
    codes = family.encode(digits)
    torch.testing.assert_close(codes.mean(0), torch.zeros(2), atol=1e-3, rtol=0)
    torch.testing.assert_close(codes.T.cov(), codes.T.cov().diag().diag(), atol=1e-2, rtol=0)
    drawn = family.prior(20_000, torch.Generator().manual_seed(0))
    torch.testing.assert_close(drawn.std(0), codes.std(0), rtol=0.03, atol=0)


def test_more_directions_lose_less(digits, make):
    errors = []
    for width in (1, 4, 16, 64):
        family = stream(make("pca", "plane", (1, 32, 32), latent_dim=width), digits, 600)
        errors.append(float(family.evaluate(Batch(digits, None), torch.Generator())["recon_mse"].mean()))
    assert errors == sorted(errors, reverse=True)


def test_more_directions_than_there_are_stay_silent(make, pictures):
    images = pictures(10)
    family = stream(make("pca", "wide", latent_dim=50), images, 5)
    assert not family.encode(images)[:, 10:].any()  # ten pictures span no more
    torch.testing.assert_close(family.decode(family.encode(images)), images, atol=1e-3, rtol=0)


@pytest.mark.parametrize("shape", [(40, 9), (9, 40)])  # both Gram matrices
def test_leading_directions_are_those_of_the_decomposition(shape):
    rows = torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    strengths, directions = leading_directions(rows, 5)
    _, exact, right = torch.linalg.svd(rows, full_matrices=False)
    torch.testing.assert_close(strengths, exact[:5])
    torch.testing.assert_close((directions * right[:5]).sum(1).abs(), torch.ones(5, dtype=torch.float64))
    assert (directions.gather(1, directions.abs().argmax(1, keepdim=True)) > 0).all()


def test_pictures_all_alike_have_no_directions(make, pictures):
    family = stream(make("pca", "plane"), pictures(1).expand(8, -1, -1, -1), 4)
    assert family.directions.isfinite().all()
    torch.testing.assert_close(family.decode(torch.zeros(1, 2)), pictures(1))
