"""A small copy of a run: opened, drawn from, never resumed, and silent about this machine."""

from __future__ import annotations

import numpy as np
import pytest

from models.commandline import run as command
from models.errors import UserError
from models.events import HeldOut, Noticed, Rendered, Weights
from models.families.diffusion import Diffusion
from models.job import Control, Job
from models.packing import pack
from models.painter import Painter
from models.replay import replay
from models.run import RunFolder
from models.trainer import resume, train

CODES = np.random.default_rng(0).standard_normal((4, 16), np.float32)


def trained(folder, family="gan", preset="plain", **settings):
    small = {"width": 16, "latent_dim": 16} if family == "gan" else {"channels": 16}
    job = Job(family=family, preset=preset, device="cpu", steps=3, run=str(folder), settings={**small, **settings})
    list(train(job, Control(), command=f"latent-explorer train {family} --data digits --run {folder}"))
    return RunFolder.open(folder)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("whole") / "run")


def test_a_copy_draws_what_the_run_draws_within_half_precision(run, tmp_path):
    copy = pack(run, tmp_path / "copy")
    drawn = [
        Painter.of(next(event for event in replay(of.path, Control()) if isinstance(event, Weights))).draw(CODES)
        for of in (run, copy)
    ]
    assert np.abs(drawn[0].astype(int) - drawn[1]).max() <= 2
    assert copy.load().samples is not None


def test_a_copy_lacks_what_only_training_needs_and_everybodys_pictures(run, tmp_path):
    snapshot = pack(run, tmp_path / "copy").load()
    assert any(name.startswith("generator.") for name in run.load().weights)
    assert not any(name.startswith("generator.") for name in snapshot.weights)
    assert not snapshot.training
    assert snapshot.originals is None
    assert {array.dtype.name for array in snapshot.weights.values()} <= {"float16", "int64"}


def test_a_copy_says_nothing_of_the_folders_of_this_machine(run, tmp_path):
    copy = pack(run, tmp_path / "copy")
    told = (copy.path / "run.json").read_text()
    assert str(run.path) not in told
    assert copy.manifest.command == "latent-explorer train gan --data digits"
    assert copy.manifest.job["settings"] == run.manifest.job["settings"]


def test_a_copy_cannot_be_resumed_and_says_why(run, tmp_path):
    copy = pack(run, tmp_path / "copy")
    with pytest.raises(UserError, match="small copy"):
        list(resume(copy.path, Control(), steps=5))


def test_weights_beyond_half_precision_are_kept_whole(run, tmp_path, monkeypatch):
    snapshot = run.load()
    name = next(iter(snapshot.weights))
    snapshot.weights[name].flat[0] = 1e6
    monkeypatch.setattr(RunFolder, "load", lambda *_: snapshot)
    copy = pack(run, tmp_path / "copy")
    monkeypatch.undo()
    assert copy.load().weights[name].dtype == np.float32


def test_a_place_that_is_taken_is_left_alone(run, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UserError, match="not empty"):
        pack(run, tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_curves_are_thinned(run, tmp_path, monkeypatch):
    monkeypatch.setattr("models.packing.POINTS", 2)
    curves = list(pack(run, tmp_path / "copy").metrics())
    assert [len(each.steps) for each in curves if each.split == "train"] == [2]


def test_a_diffusion_copy_leaves_the_learning_network_out(tmp_path):
    whole = trained(tmp_path / "run", "diffusion", "small")
    copy = pack(whole, tmp_path / "copy")
    sizes = [(of.path / "snapshots" / "3" / "model.safetensors").stat().st_size for of in (whole, copy)]
    assert sizes[1] < 0.3 * sizes[0]
    assert Diffusion.practice == ("learner.",)
    events = list(replay(copy.path, Control()))
    assert not [event for event in events if isinstance(event, Noticed)]
    assert [event for event in events if isinstance(event, HeldOut | Rendered)]


def test_the_command_makes_a_copy(run, tmp_path, capsys):
    assert command(["pack", str(run.path), str(tmp_path / "copy")]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "copy")
    assert RunFolder.open(tmp_path / "copy").steps() == [3]
