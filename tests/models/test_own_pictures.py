"""A person's own picture is brought to the model's size by the rule of folders, and its code is found in a real run."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from models import inversion
from models.commandline import run as command
from models.errors import Stopped, UserError
from models.job import Control, Job
from models.own_events import Found, MapPictures, OwnPicture
from models.own_pictures import brought, find
from models.painter import Painter
from models.subject import Subject

GAN = {"architecture": "dense", "generator_norm": "none", "width": 16, "latent_dim": 4, "batch_size": 64}


def trained(folder, family, settings, **changes):
    from models.trainer import train

    job = Job(family=family, settings=settings, dataset="digits", device="cpu", steps=30, run=str(folder), **changes)
    list(train(job, Control()))
    return folder


@pytest.fixture(scope="module")
def gan(session_home, tmp_path_factory):
    return trained(tmp_path_factory.mktemp("runs") / "gan", "gan", GAN)


@pytest.fixture(scope="module")
def cgan(session_home, tmp_path_factory):
    return trained(tmp_path_factory.mktemp("runs") / "cgan", "cgan", GAN, preset="dense")


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(inversion, "DRAWN", 60)
    monkeypatch.setattr(inversion, "ROUNDS", ((6, 10), (2, 30)))


@pytest.fixture
def digit(tmp_path):
    """A white stroke on black, in a file that is neither square nor of the model's size."""
    pixels = np.zeros((40, 60), np.uint8)
    pixels[8:32, 27:33] = 255
    Image.fromarray(pixels).save(tmp_path / "one.png")
    return tmp_path / "one.png"


def weights_of(folder):
    return Subject.of_run(folder).weights


def test_a_file_is_cut_to_the_square_of_its_middle_at_the_models_size(gan, digit):
    weights = weights_of(gan)
    image, label = brought(OwnPicture(str(digit)), weights, Control())
    channels, height, width = weights.info.image_shape
    assert image.shape == (1, channels, height, width)
    assert label is None
    assert image[0, 0, height // 2, width // 2] > 200
    assert image[0, 0, :, 0].max() < 20
    negative, _ = brought(OwnPicture(str(digit), negative=True), weights, Control())
    assert np.array_equal(negative, 255 - image)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_pasted_pixels_are_cut_like_a_file(gan, digit, channels):
    weights = weights_of(gan)
    pixels = np.asarray(Image.open(digit).convert({1: "L", 3: "RGB", 4: "RGBA"}[channels]))
    pasted = OwnPicture(pixels=pixels.reshape(*pixels.shape[:2], channels))
    by_file, _ = brought(OwnPicture(str(digit)), weights, Control())
    image, _ = brought(pasted, weights, Control())
    assert np.abs(image.astype(int) - by_file).max() <= 1


def test_the_search_tells_its_error_as_it_falls_and_ends_with_a_code_that_draws_the_picture(gan, digit):
    weights = weights_of(gan)
    told = list(find(OwnPicture(str(digit)), weights, Control()))
    assert all(isinstance(each, Found) for each in told)
    assert [each.done for each in told] == [False] * (len(told) - 1) + [True]
    assert told[0].code is None
    assert told[0].original is not None
    last = told[-1]
    assert len(last.errors) == 40
    assert last.errors[-1] < last.errors[0]
    assert last.error == last.errors[-1]
    assert np.array_equal(Painter.of(weights).draw(last.code[None])[0], last.picture)


def test_a_held_out_picture_comes_with_its_class(cgan):
    weights = weights_of(cgan)
    last = list(find(OwnPicture(number=3), weights, Control()))[-1]
    _, label = brought(OwnPicture(number=3), weights, Control())
    assert last.label == label
    assert list(find(OwnPicture(number=3, label=7), weights, Control()))[-1].label == 7


def test_pictures_of_the_map_are_where_the_search_begins(cgan):
    weights = weights_of(cgan)
    painter = Painter.of(weights)
    codes, labels = painter.prior(20, 5), np.arange(20) % 10
    pictures = painter.draw(codes, labels)
    own = OwnPicture(pixels=pictures[7])
    known = list(find(own, weights, Control(), MapPictures(codes, pictures, labels)))[-1]
    assert known.errors[0] < 1e-3  # they were drawn in bf16
    assert known.errors[0] < list(find(own, weights, Control()))[-1].errors[0]


def test_a_stop_keeps_the_best_until_then(gan, digit):
    control = Control()
    told = []
    for each in find(OwnPicture(str(digit)), weights_of(gan), control):
        told.append(each)
        if each.code is not None:
            control.stop()
    assert told[-1].done
    assert told[-1].code is not None
    assert len(told[-1].errors) < 40
    with pytest.raises(Stopped):
        list(find(OwnPicture(str(digit)), weights_of(gan), control))


@pytest.mark.parametrize(
    ("own", "words"),
    [
        (lambda place: OwnPicture(str(place / "blank.png")), "blank.png: The picture has one colour all over"),
        (lambda place: OwnPicture(str(place / "broken.png")), "broken.png: This picture cannot be read"),
        (lambda place: OwnPicture(str(place / "none.png")), "none.png: This picture cannot be read"),
        (lambda place: OwnPicture(pixels=np.zeros((4, 4), np.uint8)), "is no picture"),
    ],
)
def test_what_is_no_picture_is_told(gan, tmp_path, own, words):
    Image.new("L", (9, 9), 77).save(tmp_path / "blank.png")
    (tmp_path / "broken.png").write_bytes((tmp_path / "blank.png").read_bytes()[:30])
    with pytest.raises(UserError) as caught:
        list(find(own(tmp_path), weights_of(gan), Control()))
    assert words in str(caught.value)


def test_data_that_are_gone_are_told(gan, monkeypatch):
    monkeypatch.setattr("models.datasets.digits.Digits.at_hand", lambda self: False)
    with pytest.raises(UserError, match="not on this machine"):
        list(find(OwnPicture(), weights_of(gan), Control()))


def test_the_command_writes_a_sheet_and_tells_errors(cgan, digit, tmp_path, capsys):
    sheet = tmp_path / "sheet.png"
    assert command(["invert", str(cgan), str(digit), str(digit), "--out", str(sheet), "--json", "--class", "1"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["picture"] for line in lines] == [str(digit)] * 2
    assert lines[0] == lines[1]
    assert lines[0]["label"] == 1
    assert len(lines[0]["code"]) == 4
    assert 0 < lines[0]["error"] < 1
    with Image.open(sheet) as image:
        assert image.width == image.height
    assert command(["invert", str(cgan), str(digit)]) == 0
    assert capsys.readouterr().out.startswith(f"{digit}: error 0.")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--class", "dog"], "There is no class 'dog'"),
        (["--out", "sheet.gif"], "cannot write files ending in .gif"),
    ],
)
def test_the_command_says_what_is_wrong(cgan, digit, capsys, words, told):
    assert command(["invert", str(cgan), str(digit), *words]) == 2
    assert told in capsys.readouterr().err


def test_who_cannot_be_asked_for_a_class_says_so(gan, digit, capsys):
    assert command(["invert", str(gan), str(digit), "--class", "1"]) == 2
    assert "cannot be asked for a class" in capsys.readouterr().err
