"""The plane of points: what it shows of a training on points, its field, levels and words."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from stage import run_info, told

from explorer.colors import theme
from explorer.style import dress
from explorer.views.points_view import PointsView
from explorer.widgets.plane_picture import heat_color
from models import events as ev
from models.field_events import Meaning, PlaneShown
from models.grids import POINT

ONE = Meaning("What it believes", "share real", "where to go", low=0.0, high=1.0)
NOISY = Meaning("Where it sends", "how far", "the way", low=0.0, level="noise", levels=(0.1, 0.5, 0.9))
SIDE = 8


def plane(meaning=ONE, step=7, heights=None):
    """Real points in the lower left, drawn ones in the upper right; the field rises from bottom to top."""
    real, drawn = np.full((20, 2), 0.25, np.float32), np.full((30, 2), 0.75, np.float32)
    if meaning is None:
        return PlaneShown("run", step, real, drawn)
    rise = np.repeat(np.linspace(0, 1, SIDE, dtype=np.float32)[:, None], SIDE, axis=1)
    heights = np.stack([rise * (1 + place) for place in range(len(meaning.levels))]) if heights is None else heights
    arrows = np.zeros((*heights.shape, 2), np.float32)
    arrows[..., 1] = 1.0
    return PlaneShown("run", step, real, drawn, meaning, heights, arrows)


def begin(session, shape=POINT, capabilities=("prior",)):
    from dataclasses import replace

    told(session, ev.Started("run", 0, replace(run_info(2, capabilities), image_shape=shape), 100))


@pytest.fixture
def view(qtbot, session, light):
    begin(session)
    view = PointsView(session)
    qtbot.addWidget(view)
    view.resize(480, 560)
    view.show()
    return view


def seen(view):
    """The plane as it is painted, and where a place of the unit square lies in it."""
    image, square = view.picture.grab().toImage(), view.picture.square()

    def color(x, y):
        place = QPoint(round(square.left() + x * square.width()), round(square.bottom() - y * square.height()))
        return image.pixelColor(place)

    return color


def near(one, other, most=30):
    return all(abs(a - b) <= most for a, b in zip(one.getRgb()[:3], other.getRgb()[:3], strict=True))


def test_points_lie_where_they_are_x_to_the_right_and_y_upwards(session, view):
    told(session, plane(None))
    color = seen(view)
    assert near(color(0.75, 0.75), theme().accent)
    assert not near(color(0.25, 0.25), theme().map)
    assert not near(color(0.25, 0.25), theme().accent)
    for x, y in ((0.25, 0.75), (0.75, 0.25)):
        assert near(color(x, y), theme().map, 3)
    assert view.picture.square().width() == view.picture.square().height()
    assert view.caption == "step 7 · 30 points drawn · 20 real ones, held out"


@pytest.mark.parametrize("name", ["light", "dark"])
def test_heights_lie_behind_and_rise_as_the_field_does(session, view, name):
    dress(name)
    told(session, plane())
    color = seen(view)
    assert near(color(0.52, 0.97), heat_color(1.0), 12)
    assert near(color(0.52, 0.03), heat_color(0.0), 12)
    assert view.title == "What it believes"
    assert "share real, 0 to 1" in view.key.accessibleDescription()


def test_the_field_can_be_taken_away_and_that_is_remembered(qtbot, session, view):
    told(session, plane())
    view.field_action.trigger()
    assert near(seen(view)(0.52, 0.97), theme().map, 3)
    assert view.title == "Points of the plane"
    assert "share real" not in view.key.accessibleDescription()
    again = PointsView(session)
    qtbot.addWidget(again)
    assert not again.field_action.isChecked()


def test_the_slider_chooses_the_level_of_the_field_and_keeps_it(qtbot, session, view):
    told(session, plane(NOISY))
    assert view.slider.isVisible()
    assert (view.slider.maximum(), view.slider.value()) == (2, 1)
    assert "how far, 0 to 2" in view.key.accessibleDescription()
    view.slider.setFocus()
    qtbot.keyClick(view.slider, Qt.Key.Key_Right)
    assert "how far, 0 to 3" in view.key.accessibleDescription()
    told(session, plane(NOISY, step=8))
    assert view.slider.value() == 2
    assert view.slider.accessibleName() == "Level of noise"


def test_one_level_needs_no_slider(session, view):
    told(session, plane())
    assert not view.slider.isVisible()


def test_a_run_of_points_that_had_no_field_shows_its_points(session, view):
    told(session, plane(None))
    assert not view.field_action.isEnabled()
    assert view.title == "Points of the plane"


@pytest.mark.parametrize(("shape", "capabilities"), [((1, 8, 8), ("prior",)), (POINT, ("encode",))])
def test_it_hides_for_what_has_no_plane(session, view, shape, capabilities):
    begin(session, shape, capabilities)
    assert not view.isVisible()
    begin(session)
    assert view.isVisible()


def test_a_new_run_begins_with_an_empty_plane(session, view):
    told(session, plane(NOISY))
    begin(session)
    assert view.caption == ""
    assert not view.slider.isVisible()


def test_numbers_that_are_none_are_painted_all_the_same(session, view):
    heights = np.full((1, SIDE, SIDE), np.nan, np.float32)
    told(session, plane(heights=heights))
    assert near(seen(view)(0.52, 0.97), heat_color(0.0), 12)


def test_the_key_gives_way_where_there_is_no_room(session, view):
    told(session, plane())
    assert view.key.isVisible()
    view.resize(300, 280)
    assert not view.key.isVisible()
    assert "share real" in view.picture.toolTip()
