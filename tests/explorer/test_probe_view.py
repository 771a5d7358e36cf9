import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from stage import drawn, embedded, pictures, run_info, set_stage, told

from explorer.views import probe_view
from explorer.views.probe_view import ProbeView
from explorer.widgets.picture import to_image
from models import events as ev
from models import latent


@pytest.fixture
def probe(session, qtbot):
    """The probe on a run with four dimensions whose code is the middle of the data."""
    probe = ProbeView(session)
    qtbot.addWidget(probe)
    probe.resize(340, 520)
    probe.show()
    probe.activateWindow()
    set_stage(session)
    return probe


def both_pinned(session):
    session.select(1)
    session.pin(0)
    session.select(2)
    session.pin(1)
    return session.state.embedding.codes[[1, 2]]


def count_of(signal):
    heard = []
    signal.connect(lambda: heard.append(1))
    return heard


def test_without_a_run_it_says_so_and_offers_nothing(session, qtbot):
    probe = ProbeView(session)
    qtbot.addWidget(probe)
    probe.show()
    assert probe.sliders.count == 0
    assert probe.picture.image is None
    assert not probe.randomise.isEnabled()
    assert not probe.morph.pins[0].isEnabled()
    assert not probe.morph.slider.isEnabled()


def test_arrow_key_on_a_slider_moves_that_number_only(probe, session):
    session.select(5)
    before = session.state.code
    QTest.keyClick(probe.sliders.rows[2].slider, Qt.Key.Key_Right)
    apart = session.state.code - before
    assert apart[2] > 0
    assert np.array_equal(np.delete(apart, 2), [0, 0, 0])
    assert session.state.selection is None


def test_mouse_on_a_slider_moves_that_number(probe, session):
    slider = probe.sliders.rows[0].slider
    low, high = probe_view.latent.quantile_ranges(session.state.embedding.codes)[0]
    QTest.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.width() - 8, slider.height() // 2))
    assert session.state.code[0] == pytest.approx(high, abs=0.01)
    QTest.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(8, slider.height() // 2))
    assert session.state.code[0] == pytest.approx(low, abs=0.01)


def test_a_moved_slider_is_heard_once_and_its_echo_moves_nothing(probe, session):
    heard = count_of(session.code_changed)
    QTest.keyClick(probe.sliders.rows[1].slider, Qt.Key.Key_Left)
    assert len(heard) == 1
    session.set_code(np.array([0.3, 0.2, -0.1, 0.123456], np.float32))
    session.select(3)
    assert len(heard) == 3
    assert np.array_equal(session.state.code, session.state.embedding.codes[3])


def test_sliders_show_the_very_code(probe, session):
    code = np.array([0.5, -0.25, 7.0, 0.0], np.float32)  # 7 lies far outside the data
    session.set_code(code)
    assert [row.value for row in probe.sliders.rows.values()] == code.tolist()
    assert probe.sliders.rows[2].slider.real() == pytest.approx(7.0)


def test_while_training_sliders_follow_the_selected_point(probe, session):
    session.select(4)
    heard = count_of(session.code_changed)
    told(session, embedded(4, shift=0.75))
    assert [row.value for row in probe.sliders.rows.values()] == session.state.embedding.codes[4].tolist()
    assert len(heard) == 1


def test_ranges_follow_the_data_only_now_and_then(probe, session, qtbot, monkeypatch):
    measured = []
    real = probe_view.latent.quantile_ranges
    monkeypatch.setattr(probe_view.latent, "quantile_ranges", lambda codes: measured.append(1) or real(codes))
    for shift in range(1, 6):
        told(session, embedded(4, shift=10 * shift))
    assert measured == []
    qtbot.waitUntil(lambda: measured == [1], timeout=3000)
    session.set_code(session.state.embedding.codes.mean(axis=0))
    QTest.keyClick(probe.sliders.rows[0].slider, Qt.Key.Key_Home)
    assert session.state.code[0] > 40


def test_locked_numbers_stay_when_randomised_and_reset(probe, session):
    session.select(6)
    before = session.state.code
    QTest.mouseClick(probe.sliders.rows[1].lock, Qt.MouseButton.LeftButton)
    assert session.state.locked == {1}
    QTest.keyClick(probe, Qt.Key.Key_R)
    changed = session.state.code != before
    assert changed.tolist() == [True, False, True, True]
    QTest.mouseClick(probe.reset, Qt.MouseButton.LeftButton)
    middle = session.state.embedding.codes.mean(axis=0)
    assert np.allclose(np.delete(session.state.code, 1), np.delete(middle, 1))
    assert session.state.code[1] == before[1]


def test_a_share_is_shown_only_while_the_code_lies_on_the_way(probe, session):
    both_pinned(session)
    session.morph(0.4)
    assert probe.morph.share.text() == "40% to B"
    QTest.mouseClick(probe.randomise, Qt.MouseButton.LeftButton)
    assert session.state.morph is None
    assert probe.morph.share.text() == ""
    away = probe.morph.slider.grab().toImage()
    handle = QPoint(round(probe.morph.slider._x(probe.morph.slider.value())), probe.morph.slider.height() // 2)
    QTest.mouseClick(probe.morph.slider, Qt.MouseButton.LeftButton, pos=handle)  # takes up the way where it was left
    assert session.state.morph == pytest.approx(0.4)
    assert probe.morph.share.text() == "40% to B"
    assert probe.morph.slider.grab().toImage() != away


def test_the_arc_is_offered_where_codes_have_a_prior_and_takes_the_probe_along(probe, session):
    a, b = both_pinned(session)
    session.morph(0.5)
    assert probe.bend_action.isChecked()
    assert np.allclose(session.state.code, latent.slerp(a, b, 0.5))
    QTest.mouseClick(probe.morph.bend, Qt.MouseButton.LeftButton)
    assert np.allclose(session.state.code, (a + b) / 2, atol=1e-6)
    QTest.keyClick(probe, Qt.Key.Key_M, Qt.KeyboardModifier.ShiftModifier)
    assert np.allclose(session.state.code, latent.slerp(a, b, 0.5))
    set_stage(session, capabilities=("encode",))
    both_pinned(session)
    assert not probe.bend_action.isEnabled()
    assert not probe.morph.bend.isVisible()


def test_before_both_are_pinned_the_bar_says_what_to_do(probe, session):
    assert probe.morph.words.isVisible()
    assert not probe.morph.slider.isVisible()
    both_pinned(session)
    assert not probe.morph.words.isVisible()
    assert probe.morph.slider.isVisible()


def test_keys_pin_and_the_morph_slider_goes_the_straight_way(probe, session):
    session.bend(False)
    session.select(1)
    QTest.keyClick(probe, Qt.Key.Key_A)
    assert not probe.morph.slider.isEnabled()
    session.select(2)
    QTest.keyClick(probe, Qt.Key.Key_B)
    a, b = session.state.embedding.codes[[1, 2]]
    assert probe.morph.slider.isEnabled()
    assert probe.morph.slider.real() == 1
    QTest.keyClick(probe.morph.slider, Qt.Key.Key_PageDown)
    assert session.state.morph == pytest.approx(0.9)
    assert np.allclose(session.state.code, 0.1 * a + 0.9 * b, atol=1e-6)
    QTest.keyClick(probe.morph.slider, Qt.Key.Key_Home)
    assert np.allclose(session.state.code, a)


def test_dragging_the_morph_decodes_all_the_way(probe, session):
    both_pinned(session)
    slider = probe.morph.slider
    heard = count_of(session.code_changed)
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.width() - 8, 12))
    for x in range(slider.width() - 10, 8, -10):
        QTest.mouseMove(slider, QPoint(x, 12))
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(8, 12))
    assert len(heard) >= 10
    assert session.state.morph < 0.1


def test_pin_pictures_stand_at_their_pins(probe, session):
    session.select(1)
    QTest.mouseClick(probe.morph.pins[1], Qt.MouseButton.LeftButton)
    first, second = pictures(2)
    codes = session.state.embedding.codes
    told(session, ev.Rendered("run", 1, "pins", 1, codes[[1]], first[None], 0.001))
    assert probe.morph.pins[0].image is None
    assert probe.morph.pins[1].image == to_image(first)
    session.select(2)
    QTest.mouseClick(probe.morph.pins[0], Qt.MouseButton.LeftButton)
    assert probe.morph.pins[0].image is None  # the picture at hand is B's
    told(session, ev.Rendered("run", 1, "pins", 2, codes[[2, 1]], np.stack([second, first]), 0.001))
    assert [button.image for button in probe.morph.pins] == [to_image(second), to_image(first)]


def test_playing_walks_to_and_fro_until_somebody_moves_the_code(probe, session, qtbot):
    both_pinned(session)
    shares = []
    session.morph_changed.connect(lambda: shares.append(session.state.morph))
    QTest.mouseClick(probe.morph.play, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(shares) >= 4, timeout=3000)
    assert 1.0 >= shares[0] > shares[1] > shares[2] > 0.9
    assert probe.play_action.isChecked()
    session.select(9)
    assert not probe.play_action.isChecked()
    walked = len(shares)
    qtbot.wait(100)
    assert len(shares) == walked


def test_a_hidden_probe_does_not_play(probe, session):
    both_pinned(session)
    probe.play_action.trigger()
    assert probe.play_action.isChecked()
    probe.hide()
    assert not probe.play_action.isChecked()


def test_the_newest_picture_is_shown_and_a_hidden_probe_catches_up(probe, session):
    first, second = pictures(2)
    drawn(session, first)
    assert probe.picture.image == to_image(first)
    probe.hide()
    drawn(session, second)
    session.select(7)
    assert probe.picture.image == to_image(first)
    probe.show()
    assert probe.picture.image == to_image(second)
    assert [row.value for row in probe.sliders.rows.values()] == session.state.code.tolist()


def test_a_new_run_starts_anew(probe, session):
    both_pinned(session)
    drawn(session, pictures(1)[0])
    told(session, ev.Started("next", 0, run_info(2, run="next"), 100))
    assert probe.sliders.count == 2
    assert probe.picture.image is None
    assert [button.image for button in probe.morph.pins] == [None, None]
    assert not probe.morph.slider.isEnabled()


@pytest.mark.parametrize(("dimensions", "shown"), [(1, 1), (512, 512), (1024, 512)])
def test_any_number_of_dimensions(session, qtbot, dimensions, shown):
    probe = ProbeView(session)
    qtbot.addWidget(probe)
    probe.resize(260, 500)
    probe.show()
    set_stage(session, dimensions)
    assert probe.sliders.count == shown
    assert probe.beyond.isVisible() is (dimensions > shown)
    bar = probe.sliders.verticalScrollBar()
    bar.setValue(bar.maximum())
    QTest.keyClick(probe.sliders.rows[shown - 1].slider, Qt.Key.Key_End)
    assert session.state.code[shown - 1] > 0.5
    assert len(session.state.code) == dimensions


def test_every_control_can_be_named(probe):
    controls = [probe.picture, probe.reset, probe.randomise, probe.sliders, *probe.morph.pins]
    controls += [probe.morph.slider, probe.morph.bend, probe.morph.play]
    controls += [part for row in probe.sliders.rows.values() for part in (row.slider, row.lock)]
    assert all(control.objectName() and control.accessibleName() for control in controls)
    assert {action.objectName() for action in probe.actions()} == {
        "action_randomise", "action_reset", "action_pin_a", "action_pin_b", "action_play_morph",
        "action_bend_morph", "action_watch", "action_reset_knobs",
    }  # fmt: skip


def test_small_screens_hold_it(probe):
    assert probe.minimumSizeHint().width() <= 260
    assert probe.minimumSizeHint().height() <= 260
