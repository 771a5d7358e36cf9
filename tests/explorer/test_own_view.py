"""A person's own picture: dropped, pasted or held out, found in a real small model, marked on the map, moved from."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from stage import told
from test_main_window import drop

from explorer.own import Own
from explorer.own_actions import pixels_of
from explorer.state import SessionState
from explorer.views.own_view import OwnView
from models import inversion
from models.job import Control, Job
from models.maps import RECOGNISED
from models.own_events import Found, OwnPicture

PATIENCE = 30_000
GAN = {"architecture": "dense", "generator_norm": "none", "width": 16, "latent_dim": 4, "batch_size": 64}


@pytest.fixture(scope="module")
def cgan(session_home, tmp_path_factory):
    """The folder of a conditional game of a few thousand weights."""
    from models.trainer import train

    folder = tmp_path_factory.mktemp("runs") / "cgan"
    job = Job(family="cgan", settings=GAN, dataset="digits", device="cpu", steps=10, run=str(folder))
    list(train(job, Control()))
    return folder


@pytest.fixture
def digit(tmp_path):
    pixels = np.zeros((20, 20), np.uint8)
    pixels[3:17, 8:12] = 255
    Image.fromarray(pixels).save(tmp_path / "one.png")
    return tmp_path / "one.png"


@pytest.fixture
def opened(qtbot, session, cgan, monkeypatch):
    """A session that shows the run, in which a search takes a moment only."""
    monkeypatch.setattr(inversion, "ROUNDS", ((4, 8), (2, 16)))
    session.start(cgan)
    qtbot.waitUntil(lambda: session.state.weights is not None and session.state.picture is not None, timeout=PATIENCE)
    return session


def found(qtbot, session):
    qtbot.waitUntil(lambda: session.state.own.found is not None and session.state.own.found.done, timeout=PATIENCE)
    return session.state.own.found


def test_a_dropped_picture_is_found_marked_and_given_to_the_probe(qtbot, window, opened, digit):
    drop(window, digit)
    answer = found(qtbot, opened)
    view = window.own_view
    assert view.isVisible()
    assert answer.problem == ""
    assert np.array_equal(opened.state.code, answer.code)
    assert opened.state.label == answer.label
    assert opened.state.selection is None
    assert view.found.image is not None
    assert view.original.image is not None
    assert view.facts.told.text().startswith("MSE 0.")
    assert len(view.facts.curve.line()) == 24
    assert not view.facts.search.isVisibleTo(view)
    mark = window.map_view.map.own
    opened.set_dimension(0, 3.0)
    assert not np.array_equal(opened.state.code, answer.code)
    place = window.map_view.map.where(mark).toPoint()
    QTest.mouseClick(window.map_view.map, Qt.MouseButton.LeftButton, pos=place)
    assert np.array_equal(opened.state.code, answer.code)
    opened.pin(0)
    assert np.array_equal(opened.state.pins[0].code, answer.code)


def test_a_class_and_a_negative_seek_it_anew(qtbot, window, opened, digit):
    drop(window, digit)
    first, view = found(qtbot, opened), window.own_view
    view.label.setCurrentIndex(view.label.findData(4))
    view.label.activated.emit(view.label.currentIndex())
    qtbot.waitUntil(lambda: opened.state.own.found is not None and opened.state.own.found.done, timeout=PATIENCE)
    assert opened.state.own.found.label == 4
    qtbot.mouseClick(view.negative, Qt.MouseButton.LeftButton, pos=QPoint(8, view.negative.height() // 2))
    answer = found(qtbot, opened)
    assert answer.own.negative
    assert answer.own.label == 4
    assert np.array_equal(answer.original, 255 - first.original)


def test_what_was_copied_is_pasted(qtbot, window, opened, digit):
    data = QMimeData()
    data.setImageData(QImage(str(digit)))
    QGuiApplication.clipboard().setMimeData(data)
    window.own_view.can.paste.trigger()
    by_pixels = found(qtbot, opened)
    assert by_pixels.own.path == ""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(digit))])
    QGuiApplication.clipboard().setMimeData(data)
    window.own_view.can.paste.trigger()
    by_file = found(qtbot, opened)
    assert by_file.own.path == str(digit)
    assert np.abs(by_file.original.astype(int) - by_pixels.original).max() <= 1
    QGuiApplication.clipboard().setText("words")
    window.own_view.can.paste.trigger()
    assert "no picture on the clipboard" in opened.state.notice.message


def test_a_held_out_picture_is_sought_as_its_class(qtbot, window, opened):
    window.own_view.can.held_out.trigger()
    answer = found(qtbot, opened)
    assert answer.own.held_out
    assert 0 <= answer.label < 10
    assert window.own_view.facts.what.text() == "A held-out picture"


def test_a_search_can_be_ended_and_keeps_what_it_has(qtbot, window, opened, digit, monkeypatch):
    monkeypatch.setattr(inversion, "ROUNDS", ((4, 1_000_000),))
    drop(window, digit)
    qtbot.waitUntil(
        lambda: opened.state.own.found is not None and opened.state.own.found.code is not None, timeout=PATIENCE
    )
    qtbot.mouseClick(window.own_view.facts.cancel, Qt.MouseButton.LeftButton)
    answer = found(qtbot, opened)
    assert np.array_equal(opened.state.code, answer.code)
    assert not opened.state.own.working


def test_a_broken_picture_is_told_in_the_panel(qtbot, window, opened, tmp_path):
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    before = opened.state.code
    drop(window, tmp_path / "broken.png")
    assert found(qtbot, opened).code is None
    assert "broken.png: This picture cannot be read" in window.own_view.facts.problem.text()
    assert opened.state.code is before


def test_without_a_model_a_dropped_picture_stands_for_its_folder(qtbot, window, session, photos):
    session.start()
    qtbot.waitUntil(lambda: session.state.catalog is not None, timeout=PATIENCE)
    drop(window, photos / "cat" / "0.png")
    assert window.train_view._form.job().dataset_settings == {"data_dir": str(photos / "cat")}
    assert not window.own_view.can.open.isEnabled()


def test_an_answer_about_an_earlier_picture_comes_too_late(qtbot, session):
    first, second = OwnPicture(number=1), OwnPicture(number=2)
    view = OwnView(session)
    qtbot.addWidget(view)
    session._apply(SessionState(own=Own(second, working=True)))
    told(session, Found("", 0, first, code=np.ones(4, np.float32), done=True))
    assert session.state.own.found is None
    assert session.state.code is None
    told(session, Found("", 0, second, code=np.ones(4, np.float32), done=True))
    assert session.state.code.tolist() == [1, 1, 1, 1]


def test_pixels_of_an_image_keep_what_is_transparent():
    image = QImage(3, 2, QImage.Format.Format_ARGB32)
    image.fill(0)
    image.setPixelColor(1, 0, Qt.GlobalColor.red)
    pixels = pixels_of(image)
    assert pixels.shape == (2, 3, 4)
    assert pixels[0, 1].tolist() == [255, 0, 0, 255]
    assert pixels[1, 2, 3] == 0


def test_once_there_is_a_judge_the_points_of_a_model_that_was_not_asked_have_classes(
    qtbot, session, tmp_path, monkeypatch
):
    from models.evaluate import classifier
    from models.trainer import train

    monkeypatch.setattr(classifier, "LEAST", 1000)
    list(train(Job(family="gan", settings=GAN, device="cpu", steps=5, run=str(tmp_path / "gan")), Control()))
    session.start(tmp_path / "gan")
    qtbot.waitUntil(lambda: session.state.data is not None and len(session.state.data.pictures) > 0, timeout=PATIENCE)
    assert session.state.data.factors == ()
    session.judgements.train_judge()
    qtbot.waitUntil(lambda: session.state.data.factors != (), timeout=PATIENCE)
    assert session.state.data.factors[0].name == RECOGNISED
    assert np.isfinite(session.state.data.values).all()
