"""Copies on the desk: drawn pictures beside their nearest training pictures, by a real small run, and what is said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from stage import told

from explorer.copying import Copying
from explorer.state import SessionState
from explorer.views.copies_view import EMPTY, NOTHING, CopiesView, verdict
from models.copy_events import Comparing, Copied, CopiesUnknown

PATIENCE = 60_000


@pytest.fixture
def view(qtbot, session, tiny_run):
    session.start(tiny_run)
    qtbot.waitUntil(lambda: session.state.picture is not None and session.state.samples is not None, timeout=PATIENCE)
    view = CopiesView(session)
    qtbot.addWidget(view)
    view.resize(700, 220)
    view.show()
    qtbot.waitExposed(view)
    return view


def answered(qtbot, session, source):
    def ready():
        answer = session.state.copying.answer
        return answer is not None and answer.source == source

    qtbot.waitUntil(ready, timeout=PATIENCE)
    return session.state.copying.answer


def test_who_looks_has_the_probe_compared_and_then_the_samples(qtbot, session, view):
    answer = answered(qtbot, session, "probe")
    np.testing.assert_array_equal(answer.pictures, session.state.picture.pictures)
    assert view.nearest.image is not None
    assert view.others.count == 8
    assert "held-out pictures" in view.verdict.text()
    before = answer
    session.set_dimension(0, 2.5)
    qtbot.waitUntil(lambda: session.state.copying.answer is not before, timeout=PATIENCE)
    view.source.setCurrentIndex(view.source.findData("samples"))
    view.source.activated.emit(view.source.currentIndex())
    several = answered(qtbot, session, "samples")
    assert view.several.count == len(several.pictures) == len(session.state.samples.pictures)
    first = view.fact.text()
    view.several.picked.emit(len(several.pictures) - 1)
    assert view.fact.text() != first
    view.source.setCurrentIndex(view.source.findData("pins"))
    view.source.activated.emit(view.source.currentIndex())
    assert view.verdict.text() == NOTHING["pins"]
    session.pin(0)
    assert len(answered(qtbot, session, "pins").pictures) == 1


def test_who_does_not_look_costs_nothing(qtbot, session, view):
    answered(qtbot, session, "probe")
    view.hide()
    before = session.state.copying.answer
    picture = session.state.picture
    session.set_dimension(0, -2.5)
    qtbot.waitUntil(lambda: session.state.picture is not picture, timeout=PATIENCE)
    qtbot.wait(200)
    assert session.state.copying.answer is before


def test_progress_trouble_and_its_mend_are_shown(qtbot, session):
    view = CopiesView(session)
    qtbot.addWidget(view)
    assert view.empty.words == EMPTY
    from stage import set_stage

    set_stage(session)
    told(session, Comparing("run", 0, "Reading", 0.4, 12))
    assert view.loading.text() == "Reading, 12 s left"
    assert view.progress.value() == 80
    assert view.cancel.isVisibleTo(view)
    told(session, CopiesUnknown("run", 0, "The data of this run are not on this machine."))
    assert "not on this machine" in view.problem.text()
    assert view.again.isVisibleTo(view)
    assert not view.cancel.isVisibleTo(view)
    told(session, CopiesUnknown("run", 0, ""))
    assert session.state.copying.problem == "Loading was ended."


def copied(distances, alone):
    count = len(distances)
    picture = np.zeros((count, 8, 8, 1), np.uint8)
    known = np.linspace(0.1, 1, 1000, dtype=np.float32)
    rows = np.array(distances, np.float32)[:, None]
    return Copied(
        "run", 1, "probe", picture, picture[:, None], np.zeros((count, 1), np.int64), np.full((count, 1), -1), rows,
        np.array(alone, np.float32), known, known,
    )  # fmt: skip


def test_the_sentence_tells_copies_from_smooth_pictures():
    answer = copied([0.0, 0.05, 0.05, 0.5], [0.0, 0.05, 0.9, 0.5])
    words = [verdict(answer, place) for place in range(4)]
    assert "pixel by pixel: a copy" in words[0]
    assert "than 100.0% of held-out pictures are, and much closer than to any other: perhaps a copy" in words[1]
    assert "a smooth picture rather than a copy" in words[2]
    assert words[3].endswith("no copy.")
    assert answer.suspicious.tolist() == [True, True, False, False]


def test_an_answer_about_another_source_comes_too_late(session):
    session._apply(SessionState(copying=Copying("samples")))
    told(session, replace(copied([0.5], [0.5]), run=""))
    assert session.state.copying.answer is None
