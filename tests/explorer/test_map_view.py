"""The map in the window with a real session: selecting, decoding, classes, lattice, words."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QPoint, QPointF, QSettings, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QMenu

from explorer import colors
from explorer.pins import Pin
from explorer.session import Session
from explorer.state import Phase, Visibility
from explorer.views.map_view import MapView
from explorer.widgets.legend import LegendItem
from models import events as ev
from models import latent, projection
from models.job import Job
from tests.explorer.stage import POINTS, embedded, set_stage, told

LEFT = Qt.MouseButton.LeftButton
SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def settings(tmp_path):
    """What is remembered lies in a folder of the test."""
    QCoreApplication.setOrganizationName("latent-explorer-tests")
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path))


@pytest.fixture
def session(qtbot, settings):
    session = Session()
    yield session
    assert session.close()


@pytest.fixture
def view(session, qtbot):
    """The view of an empty session."""
    view = MapView(session)
    qtbot.addWidget(view)
    view.resize(640, 400)
    view.show()
    qtbot.waitExposed(view)
    return view


@pytest.fixture
def staged(view, session):
    """The view of a run with 40 points of two classes and some without a label."""
    set_stage(session)
    return view


def item(view, name):
    return view.findChild(LegendItem, name)


def lonely_point(view):
    """The point farthest from its next one, which no neighbour hides from a click."""
    points = view.map.points.places
    gaps = np.linalg.norm(points[:, None] - points[None], axis=2) + 1e9 * np.eye(len(points))
    return int(gaps.min(axis=1).argmax())


def empty_pixel(view):
    """A pixel of the map with no point near it."""
    size = view.map.size()
    pixels = [QPoint(x, y) for x in range(20, size.width() - 20, 10) for y in range(20, size.height() - 20, 10)]
    return next(pixel for pixel in pixels if view.map.point_under(pixel.toPointF(), 20) is None)


def double_click(widget):
    """As a window system tells it: a whole click, then the second press as a double click."""
    QTest.mouseClick(widget, LEFT)
    QTest.mouseDClick(widget, LEFT)
    QTest.mouseRelease(widget, LEFT)


# ---- pointing


def test_a_click_on_a_point_selects_it_and_shows_its_five_nearest_neighbours(staged, session):
    index = lonely_point(staged)
    QTest.mouseClick(staged.map, LEFT, pos=staged.map.place_of(index).toPoint())
    assert session.state.selection == index
    codes = session.state.embedding.codes
    assert np.array_equal(session.state.code, codes[index])
    nearest, _ = latent.nearest(codes, codes[index], 6)
    assert staged.map._selection == index
    assert staged.map._neighbours == tuple(nearest.tolist()[1:])
    QTest.keyClick(staged.map, Qt.Key.Key_Escape)
    assert session.state.selection is None
    assert staged.map._selection is None


def test_dragging_over_an_empty_place_sends_codes_of_the_plane(staged, session, qtbot):
    start = empty_pixel(staged)
    sent = []
    session.code_changed.connect(lambda: sent.append(session.state.code))
    QTest.mousePress(staged.map, LEFT, pos=start)
    for step in (3, 6, 9):
        QTest.mouseMove(staged.map, start + QPoint(step, step))
        qtbot.wait(5)
    QTest.mouseRelease(staged.map, LEFT, pos=start + QPoint(9, 9))
    end = staged.map.camera.to_map(start.x() + 9, start.y() + 9, staged.map.extent)
    expected = projection.unproject(np.array([end], np.float32), session.state.embedding.projection)[0]
    assert sent[-1] == pytest.approx(expected, abs=1e-6)
    assert len({tuple(code) for code in sent}) >= 3
    assert session.state.selection is None
    x, y = staged.map.probe.x, staged.map.probe.y
    assert (x, y) == pytest.approx(end, abs=1e-5)


def test_arrow_keys_walk_the_probe(staged, session):
    before = session.state.code.copy()
    QTest.keyClick(staged.map, Qt.Key.Key_Right)
    after = session.state.code
    assert after[0] > before[0]
    assert after[1] == pytest.approx(before[1], abs=1e-6)
    assert session.state.selection is None


def test_selected_and_pinned_points_are_marked_where_they_glide(staged, session):
    session.select(3)
    session.pin(0)
    session.set_code(np.ones(4, np.float32))
    session.pin(1)
    a, b = staged.map._pins
    assert a.index == 3
    assert (b.x, b.y, b.index) == (1.0, 1.0, None)
    told(session, embedded(4, shift=0.3))
    assert staged.map.where(a) == staged.map.place_of(3)


def test_the_way_of_a_morph_is_drawn_as_it_is_walked(staged, session):
    codes = np.array([[2, 0, 0, 1], [0, 2, 0, 1]], np.float32)
    for slot, code in enumerate(codes):
        session.set_code(code)
        session.pin(slot)
    start, end, bulge = staged.map._ways[0]
    middle = (staged.map.where(start) + staged.map.where(end)) / 2
    assert bulge[[0, -1]] == pytest.approx(np.zeros((2, 2)), abs=1e-6)
    session.morph(0.5)
    walked = staged.map.where(staged.map.probe)
    drawn = middle + QPointF(*(bulge[len(bulge) // 2] * [1, -1] * staged.map.camera.scale).tolist())
    assert (drawn - walked).manhattanLength() < 0.01
    assert (drawn - middle).manhattanLength() > 5
    session.bend(False)
    assert staged.map._ways[0].bulge == pytest.approx(np.zeros((len(bulge), 2)), abs=1e-6)


def test_the_map_draws_the_way_or_the_board_that_is_looked_at(staged, session):
    corners = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], np.float32)
    for slot, corner in enumerate(corners):
        session.pin(slot, Pin(np.array([*corner, 0, 0], np.float32)))
    session.bend(False)

    def drawn():
        return [((way.start.x, way.start.y), (way.end.x, way.end.y)) for way in staged.map._ways]

    a, b, c, d = [(float(x), float(y)) for x, y in corners]
    assert drawn() == [(a, b)]
    session.morphing.show("morph")
    assert drawn() == [(a, b), (b, c), (c, d)]
    session.morphing.shape(loop="around")
    assert drawn()[-1] == (d, a)
    session.morphing.show("board")
    assert drawn() == [(a, b), (b, d), (d, c), (c, a)]
    session.morphing.leave("morph")
    assert len(drawn()) == 4
    session.morphing.leave("board")
    assert drawn() == [(a, b)]
    session.morphing.point_at(len(corners) - 1)
    assert staged.map._pointed is not None
    session.morphing.point_at(None)
    assert staged.map._pointed is None


def test_neighbours_are_searched_anew_now_and_then_while_the_points_move(staged, session, qtbot):
    session.select(0)
    before = staged.map._neighbours
    random = np.random.default_rng(9)
    moved = embedded(4)
    codes = random.permutation(moved.codes)
    told(session, ev.Embedded("run", 2, codes, codes[:, :2].copy(), moved.projection))
    nearest, _ = latent.nearest(codes, codes[0], 6)
    assert staged.map._neighbours == before
    qtbot.waitUntil(lambda: staged.map._neighbours == tuple(nearest.tolist()[1:]), timeout=3000)


def test_hovering_names_class_and_number(staged):
    index = next(i for i in range(POINTS) if staged._state.data.labels[i] == 1)
    assert staged._coloring.name_of(index) == f"dog · #{index}"
    assert staged._coloring.name_of(0) == "#0"  # its label is -1


# ---- classes


def test_the_legend_counts_and_a_click_hides_and_shows_again(staged, session):
    dog = item(staged, "legend_class_1")
    assert dog.accessibleName() == "dog, 13 pictures, shown"
    index = next(i for i in range(POINTS) if session.state.data.labels[i] == 1)
    QTest.mouseClick(dog, LEFT)
    assert session.state.classes == {1: Visibility.HIDDEN}
    assert staged.map.point_under(staged.map.place_of(index), 0.01) is None
    assert dog.accessibleName() == "dog, 13 pictures, hidden"
    QTest.mouseClick(dog, LEFT)
    assert session.state.classes == {}
    assert staged.map.point_under(staged.map.place_of(index), 0.01) == index


def test_shift_dims_and_double_click_or_control_shows_alone_and_all_again(staged, session):
    cat, dog = item(staged, "legend_class_0"), item(staged, "legend_class_1")
    QTest.mouseClick(cat, LEFT, SHIFT)
    assert session.state.classes == {0: Visibility.DIMMED}
    QTest.mouseClick(cat, LEFT)
    assert session.state.classes == {}
    double_click(dog)
    assert session.state.classes == {-1: Visibility.DIMMED, 0: Visibility.DIMMED}
    assert dog.visibility is Visibility.SHOWN
    double_click(dog)
    assert session.state.classes == {}
    QTest.mouseClick(cat, LEFT, CONTROL)
    assert session.state.classes[1] is Visibility.DIMMED


def test_the_legend_works_by_keyboard_menu_and_for_a_screen_reader(staged, session, qtbot):
    cat = item(staged, "legend_class_0")
    cat.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(cat, Qt.Key.Key_Space)
    assert cat.visibility is Visibility.HIDDEN
    QTest.keyClick(cat, Qt.Key.Key_Space, SHIFT)
    assert cat.visibility is Visibility.DIMMED
    cat.click()
    assert cat.visibility is Visibility.SHOWN
    QTest.keyClick(cat, Qt.Key.Key_Return)
    assert session.state.classes[1] is Visibility.DIMMED
    QApplication.sendEvent(cat, QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(5, 5), QPoint()))
    menu = cat.findChild(QMenu, "legend_menu")
    next(action for action in menu.actions() if action.text() == "Hide").trigger()
    assert cat.visibility is Visibility.HIDDEN
    menu.close()


def test_show_all_appears_when_something_is_hidden_and_brings_it_back(staged, session):
    button = staged.findChild(QAbstractButton, "legend_show_all")
    assert not button.isVisible()
    QTest.mouseClick(item(staged, "legend_class_0"), LEFT)
    QTest.mouseClick(item(staged, "legend_unlabelled"), LEFT, SHIFT)
    assert button.isVisible()
    QTest.mouseClick(button, LEFT)
    assert session.state.classes == {}
    assert not button.isVisible()


def with_classes(session, names, labels):
    info = session.state.run
    told(
        session,
        ev.Started("run", 0, ev.RunInfo(**{**vars(info), "class_names": names}), 100),
        ev.HeldOut("run", 0, np.zeros((POINTS, 8, 8, 1), np.uint8), labels),
        embedded(4),
    )


def test_pictures_without_labels_have_one_grey_entry(staged, session):
    with_classes(session, (), np.full(POINTS, -1))
    assert [i.accessibleName() for i in staged.key.legend.items()] == ["no labels, 40 pictures, shown"]


def test_a_hundred_classes_scroll_and_leave_the_map_its_room(staged, session, qtbot):
    with_classes(session, tuple(f"a class with a long name {n}" for n in range(100)), np.arange(POINTS) % 100)
    qtbot.waitUntil(lambda: staged.key.legend.verticalScrollBar().maximum() > 1000)
    assert staged.key.legend.width() <= 180
    assert staged.map.width() > 440
    assert staged.height() == 400


# ---- the lattice, with a real model


def test_the_lattice_is_laid_decoded_and_laid_anew_after_zooming(view, session, qtbot):
    session.start()
    qtbot.waitUntil(lambda: session.state.catalog is not None, timeout=60_000)
    session.train(Job(family="vae", preset="dense-2d", dataset="digits", steps=20))
    qtbot.waitUntil(lambda: session.state.phase is Phase.IDLE and session.state.embedding is not None, timeout=60_000)
    QTest.keyClick(view, Qt.Key.Key_G)
    qtbot.waitUntil(lambda: view.map._lattice is not None, timeout=20_000)
    first = session.state.lattice
    assert first.pictures.shape[0] == first.columns * first.rows
    view.map.zoom(3)
    qtbot.waitUntil(lambda: view.map._lattice[1] != first.bounds, timeout=20_000)
    left, bottom, right, top = view.map._lattice[1]
    seen = view.map.camera.bounds(view.map.extent)
    assert (left, bottom) <= seen[:2]
    assert (right, top) >= seen[2:]
    QTest.mouseClick(view.findChild(QAbstractButton, "lattice_button"), LEFT)
    assert session.state.lattice is None
    assert view.map._lattice is None


# ---- words and buttons


def test_the_caption_tells_step_count_and_what_a_click_decodes(staged, session):
    assert staged.caption == (
        "step 1 · 40 pictures · PCA shows 50% of the variance in 4-D · empty places decode on this plane"
    )
    set_stage(session, latent_dim=2)
    assert staged.caption == "step 1 · 40 pictures"
    told(session, ev.Started("run", 0, replace(session.state.run, image_shape=(2, 1, 1)), 100), embedded(2))
    assert staged.caption == "step 1 · 40 points"


def test_the_empty_map_says_how_to_fill_it(view, session):
    told(session, ev.Catalogued("", 0, (), (), ("cpu",), "a processor"))
    assert "Press Start, or open a run" in view.map._message[1]
    set_stage(session)
    told(session, ev.Started("other", 0, session.state.run, 10))
    assert len(view.map.points) == 0
    assert "first points" in view.map._message[1]


@pytest.mark.parametrize("by", ["key", "button"])
def test_fit_follows_the_points_again(staged, by, qtbot):
    staged.map.zoom(5)
    assert not staged.map.following
    if by == "key":
        QTest.keyClick(staged, Qt.Key.Key_F)
    else:
        QTest.mouseClick(staged.findChild(QAbstractButton, "fit_button"), LEFT)
    assert staged.map.following
    qtbot.waitUntil(lambda: not staged.map.moving, timeout=3000)


def test_gliding_can_be_turned_off_and_that_is_remembered(staged, session, qtbot):
    staged.animate_action.trigger()
    told(session, embedded(4, shift=0.5))
    assert not staged.map.moving
    assert np.array_equal(staged.map.points.places, session.state.embedding.points)
    again = MapView(session)
    qtbot.addWidget(again)
    assert not again.map.animated


def test_every_control_can_be_found_by_name_and_heard(staged):
    for name in ("latent_map", "legend", "fit_button", "lattice_button", "legend_class_0", "legend_show_all"):
        widget = staged.findChild(object, name)
        assert widget is not None, name
        assert widget.accessibleName(), name


def test_another_theme_recolours_the_map_at_once(staged, qtbot):
    corner = staged.map.rect().topLeft() + QPoint(2, 2)
    try:
        colors.set_theme("dark")
        qtbot.waitUntil(lambda: staged.map.grab().toImage().pixelColor(corner) == colors.DARK.map)
    finally:
        colors.set_theme("light")
