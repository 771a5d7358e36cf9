"""The pages Morph and Board under a person's hands: play, scrub, drag, drop, keys; boards that follow their pins."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QByteArray, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from stage import pictures, set_stage, told

from explorer.morph_words import EMPTY, told_place
from explorer.pins import Pin
from explorer.timeline import LEG, KeyFrame, corner_slots, exported_as, frames_of, path_of
from explorer.views.board_view import BoardView
from explorer.views.models_dialog import NONE, ModelsDialog
from explorer.views.morph_view import MorphView
from explorer.widgets.pin_strip import PIN_FORMAT
from models import events as ev

CODES = np.eye(4, dtype=np.float32)


def shown(qtbot, view):
    qtbot.addWidget(view)
    view.resize(900, 180)
    view.show()
    qtbot.waitExposed(view)
    return view


@pytest.fixture
def staged(session):
    set_stage(session, capabilities=("encode", "prior", "condition"))
    return session


def pin_all(session):
    for slot, code in enumerate(CODES):
        session.pin(slot, Pin(code, None, slot % 2))
    session.bend(False)
    drawn = ev.Rendered("run", 1, "pins", 1, CODES, pictures(4), 0.01)
    told(session, drawn)


@pytest.fixture
def morph(qtbot, staged):
    view = shown(qtbot, MorphView(staged))
    pin_all(staged)
    return view


@pytest.fixture
def board(qtbot, staged):
    view = shown(qtbot, BoardView(staged))
    pin_all(staged)
    staged.morphing.widen(3)
    told(staged, ev.Rendered("run", 1, "board", 1, np.zeros((9, 4), np.float32), pictures(9), 0.01))
    return view


def dropped(widget, slot, place):
    data = QMimeData()
    data.setData(PIN_FORMAT, QByteArray(str(slot).encode()))
    told = Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(place, *told)
    widget.dragEnterEvent(enter)
    widget.dropEvent(QDropEvent(QPointF(place), *told))
    return enter.isAccepted()


def drag(widget, start, end):
    QTest.mousePress(widget, Qt.MouseButton.LeftButton, pos=start)
    for share in (0.3, 0.7, 1.0):
        place = QPointF(start) + (QPointF(end) - QPointF(start)) * share
        QTest.mouseMove(widget, place.toPoint())
        move = widget.mapToGlobal(place.toPoint())
        widget.mouseMoveEvent(_moved(place, move))
    QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=end)


def _moved(place, move):
    from PySide6.QtGui import QMouseEvent

    kind = QMouseEvent.Type.MouseMove
    button, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    return QMouseEvent(kind, place, QPointF(move), button, button, none)


def slots(session):
    return [frame.slot for frame in frames_of(session.state)]


def test_an_empty_page_says_what_to_do_and_can_begin(qtbot, staged):
    view = shown(qtbot, MorphView(staged))
    assert view.empty.isVisible()
    assert view.empty.words == EMPTY
    QTest.mouseClick(view.deal, Qt.MouseButton.LeftButton)
    assert slots(staged) == [0, 1]
    assert view.bar.isVisible()


def test_playing_goes_along_by_the_clock_and_stops_where_somebody_moves_the_code(qtbot, morph, staged):
    QTest.mouseClick(morph.play, Qt.MouseButton.LeftButton)
    assert morph.playing.on
    qtbot.waitUntil(lambda: (staged.state.playhead or 0) > 0.2, timeout=10_000)
    assert morph.bar._playhead == pytest.approx(path_of(staged.state).folded(staged.state.playhead))
    assert morph.told.text().startswith("A to B")
    staged.set_code(CODES[3])
    assert not morph.playing.on
    assert not morph.play.isChecked()


def test_a_morph_that_is_played_once_ends_at_its_end(qtbot, morph, staged):
    staged.morphing.shape(loop="once")
    staged.morphing.last(0.3)
    morph.toggle()
    qtbot.waitUntil(lambda: not morph.playing.on, timeout=10_000)
    np.testing.assert_array_equal(staged.state.code, CODES[3])
    morph.toggle()
    assert staged.state.playhead == 0
    morph.hide()
    assert not morph.playing.on


def test_the_mouse_scrubs_and_keys_walk(qtbot, morph, staged):
    axis = morph.bar.axis
    QTest.mouseClick(morph.bar, Qt.MouseButton.LeftButton, pos=QPoint(round(axis.x(3.0)), 30))
    assert staged.state.playhead == pytest.approx(3.0, abs=0.02)
    before = staged.state.playhead
    QTest.keyClick(morph.bar, Qt.Key.Key_Right)
    assert staged.state.playhead == pytest.approx(before + 1 / 30)
    QTest.keyClick(morph.bar, Qt.Key.Key_End)
    assert staged.state.playhead == 3 * LEG
    QTest.keyClick(morph.bar, Qt.Key.Key_PageDown)
    assert (morph.bar.chosen, staged.state.playhead) == (0, 0)
    QTest.keyClick(morph.bar, Qt.Key.Key_PageDown)
    assert (morph.bar.chosen, staged.state.playhead) == (1, LEG)
    QTest.keyClick(morph.bar, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert slots(staged) == [0, 2, 1, 3]
    assert morph.bar.chosen == 2
    QTest.keyClick(morph.bar, Qt.Key.Key_Delete)
    assert slots(staged) == [0, 2, 3]
    QTest.keyClick(morph.bar, Qt.Key.Key_Space)
    assert morph.playing.on


def test_cards_are_dragged_to_other_times_and_past_each_other(morph, staged):
    bar = morph.bar

    def middle(place):
        return bar.card(place).center().toPoint()

    down = middle(0).y()
    drag(bar, middle(1), QPoint(round(bar.axis.x(3.0)), down))
    assert [round(frame.time, 1) for frame in frames_of(staged.state)] == [0, 3.0, 4.0, 6.0]
    drag(bar, middle(1), QPoint(round(bar.axis.x(5.0)), down))
    assert slots(staged) == [0, 2, 1, 3]
    assert [round(frame.time, 1) for frame in frames_of(staged.state)] == [0, 3.0, 4.0, 6.0]
    assert morph.reset.isVisible()
    QTest.mouseClick(morph.reset, Qt.MouseButton.LeftButton)
    assert slots(staged) == [0, 1, 2, 3]


def test_pins_are_dropped_and_the_probe_is_added(morph, staged):
    bar = morph.bar
    assert dropped(bar, 3, QPoint(round(bar.axis.x(3.0)), 40))
    assert slots(staged) == [0, 1, 3, 2]
    assert dropped(bar, 0, bar.adding().center().toPoint())
    assert slots(staged) == [0, 1, 3, 2, 0]
    staged.set_code(np.full(4, 0.5, np.float32))
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.adding().center().toPoint())
    assert slots(staged)[-1] == 4
    assert not dropped_words(bar)


def dropped_words(widget):
    data = QMimeData()
    data.setText("0")
    enter = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
                            Qt.KeyboardModifier.NoModifier)  # fmt: skip
    enter.ignore()
    widget.dragEnterEvent(enter)
    return enter.isAccepted()


def test_choices_shape_the_morph(qtbot, morph, staged):
    controls = morph.controls
    for choice, key, wanted in ((controls.loop, "around", "around"), (controls.easing, "even", "even")):
        choice.setCurrentIndex(choice.findData(key))
        choice.activated.emit(choice.currentIndex())
        assert wanted in (path_of(staged.state).loop, path_of(staged.state).easing)
    assert controls.seconds.value() == 4 * LEG
    controls.seconds.setValue(4.0)
    assert path_of(staged.state).length == pytest.approx(4)
    controls.mode.setCurrentIndex(controls.mode.findData("spherical"))
    controls.mode.activated.emit(1)
    assert staged.state.spherical
    staged.morphing.bend("geodesic")
    assert controls.mode.currentData() == "geodesic"


def test_models_that_draw_in_steps_have_no_shortest_way(qtbot, session):
    view = shown(qtbot, MorphView(session))
    set_stage(session, capabilities=("sample_steps",))
    offered = [view.controls.mode.model().item(row).isEnabled() for row in range(3)]
    assert offered == [True, False, False]


def test_classes_are_offered_where_the_model_takes_them(qtbot, morph, staged):
    assert [action.text() for action in morph.classes.menu().actions()] == [
        "Add this code as cat", "Add this code as dog",
    ]  # fmt: skip
    morph.classes.menu().actions()[1].trigger()
    assert staged.state.pins[4].label == 1
    set_stage(staged, capabilities=("encode",))
    assert not morph.classes.isVisible()


def test_the_film_fills_the_way(morph, staged):
    assert morph.bar.film_count >= 5
    told(staged, ev.Rendered("run", 1, "film", 1, np.zeros((6, 4), np.float32), pictures(6), 0.01))
    assert morph.bar._cells == 6
    image = morph.bar.grab().toImage()
    colours = {image.pixelColor(x, 40).name() for x in range(60, 700, 20)}
    assert len(colours) > 5


def test_exports_are_what_is_seen(morph, staged):
    staged.morphing.arrange([KeyFrame(2, 0.0), KeyFrame(0, 1.5)])
    settings = exported_as("morph", staged.state)
    assert settings["points"] == "C,A"
    assert settings["seconds"] == "1.5"
    assert exported_as("board", staged.state) == {"points": "A,B,C,D", "mode": "linear", "side": 7}
    asked = []
    staged.export_asked.connect(asked.append)
    QTest.mouseClick(morph.export, Qt.MouseButton.LeftButton)
    assert asked == ["morph"]


# ---- the board


def test_a_board_points_takes_and_says_where(board, staged):
    cells = board.grid.cells()
    assert len(cells) == 9
    QTest.mouseMove(board.grid, cells[5].center().toPoint())
    board.grid.mouseMoveEvent(_hover(cells[5].center()))
    assert board.told.text() == told_place(5, 3) == "100% right, 50% down"
    between = (cells[4].bottomRight() + cells[5].bottomLeft()) / 2 + QPointF(0, 1)
    assert board.grid.index_at(between.toPoint()) is not None
    assert board.grid.index_at(QPoint(1, 1)) is None
    np.testing.assert_allclose(staged.state.pointed, (CODES[1] + CODES[3]) / 2)
    QTest.mouseClick(board.grid, Qt.MouseButton.LeftButton, pos=cells[5].center().toPoint())
    np.testing.assert_allclose(staged.state.code, (CODES[1] + CODES[3]) / 2)
    board.hide()
    assert staged.state.pointed is None


def _hover(place):
    from PySide6.QtGui import QMouseEvent

    none = Qt.MouseButton.NoButton
    return QMouseEvent(QMouseEvent.Type.MouseMove, place, place, none, none, Qt.KeyboardModifier.NoModifier)


def test_corners_take_pins(board, staged):
    cells = board.grid.cells()
    staged.pin(4, Pin(np.full(4, 2, np.float32)))
    assert dropped(board.grid, 4, cells[8].center().toPoint())
    assert corner_slots(staged.state) == (0, 1, 2, 4)
    assert dropped(board.grid, 0, cells[2].center().toPoint())
    assert corner_slots(staged.state) == (1, 0, 2, 4)
    QTest.mouseClick(board.first, Qt.MouseButton.LeftButton)
    assert corner_slots(staged.state) == (0, 1, 2, 3)


def test_a_board_waits_for_four_pins(qtbot, staged):
    view = shown(qtbot, BoardView(staged))
    staged.pin(0, Pin(CODES[0]))
    assert "1 of 4" in view.empty.words
    QTest.mouseClick(view.deal, Qt.MouseButton.LeftButton)
    assert not view.empty.isVisible()
    view.side.setValue(5)
    assert staged.state.board.side == 5


# ---- several models


def test_runs_of_the_same_size_are_offered(qtbot, morph, staged, monkeypatch):
    monkeypatch.setattr("explorer.views.models_dialog.examples", list)
    from models.listings import RunSummary

    def run(name, shape):
        return RunSummary(name, f"/runs/{name}", name, "vae", "tiny", "animals", "finished", "", 5, 1.0, {}, "", 1,
                          image_shape=shape)  # fmt: skip

    runs = (run("other", (1, 8, 8)), run("run", (1, 8, 8)), run("larger", (1, 16, 16)))
    staged._apply(replace(staged.state, runs=runs))
    dialog = ModelsDialog(staged)
    qtbot.addWidget(dialog)
    assert dialog.chosen == ["/runs/run", "/runs/other"]
    dialog.runs.item(1).setCheckState(Qt.CheckState.Unchecked)
    assert dialog.chosen == ["/runs/run"]
    dialog.runs.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert not dialog._save.isEnabled()
    staged._apply(replace(staged.state, runs=(), run=None))
    empty = ModelsDialog(staged)
    qtbot.addWidget(empty)
    assert any(NONE in label.text() for label in empty.findChildren(type(empty.problem)))
