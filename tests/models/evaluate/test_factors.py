"""Factors are read from pictures, and how far layers with styles of their own move them is told."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from models.datasets import Dataset, Factor
from models.errors import Stopped
from models.evaluate import classifier, factors
from models.evaluate.factors import FactorReader, read, reader_of, trust
from models.evaluate.leakage import belonging, leakage, moves
from models.evaluate.scorecard import ScoreParams, score
from models.events import Figures, Noticed
from models.job import Control, Job, finished
from models.registry import source
from models.trainer import train

CPU = torch.device("cpu")
SPRITES = {"size": "32", "count": 3000}


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(classifier, "LEAST", 12_000)


@pytest.fixture(scope="module")
def sprites():
    return finished(source("sprites", SPRITES).load(Control()))


def test_known_factors_are_read_and_the_reader_is_kept(sprites, monkeypatch):
    reader = finished(reader_of(sprites, CPU, Control()))
    told = finished(read(reader, sprites.test_images, Control()))
    assert told.shape == sprites.test_factors.shape
    found = trust(sprites.factors, told, sprites.test_factors)
    assert min(found["scale"], found["x"], found["y"]) > 0.8
    monkeypatch.setattr(factors, "fitted", None)  # whoever trained again would fail
    again = finished(reader_of(sprites, CPU, Control()))
    assert torch.equal(finished(read(again, sprites.test_images, Control())), told)
    other = replace(sprites, train_factors=sprites.train_factors + 1)
    with pytest.raises(TypeError):
        finished(reader_of(other, CPU, Control()))


def test_trust_is_r_squared_or_the_share_of_right_answers():
    known = torch.tensor([[0.0, 1.0], [1.0, 2.0], [2.0, 3.0], [0.0, 4.0]])
    of = (Factor("kind", ("a", "b", "c")), Factor("size", low=0.0, high=5.0))
    assert trust(of, known, known) == {"kind": 1.0, "size": 1.0}
    told = known.clone()
    told[:, 1] = 2.5  # always the mean
    told[0, 0] = 2.0
    assert trust(of, told, known) == pytest.approx({"kind": 0.75, "size": 0.0})


def test_a_stop_ends_it(sprites):
    control = Control()
    work = reader_of(replace(sprites, train_images=sprites.train_images.flip(3)), CPU, control)
    next(work)
    control.stop()
    with pytest.raises(Stopped):
        next(work)
    with pytest.raises(Stopped):
        finished(read(FactorReader(sprites.spec, sprites.factors), sprites.test_images, control))


class Blocks(torch.nn.Module):
    """Draws a bright bar at a place that its coarsest layer tells, as bright as its finest one tells."""

    layers = ("4x4", "8x8", "16x16")

    def prior(self, count, generator):
        return torch.rand(count, 2, generator=generator)

    def styles(self, codes):
        return codes[:, None].expand(-1, 3, -1)

    def synthesize(self, styles):
        where = torch.arange(16) / 16 - styles[:, 0, :1]  # [b, 16]
        bar = (where.abs() < 0.1).float() * (0.3 + 0.7 * styles[:, 2, 1:])
        return bar[:, None, None, :].expand(-1, 1, 16, -1)


class Reading(torch.nn.Module):
    """Reads place and brightness of that bar."""

    factors = (Factor("place"), Factor("light"), Factor("bright", ("no", "yes")))

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))

    def forward(self, images):
        row = images[:, 0, 0]
        place = (row * torch.arange(16) / 16).sum(1) / row.sum(1)
        light = row.amax(1)
        return [place[:, None], light[:, None], torch.stack([0.65 - light, light - 0.65], 1)]


class Looking:
    """What `moves` needs of a lens."""

    device = CPU
    family = Blocks()
    codes = torch.rand(200, 2, generator=torch.Generator().manual_seed(1))
    drawn = family.synthesize(family.styles(codes))
    known = finished(read(Reading(), drawn.mul(255).to(torch.uint8), Control()))
    data = Dataset(
        "bars", drawn, None, drawn.mul(255).to(torch.uint8), None, factors=Reading.factors, test_factors=known
    )

    def looking(self):
        return torch.no_grad()


def test_factors_that_keep_to_their_layers_leak_nothing():
    moved = finished(moves(Looking(), Reading(), 300, 0, Control()))
    assert moved["place"] == pytest.approx({"coarse": 1.0, "middle": 0.0, "fine": 0.0}, abs=0.02)
    assert moved["light"] == pytest.approx({"coarse": 0.0, "middle": 0.0, "fine": 1.0}, abs=0.02)
    assert moved["bright"]["fine"] == pytest.approx(1.0)
    assert leakage(moved) == pytest.approx(0.0, abs=0.02)
    assert belonging(moved) == {"coarse": ["place"], "middle": [], "fine": ["light", "bright"]}


def test_leakage_is_the_share_of_the_other_layers():
    even = {"coarse": 0.5, "middle": 0.5, "fine": 0.5}
    assert leakage({"a": even}) == pytest.approx(2 / 3)
    assert leakage({"a": even, "b": {"coarse": 1.0, "middle": 0.0, "fine": 0.0}}) == pytest.approx(1 / 3)
    assert leakage({"still": dict.fromkeys(even, 0.0)}) == 0.0


def test_a_model_with_styles_is_judged_by_its_leakage_where_factors_are_known(tmp_path):
    tiny = {"width": 16, "channels": 4, "latent_dim": 4, "batch_size": 8}
    job = Job(family="stylegan", dataset="sprites", dataset_settings=SPRITES, settings=tiny, steps=2, device="cpu",
              run=str(tmp_path / "run"))  # fmt: skip
    list(train(job, Control()))
    options = ScoreParams(figures="style_leakage", samples=40, seeds=2)
    events = list(score(tmp_path / "run", options, Control()))
    (told,) = (event for event in events if isinstance(event, Figures))
    assert 0 <= told.values["style_leakage"] <= 2 / 3
    assert set(told.spreads) == {"style_leakage"}
    said = [event.message for event in events if isinstance(event, Noticed)]
    assert any("coarse layers move" in message and "fine layers move" in message for message in said)
