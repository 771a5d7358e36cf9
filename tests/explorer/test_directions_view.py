"""Directions in the window: chosen from groups, slid, clicked, renamed, and what they move besides."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from stage import pictures, set_stage, told

from explorer.directing import PLACES
from explorer.views.directions_view import EMPTY, NO_RUN, DirectionsView
from explorer.widgets.leak_bars import told as told_moves
from models import events as ev
from models.reading_events import Leaked, Reading, ReadingEnded
from models.traits import Move, Moves


@pytest.fixture
def view(qtbot, session):
    set_stage(session)
    view = DirectionsView(session)
    qtbot.addWidget(view)
    view.resize(900, 320)
    view.show()
    return view


@pytest.fixture
def row(qtbot, view, session):
    """The row of the direction that the button has made."""
    qtbot.mouseClick(view.make, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(view.rows) == 1, timeout=20_000)
    return view.rows[0]


def answered(session, count):
    drawn = pictures(count * len(PLACES))
    told(session, ev.Rendered("run", 0, "directions", 1, np.zeros((len(drawn), 4), np.float32), drawn, 0.01))


def test_two_groups_are_offered_and_make_a_slider(view, row, session):
    assert view.low.currentText() == "cat"
    assert view.high.currentText() == "dog"
    assert row.name.text() == "cat to dog"
    assert row.slider.accessibleName() == "Along cat to dog"
    assert not view.empty.isVisible()


def test_empty_says_what_it_is_for(view, session):
    assert view.empty.words == EMPTY
    told(session, ev.Deleted("", 0, "/runs/run"))
    assert view.empty.words == NO_RUN
    assert not view.make.isEnabled()


def test_the_likely_opposite_comes_by_itself(view, session):
    session.gathering.take(np.array([1, 2]))
    view.low.setCurrentIndex(view.low.findData("class dog"))
    view.low.activated.emit(view.low.currentIndex())
    assert view.high.currentData() == "class cat"


def test_slider_and_pictures_move_the_probe_and_follow_it(qtbot, view, row, session):
    found = session.state.directions[0]
    row.slider.setFocus()
    qtbot.keyClick(row.slider, Qt.Key.Key_End)
    assert float(found.places(session.state.code)) == pytest.approx(3.5, abs=1e-3)
    answered(session, 1)
    cell = row.strip.cells()[1].center().toPoint()
    qtbot.mouseClick(row.strip, Qt.MouseButton.LeftButton, pos=cell)
    assert float(found.places(session.state.code)) == pytest.approx(-2, abs=1e-3)
    assert row.slider.real() == pytest.approx(-2, abs=0.01)
    session.set_code(found.at(session.state.code, [1.0])[0])
    assert row.slider.real() == pytest.approx(1, abs=0.01)
    assert row.value.text() == "at +1.00"


def test_pictures_lie_under_their_places_of_the_track(row, session):
    answered(session, 1)
    cells = row.strip.cells()
    assert len(cells) == len(PLACES)
    row.slider.set_real(float(PLACES[2]))
    handle = row.slider._x(row.slider.value()) + row.slider.x()
    assert cells[2].center().x() + row.strip.x() == pytest.approx(handle, abs=1.5)


def test_pictures_of_other_directions_are_passed_over(view, row, session):
    answered(session, 2)
    assert row.strip.count == 0


def test_rename_and_delete_by_keys(qtbot, view, row, session):
    row.slider.setFocus()
    qtbot.keyClick(row.slider, Qt.Key.Key_F2)
    field = row.findChild(object, "direction_name_field")
    field.setText("barks")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert session.state.directions[0].name == "barks"
    assert row.name.text() == "barks"
    qtbot.keyClick(row.slider, Qt.Key.Key_F2)
    qtbot.keyClick(row.findChild(object, "direction_name_field"), Qt.Key.Key_Escape)
    assert session.state.directions[0].name == "barks"
    qtbot.keyClick(row.slider, Qt.Key.Key_Delete)
    assert session.state.directions == ()
    assert view.empty.isVisible()


def test_the_widest_directions_come_three_at_a_time(qtbot, view, session):
    qtbot.mouseClick(view.widest, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(view.rows) == 3, timeout=20_000)
    assert [row.name.text() for row in view.rows] == ["widest 1", "widest 2", "widest 3"]
    assert "of all" in view.rows[0].made.text()


def test_leakage_is_read_out_and_said_in_words(view, row, session):
    moves = Moves((Move("dog", 0.5, True), Move("cat", -0.25), Move("size", 0.25)), 64)
    told(session, Leaked("run", 0, session.state.directions[0], moves))
    said = row.leak.toolTip()
    assert said == told_moves(moves)
    assert "wanted: dog +50 %" in said
    assert "50% of all movement is not what was wanted." in said
    told(session, Reading("run", 0, "Measuring", 0.1))
    assert row.leak.toolTip() == said


def test_waiting_and_learning_are_told(view, row, session):
    told(session, Reading("run", 0, "Measuring", 0.25))
    assert row.leak.words == "measuring what it moves…"
    assert "25%" in view.reading.words.text()
    told(session, ReadingEnded("run", 0, unlearned=20.0))
    assert view.reading.offer.isVisible()


def test_in_a_narrow_place_pictures_come_first(qtbot, view, row):
    view.resize(420, 300)
    qtbot.waitUntil(lambda: not row.leak.isVisible())
    qtbot.waitUntil(lambda: view.make.y() > view.low.y())
    view.resize(900, 300)
    qtbot.waitUntil(row.leak.isVisible)
    qtbot.waitUntil(lambda: abs(view.make.y() - view.low.y()) < view.make.height())
