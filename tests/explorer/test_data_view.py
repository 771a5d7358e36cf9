"""The Data panel follows the form, loads in the background, and shows what is in the data."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QPlainTextEdit, QPushButton, QToolButton
from stage import told

from explorer.looks import Look
from explorer.remembered import recent_data, remember_data
from explorer.views.data_view import DataView
from models.data_events import DataShown
from models.datasets import Factor, Skipped
from models.job import Control, Job
from models.portrait import portrait, some_of_each

PATIENCE = 30_000  # ms; torch is imported once


@pytest.fixture
def view(qtbot, session, light):
    view = DataView(session)
    qtbot.addWidget(view)
    view.resize(260, 500)
    view.show()
    return view


@pytest.fixture
def known(tiny_dataset):
    import torch

    return replace(
        tiny_dataset, factors=(Factor("smile"),), train_factors=torch.linspace(0, 1, 48).unsqueeze(1),
        skipped=(Skipped("/photos/<b>a</b>.png", "it ends early"), Skipped("/photos/b.png", "it is empty")),
        warnings=("Three pictures are black.",), notes=("Read as 0 to 255.",),
    )  # fmt: skip


def show(session, data, **asked):
    """The answer to a look at `data`, as it comes from the lane."""
    session.looks.choose(Job(**asked))
    told(session, DataShown("", 0, Job(**asked), portrait(data, "Tiny", Control()), *some_of_each(data)))


def looked_at(qtbot, session):
    qtbot.waitUntil(lambda: session.state.look.current is not None, timeout=PATIENCE)
    return session.state.look.current


def text(view, name):
    return view.findChild(object, name).text()


def test_an_empty_panel_says_what_it_is_for(view):
    assert "before you train" in text(view, "data_words")
    assert not view.findChild(QPushButton, "look_at_data").isVisible()


def test_it_looks_at_what_the_form_chooses(qtbot, session, view):
    session.looks.choose(Job(classes="3,7", limit=40))
    shown = looked_at(qtbot, session)
    assert [each.name for each in shown.portrait.classes] == ["3", "7"]
    assert "40 to train on" in text(view, "data_facts")
    assert view._sheet.isVisible()
    assert view._sheet.class_at(2) == 0
    assert view._sheet.class_at(view._sheet.height() - 2) == 1
    assert view._sheet.class_at(view._sheet.height() + 2) is None


def test_a_hidden_panel_loads_nothing_until_it_is_seen(qtbot, session, light):
    view = DataView(session)
    qtbot.addWidget(view)
    session.looks.choose(Job())
    qtbot.wait(800)
    assert session.state.look == Look(job=Job())
    view.show()
    assert looked_at(qtbot, session).portrait is not None


def test_other_settings_of_the_training_change_nothing(qtbot, session, view):
    session.looks.choose(Job())
    first = looked_at(qtbot, session)
    session.looks.choose(Job(family="pca", epochs=9, seed=4))
    assert session.state.look.current is first
    session.looks.choose(Job(limit=20))
    assert session.state.look.current is None


def test_figures_warnings_factors_and_files_left_out(qtbot, session, view, known):
    show(session, known)
    assert text(view, "data_facts").startswith("48 to train on, 16 to test on\n28 x 28 grey\nvalues 0 to ")
    assert text(view, "data_facts").endswith("\nRead as 0 to 255.")
    assert text(view, "data_warnings") == "Three pictures are black."
    assert "smile: 0 to 1, mean 0.5" in text(view, "data_factors")
    fold, files = view.findChild(QToolButton, "skipped_fold"), view.findChild(QPlainTextEdit, "skipped_files")
    assert (fold.text(), files.isVisible()) == ("2 files left out", False)
    qtbot.mouseClick(fold, Qt.MouseButton.LeftButton)
    assert files.isVisible()
    qtbot.mouseClick(view.findChild(QToolButton, "copy_skipped"), Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    assert copied == "/photos/<b>a</b>.png: it ends early\n/photos/b.png: it is empty"


def test_each_class_has_its_row_of_pictures(session, view, known):
    show(session, known)
    image = view._sheet.grab().toImage()
    tall, head = view._sheet._row(), view._sheet._head()
    for place, (x, y) in enumerate(((6, 6), (24, 6), (6, 24), (24, 24))):  # the bright quarter of each class
        assert image.pixelColor(x, place * tall + head + y).lightness() > 150
        assert image.pixelColor(30 - x, place * tall + head + 30 - y).lightness() < 80


def test_what_cannot_be_loaded_is_told_quietly_and_can_be_tried_again(qtbot, session, view, tmp_path):
    gone = tmp_path / "gone"
    session.looks.choose(Job(dataset="folder", dataset_settings={"data_dir": str(gone)}))
    assert looked_at(qtbot, session).problem
    assert "There is no such folder" in text(view, "data_words")
    assert session.state.notice is None
    for name in ("a", "b"):
        (gone / name).mkdir(parents=True)
    qtbot.mouseClick(view.findChild(QPushButton, "look_at_data"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "holds no pictures" in text(view, "data_words"), timeout=PATIENCE)


def test_nothing_is_downloaded_unasked(qtbot, session, view, home):
    session.looks.choose(Job(dataset="mnist"))
    assert looked_at(qtbot, session).absent
    button = view.findChild(QPushButton, "look_at_data")
    assert (button.isVisible(), button.text()) == (True, "Download and look")
    assert not (home / "data").exists()


def test_a_look_can_be_cancelled_and_begun_again(qtbot, session, view):
    session.looks.choose(Job(limit=30))
    session.looks.begin()
    assert view._progress.isVisible()
    qtbot.mouseClick(view.findChild(QToolButton, "cancel_look"), Qt.MouseButton.LeftButton)
    assert not view._progress.isVisible()
    assert "You stopped" in text(view, "data_words")
    qtbot.mouseClick(view.findChild(QPushButton, "look_at_data"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: session.state.look.current.portrait is not None, timeout=PATIENCE)


def test_the_newest_look_wins(qtbot, session, view):
    for limit in (10, 20, 30):
        session.looks.choose(Job(limit=limit))
        session.looks.begin()
    qtbot.waitUntil(lambda: session.state.look.current is not None, timeout=PATIENCE)
    assert session.state.look.current.portrait.train == 30
    assert session.state.look.working is None


def test_an_answer_that_comes_too_late_is_not_shown(session, view, known):
    show(session, known, limit=40)
    session.looks.choose(Job(limit=20))
    told(session, DataShown("", 0, Job(limit=40), problem="Too late."))
    assert session.state.look.current is None


def test_a_run_that_starts_leaves_the_look_alone(session, view, known):
    from stage import set_stage

    show(session, known)
    set_stage(session)
    assert session.state.look.current.portrait.train == 48


def test_folders_that_were_used_are_offered_again(qtbot, session, view, photos):
    session.looks.choose(Job(dataset="folder", dataset_settings={"data_dir": str(photos)}))
    assert looked_at(qtbot, session).portrait is not None
    assert recent_data() == [("folder", str(photos))]
    chosen = []
    view.wanted.connect(lambda *what: chosen.append(what))
    qtbot.mouseClick(view.findChild(QToolButton, "recent"), Qt.MouseButton.LeftButton)
    menu = view.findChild(QMenu, "recent_data")
    menu.actions()[0].trigger()
    menu.close()
    assert chosen == [("folder", str(photos))]


def test_eight_are_remembered_the_newest_first_and_a_damaged_list_is_forgotten(qapp):
    for number in [*range(10), 5]:
        remember_data("folder", f"/photos/{number}")
    assert [path for _, path in recent_data()] == [f"/photos/{number}" for number in (5, 9, 8, 7, 6, 4, 3, 2)]
    QSettings().setValue("data/recent", "[[1, 2, 3]]")
    assert recent_data() == []
