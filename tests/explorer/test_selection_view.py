from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from stage import POINTS, drawn, embedded, pictures, set_stage, told

from explorer.views.selection_view import SelectionView
from explorer.widgets.picture import to_image
from models.datasets import Factor


@pytest.fixture
def view(session, qtbot):
    view = SelectionView(session)
    qtbot.addWidget(view)
    view.resize(340, 360)
    view.show()
    set_stage(session)
    return view


def test_without_a_point_it_says_what_to_do(view, session):
    assert "Click a point on the map" in view.empty.words
    assert view.empty.isVisible()
    session.select(1)
    assert not view.empty.isVisible()
    session.select(None)
    assert view.empty.isVisible()


def test_original_class_and_index(view, session):
    session.select(4)  # labels run -1, 0, 1
    assert view.original.image == to_image(session.state.data.pictures[4])
    assert view.what.text() == "cat · #4"
    session.select(3)
    assert view.what.text() == "#3"


def test_the_factor_that_colours_the_map_is_told_with_its_unit(view, session):
    factors = (Factor("glasses", ("none", "round")), Factor("tilt", low=-30, high=30, unit="degrees"))
    values = np.stack([np.arange(POINTS) % 2, np.linspace(-30, 30, POINTS)], axis=1).astype(np.float32)
    told(session, replace(session.state.data, factors=factors, values=values))
    session.select(POINTS - 1)
    assert not view.factor.isVisible()
    session.color_by("tilt")
    assert view.factor.isVisible()
    assert view.factor.text() == "tilt 30 degrees"
    session.select(0)
    assert view.factor.text() == "tilt -30 degrees"
    session.color_by("glasses")
    assert view.factor.text() == "glasses none"
    session.color_by("")
    assert not view.factor.isVisible()
    session.color_by("glasses")
    set_stage(session)  # a run whose pictures have no such factor
    session.select(1)
    assert not view.factor.isVisible()


def test_reconstruction_error_and_difference(view, session):
    session.select(4)
    original = session.state.data.pictures[4]
    answer = 255 - original
    drawn(session, answer)
    assert view.reconstruction.image == to_image(answer)
    assert view.difference.image == to_image(np.abs(2 * original.astype(int) - 255).astype(np.uint8))
    expected = np.mean((original / 255 - answer / 255) ** 2)
    assert float(view.error.text().split()[-1]) == pytest.approx(expected, rel=1e-3)


def test_the_answer_for_another_point_is_not_its_reconstruction(view, session):
    session.select(4)
    drawn(session, pictures(1)[0])
    session.select(5)
    assert view.reconstruction.image is None
    assert view.error.text() == ""


def test_while_training_the_reconstruction_stays_until_the_next_one_comes(view, session):
    session.select(4)
    first, second = pictures(2)
    drawn(session, first)
    told(session, embedded(4, shift=0.1))
    assert view.reconstruction.image == to_image(first)
    drawn(session, second)
    assert view.reconstruction.image == to_image(second)


def test_a_new_run_with_the_same_point_selected_shows_nothing_of_the_old_one(view, session):
    session.select(4)
    drawn(session, pictures(1)[0])
    set_stage(session)
    session.select(4)
    assert view.reconstruction.image is None


def test_while_only_labels_are_known_the_point_has_a_code_and_no_pictures(view, session):
    data = session.state.data
    told(session, replace(data, pictures=data.pictures[:0]))
    session.select(4)
    drawn(session, data.pictures[9])
    assert view.original.image is None
    assert view.reconstruction.image == to_image(data.pictures[9])
    assert view.error.text() == ""
    assert view.nearest.count == 0
    assert view.what.text() == "cat · #4"
    told(session, data)
    assert view.original.image == to_image(data.pictures[4])
    assert view.nearest.count == 5


def test_neighbours_are_the_nearest_others_and_a_click_selects(view, session):
    session.select(4)
    codes = session.state.embedding.codes
    order = np.argsort(np.linalg.norm(codes - codes[4], axis=1))[1:6]
    assert view.neighbour_indices == tuple(order.tolist())
    assert view.nearest.count == 5
    place = view.nearest.cells()[2].center().toPoint()
    QTest.mouseClick(view.nearest, Qt.MouseButton.LeftButton, pos=place)
    assert session.state.selection == order[2]
    assert view.original.image == to_image(session.state.data.pictures[order[2]])


def test_points_on_one_spot_never_name_the_point_itself(view, session):
    same = embedded(4)
    same = type(same)("run", 1, np.zeros_like(same.codes), same.points, same.projection)
    told(session, same)
    session.select(39)
    assert len(view.neighbour_indices) == 5
    assert 39 not in view.neighbour_indices


@pytest.mark.parametrize(("dimensions", "bars"), [(1, False), (2, False), (64, True), (512, True)])
def test_code_as_words_and_bars(session, qtbot, dimensions, bars):
    view = SelectionView(session)
    qtbot.addWidget(view)
    view.resize(260, 320)
    view.show()
    set_stage(session, dimensions)
    session.select(2)
    assert view.bars.isVisible() is bars
    first = f"{session.state.code[0]:.3g}".replace("-", "\N{MINUS SIGN}")
    assert view.code.text().startswith(f"z = ({first}")
    assert view.bars.index_at(0) == 0
    assert view.bars.index_at(view.bars.width() - 0.2) in (None, dimensions - 1)


def test_a_hidden_view_catches_up(view, session):
    session.select(4)
    view.hide()
    session.select(5)
    assert view.original.image == to_image(session.state.data.pictures[4])
    view.show()
    assert view.original.image == to_image(session.state.data.pictures[5])


def test_a_narrow_view_leaves_the_difference_out(view, session):
    session.select(4)
    assert view.difference.isVisible()
    view.resize(210, 300)
    assert not view.difference.isVisible()


def test_on_a_small_screen_the_error_can_be_read_to_the_last_digit(view, session, qtbot):
    view.resize(228, 300)
    session.select(4)
    drawn(session, pictures(1)[0])
    wanted = view.error.fontMetrics().horizontalAdvance(view.error.text())
    assert wanted > view.error.fontMetrics().horizontalAdvance("MSE 0.1")
    qtbot.waitUntil(lambda: view.error.width() >= wanted)
    assert view.error.geometry().right() <= 228
