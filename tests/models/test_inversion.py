"""Pictures enter every model: at once where it can encode, else by descent; live, cancellable, the same for a seed."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models import inversion
from models.errors import Stopped, UserError
from models.family import DataSpec
from models.inversion import Known, invert, nearest
from models.job import Control
from models.registry import build

SPEC = DataSpec(1, 12, 12, 3)
DENSE = {"architecture": "dense", "generator_norm": "none", "width": 32, "latent_dim": 4}


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(inversion, "DRAWN", 60)
    monkeypatch.setattr(inversion, "ROUNDS", ((6, 20), (2, 60)))


def made(family, settings=None, spec=SPEC, seed=0):
    """A model with its first weights, enlarged so that codes and classes make a difference."""
    torch.manual_seed(seed)
    model = build(family, settings or {}, spec).requires_grad_(False).eval()
    for weight in model.parameters():
        if weight.dim() > 1:
            weight.mul_(2.0)
    return model


def random(seed=0):
    return torch.Generator().manual_seed(seed)


def told(model, images, labels=None, control=None, known=None):
    return list(invert(model, images, labels, control or Control(), random(), known))


@pytest.mark.parametrize("count", [1, 3])
def test_a_generator_finds_the_codes_of_its_own_pictures(count):
    gan = made("gan", DENSE)
    codes = gan.prior(count, random(7))
    steps = told(gan, gan.decode(codes))
    assert len(steps) == 80
    assert steps[-1].share == 1
    assert (steps[-1].errors < 0.1 * steps[0].errors).all()
    assert torch.allclose(steps[-1].codes, codes, atol=0.3)
    assert torch.allclose(gan.decode(steps[-1].codes), steps[-1].pictures, atol=1e-5)


def test_the_best_that_was_seen_never_gets_worse():
    gan = made("gan", DENSE)
    steps = told(gan, gan.decode(gan.prior(1, random(3))))
    costs = [float(step.errors + inversion.PULL * step.codes.square().mean()) for step in steps]
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] < 0.5 * costs[0]


def test_the_class_is_found_too_or_the_one_that_is_asked_for():
    cgan = made("cgan", DENSE)
    labels = torch.tensor([0, 1, 2])
    images = cgan.decode(cgan.prior(3, random(5)), labels)
    assert told(cgan, images)[-1].labels.tolist() == [0, 1, 2]
    wrong = torch.tensor([1, 1, 1])
    last = told(cgan, images, wrong)[-1]
    assert last.labels.tolist() == [1, 1, 1]
    assert last.errors[0] > 3 * told(cgan, images, labels)[-1].errors[0]


def test_the_same_seed_finds_the_same_codes():
    gan = made("gan", DENSE)
    images = gan.decode(gan.prior(2, random(9)))
    before = torch.random.get_rng_state()
    one, other = told(gan, images)[-1], told(gan, images)[-1]
    assert torch.equal(one.codes, other.codes)
    assert torch.equal(before, torch.random.get_rng_state())


def test_the_search_begins_at_known_pictures():
    gan = made("gan", DENSE)
    codes = gan.prior(50, random(2))
    pictures = gan.decode(codes).mul(255).round().to(torch.uint8)
    first = told(gan, gan.decode(codes[17:18]), known=Known(codes, pictures, None))[0]
    assert torch.equal(first.codes[0], codes[17])
    assert first.errors < 1e-9


def test_of_known_pictures_each_class_has_its_turn():
    distances = np.array([0.1, 0.2, 0.3, 0.9, 0.8], np.float32)
    assert nearest(distances, np.array([0, 0, 0, 1, 1]), 4).tolist() == [0, 4, 1, 3]
    assert nearest(distances, None, 3).tolist() == [0, 1, 2]


@pytest.mark.parametrize(("family", "settings"), [("vae", {"width": 16}), ("autoencoder", {"depth": 0})])
def test_a_family_with_a_way_back_answers_at_once(family, settings):
    model = made(family, settings)
    images = torch.rand(2, *SPEC.shape, generator=random())
    (answer,) = told(model, images)
    assert torch.equal(answer.codes, model.encode(images))
    off = (model.decode(answer.codes) - images).square().mean((1, 2, 3))
    assert answer.errors.tolist() == pytest.approx(off.tolist())


def test_who_encodes_with_a_label_tries_them_all():
    cvae = made("cvae", {"width": 16, "latent_dim": 2})
    images = torch.rand(4, *SPEC.shape, generator=random(1))
    answers = told(cvae, images)
    best = answers[-1]
    alone = [told(cvae, images, torch.full((4,), label))[-1] for label in range(3)]
    costs = torch.stack([each.errors + inversion.PULL * each.codes.square().mean(1) for each in alone])
    assert best.labels.tolist() == costs.argmin(0).tolist()
    assert len(answers) == 1  # all classes in one go


def test_a_transformer_writes_the_picture_again():
    model = made("pixel-gpt", {"width": 32, "depth": 1}, DataSpec(1, 8, 8))
    image = (torch.rand(1, 1, 8, 8, generator=random()) > 0.5).float()
    steps = told(model, image)
    assert len(steps) > 1
    assert steps[-1].errors < 1e-9


def test_a_stop_is_heard_within_a_layer():
    diffusion = made("diffusion", {"channels": 8}, DataSpec(1, 8, 8))
    control, seen = Control(), []

    def stop(*_):
        seen.append(1)
        if len(seen) == 20:
            control.stop()

    hooks = [part.register_forward_hook(stop) for part in diffusion.modules()]
    with pytest.raises(Stopped):
        told(diffusion, torch.rand(1, 1, 8, 8, generator=random()), control=control)
    assert len(seen) == 20
    for hook in hooks:
        hook.remove()
    assert not any(part._forward_pre_hooks for part in diffusion.modules())


def test_a_descent_stops_too():
    gan, control = made("gan", DENSE), Control()
    search = invert(gan, torch.rand(1, *SPEC.shape, generator=random()), None, control, random())
    for _ in range(4):
        next(search)
    control.stop()
    with pytest.raises(Stopped):
        next(search)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda images: images[:, :, 1:], "1x11x12 and the model draws 1x12x12"),
        (lambda images: images * torch.nan, "not numbers"),
    ],
)
def test_pictures_that_cannot_be_looked_for_are_refused(spoil, words):
    with pytest.raises(UserError, match=words):
        told(made("gan", DENSE), spoil(torch.rand(1, *SPEC.shape)))


def test_spoilt_weights_are_told():
    gan = made("gan", DENSE)
    next(gan.shown.parameters()).fill_(torch.nan)
    with pytest.raises(UserError, match="weights are spoilt"):
        told(gan, torch.rand(1, *SPEC.shape))


def test_a_way_without_gradients_is_told(asked_family, monkeypatch):
    model = build("asked", {}, SPEC).requires_grad_(False).eval()
    drawn = type(model).decode
    monkeypatch.setattr(type(model), "decode", lambda self, codes, labels=None: drawn(self, codes, labels).round())
    monkeypatch.setattr(type(model), "decode", torch.no_grad()(type(model).decode))
    with pytest.raises(UserError, match="no error can be followed"):
        told(model, torch.rand(1, *SPEC.shape))


def test_a_family_without_prior_and_way_back_says_why(asked_family, monkeypatch):
    monkeypatch.delattr(asked_family, "prior")
    model = build("asked", {}, SPEC).requires_grad_(False).eval()
    with pytest.raises(UserError, match="neither a way from pictures to codes nor a prior"):
        told(model, torch.rand(1, *SPEC.shape))
