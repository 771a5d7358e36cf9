"""A brought generator keeps the contract of a family: it draws, has slopes to feel for, and finds pictures by them."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import torch

sys.path.insert(0, str(Path(__file__).parents[1]))
from foreign import SIDE, WIDE, encoder, generator

from models.capabilities import capabilities
from models.errors import UserError
from models.family import Batch, CanEncode, DataSpec, HasPrior, HoldsFiles
from models.inversion import invert
from models.job import Control
from models.registry import build, families


def family(made, back=None, classes=0, wide=WIDE, **settings):
    """The family of an ONNX file and perhaps its encoder."""
    data, other = made.SerializeToString(), b"" if back is None else back.SerializeToString()
    sizes = {"size": len(data), "encoder_size": len(other)}
    model = build("onnx", {"latent_dim": wide, **sizes, **settings}, DataSpec(1, SIDE, SIDE, classes))
    state = {"generator": data, "encoder": other}
    files = {name: torch.frombuffer(bytearray(part), dtype=torch.uint8) if part else torch.zeros(0, dtype=torch.uint8)
             for name, part in state.items()}  # fmt: skip
    model.load_state_dict({**model.state_dict(), **files})
    return model.eval()


def slopes(model, codes, wanted):
    """How the squared error of the pictures rises with the codes."""
    moved = codes.clone().requires_grad_()
    (model.decode(moved) - wanted).square().sum().backward()
    return moved.grad


def twin(made):
    """The same pictures by torch itself."""
    weight = next(each for each in made.graph.initializer if each.name == "w")
    matrix = torch.from_numpy(np.frombuffer(weight.raw_data, np.float32).reshape(WIDE, -1).copy())
    return lambda codes: torch.sigmoid(codes @ matrix).view(-1, 1, SIDE, SIDE)


def test_what_it_can_do_is_read_from_its_files():
    bare, whole = family(generator()), family(generator(), encoder())
    assert isinstance(bare, HasPrior)
    assert isinstance(bare, HoldsFiles)
    assert not isinstance(bare, CanEncode)
    assert isinstance(whole, CanEncode)
    assert capabilities(whole) - capabilities(bare) == {"encode"}
    assert whole.files() == {"": generator().SerializeToString(), "-encoder": encoder().SerializeToString()}
    assert set(bare.files()) == {""}


def test_it_is_nobodys_choice_for_a_training():
    assert "onnx" not in set(families)
    assert "onnx" in families.unlisted
    with pytest.raises(UserError, match="cannot be trained"):
        family(generator()).training_step(Batch(torch.rand(2, 1, SIDE, SIDE), None))


def test_it_draws_as_torch_would_and_truncation_draws_towards_the_middle():
    made = generator()
    model, codes = family(made), torch.randn(3, WIDE)
    torch.testing.assert_close(model.decode(codes), twin(made)(codes))
    model.knobs = model.knobs_type.read({"truncation": 0.5}, of="onnx")
    torch.testing.assert_close(model.decode(codes), twin(made)(0.5 * codes))


def test_slopes_of_short_codes_are_nearly_exact():
    made = generator()
    codes, wanted = torch.randn(4, WIDE), torch.rand(4, 1, SIDE, SIDE)
    moved = codes.clone().requires_grad_()
    (twin(made)(moved) - wanted).square().sum().backward()
    torch.testing.assert_close(slopes(family(made), codes, wanted), moved.grad, rtol=0.05, atol=0.1)


def test_slopes_of_long_codes_are_right_in_the_mean(monkeypatch):
    monkeypatch.setattr("models.families.onnx.PROBES", 2)
    made = generator()
    model, codes, wanted = family(made), torch.randn(1, WIDE), torch.rand(1, 1, SIDE, SIDE)
    moved = codes.clone().requires_grad_()
    (twin(made)(moved) - wanted).square().sum().backward()
    mean = torch.stack([slopes(model, codes, wanted) for _ in range(400)]).mean(0)
    assert torch.cosine_similarity(mean, moved.grad).item() > 0.98
    again = slopes(family(made), codes, wanted)
    assert torch.equal(again, slopes(family(made), codes, wanted))  # others each time, the same in turn


@pytest.mark.filterwarnings("ignore:.*torch.jit.script:FutureWarning")  # of the rules that a first slope loads
def test_forward_slopes_are_nearly_exact():
    made = generator()
    model, codes = family(made), torch.randn(2, WIDE)
    for tangent in torch.eye(WIDE):
        ways = tangent.expand(2, WIDE)
        wanted = torch.func.jvp(twin(made), (codes,), (ways,))[1]
        got = torch.func.jvp(model.decode, (codes,), (ways,))[1]
        torch.testing.assert_close(got, wanted, atol=0.02, rtol=0.05)


def test_pictures_are_found_without_an_encoder_by_feeling_for_slopes():
    made = generator()
    model = family(made)
    wanted = twin(made)(torch.randn(1, WIDE, generator=torch.Generator().manual_seed(4)))
    last = None
    for now in invert(model, wanted, None, Control(), torch.Generator().manual_seed(0)):
        last = now
        if now.share > 0.3:
            break
    assert last.errors.item() < 1e-3


def test_figures_need_an_encoder():
    batch = Batch(torch.rand(2, 1, SIDE, SIDE), None)
    assert family(generator()).evaluate(batch, torch.Generator()) == {}
    figures = family(generator(), encoder()).evaluate(batch, torch.Generator())
    assert figures["recon_mse"].shape == (2,)


def test_the_prior_is_the_one_that_the_file_tells():
    model = family(generator())
    model.middle.fill_(5.0)
    model.spread.fill_(0.1)
    codes = model.prior(500, torch.Generator().manual_seed(0))
    assert abs(codes.mean().item() - 5) < 0.05
    assert abs(codes.std().item() - 0.1) < 0.02
