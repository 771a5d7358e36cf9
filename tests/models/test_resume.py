import json

import numpy as np
import pytest
import safetensors.numpy
import torch
from tiny_runs import job, loaded, only, same, trained, until

from models import training
from models.checkpoint import load_weights, restored
from models.errors import UserError
from models.events import Cancelled, Failed, Figures, Finished, Losses, Noticed, Saved, Started
from models.job import Control
from models.registry import families, source
from models.run import RunFolder
from models.trainer import resume, train


def stopped(folder, step, **changes):
    """A run stopped after `step` steps."""
    control = Control()
    return until(train(job(folder, **changes), control), reached(step), control)


def reached(step):
    """Whether an event tells the losses of that step."""
    return lambda event: isinstance(event, Losses) and event.step >= step


def train_curve(folder):
    return next(part for part in RunFolder.open(folder).metrics() if part.split == "train")


def assert_equal_runs(one, other):
    """Weights, optimisers, random numbers and training losses agree to the bit."""
    ours, theirs = RunFolder.open(one).load(), RunFolder.open(other).load()
    assert same(ours.weights, theirs.weights)
    assert ours.training.keys() == theirs.training.keys()
    assert "rng/cpu" in ours.training
    assert same(ours.training, theirs.training)
    assert ours.state["optimizers"] == theirs.state["optimizers"]
    np.testing.assert_array_equal(train_curve(one).steps, train_curve(other).steps)
    assert same(train_curve(one).values, train_curve(other).values)


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    """A run of 40 steps, which is nearly two epochs."""
    folder = tmp_path_factory.mktemp("runs") / "unbroken"
    trained(folder, steps=40)
    return folder


@pytest.mark.parametrize("steps", [(1,), (7,), (22,), (23,), (39,), (3, 11, 25, 31)])
def test_a_run_stopped_and_resumed_equals_an_unbroken_one_to_the_bit(tmp_path, unbroken, steps, monkeypatch):
    monkeypatch.setattr(training, "FETCHES", (1e9, 1e9))  # losses are told at every step
    stopped(tmp_path / "run", steps[0], steps=40)
    for step in steps[1:]:
        control = Control()
        until(resume(tmp_path / "run", control), reached(step), control)
    assert RunFolder.open(tmp_path / "run").steps()[-1] == steps[-1]
    assert isinstance(list(resume(tmp_path / "run", Control()))[-1], Finished)
    assert_equal_runs(tmp_path / "run", unbroken)


@pytest.mark.parametrize("family", list(families))
def test_every_family_resumes_to_the_bit_in_the_precision_of_this_machine(tmp_path, family):
    # Few pictures, for those who write pixel by pixel; they last for three steps, so that the second epoch is seen too.
    chosen = {"family": family, "preset": next(iter(families.get(family).presets)), "steps": 6, "limit": 100}
    small = {"batch_size": 32}
    for name in ("whole", "broken"):
        asked = job(tmp_path / name).changed(**chosen, settings=small, run=str(tmp_path / name))
        control = Control()
        stops = (lambda event: isinstance(event, Losses)) if name == "broken" else (lambda event: False)
        until(train(asked, control), stops, control)
    assert RunFolder.open(tmp_path / "broken").manifest.step < 6
    list(resume(tmp_path / "broken", Control()))
    assert_equal_runs(tmp_path / "broken", tmp_path / "whole")


def test_resuming_with_a_window_changes_nothing(tmp_path, unbroken):
    stopped(tmp_path / "run", 5, steps=40)
    events = list(resume(tmp_path / "run", Control(), live=True))
    assert_equal_runs(tmp_path / "run", unbroken)
    told = [step for losses in only(Losses, events) if losses.split == "train" for step in losses.steps]
    assert told == list(range(1, 41))  # the window gets the curves from their beginning


def test_figures_and_seconds_go_on(tmp_path, unbroken):
    stopped(tmp_path / "run", 5, steps=40)
    before = RunFolder.open(tmp_path / "run").manifest
    assert before.status == "stopped"
    events = list(resume(tmp_path / "run", Control()))
    (started,) = only(Started, events)
    assert (started.step, started.total_steps, started.run) == (before.step, 40, before.id)
    told = RunFolder.open(tmp_path / "run").manifest
    assert (told.status, told.step) == ("finished", 40)
    assert told.seconds > before.seconds
    assert told.figures == RunFolder.open(unbroken).manifest.figures
    assert told.created == before.created


@pytest.mark.parametrize(("more", "steps"), [({"steps": 9}, 9), ({"epochs": 1}, 23)])
def test_a_finished_run_can_be_given_more(tmp_path, more, steps):
    trained(tmp_path / "run", steps=4)
    events = list(resume(tmp_path / "run", Control(), **more))
    assert (events[-1].step, only(Started, events)[0].total_steps) == (steps, steps)
    assert train_curve(tmp_path / "run").steps.tolist() == list(range(1, steps + 1))
    assert next(iter(more)) in RunFolder.open(tmp_path / "run").manifest.job


def test_more_minutes_count_from_the_beginning(tmp_path):
    trained(tmp_path / "run", minutes=0.3 / 60)
    events = list(resume(tmp_path / "run", Control(), minutes=0.8 / 60))
    assert 0.8 <= events[-1].seconds < 2.5


def test_a_finished_run_without_more_is_only_measured_again(tmp_path):
    trained(tmp_path / "run", steps=4)
    before = RunFolder.open(tmp_path / "run").manifest
    events = list(resume(tmp_path / "run", Control()))
    assert isinstance(events[-1], Finished)
    assert not only(Losses, events)
    assert only(Figures, events)[0].values == before.figures


def test_more_than_one_length_is_refused(tmp_path):
    trained(tmp_path / "run", steps=2)
    with pytest.raises(UserError, match="only one of"):
        list(resume(tmp_path / "run", Control(), epochs=1, steps=9))
    assert RunFolder.open(tmp_path / "run").manifest.status == "finished"


def test_a_run_without_a_snapshot_starts_again_from_its_seed(tmp_path, unbroken):
    for event in (work := train(job(tmp_path / "run", steps=40), Control())):
        if isinstance(event, Losses) and event.step >= 3:
            break
    work.close()
    assert RunFolder.open(tmp_path / "run").steps() == []
    list(resume(tmp_path / "run", Control()))
    assert_equal_runs(tmp_path / "run", unbroken)


# ---- what has changed since


def test_changed_data_is_refused(tmp_path):
    stopped(tmp_path / "run", 2)
    told = json.loads((tmp_path / "run" / "run.json").read_text())
    told["data"]["settings"]["split_seed"] = told["data"]["settings"]["split_seed"] + 1
    (tmp_path / "run" / "run.json").write_text(json.dumps(told))
    before = (tmp_path / "run" / "run.json").read_bytes()
    with pytest.raises(UserError, match="data set has changed"):
        list(resume(tmp_path / "run", Control()))
    assert (tmp_path / "run" / "run.json").read_bytes() == before


@pytest.mark.parametrize(
    ("change", "what"),
    [({"device": "cuda"}, "device cuda is now cpu"), ({"libraries": {"torch": "1.0"}}, "torch 1.0 is now")],
)
def test_another_device_or_torch_is_allowed_and_told(tmp_path, change, what):
    stopped(tmp_path / "run", 2)
    told = json.loads((tmp_path / "run" / "run.json").read_text())
    (tmp_path / "run" / "run.json").write_text(json.dumps({**told, **change}))
    events = list(resume(tmp_path / "run", Control()))
    assert any("not bit-exact" in event.message and what in event.message for event in only(Noticed, events))
    assert isinstance(events[-1], Finished)
    assert RunFolder.open(tmp_path / "run").manifest.device == "cpu"
    assert not only(Noticed, list(resume(tmp_path / "run", Control())))


def test_a_run_of_a_newer_version_cannot_be_resumed(tmp_path):
    stopped(tmp_path / "run", 2)
    told = json.loads((tmp_path / "run" / "run.json").read_text())
    (tmp_path / "run" / "run.json").write_text(json.dumps({**told, "schema_version": 2}))
    with pytest.raises(UserError, match="newer version"):
        list(resume(tmp_path / "run", Control()))


def spoil(folder, file, change):
    """Let `change` alter the arrays of a file of the newest snapshot."""
    path = folder / "snapshots" / str(RunFolder.open(folder).steps()[-1]) / file
    safetensors.numpy.save_file(change(safetensors.numpy.load_file(path)), path)
    return path


def first(arrays):
    return next(name for name, array in arrays.items() if array.ndim == 2)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda arrays: {**arrays, first(arrays): arrays[first(arrays)][:, 1:]}, r"has shape \[\d+, \d+\], not \["),
        (lambda arrays: {**arrays, first(arrays): arrays[first(arrays)] * np.float32(np.nan)}, "not finite"),
        (lambda arrays: {name: array for name, array in arrays.items() if name != first(arrays)}, "is missing"),
        (lambda arrays: {**arrays, "extra": np.zeros(2)}, "extra is not part of this model"),
    ],
)
def test_weights_that_do_not_fit_are_refused_by_the_first_name(tmp_path, change, what):
    stopped(tmp_path / "run", 2)
    path = spoil(tmp_path / "run", "model.safetensors", change)
    with pytest.raises(UserError, match=what) as caught:
        list(resume(tmp_path / "run", Control()))
    assert str(path) in str(caught.value)
    RunFolder.open(tmp_path / "run", writing=True).close()


@pytest.mark.parametrize(
    "change",
    [
        lambda arrays: {name: array for name, array in arrays.items() if not name.startswith("optimizers")},
        lambda arrays: {name: array for name, array in arrays.items() if not name.startswith("rng")},
        lambda arrays: {**arrays, "rng/cpu": arrays["rng/cpu"][:9].copy()},
    ],
)
def test_an_optimiser_or_generator_that_does_not_fit_is_refused(tmp_path, change):
    stopped(tmp_path / "run", 2)
    spoil(tmp_path / "run", "training.safetensors", change)
    with pytest.raises(UserError, match=r"training\.safetensors: .*does not fit"):
        list(resume(tmp_path / "run", Control()))


def test_loading_weights_leaves_the_training_generator_alone(tmp_path):
    trained(tmp_path / "run", steps=1)
    run = RunFolder.open(tmp_path / "run")
    torch.manual_seed(5)
    before = torch.get_rng_state()
    family = restored(run.manifest, run.load(), run.path)
    assert torch.equal(torch.get_rng_state(), before)
    assert same({name: value.numpy() for name, value in family.state_dict().items()}, run.load().weights)


def test_refused_weights_leave_the_model_as_it_was(tmp_path):
    trained(tmp_path / "run", steps=1)
    run = RunFolder.open(tmp_path / "run")
    family = restored(run.manifest, run.load(), run.path)
    weights = {name: array * 0 for name, array in run.load().weights.items()}
    last = list(weights)[-1]
    with pytest.raises(UserError):
        load_weights(family, {**weights, last: np.zeros((3, 3), np.float32)}, run.path)
    assert same({name: value.numpy() for name, value in family.state_dict().items()}, run.load().weights)


def test_a_stop_at_any_event_of_a_resumed_run_keeps_it(tmp_path):
    trained(tmp_path / "run", steps=3)
    for more, at in enumerate((Started, Losses, Saved), 4):
        control = Control()
        work = resume(tmp_path / "run", control, steps=3 + 10 * more)
        events = until(work, lambda event, at=at: isinstance(event, at), control)
        assert isinstance(events[-1], Cancelled), events[-1]
        assert not only(Failed, events)
    assert loaded(source("digits", {})).content_hash() == RunFolder.open(tmp_path / "run").manifest.data.hash
