"""A run becomes ONNX files that draw the same to 1e-4, and comes back from them; or a sentence says why not."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from tiny_runs import only, trained

from models.bringing import Bringing, bring
from models.commandline import run as command
from models.errors import Stopped, UserError
from models.events import Exported, Weights, Working
from models.export import export
from models.graph import read_graph
from models.job import Control, finished
from models.onnx_export import answered, ask
from models.painter import Painter
from models.replay import replay
from models.run import RunFolder
from models.runtime import Network
from models.subject import Subject
from models.translating import CLOSE, _difference, translated

pytestmark = pytest.mark.timeout(600)  # PyTorch's exporter takes long to be fetched

KINDS = {
    "autoencoder": ("autoencoder", "simple", {"latent_dim": 5}),
    "pca": ("pca", "plane", {}),
    "vae": ("vae", "conv-2d", {"channels": 4}),
    "cvae": ("cvae", "class-prior", {"channels": 4, "latent_dim": 4}),
    "gan": ("gan", "dcgan", {"channels": 4, "latent_dim": 6}),
    "cgan": ("cgan", "stable", {"channels": 4, "latent_dim": 6}),
    "stylegan": ("stylegan", "digits", {"channels": 4, "width": 16, "latent_dim": 6}),
}


def made(folder, kind):
    """A few steps of training."""
    family, preset, settings = KINDS[kind]
    small = {"width": 16, "depth": 1} if family in ("autoencoder", "vae", "cvae") else {}
    trained(folder, family=family, preset=preset, steps=3, settings={"batch_size": 16, **small, **settings})
    return folder


@pytest.fixture(autouse=True)
def no_tiny_settings(monkeypatch):
    monkeypatch.setattr("tiny_runs.TINY", {})


def painter(folder):
    found = Painter.of(only(Weights, replay(folder, Control()))[0])
    found._precision = "fp32"
    return found


def here(folder, place):
    """The graphs, made in this process, which is quicker for many."""
    subject = Subject.of_run(folder)
    ask(place, subject, Painter.of(subject.weights))
    assert translated(place)["difference"] <= CLOSE
    return answered(place)


@pytest.mark.filterwarnings("ignore")  # of PyTorch's exporter
@pytest.mark.parametrize("kind", KINDS)
def test_every_family_that_draws_in_one_go_draws_the_same_as_onnx(tmp_path, kind):
    folder = made(tmp_path / "run", kind)
    files = here(folder, tmp_path)
    family = painter(folder).family.cpu()
    network = Network.generator(files[""])
    assert network.batch == 0
    codes = torch.randn(7, family.latent_dim, generator=torch.Generator().manual_seed(9))
    shares = torch.rand(7, 10, generator=torch.Generator().manual_seed(9)).softmax(1)
    asked = shares if network.ways.label is not None else None
    with torch.no_grad():
        wanted = family.decode(codes, asked).numpy()
    got = network(codes.numpy(), None if asked is None else asked.numpy(), 10)
    assert np.abs(got - wanted).max() <= CLOSE
    assert (network.ways.label is not None) == (kind in ("cgan", "cvae"))
    assert ("-encoder" in files) == hasattr(family, "encode")
    if "-encoder" in files:
        with torch.no_grad():
            back = family.encode(torch.from_numpy(wanted), asked).numpy()
        answer = Network.encoder(files["-encoder"])(wanted, None if asked is None else asked.numpy(), 10)
        assert np.abs(answer - back).max() <= CLOSE * max(1, np.abs(back).max())


def test_a_file_tells_of_what_it_was_made_and_comes_back_as_the_same_pictures_and_classes(tmp_path):
    folder, out = made(tmp_path / "run", "cgan"), tmp_path / "digits.onnx"
    knobs = {"truncation": 0.7}
    subject = replace(Subject.of_run(folder), knobs=knobs)
    events = list(export("onnx", subject, out, {}, Control()))
    assert isinstance(events[-1], Exported)
    assert len({event.what for event in only(Working, events)}) > 1
    told = read_graph(out.read_bytes()).told
    assert told["latent_explorer.run"] == subject.info.id
    assert told["latent_explorer.step"] == "3"
    assert len(told["latent_explorer.weights"]) == 64
    assert json.loads(told["latent_explorer.class_names"]) == list(subject.info.class_names)
    assert json.loads(told["latent_explorer.knobs"]) == knobs
    assert told["latent_explorer.values"] == "unit"
    back = finished(bring(Bringing(file=str(out)), str(tmp_path / "back"), "", Control()))
    own, other = painter(folder), painter(back)
    own.turn(knobs)
    assert RunFolder.open(back).manifest.data.class_names == subject.info.class_names
    codes = np.random.default_rng(0).standard_normal((10, 6)).astype(np.float32)
    with torch.no_grad():
        wanted = own.family.decode(torch.from_numpy(codes), torch.arange(10))
        got = other.family.decode(torch.from_numpy(codes), torch.arange(10))
    assert (wanted - got).abs().max() <= CLOSE
    again = tmp_path / "again.onnx"
    list(export("onnx", Subject.of_run(back), again, {}, Control()))
    assert again.read_bytes() == out.read_bytes()


@pytest.mark.filterwarnings("ignore")
def test_codes_that_are_not_standard_are_told(tmp_path):
    folder, out = made(tmp_path / "run", "autoencoder"), tmp_path / "out.onnx"
    subject = Subject.of_run(folder)
    out.write_bytes(here(folder, tmp_path)[""])
    told = read_graph(out.read_bytes()).told
    assert json.loads(told["latent_explorer.code_middle"]) == pytest.approx(subject.codes.mean(0).tolist(), rel=1e-4)
    back = finished(bring(Bringing(file=str(out)), str(tmp_path / "back"), "", Control()))
    assert RunFolder.open(back).load().codes.mean(0) == pytest.approx(subject.codes.mean(0), abs=0.2)


def test_models_that_draw_in_steps_say_why_not(tmp_path, asked_family, capsys):
    trained(tmp_path / "run", family="asked", preset="tiny", settings={"latent_dim": 2}, steps=2)
    assert command(["export", "onnx", str(tmp_path / "run"), str(tmp_path / "out.onnx")]) == 2
    assert "draws in many steps" in capsys.readouterr().err
    assert not (tmp_path / "out.onnx").exists()


def test_a_graph_that_is_off_is_refused_with_the_difference():
    from foreign import WIDE, generator

    network = Network.generator(generator().SerializeToString())
    right = network(np.zeros((1, WIDE), np.float32))

    class Off(torch.nn.Module):
        def forward(self, codes):
            return torch.from_numpy(network(codes.numpy())) + 0.01

    assert right.shape == (1, 1, 8, 8)
    with pytest.raises(UserError, match=r"differs from the model by 0\.01"):
        _difference(Off(), lambda rows: (torch.randn(rows, WIDE),), network)


def test_a_stop_writes_nothing(tmp_path):
    folder, control = made(tmp_path / "run", "pca"), Control()
    work = export("onnx", Subject.of_run(folder), tmp_path / "out.onnx", {}, control)
    next(work)
    control.stop()
    with pytest.raises(Stopped):
        list(work)
    assert not (tmp_path / "out.onnx").exists()
