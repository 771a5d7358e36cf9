"""The bar at the head of the window on a small screen."""

from dataclasses import replace

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel
from stage import set_stage, told

from explorer.state import Phase
from explorer.top_bar import TopBar
from models import events as ev


@pytest.fixture
def bar(qtbot, session):
    bar = TopBar(session, [QAction(words) for words in ("Start", "Pause", "Stop")], QAction("Theme"), None)
    qtbot.addWidget(bar)
    bar.resize(640, 48)
    bar.show()
    return bar


def width_of(label):
    """Pixels that all of its words take."""
    return label.fontMetrics().horizontalAdvance(label.text())


def test_figures_are_read_to_their_end_and_the_subject_gives_way(bar, session, qtbot):
    set_stage(session)
    session._apply(replace(session.state, phase=Phase.TRAINING, total_steps=100_000))
    figures, subject = (bar.findChild(QLabel, f"toolbar_{name}") for name in ("figures", "subject"))
    for step, speed in ((9, 1.0), (98_765, 123_456.0)):
        told(session, ev.Progress("run", step, 0.5, 3.2, 60.0, 3700.0, speed))
        qtbot.waitUntil(lambda: f"step {session.state.step:,}" in figures.text())
        qtbot.waitUntil(
            lambda: figures.contentsRect().width() >= figures.fontMetrics().horizontalAdvance(figures.text())
        )
    assert "123,456 img/s" in figures.text()
    wide = figures.width()
    told(session, ev.Progress("run", 98_766, 0.5, 3.2, 60.0, 5.0, 9.0))
    qtbot.waitUntil(lambda: "98,766" in figures.text())
    assert figures.minimumWidth() <= wide  # it stays put while figures count
    assert subject.width() < subject.sizeHint().width()
