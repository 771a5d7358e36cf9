"""The page of groups with a real session: gathering by form, the mix, the sheet, both means, groups, files."""

import csv
import io

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMenu

from explorer.gathering import mean_of
from explorer.groups import indices_of
from explorer.state import Visibility
from explorer.views.group_view import GroupView
from models import events as ev
from tests.explorer.stage import POINTS, pictures, set_stage, told
from tests.explorer.test_gathering import with_factors

LEFT = Qt.MouseButton.LeftButton
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def view(session, qtbot):
    view = GroupView(session)
    qtbot.addWidget(view)
    view.resize(900, 220)
    view.show()
    qtbot.waitExposed(view)
    return view


@pytest.fixture
def staged(view, session):
    set_stage(session)
    return view


def gathered(session):
    return session.state.gathered.tolist()


def click(button, keys=Qt.KeyboardModifier.NoModifier):
    QTest.mouseClick(button, LEFT, keys)


def test_an_empty_page_says_what_it_is_for(view):
    assert view.told.text() == "No points yet"
    assert "hold Shift" in view.sheet.words
    assert not any(button.isEnabled() for button in (view.all, view.none, view.keep, view.take_away, view.means.pin))


def test_the_form_gathers_a_class(staged, session):
    staged.form.value.setCurrentIndex(staged.form.value.findText("dog"))
    click(staged.form.gather)
    assert gathered(session) == list(range(2, POINTS, 3))
    assert staged.told.text() == f"13 of {POINTS} points gathered"
    assert staged.mix.accessibleDescription() == "dog: 13 points, 100.0%"
    assert staged.sheet.count == 13


def test_the_form_gathers_values_and_ranges_of_factors(staged, session):
    with_factors(session)
    form = staged.form
    form.what.setCurrentIndex(form.what.findText("glasses"))
    form.what.activated.emit(form.what.currentIndex())
    form.value.setCurrentIndex(1)
    click(form.gather)
    assert gathered(session) == list(range(0, POINTS, 4))
    form.what.setCurrentIndex(form.what.findText("smile"))
    form.what.activated.emit(form.what.currentIndex())
    form.low.setValue(0.2)
    form.high.setValue(0.1)  # whichever way round
    click(form.gather)
    assert gathered(session) == [4, 5, 6, 8]


def test_neighbours_of_what_is_there_are_gathered(staged, session):
    codes = session.state.embedding.codes
    session.select(3)
    session.pin(0)
    session.select(9)
    sources = [staged.form.source.itemText(place) for place in range(staged.form.source.count())]
    assert sources == ["the probe", "pin A"]
    staged.form.source.setCurrentIndex(1)
    staged.form.count.setValue(4)
    click(staged.form.near)
    distances = np.linalg.norm(codes - codes[3], axis=1)
    assert gathered(session) == sorted(np.argsort(distances)[:4].tolist())


def test_buttons_gather_all_the_others_and_none(staged, session):
    click(staged.all)
    assert len(gathered(session)) == POINTS
    session.gathering.take(indices_of([1, 2]))
    click(staged.invert)
    assert len(gathered(session)) == POINTS - 2
    click(staged.none)
    assert gathered(session) == []
    session.gathering.show_others(Visibility.HIDDEN)
    assert staged.others.currentText() == "Others hidden"
    staged.others.setCurrentIndex(2)
    staged.others.activated.emit(2)
    assert session.state.others is Visibility.SHOWN


def test_a_click_on_the_mix_keeps_one_class(staged, session):
    click(staged.all)
    stretch = staged.mix.stretches()[1]
    label = staged.mix._parts[1].label
    QTest.mouseClick(staged.mix, LEFT, pos=stretch.center().toPoint())
    assert gathered(session) == [index for index in range(POINTS) if index % 3 - 1 == label]


def test_the_sheet_shows_some_of_many_and_a_click_selects(staged, session, qtbot):
    session.gathering.take(indices_of([4, 30, 7]))
    assert staged.sheet.count == 3
    QTest.mouseClick(staged.sheet, LEFT, pos=staged.sheet.cells()[1].center().toPoint())
    assert session.state.selection == 7
    assert gathered(session) == [4, 7, 30]


def test_both_means_are_shown_and_the_code_can_be_pinned(staged, session, monkeypatch):
    asked = []
    monkeypatch.setattr(session.drawings, "draw_group", asked.append)
    indices = indices_of([4, 7, 30])
    session.gathering.take(indices)
    shown = staged.means.average.image
    pixels = np.frombuffer(shown.constBits(), np.uint8).reshape(shown.height(), -1)[:, : shown.width()]
    np.testing.assert_array_equal(pixels, (pictures(POINTS)[indices].mean(axis=0)[..., 0] + 0.5).astype(np.uint8))
    np.testing.assert_array_equal(asked[-1].code, mean_of(session.state, indices).code)
    picture = pictures(1)
    told(session, ev.Rendered("run", 1, "group", 1, asked[-1].code[None], picture, 0.001))
    assert staged.means.drawn.image is not None
    click(staged.means.pin)
    np.testing.assert_array_equal(session.state.pins[0].code, mean_of(session.state, indices).code)
    session.gathering.let_go()
    assert asked[-1] is None
    assert staged.means.drawn.image is None
    assert staged.means.average.image is None


def test_a_hidden_page_asks_for_no_mean(staged, session, monkeypatch):
    asked = []
    monkeypatch.setattr(session.drawings, "draw_group", asked.append)
    staged.hide()
    session.gathering.take(indices_of([1]))
    assert asked == [None]
    staged.show()
    assert asked[-1] is not None
    assert staged.told.text().startswith("1 of")


def test_groups_are_kept_renamed_gathered_and_removed(staged, session, qtbot):
    session.gathering.take(indices_of([1, 2]))
    click(staged.keep)
    session.gathering.take(indices_of([5]))
    click(staged.keep)
    rows = staged.groups
    assert [(rows.topLevelItem(row).text(0), rows.topLevelItem(row).text(1)) for row in range(2)] == [
        ("group 1", "2"), ("group 2", "1"),
    ]  # fmt: skip
    item = rows.topLevelItem(0)
    rows.editItem(item, 0)
    editor = rows.findChild(QLineEdit)
    qtbot.keyClicks(editor, "smiling")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: session.state.groups[0].name == "smiling")
    assert rows.topLevelItem(0).text(0) == "smiling"
    rows.topLevelItem(1).setText(0, "smiling")  # taken
    qtbot.waitUntil(lambda: rows.topLevelItem(1).text(0) == "group 2")
    middle = rows.visualItemRect(rows.topLevelItem(0)).center()
    QTest.mouseClick(rows.viewport(), LEFT, pos=middle)
    assert gathered(session) == [1, 2]
    rows.setFocus()
    rows.setCurrentItem(rows.topLevelItem(1))
    QTest.keyClick(rows, Qt.Key.Key_Return)
    assert gathered(session) == [5]
    QTest.keyClick(rows, Qt.Key.Key_Delete)
    assert [group.name for group in session.state.groups] == ["smiling"]
    reason = QContextMenuEvent.Reason.Mouse
    rows.contextMenuEvent(QContextMenuEvent(reason, middle, rows.viewport().mapToGlobal(middle)))
    menu = rows.findChild(QMenu, "group_menu")
    menu.actions()[1].trigger()
    assert gathered(session) == [1, 2, 5]
    menu.close()


def test_the_gathered_points_are_saved_as_the_ending_says(staged, session, tmp_path, qtbot):
    session.gathering.take(indices_of([3, 8, 9]))
    staged.save(str(tmp_path / "some.csv"))
    qtbot.waitUntil(lambda: (tmp_path / "some.csv").exists(), timeout=10_000)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "some.csv").read_text())))
    assert [row["index"] for row in rows] == ["3", "8", "9"]
    assert np.float32(rows[0]["z0"]) == session.state.embedding.codes[3, 0]


def test_the_page_stands_high_and_wide_and_fits_little_room(staged, qtbot):
    staged.resize(300, 700)
    qtbot.wait(10)
    assert staged.mix.geometry().top() > staged.form.geometry().bottom()
    staged.resize(900, 160)
    qtbot.wait(10)
    assert staged.mix.mapTo(staged, QPoint(0, 0)).x() > staged.form.mapTo(staged, QPoint(0, 0)).x() + 100
    assert staged.minimumSizeHint().width() <= 320
