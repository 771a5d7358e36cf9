"""The pace of a training: one step, slow motion, and full speed, by hand on the real panel."""

import pytest
from conftest import tiny_job
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton

from explorer.state import Phase
from explorer.widgets.pace_bar import FULL, PACES, PaceBar
from models.job import Job

PATIENCE = 60_000  # ms; the machine may be busy, and torch is imported once


@pytest.fixture
def bar(qtbot):
    bar = PaceBar()
    qtbot.addWidget(bar)
    return bar


def test_it_tells_what_a_person_chooses_and_is_quiet_when_set(qtbot, bar):
    told = []
    bar.chosen.connect(told.append)
    bar.set_pace(1)
    assert (told, bar.words) == ([], "1 step/s")
    for _ in range(len(PACES)):
        qtbot.keyClick(bar.slider, Qt.Key.Key_Right)
    assert told == [*PACES[1:]]
    assert bar.words == FULL


@pytest.mark.parametrize(("pace", "words"), [(5, "5 steps/s"), (6.0, "5 steps/s"), (None, FULL)])
def test_it_shows_the_nearest_pace(bar, pace, words):
    bar.set_pace(pace)
    assert bar.words == words


def test_one_step_and_slow_motion_of_a_real_training(qtbot, window, session):
    session.start()
    qtbot.waitUntil(lambda: session.state.catalog is not None, timeout=PATIENCE)
    step = window.train_view.step_action
    assert not step.isEnabled()
    slider = window.train_view.findChild(PaceBar).slider
    slider.setValue(0)
    assert session.state.pace == 1
    session.train(tiny_job(steps=1_000_000))
    qtbot.waitUntil(lambda: session.state.live and session.state.step >= 1, timeout=PATIENCE)
    assert session.state.pace == 1  # who began slowly goes on slowly
    assert session.state.step < 100
    button = window.train_view.findChild(QToolButton, "step_button")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: session.state.phase is Phase.PAUSED, timeout=PATIENCE)
    qtbot.waitUntil(lambda: session.state.progress is not None, timeout=PATIENCE)
    qtbot.wait(500)
    before = session.state.step
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: session.state.step == before + 1, timeout=PATIENCE)
    assert session.state.phase is Phase.PAUSED
    slider.setValue(len(PACES) - 1)
    window.train_view.pause_action.trigger()
    qtbot.waitUntil(lambda: session.state.step > before + 100, timeout=PATIENCE)
    assert session.state.phase is Phase.TRAINING
    session.stop()
    qtbot.waitUntil(lambda: not session.state.phase.busy, timeout=PATIENCE)


def test_a_training_on_points_stands_beside_its_map(qtbot, window, session):
    session.start()
    qtbot.waitUntil(lambda: session.state.catalog is not None, timeout=PATIENCE)
    assert not window.points_view.isVisible()
    job = Job(
        family="gan", preset="plain", settings={"width": 16}, dataset="toy2d", dataset_settings={"count": 400}, steps=5,
        device="cpu",
    )  # fmt: skip
    session.train(job)
    qtbot.waitUntil(lambda: session.state.plane is not None, timeout=PATIENCE)
    assert window.points_view.isVisible()
    assert window.map_view.isVisible()
    qtbot.waitUntil(lambda: not session.state.phase.busy, timeout=PATIENCE)
    assert "step 5 · 1,000 points drawn" in window.points_view.caption
    assert window.points_view.title == "What the discriminator believes"
    session.open_run(session.state.run.folder)
    qtbot.waitUntil(lambda: session.state.plane is not None and not session.state.live, timeout=PATIENCE)
    assert session.state.plane.step == 5
