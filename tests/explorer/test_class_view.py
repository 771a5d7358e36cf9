"""Classes, knobs and steps in the window: a model that can be asked answers with pictures, others say why not."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from stage import run_info, told

from explorer.views.class_view import EMPTY, NO_CLASSES, ClassView
from explorer.views.probe_view import ProbeView
from explorer.views.samples_view import SamplesView
from explorer.views.selection_view import SelectionView
from models import events as ev
from models.job import Control, Job

PATIENCE = 20_000


@pytest.fixture
def opened(qtbot, session, asked_family, tmp_path):
    """A session that has opened a run of a family that can be asked for a class, whose map is drawn."""
    from models.trainer import train

    job = Job(family="asked", dataset="digits", device="cpu", steps=60, run=str(tmp_path / "run"))
    list(train(job, Control()))
    session.start(tmp_path / "run")
    qtbot.waitUntil(lambda: session.state.data is not None and len(session.state.data.pictures) > 0, timeout=PATIENCE)
    qtbot.waitUntil(lambda: session.state.picture is not None, timeout=PATIENCE)
    return session


def shown(qtbot, view):
    qtbot.addWidget(view)
    view.resize(360, 560)
    view.show()
    qtbot.waitExposed(view)
    return view


def settled(qtbot, session, field, before):
    qtbot.waitUntil(lambda: getattr(session.state, field) not in (None, before), timeout=PATIENCE)
    return getattr(session.state, field)


@pytest.fixture
def panel(qtbot, opened):
    view = shown(qtbot, ClassView(opened))
    qtbot.waitUntil(lambda: view.sheet.count > 0 and view.row.count == 10, timeout=PATIENCE)
    return view


def test_a_button_draws_its_class_in_probe_sheet_and_row(qtbot, opened, panel):
    probe, sheet, row = opened.state.picture, opened.state.sheet, opened.state.class_row
    qtbot.mouseClick(panel.buttons.buttons[1], Qt.MouseButton.LeftButton)
    assert opened.state.label == 1
    drawn = settled(qtbot, opened, "picture", probe)
    np.testing.assert_allclose(drawn.pictures[0], row.pictures[1], atol=3)  # the probe's code, in another precision
    other = settled(qtbot, opened, "sheet", sheet)
    np.testing.assert_array_equal(other.codes, sheet.codes)
    assert np.abs(other.pictures.astype(int) - sheet.pictures).mean() > 1


def test_the_button_of_the_class_stays_down_when_it_is_pressed_again(qtbot, opened, panel):
    for _ in range(2):
        qtbot.mouseClick(panel.buttons.buttons[7], Qt.MouseButton.LeftButton)
        assert [button.isChecked() for button in panel.buttons.buttons].index(True) == 7


def test_digits_choose_while_the_focus_is_in_the_panel(qtbot, opened, panel):
    panel.sheet.setFocus()
    qtbot.keyClick(QApplication.focusWidget() or panel.sheet, Qt.Key.Key_7)
    assert opened.state.label == 7
    assert [place for place, button in enumerate(panel.buttons.buttons) if button.isChecked()] == [7]


def test_the_slider_blends_two_classes(qtbot, opened, panel):
    qtbot.mouseClick(panel.buttons.buttons[0], Qt.MouseButton.LeftButton)
    before = settled(qtbot, opened, "picture", None)
    panel.goal.setCurrentIndex(1)
    panel.blend.setFocus()
    qtbot.keyClick(panel.blend, Qt.Key.Key_PageUp)
    np.testing.assert_allclose(opened.state.label[:3], [0.9, 0.1, 0], atol=1e-3)
    assert settled(qtbot, opened, "picture", before) is not before
    qtbot.keyClick(panel.blend, Qt.Key.Key_End)
    assert opened.state.label == 1
    assert panel.origin.text() == opened.state.run.class_names[0]  # the slider still goes from 0 to 1


def test_a_picture_of_the_sheet_gives_its_code_and_one_of_the_row_its_class(qtbot, opened, panel):
    panel.sheet.picked.emit(3)
    np.testing.assert_array_equal(opened.state.code, opened.state.sheet.codes[3])
    panel.row.picked.emit(4)
    assert opened.state.label == 4


def test_nothing_is_drawn_for_a_panel_that_nobody_sees(qtbot, opened, panel):
    panel.hide()
    renderer = opened.drawings.renderer
    assert renderer.newest("sheet") == renderer.newest("classes") == 0
    opened.set_label(2)
    assert renderer.newest("sheet") == 0


def test_others_say_who_can_be_asked(qtbot, session):
    view = shown(qtbot, ClassView(session))
    assert view.empty.words == EMPTY
    told(session, ev.Started("run", 0, run_info(4), 100))
    assert "cannot be asked" in view.empty.words
    info = run_info(4, ("prior", "condition"))
    told(session, ev.Started("run", 0, info, 100))
    assert not view.empty.isVisible()
    from dataclasses import replace

    told(session, ev.Started("run", 0, replace(info, class_names=()), 100))
    assert view.empty.words == NO_CLASSES
    session.set_label(0)
    assert session.state.label is None


def test_a_point_brings_its_class_and_pins_keep_theirs(opened):
    opened.select(3)
    assert opened.state.label == 3
    opened.pin(0)
    opened.select(5)
    opened.pin(1)
    opened.morph(0.5)
    np.testing.assert_allclose(opened.state.label[[3, 5]], 0.5)
    opened.morph(1.0)
    assert opened.state.label == 5


def test_the_selection_shows_what_was_generated(qtbot, opened):
    view = shown(qtbot, SelectionView(opened))
    opened.select(3)
    qtbot.waitUntil(lambda: np.array_equal(opened.state.picture.codes[0], opened.state.code), timeout=PATIENCE)
    assert view.original.caption == "generated"
    assert not view.reconstruction.isVisible()
    assert not view.error.isVisible()
    assert view.original.image is not None


def test_a_knob_is_heard_by_probe_and_samples(qtbot, opened):
    probe, samples = shown(qtbot, ProbeView(opened)), shown(qtbot, SamplesView(opened))
    assert list(probe.knobs.rows) == ["light", "levels"]
    assert not probe.reset_knobs_action.isEnabled()
    bright, before = opened.state.picture.pictures.mean(), opened.state.picture
    slider = probe.knobs.rows["light"][1]
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    assert opened.state.knobs == {"light": 0.0}
    assert settled(qtbot, opened, "picture", before).pictures.max() == 0 < bright
    assert settled(qtbot, opened, "turned", None).pictures.max() == 0
    assert "knobs" in samples.about_samples.text()
    dark = opened.state.picture
    probe.reset_knobs_action.trigger()
    assert settled(qtbot, opened, "picture", dark).pictures.mean() == bright
    assert opened.state.turned is None
    assert slider.real() == 1.0


def test_a_picture_can_be_watched_as_it_comes(qtbot, opened):
    probe = shown(qtbot, ProbeView(opened))
    brightness = []
    opened.steps_changed.connect(lambda: opened.state.steps and brightness.append(opened.state.steps.pictures.mean()))
    probe.watch_action.trigger()
    assert opened.state.watching
    assert probe.watch_action.isChecked()
    qtbot.waitUntil(lambda: not opened.state.watching, timeout=PATIENCE)
    assert len(brightness) == 3
    assert brightness == sorted(brightness)
    assert not probe.watch_action.isChecked()
    assert opened.state.steps is None


def test_watching_ends_when_asked_and_when_the_code_moves(qtbot, opened):
    for end in (opened.drawings.stop_watching, lambda: opened.set_code(opened.state.code + 1)):
        opened.drawings.watch()
        end()
        assert not opened.state.watching
        assert opened.drawings.renderer.newest("steps") == 0
    qtbot.wait(200)
    assert opened.state.steps is None


def test_a_model_without_knobs_and_steps_shows_neither(qtbot, session):
    probe = shown(qtbot, ProbeView(session))
    told(session, ev.Started("run", 0, run_info(4), 100))
    assert not probe.knobs.isVisible()
    assert not probe.reset_knobs.isVisible()
    assert not probe.watch.isVisible()
    assert not probe.watch_action.isEnabled()


# ---- writing, and the size of the sheet


def test_digits_that_are_typed_are_drawn_each_from_its_own_code_or_from_one(qtbot, opened, panel):
    assert panel.writing.line.placeholderText().endswith("2026")
    qtbot.keyClicks(panel.writing.line, "2026")
    qtbot.waitUntil(lambda: panel.writing.pictures.count == 4, timeout=PATIENCE)
    own = opened.state.written
    assert not np.array_equal(own.codes[0], own.codes[2])
    assert opened.state.label == 0  # digits that are typed into the line choose no class
    qtbot.mouseClick(panel.writing.one, Qt.MouseButton.LeftButton)
    one = settled(qtbot, opened, "written", own)
    assert (one.codes == opened.state.code).all()
    np.testing.assert_array_equal(one.pictures[0], one.pictures[2])
    np.testing.assert_allclose(one.pictures[3], opened.state.class_row.pictures[6], atol=3)
    qtbot.mouseClick(panel.writing.dice, Qt.MouseButton.LeftButton)
    others = settled(qtbot, opened, "written", one)
    assert not np.array_equal(others.codes[0], own.codes[0])
    panel.writing.picked.emit(3)
    np.testing.assert_array_equal(opened.state.code, others.codes[3])
    assert opened.state.label == 6
    opened.undo()
    assert opened.state.label == 0


def test_a_letter_more_leaves_the_others_as_they_are_and_what_is_no_class_is_told(qtbot, opened, panel):
    qtbot.keyClicks(panel.writing.line, "12")
    qtbot.waitUntil(lambda: panel.writing.pictures.count == 2, timeout=PATIENCE)
    first = opened.state.written
    qtbot.keyClicks(panel.writing.line, "x3")
    qtbot.waitUntil(lambda: panel.writing.pictures.count == 3, timeout=PATIENCE)
    np.testing.assert_array_equal(opened.state.written.codes[:2], first.codes)
    assert panel.writing.problem.text() == "There is no class x"
    panel.writing.line.selectAll()
    qtbot.keyClick(panel.writing.line, Qt.Key.Key_Delete)
    assert panel.writing.pictures.count == 0
    assert not panel.writing.save.isEnabled()


def test_what_is_written_is_saved_as_it_is_seen(qtbot, opened, panel, tmp_path):
    from PIL import Image

    opened.asks.write("31")
    qtbot.waitUntil(lambda: panel.writing.pictures.count == 2, timeout=PATIENCE)
    opened.asks.save(tmp_path / "written.png")
    qtbot.waitUntil(lambda: (tmp_path / "written.png").exists(), timeout=PATIENCE)
    with Image.open(tmp_path / "written.png") as image:
        saved = np.asarray(image.convert("L"))[2::4, 2::4]
    seen = np.concatenate([*opened.state.written.pictures[..., 0]], axis=1)
    np.testing.assert_allclose(saved, seen, atol=3)  # one is drawn exactly, the other quickly


def test_the_sheet_has_as_many_rows_as_wanted_and_a_column_for_every_class(qtbot, opened, panel):
    opened.asks.set_side(8)
    qtbot.waitUntil(lambda: panel.sheet.count == 64, timeout=PATIENCE)
    qtbot.mouseClick(panel.head.every, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.sheet.count == 80, timeout=PATIENCE)
    assert not panel.row.isVisible()
    sheet = opened.state.sheet
    np.testing.assert_array_equal(sheet.codes[0], opened.state.code)
    panel.sheet.picked.emit(13)
    np.testing.assert_array_equal(opened.state.code, sheet.codes[10])
    assert opened.state.label == 3
    moved = settled(qtbot, opened, "sheet", sheet)
    np.testing.assert_array_equal(moved.codes[0], opened.state.code)
    opened.undo()
    opened.undo()
    opened.undo()
    assert not opened.state.asking.every


def test_knobs_turn_beside_the_classes(qtbot, opened, panel):
    sheet = opened.state.sheet
    slider = panel.knobs.rows["light"][1]
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    assert opened.state.knobs == {"light": 0.0}
    assert settled(qtbot, opened, "sheet", sheet).pictures.max() == 0
