"""The latent map under real mouse and keys: what is picked, decoded, moved, drawn, and what it costs."""

import sys
import time

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from explorer import colors
from explorer.state import Visibility
from explorer.widgets.latent_map import LatentMap
from explorer.widgets.map_camera import Camera, bounds_of, fitted, following
from explorer.widgets.map_marks import INK, VEIL, Marker, sheet_of
from explorer.widgets.map_picture import MapPicture, Sight
from explorer.widgets.map_points import PointLayer, radius_of
from explorer.widgets.map_raster import PointRaster

LEFT, RIGHT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton
AWAY = 1.13  # from the middle; no line of the grid goes through there
CORNERS = AWAY * np.array([[-1, -1], [1, -1], [-1, 1], [1, 1]], np.float32)
WHITE = 0xFFFFFFFF


@pytest.fixture
def shown(qtbot):
    """A map of four points in the corners, in view and at rest."""
    widget = LatentMap()
    qtbot.addWidget(widget)
    widget.resize(400, 300)
    widget.show()
    qtbot.waitExposed(widget)
    widget.set_points(CORNERS)
    widget.set_classes(np.arange(4), {})
    return widget


def heard(signal):
    said = []
    signal.connect(lambda *values: said.append(values))
    return said


def at(widget, index):
    return widget.place_of(index).toPoint()


def move(widget, to, buttons=Qt.MouseButton.NoButton):
    """The mouse moves, as it does for a person who may hold a button."""
    place = QPointF(to)
    kind = QEvent.Type.MouseMove
    event = QMouseEvent(
        kind, place, widget.mapToGlobal(place), Qt.MouseButton.NoButton, buttons, Qt.KeyboardModifier(0)
    )
    QApplication.sendEvent(widget, event)


def turn_wheel(widget, at, notches):
    place = QPointF(at)
    no = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(place, widget.mapToGlobal(place), QPoint(), QPoint(0, 120 * notches), *no, False)
    QApplication.sendEvent(widget, event)


def pixel(widget, place):
    """The colour that a person sees there, as 0xRRGGBB."""
    return widget.grab().toImage().pixelColor(place).rgb() & 0xFFFFFF


def distance(first, second):
    """How different two colours 0xRRGGBB are, at most 255."""
    return max(abs((first >> shift & 255) - (second >> shift & 255)) for shift in (0, 8, 16))


# ---- pointing


@pytest.mark.parametrize("index", range(4))
def test_a_click_on_a_point_picks_it_and_decodes_no_place(shown, index):
    picked, placed = heard(shown.point_picked), heard(shown.place_moved)
    QTest.mouseClick(shown, LEFT, pos=at(shown, index) + QPoint(4, -3))
    assert picked == [(index,)]
    assert placed == []


def test_a_click_farther_than_eight_pixels_from_all_points_is_an_empty_place(shown):
    picked, placed = heard(shown.point_picked), heard(shown.place_moved)
    where = at(shown, 0) + QPoint(7, 7)
    QTest.mousePress(shown, LEFT, pos=where)
    assert picked == []
    assert placed == [pytest.approx(shown.camera.to_map(where.x(), where.y(), (400, 300)))]


def test_dragging_over_empty_places_tells_each_and_ends_at_the_newest(shown, qtbot):
    placed = heard(shown.place_moved)
    QTest.mousePress(shown, LEFT, pos=QPoint(200, 150))
    for across in (210, 220, 230):
        move(shown, QPoint(across, 150), LEFT)
        qtbot.waitUntil(lambda: not shown._newest.isActive())
    for across in range(240, 300):  # faster than the window can follow
        move(shown, QPoint(across, 140), LEFT)
    QTest.mouseRelease(shown, LEFT, pos=QPoint(299, 140))
    assert len(placed) == 5  # the press, three slow moves, and all fast ones as one
    assert placed[0] == pytest.approx((0, 0), abs=0.01)
    assert placed[-1] == pytest.approx(shown.camera.to_map(299, 140, (400, 300)))
    move(shown, QPoint(100, 100))
    assert len(placed) == 5


def test_dragging_away_from_a_point_decodes_too(shown, qtbot):
    picked, placed = heard(shown.point_picked), heard(shown.place_moved)
    start = at(shown, 3)
    QTest.mousePress(shown, LEFT, pos=start)
    move(shown, start + QPoint(1, 1), LEFT)
    qtbot.wait(20)
    assert placed == []
    move(shown, start + QPoint(-60, 60), LEFT)
    QTest.mouseRelease(shown, LEFT, pos=start + QPoint(-60, 60))
    assert picked == [(3,)]
    assert placed == [pytest.approx(shown.camera.to_map(start.x() - 60, start.y() + 60, (400, 300)))]


def test_hidden_classes_are_neither_drawn_nor_picked_and_dimmed_ones_are_faint(shown):
    ground = colors.theme().map.rgb() & 0xFFFFFF
    bright = [distance(pixel(shown, at(shown, index)), ground) for index in range(4)]
    shown.set_classes(np.arange(4), {1: Visibility.HIDDEN, 2: Visibility.DIMMED})
    assert pixel(shown, at(shown, 0)) == colors.class_color(0).rgb() & 0xFFFFFF
    assert pixel(shown, at(shown, 1)) == ground
    assert 0 < distance(pixel(shown, at(shown, 2)), ground) < bright[2] / 2
    assert shown.point_under(shown.place_of(1)) is None
    assert shown.point_under(shown.place_of(2)) == 2


def test_dimmed_points_lie_beneath_the_others_whatever_their_order(shown):
    shown.set_points(np.zeros((8, 2), np.float32))
    for dimmed in (0, 1):
        shown.set_classes(np.arange(8) % 2, {dimmed: Visibility.DIMMED})
        assert pixel(shown, QPoint(200, 150)) == colors.class_color(1 - dimmed).rgb() & 0xFFFFFF


def test_picking_among_ten_thousand_points_takes_less_than_a_millisecond():
    random = np.random.default_rng(0)
    layer, camera = PointLayer(), Camera(scale=100)
    points = random.standard_normal((10_000, 2)).astype(np.float32)
    layer.set_points(points, glide=False)
    quickest = 1.0
    for index in range(50):
        across, down = camera.to_view(points[index], (800, 600))
        begun = time.perf_counter()
        found = layer.pick(camera, (800, 600), across, down, 8)
        quickest = min(quickest, time.perf_counter() - begun)
        assert np.hypot(*(points[found] - points[index])) < 1e-3
    assert quickest < 1e-3


def test_hovering_shows_the_thumbnail_of_the_original_and_leaving_takes_it_away(shown):
    red = np.zeros((4, 8, 8, 3), np.uint8)
    red[2, ..., 0] = 250
    shown.set_pictures(red, lambda index: f"number {index}")
    inside = at(shown, 2) + QPoint(16 + 40, 16 + 40)
    before = pixel(shown, inside)
    move(shown, at(shown, 2))
    assert pixel(shown, inside) == 0xFA0000
    assert before != 0xFA0000
    move(shown, QPoint(200, 150))
    assert shown.hovered is None
    move(shown, at(shown, 2))
    QApplication.sendEvent(shown, QEvent(QEvent.Type.Leave))
    assert pixel(shown, inside) == before


def test_a_thumbnail_stays_inside_the_map(shown):
    shown.set_pictures(np.full((4, 28, 28, 1), 200, np.uint8))
    for index in range(4):
        move(shown, at(shown, index))
        grey = np.array(0xC8C8C8)
        image = shown.grab().toImage()
        found = sum(image.pixel(x, y) & 0xFFFFFF == grey for x in range(0, 400, 4) for y in range(0, 300, 4))
        assert found > 15 * 15, f"the thumbnail of point {index} is cut"


# ---- keys


def test_arrows_walk_the_probe_in_small_steps_of_the_view(shown):
    placed = heard(shown.place_moved)
    shown.set_probe(Marker(0.25, 0.5))
    QTest.keyClick(shown, Qt.Key.Key_Right)
    QTest.keyClick(shown, Qt.Key.Key_Up)
    QTest.keyClick(shown, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    step = 300 * 0.02 / shown.camera.scale
    assert np.array(placed) == pytest.approx(
        np.array([(0.25 + step, 0.5), (0.25, 0.5 + step), (0.25 - step / 5, 0.5)]), abs=1e-5
    )


def test_return_selects_the_point_nearest_to_the_probe_and_escape_lets_go(shown):
    picked, released = heard(shown.point_picked), heard(shown.let_go)
    shown.set_probe(Marker(0.2, 0.1))
    QTest.keyClick(shown, Qt.Key.Key_Return)
    QTest.keyClick(shown, Qt.Key.Key_Escape)
    assert picked == [(3,)]
    assert released == [()]


def test_plus_and_minus_zoom_about_the_middle(shown):
    before = shown.camera
    QTest.keyClick(shown, Qt.Key.Key_Plus)
    assert shown.camera == Camera(before.x, before.y, pytest.approx(before.scale * 1.2))
    QTest.keyClick(shown, Qt.Key.Key_Minus)
    assert shown.camera.scale == pytest.approx(before.scale)


# ---- the view


@pytest.mark.parametrize("notches", [3, -3])
def test_the_wheel_zooms_and_keeps_the_place_under_the_mouse(shown, notches):
    moved = heard(shown.view_moved)
    place, before = QPoint(310, 80), shown.camera
    under = before.to_map(310, 80, (400, 300))
    turn_wheel(shown, place, notches)
    assert shown.camera.scale == pytest.approx(before.scale * 1.2**notches)
    assert shown.camera.to_map(310, 80, (400, 300)) == pytest.approx(under)
    assert not shown.following
    assert moved


@pytest.mark.parametrize(
    ("button", "modifier", "space"),
    [
        (RIGHT, "NoModifier", False),
        (MIDDLE, "NoModifier", False),
        (LEFT, "NoModifier", True),
    ],
)
def test_the_view_can_be_dragged_and_nothing_is_picked_by_that(shown, button, modifier, space):
    picked, placed = heard(shown.point_picked), heard(shown.place_moved)
    if space:
        QTest.keyPress(shown, Qt.Key.Key_Space)
    start = at(shown, 0)
    QTest.mousePress(shown, button, Qt.KeyboardModifier[modifier], pos=start)
    move(shown, start + QPoint(33, -21), button)
    QTest.mouseRelease(shown, button, pos=start + QPoint(33, -21))
    assert at(shown, 0) == start + QPoint(33, -21)
    assert picked == []
    assert placed == []


def test_a_person_s_view_stays_while_points_move_until_they_ask_to_fit(shown, qtbot):
    shown.animated = False
    shown.zoom(2)
    own = shown.camera
    shown.set_points(CORNERS * 10)
    assert shown.camera == own
    QTest.mouseDClick(shown, LEFT, pos=QPoint(390, 10))
    assert shown.following
    assert shown.camera == fitted(bounds_of(CORNERS * 10), (400, 300))
    shown.set_points(CORNERS * 30)
    assert shown.camera == fitted(bounds_of(CORNERS * 30), (400, 300))


def test_the_view_follows_the_cloud_without_fidgeting():
    view, size = fitted((-1, -1, 1, 1), (400, 300)), (400, 300)
    assert following(view, (-1.05, -0.9, 0.95, 1.04), size) == view
    assert following(view, (-1.0, -1.4, 1.0, 1.0), size) == fitted((-1.0, -1.4, 1.0, 1.0), size)
    assert following(view, (-0.3, -0.3, 0.3, 0.3), size) == fitted((-0.3, -0.3, 0.3, 0.3), size)


def test_identical_points_and_a_single_point_can_be_looked_at(shown):
    for points in (np.full((5, 2), 3.0, np.float32), np.full((1, 2), -2.0, np.float32)):
        shown.set_points(points)
        shown.grab()
        assert at(shown, 0) == QPoint(200, 150)


def test_resizing_keeps_a_followed_cloud_in_view(shown, qtbot):
    shown.resize(240, 500)
    qtbot.waitUntil(lambda: shown.camera == fitted(bounds_of(CORNERS), (240, 500)))


# ---- motion


def test_points_glide_to_their_new_places_and_then_rest(shown, qtbot):
    shown.following = False
    shown.set_points(-CORNERS)
    assert shown.moving
    assert np.array_equal(shown.points.places, CORNERS)
    qtbot.waitUntil(lambda: not np.array_equal(shown.points.places, CORNERS))
    assert np.abs(shown.points.places).max() < AWAY  # on the way, through the middle
    qtbot.waitUntil(lambda: not shown.moving, timeout=3000)
    assert np.array_equal(shown.points.places, -CORNERS)


def test_points_jump_without_animation_and_when_they_are_others(shown):
    shown.set_points(np.concatenate([CORNERS, CORNERS / 2]))
    assert len(shown.points.places) == 8
    assert not shown.moving
    shown.animated = False
    shown.set_points(np.concatenate([CORNERS / 2, CORNERS]))
    assert np.array_equal(shown.points.places, np.concatenate([CORNERS / 2, CORNERS]))


def test_the_view_glides_after_a_growing_cloud_and_arrives(shown, qtbot):
    shown.set_points(CORNERS * 4)
    qtbot.waitUntil(lambda: not shown.moving, timeout=3000)
    assert shown.camera == fitted(bounds_of(CORNERS * 4), (400, 300))


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal from Python 3.12 on: its count means nothing")
def test_two_hundred_repaints_leave_the_count_of_none_as_it_was(shown):
    shown.set_pictures(np.zeros((4, 8, 8, 1), np.uint8))
    shown.set_probe(Marker(0.1, 0.1))
    shown.set_pins([Marker(0, 0.5), Marker(0.5, 0, 2), None, Marker(-0.5, -0.5)])
    shown.set_selection(1, [0, 2, 3])
    move(shown, at(shown, 0))
    assert shown.hovered == 0
    counts = []
    for rounds in (20, 200):  # the first ones fill caches
        for turn in range(rounds):
            shown.look(shown.camera.panned(1 - turn % 2 * 2, 0))
            shown.repaint()
        counts.append(sys.getrefcount(None))
    assert abs(counts[1] - counts[0]) < 20


# ---- pixels


def drawn(raster, places, kinds=None, inks=(0xFF000000,), radius=3.0):
    raster.ground.fill(WHITE)
    places = np.array(places, np.float32)
    kinds = np.zeros(len(places), np.intp) if kinds is None else np.array(kinds)
    raster.draw(places, kinds, np.array(inks, np.uint32), 0xFFFFFF, radius)
    lines = raster.height * raster.stride
    padded = np.append(raster.pixels, np.full(raster.stride, WHITE, np.uint32))[:lines]
    return padded.reshape(raster.height, raster.stride)[:, : raster.width]


@pytest.mark.parametrize("radius", [1.0, 2.5, 4.0, 9.0])
@pytest.mark.parametrize("place", [(20.0, 20.0), (20.3, 19.8), (20.5, 20.5)])
def test_a_disc_has_its_area_and_its_middle_where_it_belongs(radius, place):
    image = drawn(PointRaster(40, 40), [place], radius=radius)
    ink = 1 - (image & 255) / 255
    assert ink.sum() == pytest.approx(np.pi * radius**2, rel=0.08)
    rows, columns = np.indices(image.shape) + 0.5
    middle = (ink * columns).sum() / ink.sum(), (ink * rows).sum() / ink.sum()
    assert middle == pytest.approx(place, abs=0.2)


def test_later_discs_lie_on_top_and_those_at_the_edge_are_drawn_in_part():
    raster = PointRaster(30, 20)
    red, blue = 0xFFFF0000, 0xFF0000FF
    image = drawn(raster, [(10, 10), (12, 10), (-1, 5), (29, 19)], [0, 1, 0, 1], (red, blue))
    assert image[10, 11] == blue
    assert image[10, 8] == red
    assert image[5, 0] == red
    assert image[19, 29] == blue


def test_places_far_away_or_that_are_no_numbers_are_left_out():
    places = [(1e12, 0), (np.nan, 5), (5, -np.inf), (5, 5)]
    assert np.array_equal(drawn(PointRaster(20, 20), places), drawn(PointRaster(20, 20), [(5, 5)]))


def test_dust_is_the_more_opaque_the_more_of_it_lies_in_a_pixel():
    image = drawn(PointRaster(9, 9), [(2, 2)] + [(4, 4)] * 3 + [(6, 6)] * 40, radius=0.5) & 255
    assert 255 > image[2, 2] > image[4, 4] > image[6, 6]
    assert image[6, 6] < 3
    assert (image < 255).sum() == 3


def test_more_chunks_than_one_give_all_points():
    places = np.stack(np.meshgrid(np.arange(0, 400, 4), np.arange(0, 300, 4)), axis=-1).reshape(-1, 2) + 2.0
    image = drawn(PointRaster(400, 300), places, radius=1.0)
    assert (image[2::4, 2::4] != WHITE).all()


def test_a_dense_screen_gets_as_many_pixels_as_it_has(qapp):
    layer = PointLayer()
    layer.set_points(np.zeros((1, 2), np.float32), glide=False)
    inked = []
    for ratio in (1.0, 2.0):
        image = MapPicture().drawn(layer, Sight(Camera(), (60.0, 40.0), ratio, 4.0), lambda painter: None)
        assert (image.width(), image.height()) == (60 * ratio, 40 * ratio)
        assert image.devicePixelRatio() == ratio
        ground = colors.theme().map.rgb()
        inked.append(sum(image.pixel(x, y) != ground for x in range(image.width()) for y in range(image.height())))
    assert inked[1] == pytest.approx(4 * inked[0], rel=0.2)


def test_points_are_smaller_the_more_there_are_and_larger_the_closer_one_looks():
    sizes = [radius_of(count, 1.0, (800, 600)) for count in (100, 10_000, 60_000, 1_000_000)]
    assert sizes == sorted(sizes, reverse=True)
    assert 2 <= radius_of(10_000, 1.0, (800, 600)) <= 4 <= radius_of(10_000, 6.0, (800, 600))


# ---- the lattice


def test_the_lattice_fills_the_view_with_undistorted_cells(shown):
    (left, bottom, right, top), columns, rows = shown.lattice_layout(aspect=0.5)
    view = shown.camera.bounds((400, 300))
    assert left <= view[0]
    assert bottom <= view[1]
    assert right >= view[2]
    assert top >= view[3]
    assert (right - left) / columns / ((top - bottom) / rows) == pytest.approx(0.5)
    assert columns <= 20


def test_the_lattice_lies_row_by_row_from_the_top_left_behind_the_points(shown):
    pictures = np.zeros((4, 4, 4, 3), np.uint8)
    pictures[1] = 255  # top right
    sheet = sheet_of(pictures, 2, 2)
    assert sheet.pixelColor(6, 1).value() == 255
    assert sheet.pixelColor(1, 6).value() == 0
    shown.set_lattice(sheet, (-AWAY, -AWAY, AWAY, AWAY))
    right, left = shown.place_of(3) + QPointF(-20, 20), shown.place_of(2) + QPointF(20, 20)
    light, dark = pixel(shown, right.toPoint()), pixel(shown, left.toPoint())
    assert light & 255 > (dark & 255) + 40
    assert pixel(shown, at(shown, 3)) == colors.class_color(3).rgb() & 0xFFFFFF
    shown.set_lattice(None)
    assert pixel(shown, left.toPoint()) == colors.theme().map.rgb() & 0xFFFFFF


def strokes(ground, channels=1, count=4):
    """Drawings of a cross on a ground of one grey."""
    drawn = np.full((count, 8, 8, channels), ground, np.uint8)
    drawn[:, 2:6, 3:5] = drawn[:, 3:5, 2:6] = 255 - ground
    return drawn


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ground", [0, 255])
def test_drawings_lie_in_faint_ink_on_the_maps_own_ground(shown, ground, theme):
    colors.set_theme(theme)
    try:
        shown.set_lattice(sheet_of(strokes(ground), 2, 2), (-AWAY, -AWAY, AWAY, AWAY))
        left, bottom = shown._pixel(-AWAY, AWAY).toTuple()
        cell = (shown._pixel(AWAY, 0).x() - left) / 2
        seen = [pixel(shown, QPointF(left + share * cell, bottom + share * cell).toPoint()) for share in (0.06, 0.5)]
        paper = colors.theme().map
        assert seen[0] == paper.rgb() & 0xFFFFFF
        assert seen[1] == colors.mixed(paper, colors.theme().text, INK).rgb() & 0xFFFFFF
    finally:
        colors.set_theme("light")


@pytest.mark.parametrize("pictures", [strokes(0, channels=3), strokes(120)], ids=["coloured", "a photograph's grey"])
def test_other_pictures_keep_their_own_light_and_dark_under_a_veil(shown, pictures):
    sheet = sheet_of(pictures, 2, 2)
    assert sheet.pixelColor(0, 0).red() == pictures[0, 0, 0, 0]
    shown.set_lattice(sheet, (-AWAY, -AWAY, AWAY, AWAY))
    corner = shown._pixel(-AWAY, AWAY) + QPointF(3, 3)
    expected = colors.mixed(QColor(*[int(pictures[0, 0, 0, 0])] * 3), colors.theme().map, VEIL)
    assert distance(pixel(shown, corner.toPoint()), expected.rgb() & 0xFFFFFF) <= 2


def test_an_empty_map_says_what_it_is_for_and_answers_no_click(shown):
    picked, placed = heard(shown.point_picked), heard(shown.place_moved)
    shown.set_points(None)
    blank = shown.grab().toImage()
    shown.set_message("The latent map", "Press Start.")
    assert shown.grab().toImage() != blank
    QTest.mouseClick(shown, LEFT, pos=QPoint(200, 150))
    turn_wheel(shown, QPoint(10, 10), 2)
    assert (picked, placed) == ([], [])
