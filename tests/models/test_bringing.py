"""A stranger's ONNX file becomes a run: looked through, tried, drawn, opened, packed; or refused in a sentence."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import numpy as np
import onnx
import pytest
import torch
from foreign import SIDE, WIDE, encoder, generator, saved
from tiny_runs import ROOT, only

from models import events as ev
from models.bringing import Bringing, bring
from models.commandline import run as command
from models.errors import Stopped, UserError
from models.events import HeldOut, Noticed, Sampled, Weights, Working
from models.job import Control, finished
from models.packing import pack
from models.painter import Painter
from models.replay import replay
from models.run import RunFolder
from models.runtime import Network

CODES = np.random.default_rng(3).standard_normal((5, WIDE)).astype(np.float32)


def brought(path, folder, **more):
    """The run that a file becomes."""
    return RunFolder.open(finished(bring(Bringing(file=str(path), **more), str(folder), "", Control())))


def painter(run):
    return Painter.of(only(Weights, replay(run.path, Control()))[0])


def refused(made, tmp_path, **more):
    with pytest.raises(UserError) as caught:
        brought(saved(made, tmp_path / "mine.onnx"), tmp_path / "run", **more)
    assert not (tmp_path / "run").exists()
    assert "mine.onnx" in str(caught.value)
    return caught.value.what


def test_a_generator_becomes_a_run_that_draws_what_the_file_draws(tmp_path):
    made = generator()
    run = brought(saved(made, tmp_path / "faces.onnx"), tmp_path / "run", title="Faces of mine")
    told = run.manifest
    assert (told.family, told.title, told.status, told.latent_dim) == ("onnx", "Faces of mine", "finished", WIDE)
    assert told.data.shape == (1, SIDE, SIDE)
    assert set(told.capabilities) == {"prior", "condition", "files"}
    wanted = Network.generator(made.SerializeToString())(CODES)
    got = painter(run).draw(CODES)
    assert np.abs(got.transpose(0, 3, 1, 2) - 255 * wanted).max() <= 0.51
    assert (run.path / "snapshots" / "0" / "sheet.png").is_file()


def test_it_opens_with_a_map_of_made_up_pictures_and_samples(tmp_path):
    run = brought(saved(generator(label="number"), tmp_path / "a.onnx"), tmp_path / "run", class_names="a, b, c, d")
    events = list(replay(run.path, Control()))
    assert not [event for event in only(Noticed, events) if event.level == "warning"]
    shown = only(HeldOut, events)[-1]
    assert shown.generated
    assert len(shown.pictures) == len(only(ev.Embedded, events)[0].codes) == 2000
    assert set(shown.labels) == {0, 1, 2, 3}
    sampled = only(Sampled, events)[0]
    again = painter(run).draw(sampled.codes, sampled.labels)
    assert np.array_equal(again, sampled.pictures)
    assert run.manifest.data.class_names == ("a", "b", "c", "d")


@pytest.mark.parametrize("label", ["number", "shares"])
def test_classes_are_heeded_and_counted(tmp_path, label):
    run = brought(saved(generator(label=label), tmp_path / "a.onnx"), tmp_path / "run")
    assert run.manifest.data.class_names == ("0", "1", "2", "3")
    of_classes = painter(run).draw(np.repeat(CODES[:1], 4, 0), np.arange(4))
    assert len(np.unique(of_classes.reshape(4, -1), axis=0)) == 4
    shares = np.eye(4, dtype=np.float32)[[2]]
    assert np.array_equal(painter(run).draw(CODES[:1], shares)[0], painter(run).draw(CODES[:1], np.array([2]))[0])


@pytest.mark.parametrize(
    ("made", "values", "words"),
    [
        ({"end": "Sigmoid"}, "unit", "0 to 1"),
        ({"end": "Tanh"}, "signed", "-1 to 1"),
        ({"end": "Sigmoid", "scale": 255.0}, "bytes", "0 to 255"),
    ],
)
def test_the_range_is_recognised_and_said(tmp_path, made, values, words):
    path = saved(generator(**made), tmp_path / "a.onnx")
    events = list(bring(Bringing(file=str(path)), str(tmp_path / "run"), "", Control()))
    assert any(words in event.message for event in only(Noticed, events))
    run = RunFolder.open(tmp_path / "run")
    assert run.manifest.settings["values"] == values
    drawn = painter(run).draw(CODES)
    assert drawn.min() < 60
    assert drawn.max() > 195


def test_the_range_can_be_said(tmp_path):
    run = brought(saved(generator(end="Tanh"), tmp_path / "a.onnx"), tmp_path / "run", values="unit")
    assert run.manifest.settings["values"] == "unit"


def test_channels_last_colours_a_fixed_batch_and_codes_with_more_axes_are_taken(tmp_path):
    made = generator(shape=(3, SIDE, 10), nhwc=True, code=(4, WIDE, 1, 1), batch=4)
    run = brought(saved(made, tmp_path / "a.onnx"), tmp_path / "run")
    assert run.manifest.data.shape == (3, SIDE, 10)
    assert (run.manifest.settings["layout"], run.manifest.settings["batch"]) == ("nhwc", 4)
    raw = Network.generator(made.SerializeToString())(CODES)  # five codes, four at a time
    assert raw.shape == (5, SIDE, 10, 3)
    assert np.abs(painter(run).draw(CODES) - 255 * raw).max() <= 0.51


def test_an_encoder_gives_a_way_back(tmp_path):
    path = saved(generator(), tmp_path / "a.onnx")
    other = saved(encoder(), tmp_path / "b.onnx")
    run = brought(path, tmp_path / "run", encoder_file=str(other))
    family = painter(run).family
    pictures = torch.rand(3, 1, SIDE, SIDE)
    wanted = Network.encoder(other.read_bytes())(pictures.numpy())
    assert np.allclose(family.encode(pictures).numpy(), wanted, atol=1e-5)
    assert "encode" in run.manifest.capabilities
    assert only(HeldOut, replay(run.path, Control()))[-1].generated  # nobody knows what it learned from


def test_an_encoder_beside_is_found_and_exchanged_files_are_put_right(tmp_path):
    path = saved(generator(), tmp_path / "a.onnx")
    beside = saved(encoder(), tmp_path / "a-encoder.onnx")
    assert "encode" in brought(path, tmp_path / "run").manifest.capabilities
    run = brought(beside, tmp_path / "other", encoder_file=str(path))
    assert run.manifest.title == "a"
    assert "encode" in run.manifest.capabilities
    assert painter(run).draw(CODES).shape == (5, SIDE, SIDE, 1)


def test_an_encoder_that_does_not_fit_is_refused(tmp_path):
    wide = saved(encoder(wide=WIDE + 1), tmp_path / "b.onnx")
    assert "the generator takes 6" in refused(generator(), tmp_path, encoder_file=str(wide))
    large = saved(encoder((1, 16, 16)), tmp_path / "c.onnx")
    assert "takes pictures [b, 1, 16, 16]" in refused(generator(), tmp_path, encoder_file=str(large))


def test_what_draws_no_numbers_or_in_no_known_range_is_refused(tmp_path):
    broken = generator()
    weight = next(each for each in broken.graph.initializer if each.name == "w")
    weight.raw_data = np.full(WIDE * SIDE * SIDE, np.nan, np.float32).tobytes()
    assert "not finite" in refused(broken, tmp_path)
    assert "neither 0 to 1" in refused(generator(end="", scale=40.0), tmp_path)
    assert "channels" in refused(generator(shape=(4, SIDE, SIDE)), tmp_path)
    assert "1024 pixels" in refused(generator(shape=(1, 1, 1100)), tmp_path)


def test_a_graph_that_only_fails_when_run_is_refused(tmp_path):
    made = generator()
    shape = next(each for each in made.graph.initializer if each.name == "shape")
    shape.CopyFrom(onnx.numpy_helper.from_array(np.array([-1, 1, 8, 9]), "shape"))
    assert "cannot run this file" in refused(made, tmp_path)


def test_one_that_breaks_the_process_that_tries_it_breaks_nothing_else(tmp_path, monkeypatch):
    broken = tmp_path / "broken.py"
    broken.write_text("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n")
    monkeypatch.setattr("models.child.ROOT", tmp_path)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "trial.py").write_text(broken.read_text())
    assert signal.SIGSEGV.name in refused(generator(), tmp_path)


def test_a_stop_ends_the_trial_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("models.child.ROOT", tmp_path)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "trial.py").write_text("import time\ntime.sleep(60)\n")
    control = Control()
    path = saved(generator(), tmp_path / "mine.onnx")
    work = bring(Bringing(file=str(path)), str(tmp_path / "run"), "", control)
    assert isinstance(next(work), Working)
    control.stop()
    with pytest.raises(Stopped):
        list(work)
    assert not (tmp_path / "run").exists()


def test_a_place_that_is_taken_is_left_alone(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "mine.txt").write_text("mine")
    with pytest.raises(UserError, match="not empty"):
        brought(saved(generator(), tmp_path / "a.onnx"), tmp_path / "run")


def test_what_needs_its_data_says_that_nobody_knows_them(tmp_path, capsys):
    run = brought(saved(generator(), tmp_path / "a.onnx"), tmp_path / "run")
    for words in (["eval", str(run.path)], ["resume", str(run.path), "--steps", "5"]):
        assert command(words) == 2
        assert "brought as a file" in capsys.readouterr().err
    assert command(["train", "onnx"]) == 2
    assert "import FILE" in capsys.readouterr().err
    assert command(["families"]) == 0


def test_a_run_whose_files_were_changed_is_looked_through_again(tmp_path):
    """Whoever sends a run can write what they like into it."""
    run = brought(saved(generator(), tmp_path / "a.onnx"), tmp_path / "run")
    weights = only(Weights, replay(run.path, Control()))[0]
    evil = generator()
    evil.graph.node[0].domain = "com.evil"
    data = np.frombuffer(evil.SerializeToString(), np.uint8)
    info = weights.info
    object.__setattr__(info, "settings", {**info.settings, "size": len(data)})
    with pytest.raises(UserError, match="custom operator MatMul of com"):
        Painter.of(Weights(info.id, 0, info, {**weights.state, "generator": data})).draw(CODES)


def test_it_can_be_packed_and_draws_the_same(tmp_path):
    run = brought(saved(generator(), tmp_path / "a.onnx"), tmp_path / "run")
    copy = pack(run, tmp_path / "copy")
    assert np.array_equal(painter(copy).draw(CODES), painter(run).draw(CODES))


def test_the_command_brings_a_file_and_says_where_the_run_is(tmp_path, capsys):
    path = saved(generator(), tmp_path / "a.onnx")
    words = ["import", str(path), "--run", str(tmp_path / "run"), "--title", "Mine", "--values", "signed"]
    assert command(words) == 0
    told = capsys.readouterr()
    assert told.out.strip() == str(tmp_path / "run")
    assert "read as -1 to 1, as you say" in told.err
    assert RunFolder.open(tmp_path / "run").manifest.title == "Mine"
    assert command(["import", str(tmp_path / "none.onnx")]) == 2
    assert "missing" in capsys.readouterr().err


SPOIL = """
import random, sys
from pathlib import Path
from models.errors import UserError
from models.runtime import Network
import numpy as np

whole = Path(sys.argv[1]).read_bytes()
chance = random.Random(7)
refused = drawn = 0
for number in range(200):
    data = bytearray(whole)
    kind = number % 4
    if kind == 0:
        data = data[: chance.randrange(len(data))]
    elif kind == 1:
        for _ in range(chance.randrange(1, 30)):
            data[chance.randrange(len(data))] = chance.randrange(256)
    elif kind == 2:
        for _ in range(chance.randrange(1, 8)):  # where the structure is dense
            data[chance.randrange(300) if chance.random() < 0.5 else -chance.randrange(1, 300)] = chance.randrange(256)
    else:
        place, length = chance.randrange(len(data)), chance.randrange(1, 200)
        data[place:place] = bytes(chance.randrange(256) for _ in range(length))
    try:
        network = Network.generator(bytes(data))
        network(np.zeros((2, network.ways.given.shape[1]), np.float32), None, 4)
        drawn += 1
    except UserError as error:
        assert str(error).endswith("."), error
        refused += 1
print(refused, drawn)
"""


def test_two_hundred_spoilt_files_are_refused_or_harmless(tmp_path):
    path = saved(generator(label="shares"), tmp_path / "whole.onnx")
    done = subprocess.run(
        [sys.executable, "-c", SPOIL, str(path)], cwd=ROOT, capture_output=True, text=True, timeout=170
    )
    assert done.returncode == 0, done.stderr[-2000:]
    refused_count, drawn = map(int, done.stdout.split())
    assert refused_count + drawn == 200
    assert refused_count > 60


def test_what_stands_beside_the_graph_is_read_with_care(tmp_path):
    made = generator(label="shares")
    beside = {
        "class_names": json.dumps(["<b>", "x" * 999, ["y"], "\x07"]),
        "code_middle": "[" + ",".join(["1" + "0" * 400] * WIDE) + "]",
        "code_spread": "[[[[",
        "values": "evil",
    }
    for name, value in beside.items():
        entry = made.metadata_props.add()
        entry.key, entry.value = f"latent_explorer.{name}", value
    run = brought(saved(made, tmp_path / "a.onnx"), tmp_path / "run")
    assert run.manifest.data.class_names == ("<b>", "x" * 60, "['y']", "\\x07")
    assert run.load().weights["middle"].tolist() == [0.0] * WIDE
    assert run.manifest.settings["values"] == "unit"
