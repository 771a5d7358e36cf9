"""Judging whole runs: what is measured of which family and data, where it is kept, and how it stops."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch

from main import main
from models.errors import UserError
from models.evaluate import classifier, scorecard
from models.evaluate.sampling import drawn
from models.evaluate.scorecard import ScoreParams, score
from models.events import Cancelled, Figures, Noticed, Working
from models.job import Control, Job, finished
from models.plan import Plan
from models.replay import replay
from models.run import RunFolder
from models.runs import summarise
from models.trainer import resume, train

OPTIONS = ScoreParams(samples=60, seeds=2, codes=3, likelihood_pictures=40)
OF_CLASSES = {
    "classes_covered", "class_kl", "diversity_within_class", "precision", "recall", "classifier_frechet_distance",
}  # fmt: skip


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(classifier, "LEAST", 2000)


@pytest.fixture
def run(tmp_path):
    """Train a small model for a few steps; returns its folder."""

    def trained(family, preset, dataset="digits", **settings):
        folder = tmp_path / family
        small = {"width": 16, "depth": 1, "batch_size": 64, **settings} if family != "pca" else {}
        job = Job(family=family, preset=preset, dataset=dataset, settings=small, steps=8, device="cpu", run=str(folder))
        list(train(job, Control()))
        return folder

    return trained


def figures(events):
    return next(event for event in events if isinstance(event, Figures))


def test_a_conditional_model_is_judged_by_all_figures_and_they_are_kept(run):
    folder = run("cvae", "dense-2d")
    before = RunFolder.open(folder).manifest.figures
    events = list(score(folder, OPTIONS, Control()))
    told = figures(events)
    asked = {"conditional_accuracy", "train_on_generated"}
    assert set(told.spreads) == OF_CLASSES | asked | {"nll_k3", "near_copies"}
    assert set(told.values) == set(told.spreads) | set(before)
    assert 0 <= told.values["conditional_accuracy"] <= 1
    assert told.spreads["nll_k3"] > 0
    kept = RunFolder.open(folder).manifest
    assert kept.figures == pytest.approx(dict(told.values))
    assert kept.spreads == pytest.approx(dict(told.spreads))
    assert summarise(folder).figures == kept.figures
    shares = [event.fraction for event in events if isinstance(event, Working) and event.seconds_left is not None]
    assert len(shares) > 20
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)


def test_chosen_figures_alone_are_measured_and_the_others_cost_nothing(run, monkeypatch):
    folder = run("cvae", "dense-2d")
    before = RunFolder.open(folder).manifest
    monkeypatch.setattr(scorecard, "train_on_generated", None)  # whoever learned from drawn pictures would fail
    monkeypatch.setattr(scorecard, "neg_log_likelihood", None)
    told = figures(list(score(folder, OPTIONS.changed(figures="diversity,conditional_accuracy"), Control())))
    assert set(told.spreads) == {"diversity_within_class", "conditional_accuracy"}
    monkeypatch.undo()
    monkeypatch.setattr(scorecard, "classifier_of", None)
    events = list(score(folder, OPTIONS.changed(figures="nll", seeds=1), Control()))
    kept = RunFolder.open(folder).manifest
    assert set(kept.figures) == {*before.figures, "diversity_within_class", "conditional_accuracy", "nll_k3"}
    assert set(kept.spreads) == {"diversity_within_class", "conditional_accuracy"}
    assert kept.judged["diversity_within_class"]["seeds"] == 2
    assert kept.judged["nll_k3"]["seeds"] == 1
    assert {event.what for event in events if isinstance(event, Working) and event.seconds_left is not None} == {
        "Weighing test pictures"
    }


def test_a_new_figure_without_an_error_bar_does_not_keep_the_old_bar(run):
    folder = run("vae", "dense-2d")
    two = OPTIONS.changed(figures="nll")
    list(score(folder, two, Control()))
    assert "nll_k3" in RunFolder.open(folder).manifest.spreads
    list(score(folder, two.changed(seeds=1), Control()))
    assert RunFolder.open(folder).manifest.spreads == {}


def test_figures_that_a_model_cannot_have_are_told(run):
    folder = run("vae", "dense-2d")
    events = list(score(folder, OPTIONS.changed(figures="recall,conditional_accuracy"), Control()))
    assert set(figures(events).spreads) == {"recall"}
    assert any("does not have: conditional_accuracy" in event.message for event in events if isinstance(event, Noticed))
    with pytest.raises(UserError, match="none of these figures"):
        list(score(folder, OPTIONS.changed(figures="conditional_accuracy"), Control()))
    with pytest.raises(UserError, match="no figure 'fid'"):
        list(score(folder, OPTIONS.changed(figures="fid"), Control()))


def test_a_run_that_goes_on_loses_its_judgement(run):
    folder = run("vae", "dense-2d")
    list(score(folder, OPTIONS.changed(figures="nll"), Control()))
    list(resume(folder, Control(), steps=10))
    kept = RunFolder.open(folder).manifest
    assert kept.judged == {}
    assert "nll_k3" not in kept.figures


def test_an_opened_run_tells_its_figures_with_their_error_bars(run):
    folder = run("vae", "dense-2d")
    told = figures(list(score(folder, OPTIONS.changed(figures="nll"), Control())))
    opened = figures(replay(folder, Control()))
    assert opened.values == pytest.approx(dict(told.values))
    assert opened.spreads == pytest.approx(dict(told.spreads))
    assert opened.judged == told.judged


def test_the_same_seeds_judge_alike_and_one_seed_has_no_error_bar(run):
    folder = run("vae", "dense-2d")
    one = OPTIONS.changed(seeds=1)
    first, second = (figures(score(folder, one, Control())) for _ in range(2))
    assert first.values == second.values
    assert not first.spreads
    assert OF_CLASSES | {"nll_k3"} <= set(first.values)
    assert "conditional_accuracy" not in first.values  # nobody can ask it for a class


def test_a_model_without_prior_draws_around_the_codes_it_knows(run):
    told = figures(score(run("autoencoder", "flat"), OPTIONS, Control()))
    assert set(told.spreads) == OF_CLASSES | {"near_copies"}  # and no likelihood, which it does not have


def test_data_without_classes_have_measured_what_needs_none(run, monkeypatch):
    """The digits with their labels taken away; the classifier is never asked."""
    load = Plan.load

    def bare(plan, control):
        data = yield from load(plan, control)
        return replace(data, train_labels=None, test_labels=None, class_names=())

    monkeypatch.setattr(Plan, "load", bare)
    monkeypatch.setattr("models.trainer.Plan.load", bare)
    events = list(score(run("vae", "dense-2d"), OPTIONS, Control()))
    assert set(figures(events).spreads) == {"nll_k3", "near_copies"}
    assert any("no classes" in event.message for event in events if isinstance(event, Noticed))
    linear = run("pca", "plane")
    assert set(figures(score(linear, OPTIONS, Control())).spreads) == {"near_copies"}
    with pytest.raises(UserError, match="knows no likelihoods"):
        list(score(linear, OPTIONS.changed(figures="nll,recall"), Control()))


def test_a_stop_is_heard_and_keeps_the_old_figures(run):
    folder, control = run("vae", "dense-2d"), Control()
    before = RunFolder.open(folder).manifest
    events = []
    for event in score(folder, OPTIONS, control):
        events.append(event)
        if isinstance(event, Working) and event.what == "Drawing pictures":
            control.stop()
    assert isinstance(events[-1], Cancelled)
    assert not any(isinstance(event, Figures) for event in events)
    assert RunFolder.open(folder).manifest == before


def test_a_run_that_somebody_holds_is_judged_but_not_written(run):
    folder = run("vae", "dense-2d")
    with RunFolder.open(folder, writing=True) as held:
        events = list(score(folder, OPTIONS, Control()))
        assert held.manifest.figures == RunFolder.open(folder).manifest.figures
    assert figures(events).spreads
    assert any("not kept" in event.message for event in events if isinstance(event, Noticed))


def test_changed_data_are_refused(run):
    folder = run("vae", "dense-2d")
    with RunFolder.open(folder, writing=True) as writing:
        writing.update(data={**writing.manifest.data.model_dump(), "hash": "other"})
    with pytest.raises(UserError, match="has changed"):
        list(score(folder, OPTIONS, Control()))


def test_classes_are_asked_for_in_the_shares_of_the_data(run):
    folder = RunFolder.open(run("cvae", "dense-2d"))
    plan = Plan.again(folder.manifest, {})
    data = finished(plan.load(Control()))
    rare = torch.where(torch.arange(len(data.train_labels)) % 4 > 0, 0, 7)
    lens = scorecard._lens(folder, plan, replace(data, train_labels=rare))
    made = finished(drawn(lens, 2000, 0, Control()))
    assert made.pictures.shape == (2000, *data.spec.shape)
    assert made.pictures.dtype == torch.uint8
    assert torch.bincount(made.asked, minlength=10)[7] / 2000 == pytest.approx(0.25, abs=0.04)
    assert set(made.asked.tolist()) == {0, 7}


def test_the_command_line_prints_the_figures(run, capsys):
    folder = str(run("cvae", "dense-2d"))
    small = ["--samples", "40", "--codes", "2", "--likelihood-pictures", "20"]
    assert main(["eval", folder, "--json", "--seeds", "1", *small]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["samples"] == 40
    assert told["figures"]["nll_k2"] > 0
    assert main(["eval", folder, "--seeds", "2", *small]) == 0
    out = capsys.readouterr().out
    assert "conditional_accuracy 0." in out
    assert "±" in out
    assert main(["show", folder]) == 0
    assert " ± " in capsys.readouterr().out
    assert main(["eval", folder, "--figures", "recall", "--seeds", "1", *small]) == 0
    captured = capsys.readouterr()
    assert "higher is better" in captured.out
    assert main(["eval", folder, "--figures", "fid"]) == 2
    assert "conditional_accuracy" in capsys.readouterr().err
    assert main(["eval", folder, "--samples", "1"]) == 2
