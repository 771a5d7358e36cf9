"""A layer behind the exported map: the figure, its colours, the words of refusal, and the command line."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from tiny_runs import trained

from models import commandline
from models.errors import UserError
from models.events import Exported, Working
from models.export import export
from models.job import Control
from models.layer_export import laid
from models.subject import Subject
from models.surveying import COARSE, FINE


@pytest.fixture(scope="module")
def run(session_home, tmp_path_factory):
    folder = tmp_path_factory.mktemp("layers") / "run"
    trained(folder)
    return folder


def answer(subject, layer, cells=COARSE):
    coming = laid(subject, layer, cells, Control())
    while True:
        try:
            next(coming)
        except StopIteration as end:
            return end.value


@pytest.mark.parametrize("layer", ["density", "prior", "honesty", "stretch"])
def test_a_layer_covers_all_points_of_the_map(run, layer):
    subject = Subject.of_run(run)
    shown = answer(subject, layer)
    left, bottom, right, top = shown.asked.bounds
    assert (left, bottom) < tuple(subject.points.min(axis=0))
    assert (right, top) > tuple(subject.points.max(axis=0))
    assert shown.values.shape == ((FINE, FINE) if layer in ("density", "prior") else (COARSE, COARSE))
    assert np.isfinite(shown.values).all()


def test_the_exported_map_shows_the_layer_and_its_scale(run, tmp_path):
    pixels = {}
    for layer in ("none", "stretch"):
        out = tmp_path / f"{layer}.png"
        options = {"layer": layer, "cells": COARSE, "width": 400, "height": 300}
        events = list(export("map", Subject.of_run(run), out, options, Control()))
        assert isinstance(events[-1], Exported)
        assert any(isinstance(event, Working) for event in events)
        pixels[layer] = np.asarray(Image.open(out).convert("RGB")).reshape(-1, 3)
    violet = [np.mean((p[:, 2] > p[:, 1] + 12) & (p[:, 2] > p[:, 0])) for p in pixels.values()]
    assert violet[1] > violet[0] + 0.1


def test_class_regions_train_the_classifier_that_they_need(run, tmp_path, monkeypatch, home):
    from models.evaluate import classifier

    monkeypatch.setattr(classifier, "LEAST", 512)
    monkeypatch.setattr(classifier, "MOST", 512)
    shown = answer(Subject.of_run(run), "classes")
    assert shown.labels.shape == shown.values.shape
    assert shown.low == pytest.approx(0.1)
    assert ((shown.values >= shown.low - 1e-6) & (shown.values <= 1)).all()


def test_a_layer_that_the_model_does_not_have_is_refused_in_words(run):
    subject = Subject.of_run(run)
    blind = replace(subject, info=replace(subject.info, capabilities=frozenset({"prior"})))
    with pytest.raises(UserError, match="no way from pictures to codes"):
        answer(blind, "honesty")


def test_the_command_line_takes_the_layer(run, tmp_path, capsys):
    out = tmp_path / "map.svg"
    assert commandline.run(["export", "map", str(run), str(out), "--layer", "honesty", "--cells", "8"]) == 0
    assert "Honesty" in out.read_text()
    assert commandline.run(["export", "map", str(run), str(out), "--layer", "beauty"]) == 2
    assert "honesty" in capsys.readouterr().err
