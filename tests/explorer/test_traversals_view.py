"""Traversals in the window: rows and pages, clicks, locks, order, and codes of one and of many numbers."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from stage import pictures, set_stage, told

from explorer.traversing import COLUMNS, asked_of, shown_of
from explorer.views.traversals_view import EMPTY, TraversalsView
from models import events as ev
from models.reading_events import Effects


def opened(qtbot, session, dimensions):
    set_stage(session, dimensions)
    view = TraversalsView(session)
    qtbot.addWidget(view)
    view.resize(860, 4 * 40 + 44)
    view.show()
    return view


@pytest.fixture
def view(qtbot, session):
    return opened(qtbot, session, 6)


def answered(session):
    codes = np.stack(asked_of(session.state)[0])
    told(session, ev.Rendered("run", 0, "traversal", 1, codes, pictures(len(codes)), 0.01))


def test_a_click_goes_to_the_number_of_the_picture(qtbot, view, session):
    answered(session)
    before, ranges = session.state.code.copy(), session.state.traversal.ranges
    qtbot.mouseClick(
        view.table.grid, Qt.MouseButton.LeftButton, pos=view.table.grid.cells()[COLUMNS].center().toPoint()
    )
    assert session.state.code[1] == pytest.approx(ranges[1, 0])
    np.testing.assert_array_equal(np.delete(session.state.code, 1), np.delete(before, 1))
    session.undo()
    np.testing.assert_array_equal(session.state.code, before)


def test_the_mouse_is_told_the_value(view, session):
    answered(session)
    low, high = session.state.traversal.ranges[0]
    assert view.table.grid._tips[0].startswith(f"z0 = {low:.3g}".replace("-", "−"))
    assert f"{high:.3g}" in view.table.grid._tips[COLUMNS - 1]


def test_rows_fit_the_height_and_pages_turn_by_mouse_and_keys(qtbot, view, session):
    assert session.state.traversal.rows == 4
    assert shown_of(session.state).tolist() == [0, 1, 2, 3]
    assert view.page.text() == "1–4 of 6"
    assert not view.back.isEnabled()
    qtbot.mouseClick(view.on, Qt.MouseButton.LeftButton)
    assert shown_of(session.state).tolist() == [4, 5]
    assert not view.on.isEnabled()
    view.table.grid.setFocus()
    qtbot.keyClick(view.table.grid, Qt.Key.Key_PageUp)
    assert shown_of(session.state).tolist() == [0, 1, 2, 3]
    view.resize(860, 8 * 40 + 44)
    assert session.state.traversal.rows == 8
    assert not view.on.isVisible()


@pytest.mark.parametrize("dimensions", [1, 512])
def test_codes_of_one_and_of_many_numbers(qtbot, session, dimensions):
    view = opened(qtbot, session, dimensions)
    answered(session)
    assert view.table.grid.count == min(dimensions, 4) * COLUMNS
    session.traversing.turn(10_000)
    assert shown_of(session.state)[-1] == dimensions - 1


def test_sorting_by_effect_and_the_dead(qtbot, view, session):
    effect = np.array([0.1, 0.0, 0.3, 0.2, 0.05, 0.04], np.float32)
    told(session, Effects("run", 0, effect))
    assert "5 of 6 do something" in view.reading.words.text()
    view.sort.setCurrentIndex(view.sort.findData("effect"))
    view.sort.activated.emit(view.sort.currentIndex())
    assert shown_of(session.state).tolist() == [2, 3, 0, 4]
    session.traversing.turn(1)
    assert "dead" in view.table.heads[1].accessibleName()
    assert view.table.heads[0].accessibleName() == "z5 "
    told(session, Effects("run", 0, effect, np.array([0, 5, 0.1, 0.2, 3, 4], np.float32)))
    session.traversing.sort("kl")
    assert shown_of(session.state)[0] == 1


def test_a_lock_is_that_of_the_probe(qtbot, view, session):
    qtbot.mouseClick(view.table.heads[2].lock, Qt.MouseButton.LeftButton)
    assert session.state.locked == {2}
    session.lock(2, False)
    assert not view.table.heads[2].lock.isChecked()


def test_the_rows_follow_the_probe(view, session):
    session.set_dimension(0, 1.25)
    codes = np.stack(asked_of(session.state)[0]).reshape(4, COLUMNS, 6)
    assert (codes[1:, :, 0] == 1.25).all()


def test_pictures_of_another_page_are_passed_over_and_empty_is_said(qtbot, view, session):
    answered(session)
    session.traversing.turn(1)
    assert view.table.grid.count == 0
    told(session, ev.Deleted("", 0, "/runs/run"))
    assert view.empty.isVisible()
    assert view.empty.words == EMPTY


def test_codes_that_are_no_numbers_are_waited_for(qtbot, view, session):
    embedding = session.state.embedding
    told(session, ev.Started("run", 0, session.state.run, 100))
    bad = np.full_like(embedding.codes, np.nan)
    told(session, ev.Embedded("run", 1, bad, embedding.points, embedding.projection))
    assert session.state.traversal.ranges is None
    assert view.empty.isVisible()
