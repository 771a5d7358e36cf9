"""Texts are spelt in classes, and the command writes them in the pictures of a model that can be asked."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from models.commandline import run as command
from models.job import Control, Job
from models.spelling import MOST, own_codes, spelt
from models.subject import Subject

DIGITS = [str(digit) for digit in range(10)]


@pytest.mark.parametrize(
    ("text", "names", "labels", "unknown"),
    [
        ("2026", DIGITS, [2, 0, 2, 6], []),
        (" 20,\t26 ", DIGITS, [2, 0, 2, 6], []),
        ("2x6é", DIGITS, [2, 6], ["x", "é"]),
        ("bAd", ["A", "B", "D", "a", "b"], [4, 0, 2], []),
        ("cat, Dog 1", ["cat", "dog", "bird"], [0, 1, 1], []),
        ("t-shirt/toptrouser", ["t-shirt/top", "trouser", "t"], [0, 1], []),
        ("12", ["ink", "paper"], [], ["1", "2"]),
        ("11", [f"class {number}" for number in range(12)], [11], []),
        ("", DIGITS, [], []),
        ("²", DIGITS, [], ["²"]),
        ("5", [], [], ["5"]),
    ],
)
def test_texts_are_spelt(text, names, labels, unknown):
    assert spelt(text, names) == (labels, unknown)


def test_a_long_text_ends():
    assert len(spelt("7" * 500, DIGITS)[0]) == MOST


@pytest.fixture(scope="module")
def cgan(session_home, tmp_path_factory):
    from models.trainer import train

    settings = {"architecture": "dense", "generator_norm": "none", "width": 16, "latent_dim": 4, "batch_size": 64}
    folder = tmp_path_factory.mktemp("runs") / "cgan"
    job = Job(family="cgan", settings=settings, dataset="digits", device="cpu", steps=5, run=str(folder))
    list(train(job, Control()))
    return folder


def test_a_place_more_leaves_the_codes_before_it(cgan):
    info = Subject.of_run(cgan).info
    np.testing.assert_array_equal(own_codes(info, None, 3, 5), own_codes(info, None, 4, 5)[:3])
    assert not np.array_equal(own_codes(info, None, 3, 5), own_codes(info, None, 3, 6))


def test_the_command_writes_a_number(cgan, tmp_path, capsys):
    out = tmp_path / "year.png"
    assert command(["export", "written", str(cgan), str(out), "--text", "2026", "--scale", "1"]) == 0
    with Image.open(out) as image:
        assert image.size == (4 * 28, 28)
        apart = np.asarray(image.convert("L")).reshape(28, 4, 28)
    assert command(["export", "written", str(cgan), str(out), "--text", "22", "--shared", "--scale", "1"]) == 0
    with Image.open(out) as image:
        same = np.asarray(image.convert("L")).reshape(28, 2, 28)
    assert np.array_equal(same[:, 0], same[:, 1])
    assert not np.array_equal(apart[:, 0], apart[:, 2])
    capsys.readouterr()
    for text, told in (("2b", "There is no class 'b'"), ("", "nothing to write")):
        assert command(["export", "written", str(cgan), str(out), "--text", text]) == 2
        assert told in capsys.readouterr().err
