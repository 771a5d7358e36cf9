import copy

import pytest
import torch
from torch import nn

from models import illnesses
from models.adversarial import (
    Adversarial,
    augmented,
    discriminator_losses,
    follow,
    generator_losses,
    gradient_norm,
    gradient_penalty,
    r1_penalty,
    steepness,
)
from models.family import Batch, DataSpec
from models.illnesses import LEARNING, SETTLING, Health, certainty, distances
from models.players import PlayerParams, Spectral

GREY = DataSpec(1, 28, 28)
SMALL = {"architecture": "dense", "generator_norm": "none", "width": 16, "latent_dim": 4}


def small(**settings):
    torch.manual_seed(0)
    return Adversarial(PlayerParams(**{**SMALL, **settings}), GREY).train()


# ---- losses, by hand: a logit of 0 is a probability of 1/2, one of ln 3 is 3/4

LN2, LN3, LN4 = 0.6931472, 1.0986123, 1.3862944


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("non-saturating", [LN2 + LN2, (LN4 - LN3) + LN4]),  # -log D(x) - log(1 - D(G(z)))
        ("minimax", [LN2 + LN2, (LN4 - LN3) + LN4]),
        ("hinge", [1 + 1, 0 + 1 + LN3]),
        ("wasserstein", [0.0, 0.0]),
    ],
)
def test_what_the_discriminator_pays(kind, expected):
    logits = torch.tensor([0.0, LN3])
    torch.testing.assert_close(discriminator_losses(kind, logits, logits), torch.tensor(expected))


def test_a_critic_is_paid_for_the_distance():
    real, fake = torch.tensor([3.0, 1.0]), torch.tensor([1.0, 4.0])
    assert discriminator_losses("wasserstein", real, fake).tolist() == [-2.0, 3.0]
    assert discriminator_losses("hinge", torch.tensor([-1.0]), torch.tensor([-1.0])).tolist() == [2.0]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("non-saturating", [LN2, LN4 - LN3]),  # -log D(G(z))
        ("minimax", [-LN2, -LN4]),  # log(1 - D(G(z)))
        ("hinge", [0.0, -LN3]),
        ("wasserstein", [0.0, -LN3]),
    ],
)
def test_what_the_generator_pays(kind, expected):
    torch.testing.assert_close(generator_losses(kind, torch.tensor([0.0, LN3])), torch.tensor(expected))


def test_only_the_minimax_generator_hears_nothing_from_a_discriminator_that_is_sure():
    logit = torch.tensor([-20.0], requires_grad=True)
    slopes = {
        kind: torch.autograd.grad(generator_losses(kind, logit).sum(), logit)[0].item()
        for kind in ("minimax", "non-saturating", "hinge", "wasserstein")
    }
    assert abs(slopes.pop("minimax")) < 1e-8
    assert all(slope == pytest.approx(-1, abs=1e-6) for slope in slopes.values())


def test_smoothing_moves_the_target_of_real_pictures_only():
    real, fake = torch.tensor([LN3]), torch.tensor([LN3])
    plain, smooth = (discriminator_losses("minimax", real, fake, by).item() for by in (0.0, 0.1))
    assert smooth - plain == pytest.approx(0.1 * LN3, rel=1e-5)  # 0.1 (log 3/4 - log 1/4)


# ---- penalties of functions whose slope is known


class Linear(nn.Module):
    """The sum of all pixels, times a slope: its gradient is as long as slope times the root of their number."""

    def __init__(self, slope):
        super().__init__()
        self.slope = nn.Parameter(torch.tensor(slope))

    def forward(self, pictures, condition=None):
        return self.slope * pictures.flatten(1).sum(1)


def test_penalties_of_a_linear_judge():
    pictures = torch.rand(5, 1, 4, 4)
    judge = Linear(0.75)  # a slope of 0.75 * sqrt(16) = 3
    torch.testing.assert_close(steepness(judge, pictures), torch.full((5,), 9.0))
    assert r1_penalty(judge, pictures).item() == pytest.approx(4.5)
    penalty = gradient_penalty(judge, pictures, torch.rand(5, 1, 4, 4))
    assert penalty.item() == pytest.approx(4.0, rel=1e-5)
    penalty.backward()
    assert judge.slope.grad.item() == pytest.approx(2 * (3 - 1) * 4, rel=1e-5)  # it can be learned from


def test_penalties_of_a_curved_judge_are_paid_where_they_should_be():
    def judge(pictures, condition):
        return 0.5 * pictures.flatten(1).square().sum(1)  # its slope is the picture's length

    real, fake = torch.full((64, 1, 2, 2), 1.0), torch.full((64, 1, 2, 2), 3.0)
    assert r1_penalty(judge, real).item() == pytest.approx(2.0)  # at the real ones: length 2
    lengths = torch.sqrt(steepness(judge, fake))
    torch.testing.assert_close(lengths, torch.full((64,), 6.0))
    between = gradient_penalty(judge, real, fake).item()  # lengths spread evenly from 2 to 6: mean (l - 1)^2 = 31 / 3
    assert 8 < between < 13


def test_r1_is_paid_fourfold_at_every_fourth_step():
    family, pictures = small(r1=2.0), torch.rand(6, 1, 28, 28)
    due = family._penalty(pictures, pictures, None, 8)
    assert due.item() == pytest.approx(4 * 2.0 * r1_penalty(family.discriminator, pictures).item(), rel=1e-5)
    assert due > 0
    assert all(family._penalty(pictures, pictures, None, step) == 0 for step in (9, 10, 11))


def test_a_spectrally_normalised_weight_stretches_nothing_and_rests_in_evaluation():
    torch.manual_seed(0)
    weight = torch.randn(12, 3, 4, 4)
    norm = Spectral(weight)
    for _ in range(50):
        scaled = norm(weight)
    assert torch.linalg.matrix_norm(scaled.flatten(1), 2).item() == pytest.approx(1.0, abs=1e-3)
    norm.eval()
    before = norm.u.clone()
    assert torch.equal(norm(weight), norm(weight))
    assert torch.equal(norm.u, before)


def test_the_length_of_a_gradient():
    layer = nn.Linear(2, 1)
    layer.weight.grad, layer.bias.grad = torch.tensor([[3.0, 4.0]]), torch.tensor([12.0])
    assert gradient_norm(layer).item() == pytest.approx(13.0)


# ---- augmentation


def test_augmentation_keeps_the_shape_lets_gradients_through_and_differs_each_time():
    torch.manual_seed(0)
    pictures = torch.rand(8, 3, 28, 20, requires_grad=True)
    changed = augmented(pictures)
    assert changed.shape == pictures.shape
    assert not torch.equal(changed, augmented(pictures))
    changed.sum().backward()
    assert pictures.grad.abs().sum() > 0
    assert set(pictures.grad.unique().tolist()) <= {0.0, 1.0}  # a pixel is moved, or cut away
    assert (
        len({tuple(picture.flatten().tolist()) for picture in (changed - pictures).detach()}) == 8
    )  # each its own way


def test_augmentation_shifts_by_an_eighth_at_most_and_cuts_a_half_at_most():
    torch.manual_seed(0)
    spot = torch.zeros(400, 1, 32, 32)
    spot[:, :, 16, 16] = 100.0
    rows, columns = (augmented(spot) > 50).nonzero(as_tuple=True)[2:]
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (12, 20, 12, 20)
    white = augmented(torch.full((400, 1, 32, 32), 10.0))
    inside = white[:, :, 4:-4, 4:-4]  # where no shift brings the edge
    assert (inside == 0).float().mean((1, 2, 3)).max() <= (16 * 16) / (24 * 24)
    assert (inside == 0).any()


# ---- the average that is shown


def test_the_shown_generator_follows_by_the_formula():
    playing, shown = nn.BatchNorm1d(1), nn.BatchNorm1d(1)
    playing.weight.data.fill_(5.0)
    playing.running_mean.fill_(2.0)
    playing.num_batches_tracked.fill_(7)
    follow(shown, playing, 0.9)
    assert shown.weight.item() == pytest.approx(0.9 * 1 + 0.1 * 5)
    assert shown.running_mean.item() == pytest.approx(0.2)
    assert shown.num_batches_tracked.item() == 7


def test_memory_is_short_at_first_and_none_shows_the_one_that_plays():
    family, images = small(), torch.rand(8, 1, 28, 28)
    expected = family.shown.state_dict()["layers.0.weight"].clone()
    for step in range(3):
        family.training_step(Batch(images, None, step))
        expected.lerp_(family.generator.state_dict()["layers.0.weight"], 1 - (1 + step) / (10 + step))
    torch.testing.assert_close(family.shown.state_dict()["layers.0.weight"], expected)

    bare = small(average=0.0)
    bare.training_step(Batch(images, None, 0))
    codes = torch.randn(3, 4)
    torch.testing.assert_close(bare.decode(codes), bare.generator(codes), rtol=0, atol=0)


def test_the_shown_generator_never_trains():
    family = small(generator_norm="batch")
    codes = torch.randn(3, 4)
    alone = torch.cat([family.train().decode(code[None]) for code in codes])
    torch.testing.assert_close(family.train().decode(codes), alone)


# ---- turns


def test_the_generator_moves_at_every_kth_batch_counted_from_the_start_of_training():
    family, images = small(discriminator_steps=3), torch.rand(8, 1, 28, 28)
    moved = []
    for step in range(7):
        before = copy.deepcopy(family.generator.state_dict())
        figures = family.training_step(Batch(images, None, step))
        after = family.generator.state_dict()
        moved.append(any(not torch.equal(before[name], after[name]) for name in before))
        assert figures["grad_g"] > 0  # told of its last step in between
    assert moved == [True, False, False, True, False, False, True]


def test_the_figures_of_a_step():
    family, images = small(), torch.rand(8, 1, 28, 28)
    figures = family.training_step(Batch(images, None, 0))
    assert list(figures) == ["loss_d", "loss_g", "d_real", "d_fake", "grad_d", "grad_g", "diversity"]
    assert 0 < figures["d_real"] < 1
    assert 0 < figures["d_fake"] < 1
    critic = small(loss="wasserstein")
    figures = critic.training_step(Batch(images, None, 0))
    torch.testing.assert_close(figures["loss_d"], figures["d_fake"] - figures["d_real"])


# ---- health


def test_distances_of_a_square():
    corners = torch.tensor([[0.0, 0.0], [0.0, 3.0], [4.0, 0.0], [4.0, 3.0]]).view(4, 2, 1, 1)
    mean, nearest = distances(corners)
    assert mean.item() == pytest.approx((3 + 4 + 5) / 3)
    assert nearest.item() == pytest.approx(3)
    assert [value.item() for value in distances(corners[:1])] == [0, 0]


def test_certainty_counts_pairs():
    assert certainty(torch.tensor([2.0, 3.0]), torch.tensor([0.0, 1.0])) == 1
    assert certainty(torch.tensor([0.0, 3.0]), torch.tensor([1.0, 2.0])) == 0.5


HEALTHY = {"diversity": 0.95, "nearest": 0.9, "sure": 0.99, "gradient": 1.0}


def noted(health, count, **changes):
    figures = [torch.tensor(value) for value in {**HEALTHY, **changes}.values()]
    for _ in range(count):
        health.note(*figures)
    return set(health.illnesses())


def test_a_healthy_game_has_no_illness():
    assert noted(Health(), 2 * SETTLING) == set()


@pytest.mark.parametrize("sign", [{"diversity": 0.2}, {"nearest": 0.1}])
def test_a_collapse_is_told_once_it_lasts_and_until_it_has_gone(sign):
    health = Health()
    noted(health, SETTLING)
    assert noted(health, 3, **sign) == set()  # a passing moment is none
    assert noted(health, 300, **sign) == {"mode collapse"}
    (name,) = sign
    limit = {"diversity": 0.55, "nearest": 0.45}[name]
    assert noted(health, 500, **{name: limit}) == {"mode collapse"}  # hardly better is not well
    assert noted(health, 500) == set()
    assert noted(health, 500, **{name: limit}) == set()


def test_pictures_that_are_alike_at_first_are_no_collapse():
    health = Health()
    assert noted(health, LEARNING, diversity=0.1, nearest=0.1) == set()
    assert noted(health, 1, diversity=0.1, nearest=0.1) == {"mode collapse"}  # but staying so is one


def test_a_gradient_that_shrinks_is_an_illness_only_when_the_discriminator_has_won():
    health = Health()
    noted(health, SETTLING)
    assert noted(health, 500, gradient=0.001, sure=0.8) == set()  # both have settled: the aim of the game
    assert noted(health, 500, gradient=0.001, sure=1.0) == {"vanishing generator gradient"}
    assert noted(health, 500, gradient=0.5, sure=1.0) == set()


def test_what_is_told_names_figures_and_a_cure():
    health = Health()
    noted(health, SETTLING)
    noted(health, 500, diversity=0.2, gradient=0.001, sure=1.0)
    collapse, vanishing = health.illnesses().values()
    assert "20%" in collapse
    assert "rate ratio" in collapse
    assert "0.1%" in vanishing
    assert "non-saturating" in vanishing


@pytest.fixture
def quick(monkeypatch):
    """Judge after few steps."""
    monkeypatch.setattr(illnesses, "LEARNING", 60)
    monkeypatch.setattr(illnesses, "SETTLING", 60)
    monkeypatch.setattr(illnesses, "SMOOTH", 0.1)


class Copier(nn.Module):
    """Draws pictures like the real ones, or one and the same."""

    def __init__(self, same):
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(1.0))
        self.same = same

    def forward(self, codes):
        drawn = torch.rand(len(codes), 1, 28, 28) * self.scale
        return drawn[:1].expand_as(drawn) if self.same else drawn


@pytest.mark.parametrize(("same", "expected"), [(True, {"mode collapse"}), (False, set())])
def test_a_model_that_draws_one_picture_is_diagnosed_and_one_that_draws_real_ones_is_not(quick, same, expected):
    images, family = torch.rand(16, 1, 28, 28), small()
    family.generator, family.shown = Copier(same), Copier(same)
    for step in range(80):
        figures = family.training_step(Batch(images, None, step))
    assert set(family.diagnoses()) == expected
    assert (figures["diversity"] < 0.01) == same


@pytest.mark.parametrize(
    ("loss", "expected"), [("minimax", {"vanishing generator gradient"}), ("non-saturating", set())]
)
def test_an_unbeatable_discriminator_makes_the_minimax_gradient_vanish_and_no_other(quick, loss, expected):
    family = small(loss=loss, learning_rate=5e-5, rate_ratio=100.0)  # the generator hardly moves
    dark = 0.1 * torch.rand(16, 1, 28, 28)
    for step in range(250):
        family.training_step(Batch(dark, None, step))
    assert set(family.diagnoses()) - {"mode collapse"} == expected


def test_truncation_draws_codes_to_the_middle():
    family = small().eval()
    codes = torch.randn(5, 4)
    with torch.no_grad():
        half = family.decode(0.5 * codes)
        family.knobs = family.knobs_type(truncation=0.5)
        torch.testing.assert_close(family.decode(codes), half, rtol=0, atol=0)
        family.knobs = family.knobs_type(truncation=0.0)
        assert family.decode(codes).std(0).max() < 1e-6
