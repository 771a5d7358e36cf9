"""The judge in training: what it sees of samples that are drawn anyway, and what it says while it is not there."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from tiny_runs import job, only, same, until

from models.errors import UserError
from models.evaluate import classifier
from models.evaluate.judge import Judge, cheap_figures
from models.evaluate.scorecard import train_judge
from models.events import Cancelled, Losses, Sampled, Working
from models.job import Control, finished
from models.judging_events import Judged
from models.plan import Plan
from models.replay import replay
from models.run import RunFolder
from models.trainer import train

CHEAP = {"classes_covered", "class_kl"}


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(classifier, "LEAST", 4000)


def names(events):
    return {name for event in only(Losses, events) if event.split == "test" for name in event.values}


def test_without_a_judge_a_training_says_once_that_one_could_be_trained(tmp_path, monkeypatch):
    monkeypatch.setattr("models.training.SAVES", (0.0, 1.0, 0.0))
    events = list(train(job(tmp_path / "run", steps=30), Control(), live=True))
    (judged,) = only(Judged, events)
    assert judged.recognised is None
    assert judged.seconds > 1
    assert not names(events) & CHEAP


def test_samples_are_judged_as_they_come_and_training_ends_with_the_same_weights(tmp_path):
    plain, watched = tmp_path / "plain", tmp_path / "watched"
    list(train(job(plain, steps=20), Control()))
    seen = list(train_judge(plain, Control()))
    events = list(train(job(watched, steps=20), Control(), live=True))
    assert same(RunFolder.open(plain).load().weights, RunFolder.open(watched).load().weights)
    judged = only(Judged, events)[-1]
    assert judged.step == 20
    assert judged.recognised.shape == (100,)
    assert judged.expected.sum() == pytest.approx(1)
    assert names(events) >= CHEAP
    assert "conditional_accuracy" not in names(events)  # nobody can ask it for a class
    (again,) = only(Judged, replay(watched, Control()))
    np.testing.assert_array_equal(again.recognised, judged.recognised)
    (first,) = only(Judged, seen)
    assert first.recognised.shape == (100,)  # the samples of the run whose judge was trained


def test_a_judge_that_comes_during_training_is_heard(tmp_path):
    work, judged = train(job(tmp_path / "run", steps=10), Control(), live=True), []
    for event in work:
        if isinstance(event, Judged) and not judged:
            assert not only(Judged, train_judge(tmp_path / "run", Control()))  # this run has its own judge
        judged += [event] * isinstance(event, Judged)
    assert judged[0].recognised is None
    assert judged[-1].recognised is not None


def test_asked_classes_are_compared_with_what_was_asked(tmp_path, monkeypatch):
    monkeypatch.setattr(classifier, "LEAST", 8000)
    list(train(job(tmp_path / "run", family="cvae", steps=10), Control()))
    list(train_judge(tmp_path / "run", Control()))
    run = RunFolder.open(tmp_path / "run")
    data = run.manifest.data
    judge = Judge(data, torch.device("cpu"))
    plan = Plan.again(run.manifest, {})
    real = finished(plan.load(Control()))
    pictures = np.ascontiguousarray(real.test_images.numpy().transpose(0, 2, 3, 1))
    sampled = Sampled("run", 3, pictures, None, real.test_labels.numpy())
    judged = judge.look(sampled)
    figures = cheap_figures(judged, sampled)
    assert figures["conditional_accuracy"] == pytest.approx((judged.recognised == real.test_labels.numpy()).mean())
    assert figures["conditional_accuracy"] > 0.9
    np.testing.assert_allclose(judged.expected, np.bincount(real.test_labels, minlength=10) / len(pictures), atol=1e-6)
    threes = Sampled("run", 3, pictures[real.test_labels.numpy() == 3], None, None)
    collapsed = cheap_figures(judge.look(threes), threes)
    assert collapsed["classes_covered"] <= 3
    assert collapsed["class_kl"] > 1.5
    assert "conditional_accuracy" not in collapsed
    few = Sampled("run", 3, pictures[:8], None, real.test_labels[:8].numpy())
    assert judge.look(few).recognised.shape == (8,)
    assert cheap_figures(judge.look(few), few) == {}  # of so few chance would speak


def test_data_without_classes_need_no_judge(tmp_path, monkeypatch):
    load = Plan.load

    def bare(plan, control):
        data = yield from load(plan, control)
        return replace(data, train_labels=None, test_labels=None, class_names=())

    monkeypatch.setattr(Plan, "load", bare)
    events = list(train(job(tmp_path / "run", steps=4), Control(), live=True))
    assert not only(Judged, events)
    with pytest.raises(UserError, match="no classes"):
        list(train_judge(tmp_path / "run", Control()))


def test_training_the_judge_can_be_stopped_and_tells_the_time_left(tmp_path):
    list(train(job(tmp_path / "run", steps=2), Control()))
    control = Control()
    events = until(train_judge(tmp_path / "run", control), lambda event: isinstance(event, Working), control)
    assert isinstance(events[-1], Cancelled)
    assert not only(Judged, events)
    assert all(event.seconds_left >= 0 for event in only(Working, events) if event.what == "Training a classifier")
