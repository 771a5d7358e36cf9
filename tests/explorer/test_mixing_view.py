"""Mixed styles in the window: a sheet that follows its slider, and models without styles that say so."""

import time
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from stage import run_info, set_stage, told

from explorer.mixing import SIDE, Mixture, layers_of
from explorer.views.mixing_view import EMPTY, NO_STYLES, MixingView
from models import events as ev
from models.job import Control, Job

PATIENCE = 20_000
LAYERS = ("4x4", "7x7", "14x14", "28x28")


@pytest.fixture(scope="module")
def styled_run(tmp_path_factory):
    """The folder of a model with styles, trained for a moment."""
    from models.trainer import train

    folder = tmp_path_factory.mktemp("runs") / "styled"
    settings = {"width": 16, "channels": 4, "latent_dim": 6, "batch_size": 8}
    job = Job(family="stylegan", preset="faces", settings=settings, dataset="digits", device="cpu", steps=5,
              run=str(folder))  # fmt: skip
    list(train(job, Control()))
    return folder


def shown(qtbot, view):
    qtbot.addWidget(view)
    view.resize(340, 420)
    view.show()
    qtbot.waitExposed(view)
    return view


@pytest.fixture
def opened(qtbot, session, styled_run):
    session.start(styled_run)
    qtbot.waitUntil(lambda: session.state.picture is not None, timeout=PATIENCE)
    return session


@pytest.fixture
def panel(qtbot, opened):
    view = shown(qtbot, MixingView(opened))
    qtbot.waitUntil(lambda: view.sheet.count > 0, timeout=PATIENCE)
    return view


def mixed_anew(qtbot, session, before):
    qtbot.waitUntil(lambda: session.state.mixed not in (None, before), timeout=PATIENCE)
    return session.state.mixed


def cell(mixed, row, column):
    return mixed.pictures[row * (SIDE + 1) + column - 1]


def test_a_sheet_appears_by_itself_and_crosses_rows_with_columns(opened, panel):
    mixed, mixture = opened.state.mixed, opened.state.mixture
    assert layers_of(opened.state.run) == LAYERS
    assert mixture.crossing == 2
    assert panel.sheet.count == len(mixed.pictures) == (SIDE + 1) ** 2 - 1
    np.testing.assert_array_equal(mixed.codes[:SIDE], mixture.columns)
    np.testing.assert_array_equal(mixed.codes[SIDE], mixture.rows[0])
    assert panel.told.text() == "4x4 to 7x7 of the row, 14x14 to 28x28 of the column"
    assert len({tuple(row) for row in (*mixture.rows, *mixture.columns)}) == 2 * SIDE


def test_the_slider_rests_at_layers_and_moves_where_styles_meet(qtbot, opened, panel):
    before = opened.state.mixed
    panel.crossing.setFocus()
    qtbot.keyClick(panel.crossing, Qt.Key.Key_Right)
    assert opened.state.mixture.crossing == 3
    assert panel.crossing.real() == pytest.approx(3, abs=0.01)
    assert panel.told.text() == "4x4 to 14x14 of the row, 28x28 of the column"
    before = mixed_anew(qtbot, opened, before)
    qtbot.keyClick(panel.crossing, Qt.Key.Key_End)
    after = mixed_anew(qtbot, opened, before)
    for row in range(1, SIDE + 1):  # all layers are the row's
        np.testing.assert_array_equal(cell(after, row, 2), cell(after, row, 0))
    qtbot.keyClick(panel.crossing, Qt.Key.Key_Home)
    last = mixed_anew(qtbot, opened, after)
    for column in range(1, SIDE + 1):
        np.testing.assert_array_equal(cell(last, 2, column), cell(last, 0, column))
    assert panel.told.text() == "4x4 to 28x28 of the column"


def test_the_mouse_snaps_to_the_nearest_layer(qtbot, opened, panel):
    place = panel.crossing.rect().center()
    place.setX(int(panel.crossing.width() * 0.8))
    qtbot.mouseClick(panel.crossing, Qt.MouseButton.LeftButton, pos=place)
    assert opened.state.mixture.crossing == 3
    assert panel.crossing.real() == pytest.approx(3, abs=0.01)


def test_a_sheet_is_drawn_within_a_tenth_of_a_second(qtbot, opened, panel):
    seconds = []
    for crossing in (0, 1, 3, 4, 1):
        before, start = opened.state.mixed, time.perf_counter()
        opened.mixing.cross(crossing)
        mixed_anew(qtbot, opened, before)
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 0.1


def test_buttons_deal_one_side_and_take_pins(qtbot, opened, panel):
    old = opened.state.mixture
    panel.crossing.setFocus()
    opened.mixing.cross(1)
    qtbot.mouseClick(panel.rows, Qt.MouseButton.LeftButton)
    now = opened.state.mixture
    assert now.crossing == 1
    assert not np.array_equal(now.rows, old.rows)
    np.testing.assert_array_equal(now.columns, old.columns)
    qtbot.mouseClick(panel.columns, Qt.MouseButton.LeftButton)
    assert not np.array_equal(opened.state.mixture.columns, old.columns)
    np.testing.assert_array_equal(opened.state.mixture.rows, now.rows)
    assert not panel.pins.isEnabled()
    opened.set_code(np.full(6, 0.5, np.float32))
    opened.pin(0)
    assert panel.pins.isEnabled()
    opened.set_code(np.full(6, -0.5, np.float32))
    opened.pin(1)
    before = opened.state.mixture
    qtbot.mouseClick(panel.pins, Qt.MouseButton.LeftButton)
    after = opened.state.mixture
    assert (after.rows[0] == 0.5).all()
    assert (after.columns[0] == -0.5).all()
    np.testing.assert_array_equal(after.rows[1:], before.rows[1:])
    np.testing.assert_array_equal(after.columns[1:], before.columns[1:])


def test_a_picture_at_the_head_goes_to_the_probe(qtbot, opened, panel):
    for index, wanted in ((2, opened.state.mixture.columns[2]), (SIDE, opened.state.mixture.rows[0])):
        place = panel.sheet.cells()[index].center().toPoint()
        qtbot.mouseClick(panel.sheet, Qt.MouseButton.LeftButton, pos=place)
        np.testing.assert_array_equal(opened.state.code, wanted)
    before = opened.state.code
    place = panel.sheet.cells()[SIDE + 1].center().toPoint()
    qtbot.mouseClick(panel.sheet, Qt.MouseButton.LeftButton, pos=place)
    assert opened.state.code is before  # a mixture has no code of its own


def test_the_corner_stays_empty_and_the_heads_stand_in_line(panel):
    cells = panel.sheet.cells()
    assert panel.sheet.index_at(panel.sheet.rect().topLeft()) is None
    tops = {round(rect.top()) for rect in cells[:SIDE]}
    lefts = {round(cells[row * (SIDE + 1) - 1].left()) for row in range(1, SIDE + 1)}
    assert len(tops) == len(lefts) == 1
    assert cells[0].left() == pytest.approx(cells[SIDE + 1].left())
    assert panel.sheet.place_of(0) == (0, 1)
    assert panel.sheet.place_of(SIDE) == (1, 0)


def test_truncation_is_heard(qtbot, opened, panel):
    before = opened.state.mixed
    opened.set_knob("truncation", 0.0)
    after = mixed_anew(qtbot, opened, before)
    np.testing.assert_allclose(
        after.pictures.astype(int), np.broadcast_to(after.pictures[:1], after.pictures.shape), atol=1
    )


def test_nothing_is_drawn_for_a_panel_that_nobody_sees(opened, panel):
    panel.hide()
    renderer = opened.drawings.renderer
    assert renderer.newest("mixing") == 0
    opened.mixing.cross(0)
    assert renderer.newest("mixing") == 0
    panel.show()
    assert renderer.newest("mixing") > 0


def test_another_run_takes_its_mixture_away(opened, panel):
    info = opened.state.run
    told(opened, ev.Started("other", 0, replace(info, id="other"), 100))
    fresh = opened.state.mixture
    assert isinstance(fresh, Mixture)
    assert opened.state.mixed is None
    told(opened, ev.Started("plain", 0, run_info(4, run="plain"), 100))
    assert opened.state.mixture is None
    assert panel.empty.isVisible()
    assert panel.empty.words.startswith(NO_STYLES)
    assert "Style-based" in panel.empty.words


def test_without_a_run_it_says_what_it_is_for(qtbot, session):
    view = shown(qtbot, MixingView(session))
    assert view.empty.isVisible()
    assert view.empty.words == EMPTY
    set_stage(session)
    session.mixing.deal()
    session.mixing.cross(1)
    session.mixing.take_pins()
    assert session.state.mixture is None


def test_the_slider_keeps_its_length_whatever_is_told_below_it(qtbot, opened, panel):
    panel.resize(770, 200)
    panel.crossing.setFocus()
    lengths = set()
    for key in (Qt.Key.Key_Home, Qt.Key.Key_Right, Qt.Key.Key_End):
        qtbot.keyClick(panel.crossing, key)
        QApplication.processEvents()
        lengths.add(panel.crossing.width())
    assert len(lengths) == 1
