"""Points of the plane lie where their shape says, train as they are, and are shown as dots."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.errors import UserError
from models.events import Embedded, HeldOut, Sampled
from models.export import Subject, export
from models.grids import to_uint8
from models.job import Control, Job
from models.lens import as_float
from models.plan import Plan
from models.portrait import portrait, some_of_each
from models.registry import datasets
from models.replay import replay
from models.trainer import resume, train
from tests.models.tiny_runs import only

COMPONENTS = {"ring": 8, "grid": 25, "spiral": 2, "moons": 2, "two-rings": 2}
HASHES = {
    "ring": "215abe3640090a8c60b2318b36d0d2dd5f2c77c7a0bd5f75b67401c4c24ab65d",
    "grid": "328424e9988c16ae376da41f7801345051613236cf39b3088fe993a1049f518d",
    "spiral": "08e54fe3b58503dfc4bbcba12115e0fb46c1e9ad1e45fe5221e84ea9d9f50580",
    "moons": "fa6e498615bc5d8f1ae147513fe51e6e7bde24576fabc54ed0b1c2f9afd7f02f",
    "two-rings": "fb9415a21c7fa8aa852cd17a1f1473bbb278dd27966a3dae646d96d70bc27462",
}


def places(data):
    """All true places [n, 2] and their labels."""
    both = torch.cat([data.train_factors, data.test_factors]).numpy()
    return both, torch.cat([data.train_labels, data.test_labels]).numpy()


def trained(folder, family="vae", preset="", steps=2, dataset="toy2d", **settings):
    job = Job(family=family, preset=preset, dataset=dataset, dataset_settings={"count": 400}, steps=steps,
              settings=settings, device="cpu", run=str(folder))  # fmt: skip
    return list(train(job, Control()))


def test_every_shape_is_tried():
    choices = {setting.name: setting.choices for setting in datasets.get("toy2d").params_type.declared()}["shape"]
    assert set(choices) == set(COMPONENTS)


@pytest.mark.parametrize("shape", COMPONENTS)
@pytest.mark.parametrize("noise", [0.0, 0.05, 1.0])
def test_shapes_have_their_components_and_lie_in_the_box(load, shape, noise):
    data = load("toy2d", shape=shape, count=2000, noise=noise)
    assert data.spec.kind == "points"
    assert data.train_images.dtype == torch.float32
    assert data.train_images.shape == (1600, 2, 1, 1)
    assert data.spec.classes == len(data.class_names) == COMPONENTS[shape]
    where, labels = places(data)
    assert (np.bincount(labels) == 2000 // COMPONENTS[shape]).all()
    images = torch.cat([data.train_images, data.test_images])
    assert images.min() >= 0
    assert images.max() <= 1
    assert all((factor.low, factor.high) == (-1 - 4 * noise, 1 + 4 * noise) for factor in data.factors)
    bounds = torch.tensor([factor.high for factor in data.factors])
    torch.testing.assert_close(torch.from_numpy(where), (2 * images.flatten(1) - 1) * bounds)


def test_noise_is_cut_so_that_even_many_points_lie_in_the_box(load):
    data = load("toy2d", count=1_000_000, noise=1.0)
    assert data.train_images.min() == 0
    assert data.train_images.max() == 1


def test_gaussians_stand_in_a_ring_and_in_a_grid(load):
    where, labels = places(load("toy2d", shape="ring", count=8000, noise=0.03))
    for label in range(8):
        mine = where[labels == label]
        turn = 2 * np.pi * label / 8
        np.testing.assert_allclose(mine.mean(0), [np.cos(turn), np.sin(turn)], atol=0.01)
        np.testing.assert_allclose(mine.std(0), 0.03, rtol=0.1)
    where, labels = places(load("toy2d", shape="grid", count=5000, noise=0.03))
    middles = np.array([where[labels == label].mean(0) for label in range(25)])
    np.testing.assert_allclose(middles[0], [-1, 1], atol=0.02)
    np.testing.assert_allclose(middles[4], [1, 1], atol=0.02)
    np.testing.assert_allclose(middles[20], [-1, -1], atol=0.02)


def test_rings_moons_and_arms_lie_on_their_curves(load):
    where, labels = places(load("toy2d", shape="two-rings", count=1000, noise=0.0))
    np.testing.assert_allclose(np.hypot(*where.T), np.where(labels == 0, 0.5, 1.0), atol=1e-5)
    where, labels = places(load("toy2d", shape="moons", count=1000, noise=0.0))
    middle = np.where(labels[:, None] == 0, [-0.5, -0.25], [0.5, 0.25]) / 1.5
    np.testing.assert_allclose(np.hypot(*(where - middle).T), 1 / 1.5, atol=1e-5)
    assert np.abs(where).max() <= 1
    where, labels = places(load("toy2d", shape="spiral", count=1000, noise=0.0))
    radius, turn = np.hypot(*where.T), np.arctan2(where[:, 1], where[:, 0]) / (2 * np.pi)
    off = turn - labels / 2 - 1.25 * radius
    np.testing.assert_allclose(off - np.round(off), 0, atol=1e-4)


@pytest.mark.parametrize("shape", COMPONENTS)
def test_the_bytes_are_the_same_everywhere(load, shape):
    assert load("toy2d", shape=shape, count=200).content_hash() == HASHES[shape]


def test_the_seed_draws_other_points(load):
    assert load("toy2d", count=200, seed=1).content_hash() != load("toy2d", count=200).content_hash()


def test_floats_reach_the_model_unchanged():
    points = torch.rand((5, 2, 1, 1), generator=torch.Generator().manual_seed(0))
    before = points.clone()
    assert torch.equal(as_float(points, torch.contiguous_format), before)
    assert torch.equal(points, before)


def test_a_point_is_shown_as_a_dot_at_its_place():
    points = np.array([[0.25, 0.25], [0.75, 0.25], [0.5, 0.9], [np.nan, 0.5]], np.float32).reshape(4, 2, 1, 1)
    pictures = to_uint8(points)
    assert pictures.shape == (4, 28, 28, 1)
    for point, picture in zip(points[:3], pictures[:3, :, :, 0], strict=True):
        rows, columns = np.nonzero(picture > 150)
        assert columns.mean() + 0.5 == pytest.approx(28 * point[0].item(), abs=0.5)
        assert 28 - rows.mean() - 0.5 == pytest.approx(28 * point[1].item(), abs=0.5)
    assert 0 < pictures[3].max() < 60  # no place, no dot: the faint grid alone


@pytest.mark.parametrize("dataset", ["toy2d", "sprites"])
@pytest.mark.parametrize(("family", "preset"), [("vae", "dense-2d"), ("autoencoder", "flat"), ("pca", "plane")])
def test_dense_families_train_on_it(tmp_path, dataset, family, preset):
    events = trained(tmp_path / "run", family, preset, dataset=dataset)
    assert type(events[-1]).__name__ == "Finished"
    assert np.isfinite(only(Embedded, events)[-1].points).all()
    assert only(HeldOut, events)[0].pictures.shape[1:3] == ((28, 28) if dataset == "toy2d" else (32, 32))


def test_the_plane_of_pca_is_the_plane_itself(tmp_path):
    figures = trained(tmp_path / "run", "pca", "plane", steps=1, batch_size=400)[-2].values
    assert figures["recon_mse"] < 1e-6


@pytest.mark.parametrize(("family", "preset"), [("vae", "conv-2d"), ("vae", "beta"), ("autoencoder", "conv")])
def test_filters_are_refused_in_one_sentence_and_leave_no_run(tmp_path, family, preset):
    with pytest.raises(UserError, match=r"slides filters over pictures .* toy2d holds points.* Choose a dense preset"):
        trained(tmp_path / "run", family, preset)
    assert not (tmp_path / "run").exists()


def test_points_are_trained_in_full_precision_unless_told_otherwise(load):
    data = load("toy2d", count=100)
    for wanted, precision in (("auto", "fp32"), ("bf16", "bf16")):
        plan = Plan.of(Job(dataset="toy2d", precision=wanted, device="cpu"))
        assert plan.suited(data).precision == precision


def test_a_run_opens_goes_on_and_is_exported(tmp_path):
    trained(tmp_path / "run", width=16)
    events = list(replay(tmp_path / "run", Control()))
    first, last = only(HeldOut, events)
    assert first.pictures.shape == (0, 28, 28, 1)
    assert last.pictures.shape == (80, 28, 28, 1)
    assert only(Sampled, events)[0].pictures.shape == (100, 28, 28, 1)
    assert type(list(resume(tmp_path / "run", Control(), steps=4))[-1]).__name__ == "Finished"
    subject = Subject.of_run(tmp_path / "run")
    for kind in ("samples", "grid", "reconstructions", "map"):
        list(export(kind, subject, tmp_path / f"{kind}.png", {}, Control()))
        assert (tmp_path / f"{kind}.png").stat().st_size > 1000


def test_before_training_they_are_told_and_shown(load):
    data = load("toy2d", count=500)
    told = portrait(data, "Points", Control())
    assert told.size == "points of the plane"
    assert 0 <= told.low < 30 < 220 < told.high <= 255
    pictures, labels = some_of_each(data)
    assert pictures.shape == (len(labels), 28, 28, 1)
