"""What the map shows, chosen by a person: planes, space and layouts, with undo, pins and a probe that follow."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from explorer.charts import kind_of, whereabouts
from explorer.pins import Pin
from explorer.views.map_view import MapView
from models import projection
from tests.explorer.stage import POINTS, embedded, set_stage, told

QUICK = {"tsne": {"rounds": 50, "perplexity": 5.0, "seed": 0}}
WAIT = 60_000  # ms for a layout, whose library is fetched first


@pytest.fixture
def staged(session):
    """A run with 40 points of four numbers."""
    set_stage(session)
    return session


@pytest.fixture
def view(qtbot, staged):
    view = MapView(staged)
    qtbot.addWidget(view)
    view.resize(900, 500)
    view.show()
    qtbot.waitExposed(view)
    return view


def shown(session):
    return session.state.embedding


def pinned(session, *indices):
    for slot, index in enumerate(indices):
        session.pin(slot, Pin(session.state.home.codes[index], index))


def laid(qtbot, session, settings=QUICK["tsne"]):
    session.projecting.choose("tsne", settings)
    qtbot.waitUntil(lambda: session.state.laying is None, timeout=WAIT)


# ---- planes


def test_two_numbers_of_the_code_are_seen_and_undone(staged):
    before = shown(staged).points
    staged.projecting.choose("dimensions", {"across": 3, "up": 4})
    np.testing.assert_allclose(shown(staged).points, staged.state.home.codes[:, 2:], atol=1e-6)
    staged.undo()
    np.testing.assert_array_equal(shown(staged).points, before)
    staged.redo()
    assert kind_of(staged.state) == "dimensions"
    staged.projecting.choose("pca")
    np.testing.assert_array_equal(shown(staged).points, before)


def test_a_training_goes_on_by_the_projection_that_was_chosen(staged):
    staged.projecting.choose("dimensions", {"across": 3, "up": 4})
    told(staged, embedded(4, shift=2.0))
    np.testing.assert_allclose(shown(staged).points, embedded(4, shift=2.0).codes[:, 2:], atol=1e-6)
    set_stage(staged)
    assert kind_of(staged.state) == "pca"
    assert shown(staged) is staged.state.home


def test_the_plane_follows_its_pins(staged):
    staged.projecting.choose("plane")
    assert "Pin three codes first" in staged.state.notice.message
    assert kind_of(staged.state) == "pca"
    pinned(staged, 0, 1, 2)
    staged.projecting.choose("plane")
    np.testing.assert_allclose(shown(staged).points[0], 0, atol=1e-5)
    staged.pin(0, Pin(staged.state.home.codes[7], 7))
    np.testing.assert_allclose(shown(staged).points[7], 0, atol=1e-5)
    staged.pin(2, Pin(staged.state.home.codes[7], 7))  # two corners in one place span no plane
    np.testing.assert_allclose(shown(staged).points[7], 0, atol=1e-5)
    staged.undo()
    staged.undo()
    np.testing.assert_allclose(shown(staged).points[0], 0, atol=1e-5)


def test_a_place_of_the_plane_is_decoded_where_it_was_pointed_at(staged):
    pinned(staged, 0, 1, 2)
    staged.projecting.choose("plane")
    staged.move_to(0.3, -0.2)
    assert whereabouts(staged.state, staged.state.code) == (0.3, -0.2)
    x, y = projection.project(staged.state.code[None], shown(staged).projection)[0]
    assert (x, y) == pytest.approx((0.3, -0.2), abs=1e-5)


# ---- space


def drag(widget, start, way, button, steps=4):
    """A drag as the window system tells it."""
    QTest.mousePress(widget, button, Qt.KeyboardModifier.NoModifier, start)
    for step in range(1, steps + 1):
        place = QPointF(start + way * step / steps)
        event = QMouseEvent(
            QMouseEvent.Type.MouseMove, place, widget.mapToGlobal(place), Qt.MouseButton.NoButton, button,
            Qt.KeyboardModifier.NoModifier,
        )  # fmt: skip
        QApplication.sendEvent(widget, event)
    QTest.mouseRelease(widget, button, Qt.KeyboardModifier.NoModifier, start + way)


def test_the_right_button_turns_a_map_in_space_as_one_deed(view, staged, qtbot):
    staged.projecting.choose("pca-3d")
    before, camera = shown(staged).points, view.map.camera
    drag(view.map, QPoint(300, 200), QPoint(90, 0), Qt.MouseButton.RightButton)
    settings = staged.state.chart.settings
    assert settings["yaw"] > 10
    assert settings["pitch"] == 0
    assert not np.allclose(before, shown(staged).points, atol=0.01)
    np.testing.assert_allclose(before[:, 1], shown(staged).points[:, 1], atol=1e-5)
    np.testing.assert_allclose(view.map.points.places, shown(staged).points)  # without gliding
    assert view.map.camera == camera
    staged.undo()
    np.testing.assert_allclose(shown(staged).points, before, atol=1e-6)
    assert kind_of(staged.state) == "pca-3d"


def test_a_flat_map_is_dragged_along_by_the_right_button(view, staged):
    camera = view.map.camera
    drag(view.map, QPoint(300, 200), QPoint(90, 0), Qt.MouseButton.RightButton)
    assert view.map.camera != camera
    assert not staged.state.chart.settings


def test_it_turns_by_keys_and_by_itself_until_it_is_taken_hold_of(view, staged, qtbot):
    staged.projecting.choose("pca-3d")
    QTest.keyClick(view.map, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert staged.state.chart.settings == {"yaw": 5.0, "pitch": 0.0}
    view.charts.button.turn_action.trigger()
    qtbot.waitUntil(lambda: staged.state.chart.settings["yaw"] > 6, timeout=5000)
    QTest.mousePress(view.map, Qt.MouseButton.RightButton, Qt.KeyboardModifier.NoModifier, QPoint(300, 200))
    QTest.mouseRelease(view.map, Qt.MouseButton.RightButton, Qt.KeyboardModifier.NoModifier, QPoint(300, 200))
    assert not view.charts.button.turn_action.isChecked()
    assert not view.charts.hand.turning


def test_near_points_are_drawn_over_far_ones(view, staged, qtbot):
    staged.projecting.choose("pca-3d")
    codes = staged.state.home.codes
    depths = projection.depths(codes, shown(staged).projection)
    near = view.map.points._nearness
    assert near.argmax() == depths.argmax()
    assert near.argmin() == depths.argmin()
    staged.projecting.choose("pca")
    assert view.map.points._nearness is None
    view.grab()


# ---- layouts


def test_a_layout_comes_while_one_watches_and_is_undone_at_once(qtbot, view, staged):
    home, steps = shown(staged).points, []
    staged.embedding_changed.connect(lambda: steps.append(shown(staged).points))
    laid(qtbot, staged)
    final = shown(staged)
    assert final.projection.name == "tsne"
    assert len(steps) > 1  # as many as the machine and the clock of the window allow, but never the last one alone
    assert not np.allclose(final.points, home, atol=0.1)
    assert "t-SNE of step 1" in view.caption
    assert "mix of the points around them" in view.caption
    staged.undo()
    np.testing.assert_array_equal(shown(staged).points, home)
    staged.redo()
    assert staged.state.laying is None  # it is known from before
    np.testing.assert_array_equal(shown(staged).points, final.points)


def test_probe_and_pins_stand_on_a_layout(qtbot, view, staged):
    laid(qtbot, staged)
    points = shown(staged).points
    staged.select(5)
    assert view.map.probe.index == 5
    assert whereabouts(staged.state, staged.state.code) == pytest.approx(points[5].tolist(), abs=1e-3)
    x, y = (points[5] + points[6]).tolist()
    staged.move_to(x / 2, y / 2)
    assert (view.map.probe.x, view.map.probe.y) == (x / 2, y / 2)  # under the mouse, though codes lie in folds
    np.testing.assert_array_less(np.abs(staged.state.code), np.abs(staged.state.home.codes).max() + 1e-5)


def test_codes_that_move_on_keep_their_places_on_a_layout(qtbot, staged):
    laid(qtbot, staged)
    points = shown(staged).points
    told(staged, embedded(4, shift=3.0))
    np.testing.assert_array_equal(shown(staged).points, points)
    staged.move_to(*points[3].tolist())
    np.testing.assert_allclose(staged.state.code, embedded(4, shift=3.0).codes[3], atol=1e-3)
    told(staged, embedded(4, points=POINTS - 8))
    assert shown(staged) is staged.state.home  # other points than those that were laid


def test_another_choice_ends_the_work_and_so_does_the_stop(qtbot, view, staged):
    staged.projecting.choose("tsne", {"rounds": 5000})
    assert view.charts.bar.isVisible()
    staged.projecting.choose("pca")
    assert staged.state.laying is None
    assert not view.charts.bar.isVisible()
    staged.projecting.choose("tsne", {"rounds": 4000})
    view.charts.button.stop_action.trigger()
    assert shown(staged) is staged.state.home
    assert kind_of(staged.state) == "pca"
    qtbot.waitUntil(lambda: not staged.lane("charts").busy, timeout=WAIT)
    assert kind_of(staged.state) == "pca"


@pytest.mark.parametrize("points", [3, POINTS])
def test_what_cannot_be_laid_is_said_and_changes_nothing(staged, points):
    event = embedded(4, points=points)
    codes = np.array(event.codes) if points == 3 else np.full_like(event.codes, 0.25)
    told(staged, type(event)("run", 2, codes, event.points, event.projection))
    staged.projecting.choose("tsne")
    assert ("at least 4 points" if points == 3 else "are the same") in staged.state.notice.message
    assert kind_of(staged.state) == "pca"


# ---- the choice


def test_the_menu_offers_what_can_be_and_says_why_not(view, staged, session):
    button = view.charts.button
    actions = {action.objectName(): action for group in button.groups() for action in group}
    assert actions["action_chart_pca"].isChecked()
    assert not actions["action_chart_identity"].isEnabled()
    assert "Only codes of one or two" in actions["action_chart_identity"].toolTip()
    assert not actions["action_chart_plane"].isEnabled()
    pinned(staged, 0, 1, 2)
    actions["action_chart_plane"].trigger()
    assert kind_of(staged.state) == "plane"
    assert button.text() == "plane A B C"
    set_stage(session, latent_dim=2)
    assert actions["action_chart_identity"].isChecked()
    assert not actions["action_chart_pca_3d"].isEnabled()


def test_settings_hold_at_once_but_a_layout_waits_for_its_button(qtbot, view, staged):
    view.charts.button.open_settings()
    panel = next(widget for widget in QApplication.topLevelWidgets() if widget.objectName() == "chart_panel")
    panel._choice.setCurrentIndex(panel._choice.findData("dimensions"))
    panel._choice.activated.emit(panel._choice.currentIndex())
    assert kind_of(staged.state) == "dimensions"
    across = panel.form._fields["across"].editor
    across.selectAll()
    QTest.keyClicks(across, "4")
    assert staged.state.chart.settings["across"] == 4
    across.selectAll()
    QTest.keyClicks(across, "9")
    assert "The codes have 4 numbers" in staged.state.notice.message
    panel._choice.setCurrentIndex(panel._choice.findData("tsne"))
    panel._choice.activated.emit(panel._choice.currentIndex())
    assert kind_of(staged.state) == "dimensions"
    panel.form.set_values({"rounds": 50, "perplexity": 5})
    QTest.mouseClick(panel.findChild(QPushButton, "chart_lay_button"), Qt.MouseButton.LeftButton)
    assert kind_of(staged.state) == "tsne"
    qtbot.waitUntil(lambda: staged.state.laying is None, timeout=WAIT)
    assert shown(staged).projection.settings["perplexity"] == 5
