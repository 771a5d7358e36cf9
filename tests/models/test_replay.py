import json
import shutil
import time

import numpy as np
import pytest
import torch
from tiny_runs import job, only, same, trained, until

from models.errors import UserError
from models.events import (
    Cancelled,
    Embedded,
    Figures,
    Finished,
    HeldOut,
    Losses,
    Noticed,
    Reconstructed,
    Sampled,
    Started,
    Weights,
    Working,
)
from models.job import Control
from models.mailbox import Mailbox
from models.replay import replay
from models.run import RunFolder
from models.trainer import train


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A finished run and the events of its training."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    return folder, trained(folder, steps=12)


@pytest.fixture
def copy(told, tmp_path):
    """A copy of that run to spoil."""
    return shutil.copytree(told[0], tmp_path / "run")


def replayed(folder):
    return list(replay(folder, Control()))


def whole(events):
    """All losses by split and name."""
    curves = {}
    for event in only(Losses, events):
        for name, values in event.values.items():
            key = (event.split, name)
            curves[key] = np.concatenate([curves.get(key, np.zeros((2, 0))), [event.steps, values]], axis=1)
    return curves


def test_a_run_replays_as_the_events_of_its_training(told):
    folder, live = told
    events = replayed(folder)
    (started,), (began,) = only(Started, events), only(Started, live)
    assert started.info == began.info
    assert started.total_steps == began.total_steps
    assert began.live
    assert not started.live
    assert {event.run for event in events if event.run} == {began.run}
    assert same(whole(events), whole(live))
    assert only(Figures, events)[0].values == only(Figures, live)[0].values
    for kind, names in (
        (HeldOut, ("pictures", "labels")), (Embedded, ("codes", "points")), (Sampled, ("pictures",)),
        (Reconstructed, ("originals", "reconstructions")),
    ):  # fmt: skip
        one, other = only(kind, events)[-1], only(kind, live)[-1]
        for name in names:
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
            assert not getattr(one, name).flags.writeable
            assert getattr(one, name).dtype == getattr(other, name).dtype
    assert only(Embedded, events)[0].projection.name == "identity"
    assert events[0] is started
    assert not only(Finished, events)


def test_the_weights_draw_the_same_pictures(told):
    from models.checkpoint import restored

    folder, _ = told
    (weights,) = only(Weights, replayed(folder))
    run = RunFolder.open(folder)
    family = restored(run.manifest, run.load(), folder).eval()
    family.load_state_dict(dict(weights.state))
    with torch.no_grad():
        codes = torch.from_numpy(np.array(only(Embedded, replayed(folder))[0].codes[:4]))
        assert family.decode(codes).shape == (4, 1, 28, 28)
    assert weights.step == 12
    assert same({name: value.numpy() for name, value in weights.state.items()}, run.load().weights)


def test_it_is_clickable_before_the_data_is_read(told):
    names = [type(event).__name__ for event in replayed(told[0])]
    assert names.index("Weights") < names.index("Working")
    assert names.index("Embedded") < names.index("Working")


def test_it_is_quick(told):
    replayed(told[0])
    start = time.process_time()  # of this program alone: others may keep the machine busy
    replayed(told[0])
    assert time.process_time() - start < 1.0


def test_the_newest_pictures_win_in_a_mailbox(told):
    mailbox = Mailbox()
    for event in replayed(told[0]):
        mailbox.put(event)
    (held_out,) = only(HeldOut, mailbox.drain())
    assert len(held_out.pictures) == len(held_out.labels) == 359


@pytest.mark.parametrize("change", [{"split_seed": 9}, {"split_seed": "x"}])
def test_data_that_is_gone_or_changed_leaves_the_labels(copy, told, change):
    values = json.loads((copy / "run.json").read_text())
    values["data"]["settings"] |= change
    (copy / "run.json").write_text(json.dumps(values))
    events = replayed(copy)
    (held_out,) = only(HeldOut, events)
    assert held_out.pictures.shape == (0, 28, 28, 1)
    np.testing.assert_array_equal(held_out.labels, only(HeldOut, told[1])[0].labels)
    (notice,) = only(Noticed, events)
    assert notice.level == "warning"
    assert "without its pictures" in notice.message


def test_a_data_set_that_no_longer_exists_leaves_the_labels(copy):
    values = json.loads((copy / "run.json").read_text())
    values["data"]["name"] = "no-such-data"
    (copy / "run.json").write_text(json.dumps(values))
    events = replayed(copy)
    assert "no-such-data" in only(Noticed, events)[0].message
    assert only(Weights, events)


def test_a_run_of_a_newer_version_replays_with_a_notice(copy):
    values = json.loads((copy / "run.json").read_text())
    (copy / "run.json").write_text(json.dumps({**values, "schema_version": 2, "program_version": "7.0"}))
    before = (copy / "run.json").read_bytes()
    events = replayed(copy)
    assert "newer version (7.0)" in only(Noticed, events)[0].message
    assert only(Embedded, events)
    assert (copy / "run.json").read_bytes() == before


def test_damaged_metrics_are_skipped_and_told(copy):
    with (copy / "metrics.jsonl").open("a") as file:
        file.write("rubbish\n")
    assert any("1 damaged line" in event.message for event in only(Noticed, replayed(copy)))


def test_a_run_without_a_snapshot_shows_its_curves(copy):
    shutil.rmtree(copy / "snapshots")
    events = replayed(copy)
    assert only(Losses, events)
    assert not only(Weights, events)
    assert "no snapshot" in only(Noticed, events)[0].message


def test_a_damaged_snapshot_is_refused_before_anything_is_shown(copy):
    path = copy / "snapshots" / "12" / "model.safetensors"
    path.write_bytes(path.read_bytes()[:100])
    events = []
    with pytest.raises(UserError, match=r"model\.safetensors.*earlier one"):
        events.extend(replay(copy, Control()))
    assert not events


def test_no_run_is_refused(tmp_path):
    with pytest.raises(UserError, match="no run here"):
        replayed(tmp_path)


def test_a_stop_while_the_data_loads_is_heard(tmp_path, shared_data):
    data = {"dataset": "mnist", "dataset_settings": {"data_dir": str(shared_data)}}
    list(train(job(tmp_path / "run", steps=1, **data), Control()))
    control = Control()
    events = until(replay(tmp_path / "run", control), lambda event: isinstance(event, Working), control)
    assert isinstance(events[-1], Cancelled)


def test_a_run_can_be_opened_while_it_trains(tmp_path, monkeypatch):
    monkeypatch.setattr("models.training.SAVES", (0.0, 1.0, 0.0))
    seen = []
    for event in train(job(tmp_path / "run", steps=5), Control()):
        if isinstance(event, Losses):
            seen.append(len(replayed(tmp_path / "run")))
    assert len(seen) >= 3
    assert all(seen)
