import pytest
import torch
from torch import nn

from models.families.stylegan import StyleGan, StyleKnobs
from models.family import Batch, DataSpec, HasStyles
from models.mixing import mix, mixed_pictures
from models.style_players import Mapping, StyleDiscriminator
from models.styles import Adaptive, EqualConv, EqualLinear, Growth, Modulated, StyleParams

COLOUR = DataSpec(3, 32, 32)
SMALL = {"width": 16, "channels": 4, "latent_dim": 6, "batch_size": 8}


def made(preset="faces", data=COLOUR, **settings):
    torch.manual_seed(0)
    return StyleGan(StyleParams(**{**StyleGan.presets[preset].values, **SMALL, **settings}), data).train()


def learned(family, steps=3, progress=1.0):
    images = torch.rand(8, *family.data.shape)
    for step in range(steps):
        family.training_step(Batch(images, None, step, progress))
    return family.eval()


# ---- sizes


@pytest.mark.parametrize(
    ("shape", "names"),
    [
        ((3, 32, 32), ("4x4", "8x8", "16x16", "32x32")),
        ((1, 28, 28), ("4x4", "7x7", "14x14", "28x28")),
        ((3, 64, 48), ("4x3", "8x6", "16x12", "32x24", "64x48")),
        ((1, 4, 4), ("4x4",)),
    ],
)
def test_layers_halve_down_to_four_pixels(shape, names):
    assert made(data=DataSpec(*shape)).layers == names


# ---- layers, by hand


def test_modulating_the_inputs_is_modulating_the_weights():
    """Karras et al. 2020, equations 1 to 3, with a convolution of its own for every picture."""
    torch.manual_seed(0)
    layer, x, style = Modulated(5, 4, 6, 3), torch.randn(3, 4, 8, 8), torch.randn(3, 5)
    shaped = layer.shaped(x, style)
    for picture, told, drawn in zip(x, layer.told(style), shaped, strict=True):
        weights = layer.weight * layer.scale * told.view(1, -1, 1, 1)
        weights = weights / (weights.square().sum((1, 2, 3), keepdim=True) + 1e-8).sqrt()
        expected = torch.nn.functional.conv2d(picture[None], weights, padding=1)
        torch.testing.assert_close(drawn[None], expected, atol=1e-5, rtol=1e-4)
    assert 0.5 < shaped[:, :, 1:-1, 1:-1].std() < 1.5  # the size is kept however large the style is
    assert 0.5 < layer.shaped(x, 100 * style)[:, :, 1:-1, 1:-1].std() < 1.5


def test_an_adaptive_layer_sets_mean_and_spread():
    torch.manual_seed(0)
    layer, style = Adaptive(5, 4), torch.randn(2, 5)
    drawn = layer(3 + 7 * torch.randn(2, 4, 16, 16), style)
    torch.testing.assert_close(drawn.mean((2, 3)), layer.shift(style), atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(drawn.std((2, 3), correction=0), layer.scale(style).abs(), atol=1e-3, rtol=1e-3)


def test_a_slower_layer_draws_the_same_and_learns_less():
    torch.manual_seed(0)
    quick, slow = EqualLinear(8, 8, start=1.0), EqualLinear(8, 8, start=1.0, pace=0.01)
    with torch.no_grad():
        slow.weight.copy_(quick.weight / 0.01)
    x = torch.randn(5, 8)
    before = quick(x)
    torch.testing.assert_close(slow(x), before)
    for layer in (quick, slow):
        adam = torch.optim.Adam(layer.parameters(), lr=0.01)
        layer(x).square().sum().backward()
        adam.step()
    assert (slow(x) - before).norm() < 0.02 * (quick(x) - before).norm()


def test_the_mapping_sees_directions_only():
    torch.manual_seed(0)
    mapping, codes = Mapping(StyleParams(latent_dim=6, width=16)), torch.randn(4, 6)
    torch.testing.assert_close(mapping(codes), mapping(5 * codes), rtol=1e-4, atol=1e-5)
    assert not torch.allclose(mapping(codes), mapping(-codes))


def test_each_preset_does_what_its_name_says():
    def kinds(family):
        return {type(part) for part in family.generator.modules()}

    assert Modulated in kinds(made())
    assert Adaptive not in kinds(made())
    old = made("adain-2018")
    assert Adaptive in kinds(old)
    assert Modulated not in kinds(old)
    assert old.params.progressive
    weights = {name: sum(weight.numel() for weight in StyleGan(
        StyleParams(**StyleGan.presets[name].values), COLOUR).parameters()) for name in ("wide", "faces")}  # fmt: skip
    assert weights["faces"] < 0.4 * weights["wide"]


# ---- noise, truncation, mixing


def test_pictures_without_grain_have_no_chance_in_them():
    family = learned(made(grain=False, mixing=0.0))
    styles = family.generator.styles(torch.randn(2, 6), 1.0)
    player = family.generator.train()
    assert torch.equal(player.synthesis(styles), player.synthesis(styles))


def test_noise_is_fresh_in_training_and_fixed_in_drawing():
    family = made(grain=True)
    with torch.no_grad():
        for level in family.generator.synthesis.levels:
            for layer in level.layers:
                layer.strength.fill_(0.5)
    codes, player = torch.randn(2, 6), family.generator
    styles = player.train().styles(codes, 1.0)
    assert not torch.equal(player.synthesis(styles), player.synthesis(styles))
    player.eval()
    assert torch.equal(player.synthesis(styles), player.synthesis(styles))
    fixed = player.synthesis(styles)
    with torch.no_grad():
        player.synthesis.levels[-1].layers[-1].strength.fill_(0.0)
    assert not torch.equal(player.synthesis(styles), fixed)  # the fixed noise is seen


def test_truncation_draws_everything_towards_the_mean_style():
    family, codes = learned(made(), 30), torch.randn(40, 6)
    assert family.generator.center.norm() > 0
    spreads = []
    for truncation in (0.0, 0.5, 1.0, 1.2):
        family.knobs = StyleKnobs(truncation=truncation)
        spreads.append(family.styles(codes)[:, 0].std(0).mean().item())
        if truncation == 0:
            drawn = family.decode(codes)
            torch.testing.assert_close(drawn, drawn[:1].expand_as(drawn))
    assert spreads == pytest.approx([spreads[2] * share for share in (0.0, 0.5, 1.0, 1.2)], abs=1e-5)


def test_the_center_is_the_mean_of_the_styles():
    family = learned(made(), 1)
    own = family.generator
    with torch.no_grad():
        mean = own.mapping(torch.randn(4000, 6)).mean(0)
        own.train()
        for _ in range(1500):
            own._mixed(torch.randn(16, 6))
    assert (own.center - mean).norm() < 0.1 * mean.norm()


@pytest.mark.parametrize(("share", "least", "most"), [(0.0, 0.0, 0.0), (0.5, 0.35, 0.65), (1.0, 1.0, 1.0)])
def test_so_many_pictures_of_a_step_have_two_styles(share, least, most):
    family = made(mixing=share)
    styles = family.generator._mixed(torch.randn(400, 6))
    assert styles.shape == (400, 4, 16)
    mixed = (styles[:, 0] != styles[:, -1]).any(1)
    assert least <= mixed.float().mean() <= most
    changes = (styles[:, 1:] != styles[:, :-1]).any(2).sum(1)
    assert set(changes.unique().tolist()) <= {0, 1}  # once, and for good


def test_styles_of_two_codes_are_mixed_by_layer():
    coarse, fine = torch.zeros(2, 4, 3), torch.ones(2, 4, 3)
    assert mix(coarse, fine, 1)[0, :, 0].tolist() == [0, 1, 1, 1]
    assert torch.equal(mix(coarse, fine, 0), fine)
    assert torch.equal(mix(coarse, fine, 4), coarse)
    family, (a, b) = learned(made()), torch.randn(2, 5, 6)
    assert isinstance(family, HasStyles)
    assert torch.equal(mixed_pictures(family, a, b, 4), family.decode(a))
    assert torch.equal(mixed_pictures(family, a, b, 0), family.decode(b))
    between = mixed_pictures(family, a, b, 2)
    assert not torch.allclose(between, family.decode(a))
    assert not torch.allclose(between, family.decode(b))


# ---- growth


def test_growth_goes_level_by_level_and_stands_still_between():
    growth = Growth(4, progressive=True)
    stages = []
    for progress in (0.0, 0.1, 0.15, 0.2, 0.35, 0.6, 1.0):
        growth.follow(progress)
        stages.append(growth.stage())
    tops, shares = zip(*stages, strict=True)
    assert tops == (0, 0, 1, 1, 2, 3, 3)
    assert shares == pytest.approx((1.0, 1.0, 0.5, 1.0, 0.5, 1.0, 1.0), abs=1e-5)
    still = Growth(4, progressive=False)
    still.follow(0.1)
    assert still.stage() == (3, 1.0)


@pytest.mark.parametrize("preset", ["faces", "adain-2018"])
def test_a_growing_game_begins_coarse_and_loses_nothing_when_a_layer_comes_in(preset):
    family, codes = made(preset, progressive=True), torch.randn(3, 6)

    def drawn(progress):
        for player in (family.shown.synthesis, family.discriminator):
            player.growth.follow(progress)
        return family.shown.synthesis.train()(family.styles(codes))  # not cut to [0, 1]

    coarse = drawn(0.05)
    blocks = coarse.unfold(2, 8, 8).unfold(3, 8, 8)
    assert blocks.std((4, 5)).max() < 1e-6  # 4x4 pixels, enlarged
    before, after = drawn(0.0999), drawn(0.1003)
    smooth = torch.nn.functional.interpolate(before[:, :, ::8, ::8], size=(8, 8), mode="bilinear")
    torch.testing.assert_close(after[:, :, ::4, ::4], smooth, atol=0.05, rtol=0)
    assert drawn(1.0).unfold(2, 2, 2).unfold(3, 2, 2).std((4, 5)).max() > 0.01
    judged = torch.rand(4, 3, 32, 32)
    with torch.no_grad():
        family.discriminator.growth.follow(0.2)
        seen = family.discriminator(judged)
        fine = judged + 0.2 * (torch.arange(32) % 2 - 0.5)  # gone in the means of two pixels
        torch.testing.assert_close(family.discriminator(fine), seen, atol=1e-4, rtol=1e-4)


def test_real_pictures_are_as_coarse_as_the_game():
    family, images = made(progressive=True), torch.rand(2, 3, 32, 32)
    family.discriminator.growth.follow(0.0)
    coarse = family._coarsened(images)
    torch.testing.assert_close(coarse[:, :, ::8, ::8], torch.nn.functional.avg_pool2d(images, 8))
    family.discriminator.growth.follow(1.0)
    assert family._coarsened(images) is images


def test_how_far_a_game_has_grown_is_kept_with_its_weights():
    family = learned(made(progressive=True), 2, progress=0.35)
    other = made(progressive=True)
    other.load_state_dict(family.state_dict())
    codes = torch.randn(3, 6)
    assert torch.equal(other.eval().decode(codes), family.decode(codes))
    assert other.discriminator.growth.stage() == family.discriminator.growth.stage() != (3, 1.0)


# ---- the discriminator


def test_the_batch_deviation_lets_the_discriminator_see_sameness():
    torch.manual_seed(0)
    params = StyleParams(**SMALL, batch_deviation=True)
    judge, pictures = StyleDiscriminator(params, COLOUR), torch.rand(6, 3, 32, 32)
    with torch.no_grad():
        judge.last.weight[:, :-1].zero_()  # only that map counts
        apart, alike = judge(pictures), judge(pictures[:1].expand(6, 3, 32, 32))
    assert len(apart.unique()) == 1
    assert (apart[0] - alike[0]).abs() > 1e-3


def test_r1_reaches_every_weight_of_the_discriminator():
    family = made(r1=1.0)
    family._penalty(torch.rand(4, 3, 32, 32), torch.rand(4, 3, 32, 32), None, 0).backward()
    slopes = {name: weight.grad for name, weight in family.discriminator.named_parameters() if weight.dim() > 1}
    assert all(slope is not None and slope.abs().sum() > 0 for slope in slopes.values())


def test_filters_begin_with_one_size():
    family = made()
    parts = [part for part in family.modules() if isinstance(part, EqualConv) and not isinstance(part, nn.Linear)]
    assert all(0.6 < part.weight.std() < 1.4 for part in parts if part.weight.numel() > 30)
