import json
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_runs import job, loaded, only, same, trained

from models import device, lens, maps, trainer, training
from models.checkpoint import restored
from models.events import (
    Embedded,
    Figures,
    Finished,
    HeldOut,
    Losses,
    Noticed,
    Progress,
    Reconstructed,
    Sampled,
    Saved,
    Started,
    Weights,
)
from models.families.vae import Vae
from models.job import Control, Job
from models.registry import source
from models.run import RunFolder, list_runs, runs_root
from models.trainer import train


def test_a_training_tells_its_whole_story(tmp_path):
    events = trained(tmp_path / "run", steps=30)
    names = [type(event).__name__ for event in events]
    first, last = names.index("Started"), names[-1]
    assert names[first + 1] == "HeldOut"
    assert last == "Finished"
    for kind in (Losses, Progress, Embedded, Sampled, Reconstructed, Saved, Figures):
        assert only(kind, events), f"no {kind.__name__}"
    started, ended = events[first], events[-1]
    assert (started.total_steps, ended.step) == (30, 30)
    assert started.live
    assert {event.run for event in events[first:]} == {started.info.id}
    assert started.info.settings["width"] == 16
    assert started.info.capabilities >= {"encode", "prior"}


def test_held_out_pictures_map_and_samples_fit_together(tmp_path):
    events = trained(tmp_path / "run")
    (held_out,) = only(HeldOut, events)
    assert held_out.pictures.dtype == np.uint8
    assert held_out.pictures.shape == (359, 28, 28, 1)
    assert held_out.labels.shape == (359,)
    embedded, pairs = only(Embedded, events)[-1], only(Reconstructed, events)[-1]
    assert embedded.codes.shape == embedded.points.shape == (359, 2)
    assert pairs.originals.shape == pairs.reconstructions.shape == (20, 28, 28, 1)
    assert only(Sampled, events)[-1].pictures.shape == (100, 28, 28, 1)
    for array in (held_out.pictures, embedded.codes, embedded.points, pairs.originals, pairs.reconstructions):
        assert not array.flags.writeable


def test_the_run_explains_itself(tmp_path):
    trained(tmp_path / "run", seed=3, settings={"beta": 2.0}, steps=4)
    told = json.loads((tmp_path / "run" / "run.json").read_text())
    assert told["status"] == "finished"
    assert told["settings"]["beta"] == 2.0
    assert told["settings"]["likelihood"] == "bernoulli"
    assert told["seed"] == 3
    assert told["data"]["train_count"] == 1438
    assert told["data"]["settings"]["test_share"] == 0.2
    assert len(told["data"]["hash"]) == 64
    assert told["libraries"]["torch"] == torch.__version__.split("+")[0] or told["libraries"]["torch"]
    assert told["figures"]["neg_elbo"] > 0
    assert told["step"] == 4
    assert told["seconds"] > 0


def test_the_folder_is_written_before_the_first_step(tmp_path):
    work = train(job(tmp_path / "run"), Control())
    for event in work:
        if isinstance(event, Started):
            break
    assert json.loads((tmp_path / "run" / "run.json").read_text())["status"] == "running"
    assert not (tmp_path / "run" / "metrics.jsonl").exists()
    work.close()
    assert list_runs(tmp_path)[0].status == "interrupted"


def test_without_a_folder_the_run_goes_to_the_runs_of_the_home(home):
    (finished,) = only(Finished, list(train(job("").changed(run=None, steps=1), Control())))
    (run,) = list_runs(runs_root())
    assert run.id == finished.run == Path(run.folder).name
    assert run.id.endswith("-vae-dense-2d-digits")
    assert runs_root() == home / "runs"


def test_every_loss_is_told_once_and_written_down(tmp_path):
    events = trained(tmp_path / "run", steps=40)
    told = [event for event in only(Losses, events) if event.split == "train"]
    steps = np.concatenate([event.steps for event in told])
    assert steps.tolist() == list(range(1, 41))
    written = {part.split: part for part in RunFolder.open(tmp_path / "run").metrics()}
    np.testing.assert_array_equal(written["train"].steps, steps)
    np.testing.assert_array_equal(
        written["train"].values["loss"], np.concatenate([event.values["loss"] for event in told])
    )
    assert {"neg_elbo", "recon_mse"} <= set(written["test"].values)


def test_a_training_of_seconds_is_measured_more_than_at_its_ends(tmp_path):
    trained(tmp_path / "run", minutes=2.5 / 60)
    written = {part.split: part for part in RunFolder.open(tmp_path / "run").metrics()}
    assert len(written["test"].steps) >= 3


@pytest.mark.parametrize("steps", [1, 40])
def test_bar_and_held_out_curves_reach_the_last_step(tmp_path, steps):
    events = trained(tmp_path / "run", steps=steps)
    written = {part.split: part for part in RunFolder.open(tmp_path / "run").metrics()}
    assert written["test"].steps[-1] == steps
    assert len(set(written["test"].steps)) == len(written["test"].steps)
    assert (only(Progress, events)[-1].fraction, only(Progress, events)[-1].seconds_left) == (1.0, 0.0)


def test_final_figures_are_means_over_the_whole_test_set(tmp_path):
    events = trained(tmp_path / "run", steps=4)
    run = RunFolder.open(tmp_path / "run")
    family = restored(run.manifest, run.load(), run.path).eval()
    images = loaded(source("digits", {})).test_images.float().div(255)
    with torch.no_grad():
        error = (family.decode(family.encode(images)) - images).square().mean()
    (figures,) = only(Figures, events)
    assert figures.values["recon_mse"] == pytest.approx(float(error), rel=1e-4)


def test_a_longer_training_fits_better(tmp_path):
    short, long = (only(Figures, trained(tmp_path / str(steps), steps=steps))[0].values for steps in (1, 100))
    assert long["neg_elbo"] < short["neg_elbo"] - 10


# ---- seeds and watching


def weights(folder, step=None):
    return RunFolder.open(folder).load(step).weights


@pytest.mark.parametrize("family", ["vae", "autoencoder"])
def test_the_same_seed_gives_the_same_run_watched_or_not(tmp_path, family, monkeypatch):
    chosen = {"family": family, "preset": "", "settings": {}, "steps": 8}
    trained(tmp_path / "a", **chosen)
    monkeypatch.setattr(training, "SAVES", (0.0, 1.0, 0.0))
    list(train(job(tmp_path / "b", **chosen), Control(), live=True))
    trained(tmp_path / "c", **chosen, seed=1)
    assert same(weights(tmp_path / "a"), weights(tmp_path / "b"))
    assert not same(weights(tmp_path / "a"), weights(tmp_path / "c"))


def test_a_window_gets_weights_of_its_own_and_a_moving_map(tmp_path):
    events = list(train(job(tmp_path / "run", steps=150), Control(), live=True))
    sent = only(Weights, events)
    assert len(sent) > 1
    assert not same(*({name: value.numpy() for name, value in one.state.items()} for one in (sent[0], sent[-1])))
    assert same({name: value.numpy() for name, value in sent[-1].state.items()}, weights(tmp_path / "run"))
    assert not any(value.requires_grad for value in sent[0].state.values())
    maps = only(Embedded, events)
    assert len(maps) > 4
    assert not np.array_equal(maps[0].codes, maps[-1].codes)
    assert maps[0].step == 0


def test_a_step_sees_the_model_in_training_and_a_look_does_not(tmp_path, monkeypatch):
    modes = {"training_step": set(), "encode": set(), "decode": set(), "evaluate": set()}
    for name, seen in modes.items():
        monkeypatch.setattr(Vae, name, noting(getattr(Vae, name), seen))
    list(train(job(tmp_path / "run"), Control(), live=True))
    assert modes == {"training_step": {True}, "encode": {False}, "decode": {False}, "evaluate": {False}}


def noting(method, seen):
    """The method, which notes the mode its model is in."""

    def noted(self, *arguments):
        seen.add(self.training)
        return method(self, *arguments)

    return noted


def test_without_a_window_nothing_is_sent_for_it(tmp_path):
    events = trained(tmp_path / "run", steps=30)
    assert not only(Weights, events)
    assert len(only(Embedded, events)) == len(only(Saved, events))


def test_a_family_without_a_prior_draws_samples_like_its_codes(tmp_path):
    events = trained(tmp_path / "run", family="autoencoder", preset="flat", settings={}, steps=3)
    assert "prior" not in only(Started, events)[0].info.capabilities
    assert only(Sampled, events)[-1].pictures.shape == (100, 28, 28, 1)


# ---- length and batches


@pytest.mark.parametrize(
    ("asked", "steps"), [({"steps": 7}, 7), ({"epochs": 1}, 23), ({"epochs": 2}, 46)]
)  # 1,438 pictures are 22 batches of 64 and a rest of 30
def test_training_is_as_long_as_asked(tmp_path, asked, steps):
    events = trained(tmp_path / "run", **asked)
    assert only(Started, events)[0].total_steps == steps
    assert events[-1].step == steps


def test_minutes_end_a_training_on_the_clock(tmp_path):
    events = trained(tmp_path / "run", minutes=0.5 / 60)
    assert only(Started, events)[0].total_steps is None
    assert 0.5 <= events[-1].seconds < 2.0
    assert only(Progress, events)[-1].fraction > 0.8


def test_a_batch_larger_than_the_data_takes_all_of_it_and_says_so(tmp_path):
    events = trained(tmp_path / "run", settings={"batch_size": 8192}, epochs=2)
    assert events[-1].step == 2
    assert isinstance(events[-1], Finished)
    assert [event.message for event in only(Noticed, events)] == [
        "A batch of 8192 is more than there is: every step sees the same 1,438 pictures."
    ]


# ---- the cost


def test_training_asks_for_all_cores_and_a_low_priority_only_beside_a_window(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(device, "lower_priority", lambda: asked.append("low"))
    monkeypatch.setattr(device, "take_threads", asked.append)
    trained(tmp_path / "a", steps=1)
    assert asked == [device.cores()]
    list(train(job(tmp_path / "b", steps=1), Control(), live=True))
    assert asked == [device.cores(), "low", device.cores()]


def test_the_training_set_is_never_copied_to_floats(tmp_path, monkeypatch):
    """The largest float tensor that a step or an evaluation sees is one chunk, not the data set."""
    seen = []
    as_float = lens.as_float

    def watched(images, layout):
        seen.append(len(images))
        return as_float(images, layout)

    monkeypatch.setattr(lens, "as_float", watched)
    monkeypatch.setattr(trainer, "as_float", watched)
    monkeypatch.setattr(trainer, "PREPARED", 100)
    trained(tmp_path / "run")
    assert 0 < max(seen) <= maps.CHUNK


def test_only_what_is_trained_counts_as_a_parameter(tmp_path):
    settings = {"channels": 8, "batch_size": 8}
    list(train(Job(family="diffusion", settings=settings, dataset="digits", limit=40, steps=1, device="cpu",
                   run=str(tmp_path / "run")), Control()))  # fmt: skip
    run = RunFolder.open(tmp_path / "run")
    family = restored(run.manifest, run.load(), tmp_path)
    learning, averaged = (sum(map(torch.numel, net.parameters())) for net in (family.learner, family.averaged))
    assert run.manifest.parameter_count == learning == averaged
