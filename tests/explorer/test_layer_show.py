"""Layers behind the points in a real window: chosen by menu and keys, computed, followed, read off, explained."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QMenu
from stage import run_info, set_stage, told

from explorer import colors
from explorer.layer_words import ends, matter, value_words
from explorer.layers import Surveying, fits, layer_of, next_layer
from explorer.style import dress
from models import events as ev
from models.judging_events import Judging
from models.layer_events import LAYERS, Surveyed
from models.surveying import COARSE, FINE

PATIENCE = 120_000
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def opened(qtbot, window, tiny_run, monkeypatch):
    """The real window on a small trained run, where no wait for a fine layer is too long."""
    monkeypatch.setattr("models.surveying.SOON", 1e9)
    session = window._session
    session.start(tiny_run)
    qtbot.waitUntil(lambda: session.state.weights is not None and session.state.embedding is not None, timeout=PATIENCE)
    return window


def action(window, name):
    return window.findChild(QAction, f"action_layer_{name}")


def finished(qtbot, window, layer):
    """The answer about a layer, once it is as fine as it becomes."""
    session = window._session

    def done():
        shown = session.state.survey.shown
        return shown is not None and shown.done and shown.asked.layer == layer and not session.state.survey.working

    qtbot.waitUntil(done, timeout=PATIENCE)
    return session.state.survey.shown


def words(window):
    return window.findChild(QLabel, "layer_words").text()


# ---- choosing


@pytest.mark.parametrize("layer", ["density", "prior", "honesty", "stretch"])
def test_a_layer_is_chosen_computed_and_painted_under_the_points(qtbot, opened, layer):
    shown = opened.map_view.map
    before = shown.grab().toImage()
    action(opened, layer).trigger()
    answer = finished(qtbot, opened, layer)
    assert answer.side == FINE
    assert answer.values.shape == (FINE, FINE)
    assert np.isfinite(answer.values).all()
    left, bottom, right, top = answer.asked.bounds
    seen = shown.camera.bounds(shown.extent)
    assert left < seen[0]
    assert bottom < seen[1]
    assert right > seen[2]
    assert top > seen[3]
    assert shown.grab().toImage() != before
    key = opened.findChild(QLabel, "layer_words").parentWidget()
    assert key.isVisible()
    action(opened, layer).trigger()
    assert opened._session.state.layer == ""
    assert not key.isVisible()
    assert shown._field is None


def test_the_key_l_walks_through_the_layers_that_the_model_has(qtbot, opened):
    session = opened._session
    opened.map_view.map.setFocus()
    walked = []
    for _ in range(len(LAYERS) + 1):
        QTest.keyClick(opened.map_view.map, Qt.Key.Key_L)
        walked.append(session.state.layer)
    assert walked == [*LAYERS, ""]
    QTest.keyClick(opened.map_view.map, Qt.Key.Key_L, Qt.KeyboardModifier.ShiftModifier)
    assert session.state.layer == [*LAYERS][-1]


def test_what_a_model_does_not_have_is_greyed_with_its_reason_and_skipped(window):
    session = window._session
    set_stage(session, capabilities=())
    assert not action(window, "honesty").isEnabled()
    assert "no way from pictures to codes" in action(window, "honesty").toolTip()
    assert action(window, "stretch").isEnabled()
    names, state = [], session.state
    for _ in range(4):
        names.append(next_layer(replace(state, layer=names[-1] if names else ""), 1))
    assert "honesty" not in names
    assert "prior" not in names
    session.layers.choose("honesty")
    assert layer_of(session.state) == ""
    told(session, ev.Started("other", 0, run_info(4, ("encode",), run="other"), None))
    assert layer_of(session.state) == "honesty"  # the next run that has it shows it


def test_a_layer_is_undone_like_any_gesture(opened):
    session = opened._session
    action(opened, "honesty").trigger()
    session.undo()
    assert session.state.layer == ""
    assert not action(opened, "honesty").isChecked()
    session.redo()
    assert session.state.layer == "honesty"
    assert action(opened, "honesty").isChecked()


def test_the_button_at_the_map_offers_all_layers_with_explanations(opened):
    button = opened.findChild(QAbstractButton, "layer_button")
    menu = button.findChild(QMenu, "layer_menu")
    offered = [each for each in menu.actions() if each.isCheckable()]
    assert [each.text() for each in offered[1:]] == [layer.title for layer in LAYERS.values()][1:]
    assert all(len(each.toolTip()) > 80 for each in offered)
    assert button.accessibleDescription() == "none"
    action(opened, "stretch").trigger()
    assert button.accessibleDescription() == "Stretch"


# ---- pictures


def test_honest_pictures_are_decoded_pictures_under_a_veil(qtbot, opened):
    action(opened, "faded").trigger()
    finished(qtbot, opened, "faded")
    shown = opened.map_view.map
    qtbot.waitUntil(lambda: shown._lattice is not None, timeout=PATIENCE)
    image, _ = shown._field
    opacity = {image.pixelColor(x, y).alpha() for x in range(0, FINE, 8) for y in range(0, FINE, 8)}
    assert len(opacity) > 1
    assert image.pixelColor(5, 5).rgb() & 0xFFFFFF == colors.theme().map.rgb() & 0xFFFFFF
    action(opened, "none").trigger()
    assert shown._lattice is None
    assert shown._field is None


# ---- following


def test_the_layer_follows_the_view_when_it_rests_and_stays_in_place_until_then(qtbot, opened):
    action(opened, "stretch").trigger()
    first = finished(qtbot, opened, "stretch")
    shown = opened.map_view.map
    shown.zoom(4)
    assert shown._field[1] == first.asked.bounds
    qtbot.waitUntil(lambda: shown._field[1] != first.asked.bounds, timeout=PATIENCE)
    left, _, right, _ = finished(qtbot, opened, "stretch").asked.bounds
    assert right - left == pytest.approx((first.asked.bounds[2] - first.asked.bounds[0]) / 4, rel=1e-3)


def test_the_layer_follows_newer_weights(qtbot, opened):
    session = opened._session
    action(opened, "stretch").trigger()
    first = finished(qtbot, opened, "stretch")
    weights = session.state.weights
    changed = {name: np.asarray(part) * np.float32(1.1) for name, part in weights.state.items()}
    told(session, replace(weights, state=changed))
    qtbot.waitUntil(lambda: session.state.survey.asked.weights is not weights, timeout=PATIENCE)
    assert not np.allclose(finished(qtbot, opened, "stretch").values, first.values)


def test_an_answer_to_an_older_question_comes_too_late(opened):
    survey = Surveying()
    assert survey.after(Surveyed("run", 1, None)) == replace(survey, shown=Surveyed("run", 1, None), working=True)
    late = Surveyed("run", 1, object(), done=True)
    assert survey.after(late) is survey


def test_a_layer_of_another_plane_is_not_shown(qtbot, opened):
    session = opened._session
    action(opened, "density").trigger()
    shown = finished(qtbot, opened, "density")
    assert fits(shown.asked, session.state)
    plane = session.state.embedding.projection
    turned = replace(plane, axes=plane.axes[::-1].copy())
    told(session, replace(session.state.embedding, projection=turned))
    assert not fits(shown.asked, session.state)
    assert opened.map_view.map._field is None
    finished(qtbot, opened, "density")
    qtbot.waitUntil(lambda: opened.map_view.map._field is not None, timeout=PATIENCE)


# ---- reading off


def test_the_mouse_reads_the_value_off_and_marks_it_on_the_scale(qtbot, opened):
    action(opened, "honesty").trigger()
    answer = finished(qtbot, opened, "honesty")
    shown = opened.map_view.map
    QTest.mouseMove(shown, QPoint(40, 40))
    QTest.mouseMove(shown, QPoint(60, 50))
    x, y = shown.camera.to_map(shown.mouse.x(), shown.mouse.y(), shown.extent)
    assert f"{answer.at(x, y):.2f} spreads off" in words(opened)


def test_a_slow_model_is_said_to_be_slow_and_made_finer_by_the_button(qtbot, opened, monkeypatch):
    monkeypatch.setattr("models.surveying.SOON", 0.0)
    action(opened, "stretch").trigger()
    assert finished(qtbot, opened, "stretch").side == COARSE
    button = opened.findChild(QAbstractButton, "layer_offer")
    assert "takes long" in words(opened)
    assert button.isVisible()
    assert button.text() == "Finer"
    button.click()
    qtbot.waitUntil(lambda: opened._session.state.survey.shown.side == 2 * COARSE, timeout=PATIENCE)
    finished(qtbot, opened, "stretch")


def test_class_regions_train_their_classifier_when_asked(qtbot, opened, monkeypatch):
    from models.evaluate import classifier

    monkeypatch.setattr(classifier, "LEAST", 512)
    monkeypatch.setattr(classifier, "MOST", 512)
    action(opened, "classes").trigger()
    qtbot.waitUntil(lambda: "not trained" in words(opened), timeout=PATIENCE)
    button = opened.findChild(QAbstractButton, "layer_offer")
    assert button.text() == "Train it"
    QTest.mouseClick(button, LEFT)
    qtbot.waitUntil(lambda: opened._session.state.survey.shown.labels is not None, timeout=2 * PATIENCE)
    answer = finished(qtbot, opened, "classes")
    assert answer.labels.shape == answer.values.shape
    assert set(np.unique(answer.labels)) <= set(range(10))
    assert (answer.values >= answer.low).all()


def test_the_key_explains_closes_and_follows_the_theme(qtbot, opened):
    action(opened, "honesty").trigger()
    finished(qtbot, opened, "honesty")
    about = opened.findChild(QAbstractButton, "layer_about")
    assert "nowhere" in about.toolTip()
    before = opened.map_view.map._field[0]
    dress("dark")
    qtbot.waitUntil(lambda: opened.map_view.map._field[0] != before, timeout=PATIENCE)
    QTest.mouseClick(opened.findChild(QAbstractButton, "layer_close"), LEFT)
    assert opened._session.state.layer == ""


def test_all_answers_have_words():
    asked = type("Asked", (), {"layer": "honesty", "bounds": (0, 0, 1, 1)})()
    values = np.array([[0.5, 2.0]], np.float32)
    shown = Surveyed("run", 1, asked, values, done=True, side=16)
    assert value_words(shown, 0.2, 0.5) == "0.50 spreads off"
    assert value_words(shown, 0.7, 0.5) == "2.00 spreads off, from nowhere"
    assert value_words(shown, 7, 7) == ""
    assert ends(shown) == ("0 true", "from nowhere ≥ 1")
    assert matter(Surveying(asked, shown)) == ""
    assert matter(Surveying(asked, replace(shown, done=False))) == "Stopped at 16 × 16 cells."
    assert matter(Surveying(asked, replace(shown, finer=60.0))) == "This takes long: 16 × 16 cells so far."
    slow = replace(shown, done=False, left=70.0, share=0.25)
    assert matter(Surveying(asked, slow, working=True)) == "16 × 16 cells · 25% · 1 min 10 s left"
    assert "about 16 s" in matter(Surveying(asked, replace(shown, judging=16.0)))
    judging = Judging("", 0, "Training the classifier", 0.5)
    assert matter(Surveying(asked, replace(shown, judging=16.0)), judging) == "Training the classifier 50%"
    asked.layer = "classes"
    named = replace(shown, values=values / 2, labels=np.array([[1, 0]]))
    assert value_words(named, 0.2, 0.5, ("cat", "dog")) == "dog, 25% of the votes"


def test_points_without_numbers_are_answered_in_words(qtbot, opened):
    session = opened._session
    action(opened, "density").trigger()
    finished(qtbot, opened, "density")
    gone = session.state.embedding
    told(session, replace(gone, points=np.full_like(gone.points, np.nan)))
    qtbot.waitUntil(lambda: "no numbers" in words(opened), timeout=PATIENCE)
