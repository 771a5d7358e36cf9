"""Drawing for a model: strokes of the pen, the canvas under mouse and keys, and the answers of a real small model."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QInputDevice, QPointingDevice, QTabletEvent, QWheelEvent
from PySide6.QtWidgets import QApplication
from stage import told

from explorer.own import Sketch, ground_of
from explorer.strokes import Stroke, centred, cover_of, usual_radius
from explorer.views.own_view import OwnView
from explorer.widgets.canvas import Canvas
from models import events as ev

PATIENCE = 60_000
WHITE, BLACK = np.array([255], np.uint8), np.array([0], np.uint8)


# ---- the pen


def test_a_pen_covers_what_lies_under_its_way_and_is_soft_at_the_edge():
    cover = cover_of((9, 9), (2.5, 4.5), (6.5, 4.5), 1.0)
    assert cover[4, 2:7].min() == 1
    assert cover[4, 0] == 0
    assert cover[2, 4] == 0
    np.testing.assert_allclose(cover[3, 4], 0.5)
    np.testing.assert_array_equal(cover, cover.T[::-1].T[::-1])  # no way of drawing is another one


def test_a_stroke_that_crosses_itself_leaves_no_darker_place_and_a_dot_is_a_dot():
    paper = np.full((9, 9, 3), 200, np.uint8)
    stroke = Stroke(paper, np.array([10, 20, 30], np.uint8))
    once = stroke.reach((4.5, 4.5), 1.0)
    assert once[4, 4].tolist() == [10, 20, 30]
    stroke.reach((7.5, 4.5), 1.0)
    again = stroke.reach((4.5, 4.5), 1.0)
    np.testing.assert_array_equal(again[3, 4], once[3, 4])
    assert paper.min() == 200


def test_a_drawing_is_centred_by_its_weight_whatever_is_pushed_out():
    pixels = np.zeros((28, 28, 1), np.uint8)
    pixels[2:6, 20:24] = 255
    moved = centred(pixels, BLACK)
    assert moved.sum() == pixels.sum()
    assert moved[12:16, 12:16].min() == 255
    np.testing.assert_array_equal(centred(moved, BLACK), moved)
    blank = np.full((4, 4, 1), 9, np.uint8)
    assert centred(blank, np.array([9], np.uint8)) is blank


def test_the_ground_is_what_lies_along_the_edges_of_the_data():
    from dataclasses import replace

    from stage import run_info

    pictures = np.full((5, 8, 8, 1), 240, np.uint8)
    pictures[:, 2:6, 2:6] = 3
    assert ground_of(run_info(4), pictures).tolist() == [240]
    assert ground_of(run_info(4), None).tolist() == [0]
    assert ground_of(replace(run_info(4), image_shape=(3, 8, 8)), pictures).tolist() == [0, 0, 0]
    assert Sketch(pictures[0], np.array([240], np.uint8)).ink.tolist() == [0]
    assert Sketch(pictures[0], BLACK).ink.tolist() == [255]


# ---- the canvas


@pytest.fixture
def canvas(qtbot):
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(280, 298)
    canvas.set_drawing(np.zeros((28, 28, 1), np.uint8), 0)
    canvas.set_pen(1.4, rubbing=False)
    canvas.heard = []
    canvas.painted.connect(lambda pixels, stroke: canvas.heard.append((pixels, stroke)))
    canvas.show()
    qtbot.waitExposed(canvas)
    return canvas


def at(canvas, x, y):
    """Where a place of the picture lies in the widget."""
    area = canvas.area()
    return QPoint(round(area.left() + x * area.width() / 28), round(area.top() + y * area.height() / 28))


def drag(qtbot, canvas, start, *places, button=Qt.MouseButton.LeftButton):
    qtbot.mousePress(canvas, button, pos=at(canvas, *start))
    for place in places:
        qtbot.mouseMove(canvas, at(canvas, *place))
    qtbot.mouseRelease(canvas, button, pos=at(canvas, *(places or [start])[-1]))


def test_the_mouse_draws_and_its_right_button_rubs_out(qtbot, canvas):
    drag(qtbot, canvas, (14, 4), (14, 14), (14, 24))
    pixels, stroke = canvas.heard[-1]
    assert stroke == 1
    assert pixels[5:23, 13:15].min() == 255
    assert pixels[:, :10].max() == 0
    assert len(canvas.heard) == 3  # after every move
    drag(qtbot, canvas, (14, 14), button=Qt.MouseButton.RightButton)
    pixels, stroke = canvas.heard[-1]
    assert stroke == 2
    assert pixels[13:15, 13:15].max() == 0
    assert pixels[20, 14] == 255


def test_without_a_button_nothing_is_drawn(qtbot, canvas):
    qtbot.mouseMove(canvas, at(canvas, 5, 5))
    qtbot.mouseMove(canvas, at(canvas, 20, 20))
    assert canvas.heard == []


def test_keys_draw_too(qtbot, canvas):
    canvas.setFocus()
    for key in (Qt.Key.Key_Space, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Space, Qt.Key.Key_Down):
        qtbot.keyClick(canvas, key)
    pixels, stroke = canvas.heard[-1]
    assert (len(canvas.heard), stroke) == (3, 1)
    assert pixels[14, 14:16].min() > 200
    radius = canvas.radius
    qtbot.keyClick(canvas, "]")
    assert canvas.radius > radius
    turned = []
    canvas.turned.connect(turned.append)
    qtbot.keyClick(canvas, Qt.Key.Key_E)
    assert turned == [True]


def test_the_wheel_makes_the_pen_wider(qtbot, canvas):
    where = QPointF(at(canvas, 14, 14))
    turned = QWheelEvent(
        where, canvas.mapToGlobal(where), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    before = canvas.radius
    QApplication.sendEvent(canvas, turned)
    assert canvas.radius > before


def tablet(canvas, kind, x, y, pressure, pointer=QPointingDevice.PointerType.Pen):
    where = QPointF(at(canvas, x, y))
    device = QPointingDevice("pen", 1, QInputDevice.DeviceType.Stylus, pointer, QInputDevice.Capability.Pressure, 1, 1)
    QApplication.sendEvent(
        canvas,
        QTabletEvent(
            kind, device, where, canvas.mapToGlobal(where), pressure, 0, 0, 0, 0, 0,
            Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton, Qt.MouseButton.LeftButton,
        ),
    )  # fmt: skip


def test_a_pen_draws_wider_where_it_is_pressed_and_its_other_end_rubs_out(qtbot, canvas):
    covered = []
    for row, pressure in ((6, 0.1), (20, 1.0)):
        tablet(canvas, QEvent.Type.TabletPress, 4, row, pressure)
        tablet(canvas, QEvent.Type.TabletMove, 24, row, pressure)
        tablet(canvas, QEvent.Type.TabletRelease, 24, row, 0.0)
        covered.append(int((canvas.heard[-1][0][row - 5 : row + 5] > 100).sum()))
    assert covered[1] > 1.5 * covered[0] > 0
    eraser = QPointingDevice.PointerType.Eraser
    tablet(canvas, QEvent.Type.TabletPress, 14, 20, 1.0, eraser)
    tablet(canvas, QEvent.Type.TabletRelease, 14, 20, 0.0, eraser)
    assert canvas.heard[-1][0][20, 14] == 0


def test_a_stroke_under_way_is_given_up_when_it_is_undone(qtbot, canvas):
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=at(canvas, 14, 14))
    canvas.set_drawing(canvas.heard[-1][0], 1)  # the echo of the stroke itself
    qtbot.mouseMove(canvas, at(canvas, 18, 14))
    assert len(canvas.heard) == 2
    canvas.set_drawing(np.zeros((28, 28, 1), np.uint8), 0)
    qtbot.mouseMove(canvas, at(canvas, 22, 14))
    assert len(canvas.heard) == 2


# ---- a model that answers


@pytest.fixture
def view(qtbot, session, tiny_run):
    """The panel on a run that encodes, as soon as a picture is drawn."""
    session.start(tiny_run)
    ready = lambda: session.state.picture is not None and session.state.data is not None  # noqa: E731
    qtbot.waitUntil(ready, timeout=PATIENCE)
    view = OwnView(session)
    qtbot.addWidget(view)
    view.resize(640, 220)
    view.show()
    qtbot.waitExposed(view)
    return view


def found(qtbot, session, seen=None):
    def ready():
        own = session.state.own
        return own.found is not None and own.found.done and own.found is not seen and not own.working

    qtbot.waitUntil(ready, timeout=PATIENCE)
    return session.state.own.found


def test_strokes_are_answered_judged_undone_and_cleared(qtbot, session, view):
    view.can.draw.trigger()
    assert view.canvas.isVisible()
    assert session.state.sketch.blank
    assert "Draw something" in view.facts.what.text()
    qtbot.waitUntil(lambda: view.canvas.area().width() > 56, timeout=PATIENCE)
    drag(qtbot, view.canvas, (14, 5), (14, 12), (14, 22))
    first = found(qtbot, session)
    np.testing.assert_array_equal(first.original, session.state.sketch.pixels)
    np.testing.assert_array_equal(session.state.code, first.code)
    assert view.found.image is not None
    qtbot.waitUntil(lambda: view.nearest.count > 0, timeout=PATIENCE)
    qtbot.waitUntil(lambda: bool(session.state.own.found.scores), timeout=PATIENCE)
    assert "held-out pictures" in view.facts.strange.words
    drag(qtbot, view.canvas, (6, 14), (22, 14))
    second = found(qtbot, session, session.state.own.found)
    assert not np.array_equal(second.code, first.code)
    session.undo()
    np.testing.assert_array_equal(session.state.sketch.pixels, first.original)
    qtbot.waitUntil(lambda: np.array_equal(session.state.own.found.code, first.code), timeout=PATIENCE)
    view.can.clear.trigger()
    assert session.state.own.asked is None
    assert not view.can.take.isEnabled()
    session.undo()
    assert not session.state.sketch.blank
    view.can.lay_aside.trigger()
    assert not view.canvas.isVisible()


def test_a_drawing_can_begin_with_the_point_and_with_the_probe(qtbot, session, view):
    assert not view.can.draw_on_point.isEnabled()
    session.select(3)
    qtbot.waitUntil(view.can.draw_on_point.isEnabled, timeout=PATIENCE)
    view.can.draw_on_point.trigger()
    np.testing.assert_array_equal(session.state.sketch.pixels, session.state.data.picture(3))
    found(qtbot, session)
    view.can.draw_on_probe.trigger()
    np.testing.assert_array_equal(session.state.sketch.pixels, session.state.picture.pictures[0])


def test_what_is_brought_lays_the_drawing_aside(qtbot, session, view):
    view.can.draw.trigger()
    view.can.held_out.trigger()
    assert session.state.sketch is None
    assert found(qtbot, session).own.held_out
    assert view.original.isVisible()


def test_without_a_model_or_for_points_there_is_nothing_to_draw(qtbot, session):
    from dataclasses import replace

    from stage import run_info

    session.owns.draw_on()
    assert "no model to draw for" in session.state.notice.message
    told(session, ev.Started("run", 0, replace(run_info(2), image_shape=(2, 1, 1)), 100))
    session.owns.draw_on()
    assert "points, not pictures" in session.state.notice.message
    assert session.state.sketch is None


def test_the_usual_pen_is_that_of_written_digits():
    assert 1.2 <= usual_radius(28, 28) <= 1.6
    assert usual_radius(64, 64) > 3
