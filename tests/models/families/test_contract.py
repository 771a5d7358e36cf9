"""What the trainer, the map and the probe rely on, for every family and preset that the registry knows.

The golden losses are those of the first steps on a CPU in float32. After a change that is meant to move them:

    GOLDEN=write python -m pytest tests/models/families/test_contract.py -k golden
"""

from __future__ import annotations

import json
import math
import os
from copy import deepcopy
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from models.capabilities import capabilities
from models.errors import UserError
from models.family import (
    CanDiagnose,
    CanEncode,
    CanPrepare,
    DataSpec,
    HasPrior,
    SamplesInSteps,
)
from models.registry import families

GOLDEN = Path(__file__).parent / "golden.json"
PRESETS = [(family, preset) for family in families for preset in families.get(family).presets]
SIZES = {"width": 32, "channels": 8}  # nets small enough for big pictures
SETTINGS = [(family, setting) for family in families for setting in families.get(family).params_type.declared()]


def choices(kind):
    """What a preset chooses beside its numbers: those that agree here make the same net of other sizes."""
    family, preset = kind
    settings = families.get(family).params_type.read(dict(families.get(family).presets[preset].values), of=family)
    return family, *(value for _, value in settings if isinstance(value, str | bool))


NETS = list({choices(kind): kind for kind in reversed(PRESETS)}.values())


def some(kind, count):
    """So many pictures to learn from, or an eighth by a family that weighs every pixel, or draws many times."""
    return count // 8 if issubclass(families.get(kind[0]), SamplesInSteps) else count


def small(family):
    """The sizes that this family has, made small."""
    return {name: size for name, size in SIZES.items() if name in families.get(family).params_type.model_fields}


@pytest.fixture(params=PRESETS, ids=lambda pair: "/".join(pair))
def kind(request):
    return request.param


def test_every_module_of_the_folder_can_be_used():
    assert {"autoencoder", "pca", "vae"} <= set(families)
    assert not families.missing


def test_presets_are_valid_and_say_how_long_they_take(kind):
    preset = families.get(kind[0]).presets[kind[1]]
    families.get(kind[0]).params_type.read(dict(preset.values), of=kind[0])
    assert preset.summary.endswith(".")
    assert preset.steps > 0
    assert preset.epochs is None or preset.epochs > 0


def test_every_preset_learns_and_draws_at_its_own_size(kind, make, pictures, learn, judge):
    sound(make(*kind), pictures(4), learn, judge)


@pytest.mark.parametrize("kind", NETS, ids="/".join)
@pytest.mark.parametrize("shape", [(3, 32, 32), (1, 64, 64), (3, 128, 128), (1, 30, 21)])
def test_shapes_types_and_ranges(kind, shape, make, pictures, learn, judge):
    family = make(*kind, shape, latent_dim=5, **small(kind[0]))
    sound(family, pictures(4, shape), learn, judge)


def sound(family, images, learn, judge):
    """Learn two steps from pictures [n, c, h, w]; all that the family then says of them has the right form."""
    count, *shape = images.shape
    if isinstance(family, CanPrepare):
        family.prepare(images)
    learn(family, images, 2)
    drawn = family.eval().decode(torch.randn(3, family.latent_dim))
    assert drawn.shape == (3, *shape)
    assert drawn.dtype == torch.float32
    assert drawn.min() >= 0
    assert drawn.max() <= 1
    for name, figure in judge(family, images).items():
        assert figure.shape == (count,), name
        assert figure.dtype == torch.float32, name
        assert figure.isfinite().all(), name
    if isinstance(family, CanEncode):
        codes = family.encode(images)
        assert codes.shape == (count, family.latent_dim)
        assert codes.dtype == torch.float32
        torch.testing.assert_close(codes, family.encode(images), rtol=0, atol=0)
    if isinstance(family, HasPrior):
        assert family.prior(7, torch.Generator().manual_seed(0)).shape == (7, family.latent_dim)


def test_the_watched_loss_falls_on_held_out_pictures(kind, make, pictures, learn, judge):
    family = make(*kind)
    if isinstance(family, CanDiagnose):
        pytest.skip(
            "two players share this loss: it need not fall, and the family itself says when the game goes wrong"
        )
    images, held_out = pictures(some(kind, 64)), pictures(some(kind, 32), seed=1)
    watched = next(iter(learn(make(*kind), images, 1)[0]))
    before = judge(family, held_out)[watched].mean()
    learn(family.train(), images, 25)
    assert judge(family, held_out)[watched].mean() < 0.9 * before


def test_evaluation_tells_the_figures_for_people_and_changes_nothing(kind, make, pictures, judge):
    family = make(*kind)
    before = {name: value.clone() for name, value in family.state_dict().items()}
    torch.manual_seed(5)
    untouched = torch.get_rng_state()
    figures = judge(family, pictures(8))
    if isinstance(family, CanEncode) and not isinstance(family, SamplesInSteps):  # which draws too slowly for that
        assert {"recon_mse", "recon_bce"} <= set(figures)
    assert not any(figure.requires_grad for figure in figures.values())
    assert torch.equal(torch.get_rng_state(), untouched)
    for name, value in family.state_dict().items():
        torch.testing.assert_close(value, before[name], rtol=0, atol=0)
    again = judge(family, pictures(8))
    for name in figures:
        torch.testing.assert_close(figures[name], again[name], rtol=0, atol=0)


def test_bf16_in_channels_last_stays_finite_and_draws_the_same(kind, make, pictures, learn, judge):
    family = make(*kind).to(memory_format=torch.channels_last)
    images = pictures(some(kind, 64)).contiguous(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16):
        figures = learn(family, images, 5)
        learn(family, images[:1], 1)  # a last batch of one
        judged = judge(family, images)
        codes = torch.randn(some(kind, 16), family.latent_dim)
        quick = family.decode(codes)
    assert all(torch.tensor(list(step.values())).isfinite().all() for step in figures)
    assert all(figure.isfinite().all() for figure in judged.values())
    assert quick.dtype == torch.float32
    torch.testing.assert_close(quick, family.decode(codes), atol=0.03, rtol=0)
    if isinstance(family, CanEncode):
        with torch.autocast("cpu", torch.bfloat16):
            codes = family.encode(images)
        assert codes.dtype == torch.float32
        codes = codes[codes != 0]
        assert (codes != codes.bfloat16()).float().mean() > 0.9  # not on the lattice of bf16 numbers


def test_a_saved_model_goes_on_as_if_it_had_never_stopped(kind, make, pictures, learn, tmp_path):
    images = pictures(some(kind, 32))
    first = make(*kind)
    learn(first, images, 3, of=6)
    save_file({name: value.contiguous() for name, value in first.state_dict().items()}, tmp_path / "weights")
    optimizers = {name: deepcopy(optimizer.state_dict()) for name, optimizer in first.optimizers().items()}
    random = torch.get_rng_state()
    unbroken = learn(first, images, 3, first=3, of=6)

    second = make(*kind, seed=1)
    second.load_state_dict(load_file(tmp_path / "weights"))
    for name, optimizer in second.optimizers().items():
        optimizer.load_state_dict(optimizers[name])
    torch.set_rng_state(random)
    assert learn(second, images, 3, first=3, of=6) == unbroken
    codes = torch.randn(4, first.latent_dim)
    assert torch.equal(first.decode(codes), second.decode(codes))


def test_the_same_seed_gives_the_same_training(kind, make, pictures, learn):
    images = pictures(some(kind, 32))
    assert learn(make(*kind), images, 3) == learn(make(*kind), images, 3)


def test_golden_losses(kind, make, pictures, learn):
    family, images = make(*kind), pictures(some(kind, 32))
    if isinstance(family, CanPrepare):
        family.prepare(images)
    losses = [next(iter(step.values())) for step in learn(family, images, 5)]
    golden = json.loads(GOLDEN.read_text()) if GOLDEN.exists() else {}
    if os.environ.get("GOLDEN") == "write":
        golden["/".join(kind)] = losses
        GOLDEN.write_text(json.dumps(golden, indent=2, sort_keys=True) + "\n")
    assert losses == pytest.approx(golden["/".join(kind)], rel=1e-3)  # processors round differently


@pytest.mark.parametrize(("family", "setting"), SETTINGS, ids=lambda value: getattr(value, "name", value))
def test_settings_explain_themselves_and_keep_their_bounds(family, setting):
    params_type = families.get(family).params_type
    assert setting.help.endswith(".")
    if setting.when is not None:
        waker = {other.name: other for other in params_type.declared()}[setting.when[0]]
        assert set(setting.when[1]) <= set(waker.choices or (True, False))
    for bound, beyond in ((setting.low, -1), (setting.high, 1)):
        if bound is not None:
            inside = int(bound) if setting.kind == "int" else bound
            assert getattr(params_type.read({setting.name: inside}, of=family), setting.name) == bound
            with pytest.raises(UserError, match=setting.name):
                params_type.read({setting.name: inside + beyond}, of=family)


LEARNABLE = {"learning_rate"}  # at its upper bound any training breaks, as it should
GROWING = {"latent_dim", "batch_size", "depth", "width", "channels", "oversampling"}  # too big for a test


@pytest.mark.parametrize(("family", "setting"), SETTINGS, ids=lambda value: getattr(value, "name", value))
def test_every_choice_and_both_bounds_can_be_trained(family, setting, pictures, learn):
    cls = families.get(family)
    values = list(setting.choices) or ([True, False] if setting.kind == "bool" else [setting.low])
    if setting.high is not None and setting.name not in GROWING | LEARNABLE:
        values.append(setting.high)
    waking = {} if setting.when is None else {setting.when[0]: setting.when[1][-1]}
    for value in values:
        whole = int(value) if setting.kind == "int" else value
        params = cls.params_type.read({**small(family), **waking, setting.name: whole}, of=family)
        model = cls(params, DataSpec(1, 28, 28, classes=4 if cls.needs_labels else 0))
        figures = learn(model, pictures(8), 2)
        assert all(math.isfinite(figure) for step in figures for figure in step.values()), value


def test_capabilities():
    assert capabilities(families.get("vae")) == {"encode", "prior", "prepare", "log_weights", "field"}
    assert capabilities(families.get("autoencoder")) == {"encode", "prepare"}
    assert capabilities(families.get("pca")) == {"encode", "prior"}
    for name in ("pixel-gpt", "pixel-lstm"):
        likely = {"log_weights", "log_likelihood_map"}
        assert capabilities(families.get(name)) == {"encode", "prior", "condition", "sample_steps", "complete", *likely}
    assert capabilities(families.get("gan")) == {"prior", "diagnoses", "field"}
    assert capabilities(families.get("cgan")) == {"prior", "diagnoses", "condition"}
    assert capabilities(families.get("stylegan")) == {"prior", "diagnoses", "synthesize"}
    assert capabilities(families.get("diffusion")) == {"encode", "prior", "condition", "sample_steps", "field"}
