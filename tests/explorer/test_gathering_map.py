"""The map under a hand that gathers: boxes and lassos, keys and tools, pictures for points, search, contours."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QPolygonF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QToolButton

from explorer import colors
from explorer.contouring import moved
from explorer.groups import How, indices_of
from explorer.state import Visibility
from explorer.views.map_view import MapView
from explorer.widgets.gathering_map import GatheringMap, Tool
from explorer.widgets.map_camera import Camera
from explorer.widgets.map_thumbs import apart
from explorer.widgets.outline import Outline
from tests.explorer.stage import POINTS, embedded, pictures, set_stage, told

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
PLAIN = Qt.KeyboardModifier.NoModifier
SHIFT, CONTROL, ALT = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
PLACES = np.array([[-2, 1], [-1, 1], [1, 1], [2, 1], [-2, -1], [-1, -1], [1, -1], [2, -1]], np.float32)


def heard(signal):
    said = []
    signal.connect(lambda *values: said.append(values))
    return said


@pytest.fixture
def shown(qtbot):
    """A still map of eight points: four above, four below."""
    widget = GatheringMap()
    qtbot.addWidget(widget)
    widget.resize(400, 300)
    widget.animated = False
    widget.show()
    qtbot.waitExposed(widget)
    widget.set_points(PLACES)
    widget.set_classes(np.arange(8) % 2, {})
    return widget


def drag(widget, way, keys=PLAIN):
    """The left button goes down, along a way of pixels, and up again."""
    start, *others = [QPointF(*place) for place in way]
    kinds = [(QEvent.Type.MouseButtonPress, start, LEFT, LEFT)]
    kinds += [(QEvent.Type.MouseMove, place, NONE, LEFT) for place in others]
    kinds += [(QEvent.Type.MouseButtonRelease, ([start, *others])[-1], LEFT, NONE)]
    for kind, place, button, buttons in kinds:
        QApplication.sendEvent(widget, QMouseEvent(kind, place, widget.mapToGlobal(place), button, buttons, keys))


def around(widget, *indices, gap=15):
    """A box, as two pixels, that holds just these points."""
    places = [widget.place_of(index) for index in indices]
    across, down = [it.x() for it in places], [it.y() for it in places]
    return (min(across) - gap, min(down) - gap), (max(across) + gap, max(down) + gap)


def circled(widget, index, radius=20):
    """A lasso around one point."""
    middle = widget.place_of(index)
    angles = np.linspace(0, 2 * np.pi, 24)
    return [(middle.x() + radius * np.cos(it), middle.y() + radius * np.sin(it)) for it in angles]


def told_by(said):
    return [(indices.tolist(), how) for indices, how in said]


# ---- boxes and lassos


def test_shift_draws_a_box_and_ctrl_or_alt_a_lasso(shown):
    said, placed = heard(shown.outlined), heard(shown.place_moved)
    drag(shown, around(shown, 0, 1), SHIFT)
    drag(shown, circled(shown, 2), CONTROL)
    drag(shown, circled(shown, 3), ALT)
    drag(shown, circled(shown, 4), CONTROL | SHIFT)
    assert told_by(said) == [([0, 1], How.ALONE), ([2], How.ALONE), ([3], How.ALONE), ([4], How.MORE)]
    assert placed == []
    drag(shown, around(shown, 0, 1))
    assert len(said) == 4  # without a key the same drag decodes places
    assert placed


@pytest.mark.parametrize(
    ("keys", "how"),
    [(PLAIN, How.ALONE), (SHIFT, How.MORE), (CONTROL, How.LESS), (ALT, How.LESS), (SHIFT | ALT, How.BOTH)],
)
def test_with_a_tool_the_keys_add_and_take_away(shown, keys, how):
    said = heard(shown.outlined)
    shown.set_tool(Tool.BOX)
    drag(shown, around(shown, 6, 7), keys)
    shown.set_tool(Tool.LASSO)
    drag(shown, circled(shown, 5), keys)
    assert told_by(said) == [([6, 7], how), ([5], how)]


def test_a_lasso_holds_what_is_encircled_also_twice_and_nothing_of_its_bays():
    outline = Outline(QPointF(10, 10), True, How.ALONE)
    for place in [(90, 10), (90, 90), (60, 90), (60, 30), (40, 30), (40, 90), (10, 90), (10, 10)] * 2:
        outline.extend(QPointF(*place))
    places = np.array([[20, 50], [50, 60], [80, 50], [50, 20], [95, 50], [-5, 50], [np.nan, 50]], np.float32)
    assert outline.holds(places, (100, 100)).tolist() == [True, False, True, True, False, False, False]


def test_an_outline_over_the_edge_holds_only_what_is_seen():
    outline = Outline(QPointF(-500, -500), False, How.ALONE)
    outline.extend(QPointF(5000, 5000))
    places = np.array([[50, 50], [-20, 50], [150, 50]], np.float32)
    assert outline.holds(places, (100, 100)).tolist() == [True, False, False]
    lasso = Outline(QPointF(-500, 50), True, How.ALONE)
    for place in [(50, -500), (5000, 50), (50, 5000)]:
        lasso.extend(QPointF(*place))
    assert lasso.holds(places, (100, 100)).tolist() == [True, False, False]


def test_a_lasso_finds_the_same_points_as_geometry_does():
    random = np.random.default_rng(0)
    places = random.uniform(0, 300, (2_000, 2)).astype(np.float32)
    angles = np.linspace(0, 2 * np.pi, 60)
    corners = np.stack([150 + 120 * np.cos(angles), 150 + 60 * np.sin(3 * angles) + 40 * np.sin(angles)], axis=1)
    outline, polygon = Outline(QPointF(*corners[0]), True, How.ALONE), QPolygonF()
    for corner in corners:
        outline.extend(QPointF(*corner))
        polygon.append(QPointF(*corner))
    inside = outline.holds(places, (300, 300))
    exact = [polygon.containsPoint(QPointF(*place), Qt.FillRule.WindingFill) for place in places.tolist()]
    assert np.mean(inside == exact) > 0.985  # but for those on a pixel of the line
    assert 200 < inside.sum() < 1_800


def test_what_the_key_dims_or_hides_stays_out(shown):
    said = heard(shown.outlined)
    shown.set_classes(np.arange(8) % 2, {1: Visibility.DIMMED})
    drag(shown, around(shown, 0, 1, 2, 3), SHIFT)
    shown.set_classes(np.arange(8) % 2, {0: Visibility.HIDDEN})
    drag(shown, around(shown, 0, 1, 2, 3), SHIFT)
    shown.set_classes(np.arange(8) % 2, {})
    shown.set_gathered(indices_of([0]), Visibility.DIMMED)
    drag(shown, around(shown, 0, 1, 2, 3), SHIFT)  # others are dim, but can still be gathered
    assert told_by(said) == [([0, 2], How.ALONE), ([1, 3], How.ALONE), ([0, 1, 2, 3], How.ALONE)]


def test_an_outline_tells_how_many_it_holds_and_escape_lets_it_go(shown, qtbot):
    said, let_go = heard(shown.outlined), heard(shown.let_go)
    first, last = (QPoint(*map(int, corner)) for corner in around(shown, 0, 1, 2, 3))
    before = shown.grab().toImage()
    QTest.mousePress(shown, LEFT, SHIFT, first)
    QTest.mouseMove(shown, last)
    qtbot.waitUntil(lambda: shown._held == 4)
    assert shown.grab().toImage() != before
    QTest.keyClick(shown, Qt.Key.Key_Escape)
    QTest.mouseRelease(shown, LEFT, SHIFT, last)
    assert said == []
    assert let_go == []
    QTest.keyClick(shown, Qt.Key.Key_Escape)
    assert let_go == [()]


def test_clicks_with_a_key_toggle_points_and_with_a_tool_select_them(shown):
    toggled, picked, said = heard(shown.point_toggled), heard(shown.point_picked), heard(shown.outlined)
    at = shown.place_of(3).toPoint()
    QTest.mouseClick(shown, LEFT, SHIFT, at)
    QTest.mouseClick(shown, LEFT, SHIFT, QPoint(200, 150))
    assert (toggled, picked, said) == ([(3,)], [], [])
    shown.set_tool(Tool.BOX)
    QTest.mouseClick(shown, LEFT, PLAIN, at)
    assert (toggled, picked, said) == ([(3,)], [(3,)], [])
    QTest.mouseClick(shown, LEFT, PLAIN, QPoint(200, 150))
    assert told_by(said) == [([], How.ALONE)]


def test_an_empty_map_draws_no_outline(qtbot):
    widget = GatheringMap()
    qtbot.addWidget(widget)
    widget.resize(200, 200)
    widget.set_classes(np.empty(0, np.int64), {})
    widget.show()
    said = heard(widget.outlined)
    drag(widget, [(10, 10), (150, 150)], SHIFT)
    assert said == []


# ---- how gathered points look


def pixel(widget, index):
    return widget.grab().toImage().pixelColor(widget.place_of(index).toPoint())


def test_others_are_dim_hidden_or_as_they_are(shown):
    bright = pixel(shown, 1)
    shown.set_gathered(indices_of([0]), Visibility.DIMMED)
    faint = pixel(shown, 1)
    shown.set_gathered(indices_of([0]), Visibility.HIDDEN)
    assert shown.point_under(shown.place_of(1)) is None
    assert len({color.rgb() for color in (bright, faint, pixel(shown, 1))}) == 3
    shown.set_gathered(indices_of([0]), Visibility.SHOWN)
    assert pixel(shown, 1) == bright
    rim = shown.place_of(0).toPoint() + QPoint(0, 8)
    image = shown.grab().toImage()
    column = [image.pixelColor(rim - QPoint(0, up)).rgb() for up in range(8)]
    assert colors.theme().text.rgb() in column  # gathered points have a rim
    shown.set_gathered(indices_of([]), Visibility.HIDDEN)
    assert pixel(shown, 1) == bright


def test_gathered_points_that_are_gone_do_not_matter(shown):
    shown.set_gathered(indices_of([1, 7, 70]), Visibility.DIMMED)
    shown.set_points(PLACES[:4])
    shown.set_classes(np.zeros(4, np.int64), {})
    assert shown.points.vivid.tolist() == [1]


def test_gliding_to_points_shows_them_all_and_stays(shown):
    shown.glide_to(indices_of([2, 3]))
    left, bottom, right, top = shown.camera.bounds(shown.extent)
    assert left < 1 < 2 < right
    assert bottom < 1 < top
    assert not shown.following
    shown.glide_to(indices_of([4]))
    assert (shown.camera.x, shown.camera.y) == pytest.approx((-2, -1))
    closeness = shown.closeness
    assert closeness > 2
    shown.set_points(np.full((8, 2), np.nan, np.float32))
    shown.glide_to(indices_of([1, 2]))
    assert shown.closeness == closeness


# ---- pictures for points


def settle(widget, qtbot):
    """What comes a moment after a move has come, and is painted."""
    qtbot.wait(60)
    widget.grab()


def test_pictures_come_when_one_looks_closely_and_can_be_clicked(shown, qtbot):
    shown.set_pictures(pictures(8))
    picked = heard(shown.point_picked)
    far = shown.grab().toImage()
    assert len(shown.thumbs.chosen) == 0
    shown.zoom(1.45)
    settle(shown, qtbot)
    assert shown.grab().toImage() != far
    seen = {index for index in range(8) if shown.rect().contains(shown.place_of(index).toPoint())}
    assert set(shown.thumbs.chosen.tolist()) <= seen
    assert len(shown.thumbs.chosen) >= 1
    index = int(shown.thumbs.chosen[0])
    beside = shown.place_of(index).toPoint() + QPoint(18, 18)  # on the picture, off the point
    QTest.mouseClick(shown, LEFT, PLAIN, beside)
    assert picked == [(index,)]
    shown.thumbs.on = False
    settle(shown, qtbot)
    assert len(shown.thumbs.chosen) == 0


def test_hidden_and_dim_points_have_no_pictures(shown, qtbot):
    shown.set_pictures(pictures(8))
    shown.set_classes(np.arange(8) % 2, {1: Visibility.HIDDEN})
    shown.zoom(1.45)
    settle(shown, qtbot)
    assert len(shown.thumbs.chosen)
    assert all(index % 2 == 0 for index in shown.thumbs.chosen)


def test_fewer_pictures_than_points_and_vanishing_points_do_no_harm(shown, qtbot):
    shown.set_pictures(pictures(3))
    shown.zoom(1.45)
    settle(shown, qtbot)
    assert all(index < 3 for index in shown.thumbs.chosen)
    shown.look(shown.camera)
    shown.set_points(PLACES[:1])
    shown.grab()


def test_squares_lie_apart_and_the_first_come_first():
    random = np.random.default_rng(0)
    places = random.uniform(0, 400, (1_000, 2)).astype(np.float32)
    found = apart(places, 40, (400, 400))
    gaps = np.abs(places[found][:, None] - places[found][None]).max(axis=2) + 1e9 * np.eye(len(found))
    assert found[0] == 0
    assert gaps.min() >= 40
    rest = np.setdiff1d(np.arange(1_000), found)
    near = np.abs(places[rest][:, None] - places[found][None]).max(axis=2).min(axis=1)
    assert near.max() < 44  # nobody was left out for whom there was room
    assert apart(places[:0], 40, (400, 400)).tolist() == []


def test_chosen_pictures_stay_while_the_view_is_dragged(shown, qtbot):
    many = np.random.default_rng(1).uniform(-2, 2, (300, 2)).astype(np.float32)
    shown.set_points(many)
    shown.set_pictures(pictures(300))
    shown.zoom(3)
    settle(shown, qtbot)
    before = {*shown.thumbs.chosen.tolist()}
    assert before
    shown.look(shown.camera.panned(9, 7))
    settle(shown, qtbot)
    after = {*shown.thumbs.chosen.tolist()}
    inside = {it for it in before if shown.rect().contains(shown.place_of(it).toPoint())}
    assert inside <= after


# ---- in the window's map


@pytest.fixture
def view(session, qtbot):
    view = MapView(session)
    qtbot.addWidget(view)
    view.resize(640, 420)
    view.map.animated = False
    view.show()
    qtbot.waitExposed(view)
    set_stage(session)
    return view


def gathered(session):
    return session.state.gathered.tolist()


def test_gathering_in_the_map_reaches_the_session_and_comes_back(view, session):
    places = view.map.points.places
    left = np.flatnonzero(places[:, 0] < 0)
    edge = view.map._pixel(0.0, 0.0).x()
    drag(view.map, [(1, 1), (edge, view.map.height() - 1)], SHIFT)
    assert gathered(session) == left.tolist()
    assert sorted(view.map.points.vivid.tolist()) == left.tolist()
    QTest.keyClick(view.map, Qt.Key.Key_Escape)
    assert gathered(session) == []
    session.undo()
    assert gathered(session) == left.tolist()
    toggled = int(left[0])
    QTest.mouseClick(view.map, LEFT, SHIFT, view.map.place_of(toggled).toPoint())
    under = view.map.point_under(view.map.place_of(toggled))
    assert (under in gathered(session)) is (under not in left)


def test_escape_lets_go_of_points_then_the_selected_one_then_the_tool(view, session):
    view.tools.box_action.trigger()
    session.select(4)
    session.gathering.take(indices_of([1]))
    for expected in [(4, [], True), (None, [], True), (None, [], False)]:
        QTest.keyClick(view.map, Qt.Key.Key_Escape)
        assert (session.state.selection, gathered(session), view.tools.box_action.isChecked()) == expected


def test_only_one_tool_is_in_the_hand(view):
    view.tools.box_action.trigger()
    view.tools.lasso_action.trigger()
    assert (view.tools.box_action.isChecked(), view.map._tool) == (False, Tool.LASSO)
    view.tools.lasso_action.trigger()
    assert view.map._tool is Tool.POINT


def test_a_narrow_map_keeps_the_buttons_that_matter_most(view, qtbot):
    buttons = [view.findChild(QToolButton, f"button_{name}") for name in ("box_tool", "pictures_for_points")]
    assert [button.isVisible() for button in buttons] == [True, True]
    view.resize(400, 420)
    qtbot.waitUntil(lambda: [button.isVisible() for button in buttons] == [True, False])
    view.resize(700, 420)
    qtbot.waitUntil(lambda: all(button.isVisible() for button in buttons))


def test_the_others_go_from_dim_to_hidden_to_shown(view, session):
    assert not view.tools.others_action.isEnabled()
    session.gathering.take(indices_of([1]))
    seen = []
    for _ in range(3):
        view.tools.others_action.trigger()
        seen.append(session.state.others)
    assert seen == [Visibility.HIDDEN, Visibility.SHOWN, Visibility.DIMMED]


def test_neighbours_of_the_probe_are_gathered(view, session):
    session.set_code(session.state.embedding.codes[5])
    view.tools.near_action.trigger()
    assert 5 in gathered(session)
    assert len(gathered(session)) == min(50, POINTS)


def test_the_menu_of_a_class_gathers_it(view, session):
    item = view.key.legend.items()[0]
    QTest.mouseClick(item, Qt.MouseButton.RightButton)
    item.gathered.emit(How.ALONE)
    assert gathered(session) == list(range(1, POINTS, 3))
    view.key.legend.items()[1].gathered.emit(How.MORE)
    assert gathered(session) == [index for index in range(POINTS) if index % 3]
    for menu in item.findChildren(QMenu):
        menu.close()


def test_the_map_can_be_coloured_by_group(view, session):
    session.gathering.take(indices_of([0, 1]))
    session.gathering.keep("mine")
    session.gathering.take(indices_of([1, 2]))
    session.gathering.keep("yours")
    session.gathering.let_go()
    choice = view.key._choice
    assert [choice.itemText(place) for place in range(choice.count())] == ["class", "group"]
    choice.setCurrentIndex(1)
    choice.activated.emit(1)
    assert view.map.points._labels[:4].tolist() == [0, 1, 1, -1]
    told_names = [item.accessibleName() for item in view.key.legend.items()]
    assert told_names[:2] == ["mine, 1 pictures, shown", "yours, 2 pictures, shown"]
    session.gathering.remove(0)
    assert view.map.points._labels[:4].tolist() == [-1, 1, 1, -1]  # the other keeps its colour
    session.gathering.remove(0)
    assert view._coloring.coloring.names == ("cat", "dog")  # without groups it is the class again


def test_search_goes_to_a_point_and_gathers_a_class(view, session, qtbot):
    view.tools.find_action.trigger()
    search = view.tools.search
    assert search.isVisible()
    QTest.keyClicks(search.line, "#7")
    assert search.rows.count() == 1
    QTest.keyClick(search.line, Qt.Key.Key_Return)
    assert session.state.selection == 7
    assert (view.map.camera.x, view.map.camera.y) == pytest.approx(tuple(view.map.points.places[7].tolist()), abs=1e-4)
    search.line.clear()
    QTest.keyClicks(search.line, "ca")
    assert search.rows.count() == 1
    assert "class cat" in search.rows.item(0).text()
    QTest.keyClick(search.line, Qt.Key.Key_Return)
    assert gathered(session) == list(range(1, POINTS, 3))
    search.line.setText("dog")
    QTest.keyClick(search.line, Qt.Key.Key_Return, SHIFT)
    assert gathered(session) == [index for index in range(POINTS) if index % 3]
    search.line.setText("zebra")
    assert search.words.isVisible()
    QTest.keyClick(search.line, Qt.Key.Key_Return)
    QTest.keyClick(search.line, Qt.Key.Key_Escape)
    assert not search.isVisible()


def test_contours_come_with_the_points_and_follow_the_key(view, session, qtbot):
    contouring = view.tools._contouring
    assert contouring.paths == []
    view.tools.contours_action.setChecked(True)
    assert [label for label, _ in contouring.paths] == [0, 1]
    before = view.map.grab().toImage()
    view.tools.by_class_action.setChecked(False)
    assert [label for label, _ in contouring.paths] == [None]
    assert view.map.grab().toImage() != before
    view.tools.by_class_action.setChecked(True)
    session.set_visibility(0, Visibility.HIDDEN)
    qtbot.waitUntil(lambda: [label for label, _ in contouring.paths] == [1])
    session.gathering.take(indices_of([2]))
    qtbot.waitUntil(lambda: contouring.paths == [])  # one point has no density
    session.gathering.let_go()
    qtbot.waitUntil(lambda: bool(contouring.paths))
    told(session, embedded(4, shift=1.0))
    assert contouring.paths
    view.tools.contours_action.setChecked(False)
    assert contouring.paths == []


def test_contours_in_motion_are_sought_now_and_then(view, session, qtbot):
    view.tools.contours_action.setChecked(True)
    contouring = view.tools._contouring
    old = contouring.paths[0][1]
    told(session, embedded(4, shift=1.0))
    assert contouring.paths[0][1] is old
    qtbot.waitUntil(lambda: contouring.paths[0][1] is not old, timeout=5_000)


def test_lines_move_along_with_the_view_and_are_drawn_anew_at_rest(view, qtbot):
    view.tools.contours_action.setChecked(True)
    view.map.grab()
    contouring = view.tools._contouring
    drawn = contouring._drawn
    view.map.look(view.map.camera.panned(25, -10))
    view.map.grab()
    assert contouring._drawn is drawn
    place = moved(drawn.camera, view.map.camera, view.map.extent)
    assert (place.x(), place.y()) == pytest.approx((25, -10), abs=0.01)
    qtbot.waitUntil(lambda: contouring._drawn is not drawn and contouring._drawn is not None)
    assert contouring._drawn.camera == view.map.camera


@pytest.mark.parametrize("times", [0.7, 1.3])
def test_what_moves_along_stays_over_its_place_of_the_map(times):
    before, size = Camera(1.0, 2.0, 50.0), (400.0, 300.0)
    now = before.zoomed(times, 90, 220, size).panned(12, 7)
    place = moved(before, now, size)
    for x, y in [(0, 0), (3, 4), (-2, 1)]:
        old, new = (camera.to_view(np.array([[x, y]]), size)[0] for camera in (before, now))
        across, down = place.x() + old[0] * place.width() / size[0], place.y() + old[1] * place.height() / size[1]
        assert (across, down) == pytest.approx((new[0], new[1]), abs=0.05)
