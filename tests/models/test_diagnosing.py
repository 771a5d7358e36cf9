import numpy as np
import pytest
from tiny_runs import only, same

from models import illnesses
from models.adversarial import Adversarial
from models.events import Finished, Losses, Noticed
from models.feeding import settled
from models.job import Control, Job, finished
from models.judging_events import Diagnosed
from models.plan import Plan, new_run
from models.replay import replay
from models.run import RunFolder
from models.trainer import resume, train
from models.training import Training

TINY = {"latent_dim": 4, "batch_size": 64, "channels": 4, "width": 16}


def job(folder, family="gan", preset="plain", **changes):
    settings = {**TINY, **changes.pop("settings", {})}
    return Job(
        **{"family": family, "preset": preset, "dataset": "digits", "device": "cpu", "run": str(folder), **changes},
        settings=settings,
    )


def test_an_illness_is_told_once_until_it_has_gone(tmp_path, monkeypatch):
    plan = Plan.of(job(tmp_path / "run", steps=10))
    data = finished(plan.load(Control()))
    family = plan.build(data)
    found = {}
    monkeypatch.setattr(Adversarial, "diagnoses", lambda family: dict(found))
    with new_run(plan, data, family, "") as run:
        training = Training(run, plan, family, settled(data, plan.device), Control(), live=False)

        def told(step, **ill):
            found.clear()
            found.update(ill)
            training.step = step
            return [event.message for event in only(Noticed, list(training._measure()))]

        assert told(100) == []
        assert told(1200, cold="It is cold.") == ["Seen at step 1,200: It is cold."]
        assert told(1300, cold="It is colder.") == []
        assert told(1400, cold="It is cold.", wet="It is wet.") == ["Seen at step 1,400: It is wet."]
        assert told(1500, wet="It is wet.") == []
        assert told(1600, cold="It is cold.", wet="It is wet.") == ["Seen at step 1,600: It is cold."]


def test_a_collapsing_training_says_so_and_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(illnesses, "LEARNING", 20)
    sick = {"learning_rate": 1e-7}  # a generator that never learns to draw anything but one grey picture
    events = list(train(job(tmp_path / "run", steps=40, settings=sick), Control()))
    (notice,) = (event for event in only(Noticed, events) if "Mode collapse" in event.message)
    assert notice.level == "warning"
    assert f"step {notice.step:,}" in notice.message
    assert notice.step > 20
    assert isinstance(events[-1], Finished)


@pytest.mark.parametrize(
    ("family", "preset"), [("gan", "wasserstein"), ("gan", "stable"), ("gan", "dcgan"), ("cgan", "projection")]
)
@pytest.mark.parametrize("step", [7, 8])  # between and at turns of the generator
def test_a_game_that_was_stopped_goes_on_to_the_bit(tmp_path, family, preset, step):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    list(train(job(whole, family, preset, steps=14), Control()))
    list(train(job(parts, family, preset, steps=step), Control()))
    events = list(resume(parts, Control(), steps=14))
    assert isinstance(events[-1], Finished)
    ours, theirs = RunFolder.open(whole).load(), RunFolder.open(parts).load()
    assert same(ours.weights, theirs.weights)
    assert same(ours.training, theirs.training)
    assert any(name.startswith("health.") for name in ours.weights)
    curves = [
        np.concatenate([part.values["loss_g"] for part in RunFolder.open(run).metrics() if part.split == "train"])
        for run in (whole, parts)
    ]
    np.testing.assert_array_equal(*curves)


def test_what_is_plotted_begins_with_the_discriminators_loss(tmp_path):
    events = list(train(job(tmp_path / "run", steps=3), Control()))
    trained = next(event for event in only(Losses, events) if event.split == "train")
    assert next(iter(trained.values)) == "loss_d"
    held_out = next(event for event in only(Losses, events) if event.split == "test")
    assert set(held_out.values) == {"loss_d", "d_real"}


def test_what_went_wrong_is_kept_and_told_when_the_run_is_opened(tmp_path, monkeypatch):
    monkeypatch.setattr(illnesses, "LEARNING", 20)
    sick = {"learning_rate": 1e-7}
    live = only(Diagnosed, train(job(tmp_path / "run", steps=40, settings=sick), Control()))
    opened = list(replay(tmp_path / "run", Control()))
    assert only(Diagnosed, opened) == live
    assert live[0].illness == "mode collapse"
    (notice,) = only(Noticed, opened)
    assert f"Seen at step {live[-1].step:,}: Mode collapse" in notice.message


def test_a_run_that_goes_back_forgets_what_it_will_see_again(tmp_path):
    list(train(job(tmp_path / "run", steps=5), Control()))
    with RunFolder.open(tmp_path / "run", writing=True) as run:
        run.note(4, "cold", "It is cold.")
        run.note(9, "wet", "It is wet.")
        run.rewind(5)
        assert [each.illness for each in run.manifest.seen] == ["cold"]
        for step in range(300):
            run.note(step, "hot", "It is hot.")
        assert len(run.manifest.seen) == 100
        assert run.manifest.seen[-1].step == 299
    told = [event for event in replay(tmp_path / "run", Control()) if isinstance(event, Noticed)]
    assert len(told) == 1
    assert "99 more before that" in told[0].message
