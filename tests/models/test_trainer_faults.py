import json
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from tiny_runs import file_limit, job, only, trained

from models.datasets.digits import Digits
from models.errors import UserError
from models.events import Failed, Finished, HeldOut, Noticed, Saved, Started
from models.families.vae import Vae
from models.job import Control
from models.run import RunFolder, list_runs
from models.trainer import resume, train

# ---- what may go wrong


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"family": "vea"}, "no family called 'vea'.*vae"),
        ({"preset": "conv"}, "no preset called 'conv'"),
        ({"dataset": "digitz"}, "no data set called 'digitz'.*digits"),
        ({"settings": {"latent_dim": 0}}, "latent_dim must be a whole number from 1"),
        ({"settings": {"colour": 1}}, "no setting 'colour'"),
        ({"dataset_settings": {"shade": 1}}, "no setting 'shade'"),
    ],
)
def test_a_job_that_cannot_be_is_refused_before_anything_is_written(tmp_path, change, what):
    with pytest.raises(UserError, match=what):
        list(train(job(tmp_path / "run", **change), Control()))
    assert not (tmp_path / "run").exists()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UserError, match="No cuda device"):
        list(train(job(tmp_path / "run", device="cuda"), Control()))


def test_a_place_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="bytes are free"):
        list(train(job(tmp_path / "file" / "run"), Control()))


def test_a_loss_that_is_no_number_stops_the_training_and_keeps_the_last_good_snapshot(tmp_path):
    trained(tmp_path / "run", steps=5, settings={"learning_rate": 1e-3, "depth": 8})
    manifest = json.loads((tmp_path / "run" / "run.json").read_text())
    manifest["settings"]["learning_rate"] = 100.0
    manifest["job"]["steps"] = 500
    (tmp_path / "run" / "run.json").write_text(json.dumps(manifest))
    events = list(resume(tmp_path / "run", Control()))
    failed = events[-1]
    assert isinstance(failed, Failed)
    assert "learning rate of 100." in failed.message
    assert "smaller learning rate" in failed.message
    assert "snapshot of step" in failed.message
    assert failed.step < 500
    run = RunFolder.open(tmp_path / "run")
    assert run.manifest.status == "failed"
    assert run.manifest.message == failed.message
    assert all(np.isfinite(array).all() for array in run.load().weights.values())


def test_weights_that_are_no_numbers_are_never_saved(tmp_path, monkeypatch, eager_saves):
    step = Vae.training_step

    def poisoned(self, batch):
        losses = step(self, batch)
        if batch.step == 3:
            with torch.no_grad():
                self.log_scale.fill_(math.inf)
        return losses

    monkeypatch.setattr(Vae, "training_step", poisoned)
    failed = trained(tmp_path / "run")[-1]
    assert isinstance(failed, Failed)
    assert "weights became infinite" in failed.message
    assert RunFolder.open(tmp_path / "run").steps()[-1] == 3


@pytest.mark.parametrize("where", ["prepare", "training_step", "evaluate", "encode", "decode", "prior"])
def test_an_error_in_any_part_of_a_family_is_told_and_the_run_is_marked(tmp_path, where, monkeypatch):
    def broken(*_):
        raise RuntimeError("the cable is loose")

    monkeypatch.setattr(Vae, where, broken)
    events = list(train(job(tmp_path / "run"), Control(), live=True))
    failed = events[-1]
    assert isinstance(failed, Failed)
    assert "the cable is loose" in failed.message
    assert "Traceback" in failed.details
    assert failed.run == only(Started, events)[0].info.id
    assert list_runs(tmp_path)[0].status == "failed"
    monkeypatch.undo()
    assert isinstance(trained(tmp_path / "next")[-1], Finished)


@pytest.mark.parametrize("error", [torch.OutOfMemoryError("CUDA out of memory"), MemoryError()])
def test_full_memory_names_the_batch_size(tmp_path, error, monkeypatch):
    def hungry(self, batch):
        raise error

    monkeypatch.setattr(Vae, "training_step", hungry)
    failed = trained(tmp_path / "run")[-1]
    assert "memory" in failed.message
    assert "smaller batch size" in failed.message
    assert "64 pictures" in failed.message


def test_a_disk_that_fills_up_ends_the_training_and_keeps_the_snapshot(tmp_path, eager_saves):
    work, events = train(job(tmp_path / "run", steps=20), Control()), []
    while not only(Saved, events):
        events.append(next(work))
    with file_limit(4096):
        events += work
    assert isinstance(events[-1], Failed)
    assert "bytes are free" in events[-1].message
    run = RunFolder.open(tmp_path / "run")
    assert run.load(only(Saved, events)[-1].step)
    assert not list(tmp_path.rglob(".writing-*"))
    assert isinstance(list(resume(tmp_path / "run", Control()))[-1], Finished)


def test_a_folder_taken_away_while_training_is_told_and_not_made_again(tmp_path):
    events = []
    for event in train(job(tmp_path / "run", steps=20), Control()):
        events.append(event)
        if isinstance(event, HeldOut):
            (tmp_path / "run").rename(tmp_path / "elsewhere")
    assert isinstance(events[-1], Failed)
    assert "is not there" in events[-1].message
    assert not (tmp_path / "run").exists()


def test_batch_normalisation_with_single_pictures_is_refused(tmp_path, monkeypatch):
    made = Vae.__init__

    def normalised(self, params, data):
        made(self, params, data)
        self.norm = torch.nn.BatchNorm1d(2)

    monkeypatch.setattr(Vae, "__init__", normalised)
    with pytest.raises(UserError, match="batch size to 2"):
        list(train(job(tmp_path / "run", settings={"batch_size": 1}), Control()))


def test_warnings_of_the_data_are_told(tmp_path, monkeypatch):
    load = Digits.load

    def warned(self, control):
        data = yield from load(self, control)
        return replace(data, warnings=("3 pictures were skipped.",))

    monkeypatch.setattr(Digits, "load", warned)
    assert any(event.message == "3 pictures were skipped." for event in only(Noticed, trained(tmp_path / "run")))
