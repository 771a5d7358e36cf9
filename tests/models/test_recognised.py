"""Points that a model made up carry the class that the data's classifier sees in them, once there is one."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tiny_runs import loaded, only

from explorer.coloring import coloring_of
from explorer.state import SessionState
from models.evaluate import classifier
from models.evaluate.classifier import classifier_of, looked_at
from models.events import HeldOut
from models.job import Control, Job
from models.maps import RECOGNISED
from models.registry import source
from models.replay import replay
from models.trainer import train

GAN = {"architecture": "dense", "generator_norm": "none", "width": 16, "latent_dim": 4, "batch_size": 64}


def trained(folder, family="gan"):
    """What a training tells of its points, pictures included."""
    job = Job(family=family, settings=GAN, dataset="digits", device="cpu", precision="fp32", steps=10, run=str(folder))
    return [event for event in only(HeldOut, train(job, Control(), live=True)) if len(event.pictures)]


@pytest.fixture
def judge(monkeypatch):
    """The classifier of the digits, trained for a moment and kept."""
    monkeypatch.setattr(classifier, "LEAST", 2000)
    digits, made = loaded(source("digits", {})), None
    work = classifier_of(digits, torch.device("cpu"), Control())
    while made is None:
        try:
            next(work)
        except StopIteration as end:
            made = end.value
    return made


def seen_by(judge, pictures):
    work = looked_at(judge, torch.from_numpy(pictures.transpose(0, 3, 1, 2).copy()), Control())
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value[1].numpy()


def test_without_a_judge_nothing_is_recognised_and_none_is_trained(tmp_path):
    last = trained(tmp_path / "run")[-1]
    assert last.generated
    assert last.factors == ()
    assert last.values is None
    assert (last.labels == -1).all()


@pytest.mark.parametrize("family", ["gan", "cgan"])
def test_with_a_judge_points_carry_the_class_that_it_sees(tmp_path, judge, family):
    for last in (trained(tmp_path / "run", family)[-1], only(HeldOut, replay(tmp_path / "run", Control()))[-1]):
        assert [factor.name for factor in last.factors] == [RECOGNISED]
        assert last.factors[0].values == tuple("0123456789")
        known = np.isfinite(last.values[:, 0])
        assert known.sum() > 10
        agreed = (last.values[known, 0] == seen_by(judge, last.pictures[known])).mean()
        assert agreed > 0.9
        assert (last.labels == -1).all() if family == "gan" else (last.labels >= 0).all()


def test_points_that_nobody_asked_for_are_coloured_by_what_is_recognised(tmp_path, judge):
    last = trained(tmp_path / "run")[-1]
    coloring = coloring_of(SessionState(data=last))
    assert coloring.names == tuple("0123456789")
    assert (coloring.labels[np.isfinite(last.values[:, 0])] >= 0).all()
    asked = trained(tmp_path / "asked", "cgan")[-1]
    assert coloring_of(SessionState(data=asked)).labels.tolist() == asked.labels.tolist()
    chosen = coloring_of(SessionState(data=asked, factor=RECOGNISED))
    assert chosen.names == tuple("0123456789")
