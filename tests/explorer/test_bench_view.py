"""The bench in the window: cards, drops, menus, pictures and verdicts, by mouse and keys."""

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QLayout
from stage import pictures, set_stage, told

from explorer.views.bench_view import EMPTY, NO_RUN, BenchView
from explorer.widgets.carried import PointHand, dragged_words, point_data
from explorer.widgets.picture_grid import PictureGrid
from explorer.widgets.pin_strip import PIN_FORMAT
from explorer.widgets.verdict_list import summary
from models import events as ev
from models.arithmetic import Term
from models.reading_events import Checked, Reading, ReadingEnded
from models.traits import Verdict


@pytest.fixture
def view(qtbot, session):
    set_stage(session)
    view = BenchView(session)
    qtbot.addWidget(view)
    view.resize(860, 220)
    view.show()
    return view


def pin_data(slot):
    data = QMimeData()
    data.setData(PIN_FORMAT, str(slot).encode())
    return data


def dropped(widget, data):
    place, left = QPointF(widget.rect().center()), Qt.MouseButton.LeftButton
    enter = QDragEnterEvent(place.toPoint(), Qt.DropAction.CopyAction, data, left, Qt.KeyboardModifier.NoModifier)
    widget.dragEnterEvent(enter)
    if not enter.isAccepted():
        return False
    widget.dropEvent(QDropEvent(place, Qt.DropAction.CopyAction, data, left, Qt.KeyboardModifier.NoModifier))
    return True


def answered(session, count):
    told(session, ev.Rendered("run", 0, "bench", 1, np.zeros((count, 4), np.float32), pictures(count), 0.01))


def test_what_it_is_for_stands_there_while_it_is_empty(view, session):
    assert view.empty.isVisible()
    assert view.empty.words == EMPTY
    assert not view.clear.isEnabled()
    told(session, ev.Deleted("", 0, "/runs/run"))
    assert view.empty.words == NO_RUN
    assert not view.add.isEnabled()


def test_pins_and_points_are_dropped_on_the_page_and_on_terms(view, session):
    session.select(3)
    session.pin(0)
    assert dropped(view, pin_data(0))
    assert dropped(view, point_data(7))
    assert [term.what for term in session.state.bench] == ["pin A", "point 7"]
    assert dropped(view.cards[1], pin_data(0))
    assert [term.what for term in session.state.bench] == ["pin A", "pin A"]
    words = QMimeData()
    words.setText("hello")
    assert not dropped(view, words)
    assert dragged_words(words) == ""


def test_the_menu_names_all_there_is_and_adds_it(view, session):
    session.select(3)
    session.pin(0)
    view.menu.aboutToShow.emit()
    entries = {action.text(): action for action in view.menu.actions()}
    assert {"The probe's code, pinned", "The selected point, 3", "Pin A", "Classes"} <= entries.keys()
    entries["Pin A"].trigger()
    below = {action.text(): action for action in entries["Classes"].menu().actions()}
    below["dog"].trigger()
    assert [term.what for term in session.state.bench] == ["pin A", "class dog"]


def test_sign_weight_and_removal_by_mouse_and_keys(qtbot, view, session):
    session.benching.add("point 1")
    session.benching.add("point 2")
    card = view.cards[1]
    qtbot.mouseClick(card.sign, Qt.MouseButton.LeftButton)
    assert session.state.bench[1].weight == -1
    card.weight.setValue(0.5)
    assert session.state.bench[1].weight == -0.5
    card.picture.setFocus()
    qtbot.keyClick(card.picture, "+")
    assert session.state.bench[1].weight == 0.5
    qtbot.keyClick(card.picture, Qt.Key.Key_Delete)
    assert session.state.bench == (Term(1, "point 1"),)
    qtbot.mouseClick(view.clear, Qt.MouseButton.LeftButton)
    assert session.state.bench == ()
    assert view.cards == []


def test_pictures_go_to_their_terms_and_the_last_is_the_sum(qtbot, view, session):
    session.benching.add("point 1")
    session.benching.add("pin A")  # there is none yet
    answered(session, 1)
    assert view.cards[0].picture.image is not None
    assert view.cards[1].picture.image is None
    assert "no pin A" in view.cards[1].picture.toolTip()
    assert view.outcome.picture.image is None
    assert not view.outcome.take.isEnabled()
    session.select(3)
    session.pin(0)
    answered(session, 3)
    assert view.cards[1].picture.image is not None
    assert view.outcome.picture.image is not None
    qtbot.mouseClick(view.outcome.take, Qt.MouseButton.LeftButton)
    codes = session.state.embedding.codes
    np.testing.assert_allclose(session.state.code, codes[1] + codes[3], atol=1e-6)
    qtbot.mouseClick(view.outcome.keep, Qt.MouseButton.LeftButton)
    assert session.state.pins[1] is not None


def test_verdicts_are_told_for_the_sum_they_are_of(view, session):
    session.benching.add("point 1")
    found = (
        Verdict("glasses", "none", "round", "round", 1.0, True),
        Verdict("character", "man", "woman", "man", 0.0, False),
        Verdict("smile", "0.1", "", "0.5", 0.2),
        Verdict("brow", "0.1", "", "0.1", 0.0),
    )
    told(session, Checked("run", 0, session.state.bench, found))
    assert view.verdicts.lines == (
        ("✓", "glasses round", True), ("✗", "character man, asked woman", False), ("→", "smile 0.1 → 0.5 (20 %)", None),
    )  # fmt: skip
    assert view.summary.text() == "1 of 2 as asked."
    assert summary(found[:1]) == "As asked: round."
    session.benching.flip(0)
    assert view.verdicts.lines == ()


def test_looking_can_be_stopped_and_learning_is_offered(view, session):
    session.benching.add("point 1")
    told(session, Reading("run", 0, "Learning to read the pictures", 0.5, 30.0))
    assert view.reading.end.isVisible()
    assert "50%" in view.reading.words.text()
    told(session, ReadingEnded("run", 0, unlearned=42.0))
    assert not view.reading.end.isVisible()
    assert view.reading.offer.isVisible()
    assert "42" in view.reading.offer.text()
    told(session, ReadingEnded("run", 0, "The data are gone."))
    assert view.reading.words.text() == "The data are gone."


def test_every_control_has_a_name_for_all(view, session):
    session.benching.add("point 1")
    card, outcome, reading = view.cards[0], view.outcome, view.reading
    parts = [card.sign, card.weight, card.remove, card.picture, outcome.take, outcome.keep, reading.offer, reading.end]
    for part in (view.add, view.example, view.clear, *parts):
        assert part.objectName()
        assert part.accessibleName()
        assert part.toolTip()


def test_a_point_is_taken_along_from_where_its_picture_is_shown(qtbot, monkeypatch):
    grid, carried = PictureGrid(), []
    qtbot.addWidget(grid)
    hand = PointHand(grid, lambda place: grid.index_at(place))
    monkeypatch.setattr(hand, "_carry", lambda index, start: carried.append(index))  # a real one waits for a real mouse
    grid.set_pictures(pictures(2))
    grid.resize(300, 100)
    grid.show()
    start = grid.cells()[1].center().toPoint()
    picked = []
    grid.picked.connect(picked.append)
    qtbot.mouseClick(grid, Qt.MouseButton.LeftButton, pos=start)
    assert (picked, carried) == ([1], [])
    qtbot.mousePress(grid, Qt.MouseButton.LeftButton, pos=start)
    for by in (4, 12):
        qtbot.mouseMove(grid, start + QPoint(by, 0))
    assert carried == [1]


def test_in_a_narrow_place_the_factors_are_told_in_one_line(qtbot, view, session):
    session.benching.add("point 1")
    told(session, Checked("run", 0, session.state.bench, (Verdict("glasses", "none", "round", "round", 1.0, True),)))
    assert view.verdicts.isVisible()
    narrow = BenchView(session)
    qtbot.addWidget(narrow)
    narrow.layout().setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
    narrow.resize(420, 200)
    narrow.show()
    assert not narrow.verdicts.isVisible()
    assert narrow.reading.words.text() == "As asked: round."
    assert "glasses round" in narrow.outcome.picture.toolTip()
