from __future__ import annotations

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QPushButton, QSlider
from stage import run_info, told

from explorer.colors import DARK, LIGHT, class_color
from explorer.curve_math import range_of, rounded_out, smoothed, thinned, value_at
from explorer.style import dress
from explorer.views.curves_view import PAUSE, CurvesView
from explorer.words import number
from models import events as ev
from models.judging_events import Diagnosed
from models.palette import DARK_CLASS_COLORS

# ---- the maths


@pytest.mark.parametrize("weight", [0.3, 0.9, 0.999])
def test_smoothing_is_the_debiased_running_mean(weight):
    values = np.random.default_rng(0).normal(5, 1, 3000)
    mean, wanted = 0.0, []
    for count, value in enumerate(values, start=1):
        mean = weight * mean + (1 - weight) * value
        wanted.append(mean / (1 - weight**count))
    np.testing.assert_allclose(smoothed(values.astype(np.float32), weight), wanted, rtol=1e-5)


def test_smoothing_passes_over_what_is_no_number():
    values = np.array([1.0, np.nan, 3.0, np.inf])
    np.testing.assert_allclose(smoothed(values, 0.5), [1, 1, (0.25 * 1 + 3) / 1.25, (0.25 * 1 + 3) / 1.25])
    assert np.isnan(smoothed(np.array([np.nan]), 0.5)).all()
    assert len(smoothed(np.empty(0), 0.5)) == 0


def test_no_smoothing_changes_nothing():
    values = np.array([3.0, 1.0, np.nan])
    np.testing.assert_array_equal(smoothed(values, 0.0), values)


def test_thinning_keeps_every_peak_and_few_points():
    steps = np.arange(20_000)
    values = np.sin(steps / 500.0)
    values[7777], values[12_345] = 9.0, -9.0
    x, y = thinned(steps, values, 0, 20_000, 300)
    assert len(x) == len(y) <= 600
    assert (y.max(), y.min()) == (9.0, -9.0)
    assert abs(x[y.argmax()] - 7777) < 20_000 / 300
    assert (np.diff(x) >= 0).all()


def test_thinning_shows_a_short_stretch_as_it_is():
    steps = np.arange(0, 1000, 10)
    x, y = thinned(steps, steps * 2.0, 205, 295, 100)
    np.testing.assert_array_equal(x, np.arange(200, 310, 10))  # and one point beyond each edge
    np.testing.assert_array_equal(y, x * 2)


def test_the_first_steps_do_not_flatten_the_rest():
    curve = np.full(1000, 150.0)
    curve[:5] = 5000
    assert range_of([curve, np.array([140.0])]) == (140.0, 150.0)
    assert range_of([np.array([np.nan])]) is None
    low, high = range_of([np.array([2.0])])
    assert low < 2 < high


def test_ranges_are_rounded_outward():
    assert rounded_out(0, 1234) == (0, 1400)
    low, high = rounded_out(0.131, 0.149)
    assert low <= 0.131 < 0.149 <= high
    assert high - low < 0.03


def test_the_value_at_a_step_is_the_nearest_recorded():
    steps, values = np.array([10, 20, 40]), np.array([1.0, 2.0, 4.0])
    assert [value_at(steps, values, step) for step in (10, 14, 26, 31, 40)] == [1, 1, 2, 4, 4]
    assert np.isnan(value_at(steps, values, 9))
    assert np.isnan(value_at(steps, values, 41))
    assert np.isnan(value_at(steps[:0], values[:0], 1))


# ---- the panel


def losses(split, steps, **values):
    return ev.Losses(
        "run", int(steps[-1]), split, np.asarray(steps), {k: np.asarray(v, np.float32) for k, v in values.items()}
    )


@pytest.fixture
def view(qtbot, session, light):
    view = CurvesView(session)
    qtbot.addWidget(view)
    view.resize(800, 300)
    view.show()
    qtbot.waitExposed(view)
    return view


@pytest.fixture
def training(session, view, qtbot):
    """200 steps with a loss and a KL, both also held-out, and a figure that only held-out pictures have."""
    steps = np.arange(200)
    told(session, ev.Started("run", 0, run_info(2), 400))
    told(session, losses("train", steps, loss=300 - steps, kl=steps / 50))
    told(session, losses("test", [100, 199], loss=[205, 105], kl=[2.5, 3.9], recon_mse=[0.05, 0.04]))
    qtbot.waitUntil(lambda: bool(view.plot.newest()))
    view.findChild(QSlider, "smoothing").setValue(0)
    qtbot.waitUntil(lambda: view.plot.newest().get(("loss", False)) == 101)
    return session


def box_of(view):
    """pyqtgraph's own reckoning of which steps and values lie between the edges."""
    return next(item for item in view.plot.findChild(object, "curve_plot").items() if isinstance(item, pg.ViewBox))


def hover(view, x_share, y_share=0.4):
    """Move the mouse over the plot and return the step under it, by pyqtgraph's own reckoning."""
    canvas = view.plot.findChild(object, "curve_plot")
    box = box_of(view).sceneBoundingRect()
    place = QPointF(box.left() + x_share * box.width(), box.top() + y_share * box.height())
    at = QPointF(canvas.mapFromScene(place))
    moved = QMouseEvent(
        QMouseEvent.Type.MouseMove, at, canvas.viewport().mapToGlobal(at), Qt.MouseButton.NoButton,
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(canvas.viewport(), moved)
    return round(box_of(view).mapSceneToView(place).x())


def colours_of(view):
    image = view.plot.grab().toImage()
    return {image.pixel(x, y) & 0xFFFFFF for x in range(60, image.width()) for y in range(0, image.height(), 2)}


def test_says_what_it_is_for_while_empty(view):
    words = " ".join(label.text() for label in view.findChildren(QLabel) if label.isVisible())
    assert "Start a training" in words


def test_every_loss_stands_in_the_legend_with_its_newest_values(view, training):
    assert view.legend.text().splitlines() == [
        "Step 199",
        "loss\t101.0\t105.0",
        "KL\t3.980\t3.900",
        "recon MSE\t–\t–",  # on a scale of its own, so hidden until asked for
    ]


@pytest.mark.parametrize("value", [-1.2344e-3, 9.876e-4, -1.5e-9, -999_999, -8.88e9, 0.1234])
def test_no_value_is_wider_than_its_place(view, training, value):
    view.legend.set_values(5, {("loss", False): value})
    label = next(label for label in view.legend.findChildren(QLabel) if label.text() == number(value))
    assert label.fontMetrics().horizontalAdvance(label.text()) <= label.width()


def test_crosshair_tells_the_values_of_all_visible_curves(view, training):
    step = hover(view, 0.5)
    assert 60 < step < 140
    rows = view.legend.text().splitlines()
    assert rows[0] == f"Step {step}"
    assert rows[1].split("\t")[1] == f"{300 - step:.1f}"
    assert rows[2].split("\t")[1] == f"{np.float32(step / 50):.3f}"
    hover(view, 1.5)
    assert view.legend.text().splitlines()[0] == "Step 199"


def test_a_check_box_hides_and_shows_a_curve(qtbot, view, training):
    box = view.findChild(QCheckBox, "curve_kl")
    before = colours_of(view)
    qtbot.keyClick(box, Qt.Key.Key_Space)
    assert set(view.plot.newest()) == {("loss", False), ("loss", True)}
    assert colours_of(view) != before
    qtbot.keyClick(view.findChild(QCheckBox, "curve_recon_mse"), Qt.Key.Key_Space)
    assert view.plot.newest()["recon_mse", True] == pytest.approx(0.04)


def test_smoothing_moves_training_and_leaves_held_out(qtbot, view, training):
    view.findChild(QSlider, "smoothing").setValue(40)
    qtbot.waitUntil(lambda: view.plot.newest()["loss", False] != 101)
    wanted = smoothed(300.0 - np.arange(200), 0.99)[-1]
    assert view.plot.newest()["loss", False] == pytest.approx(wanted)
    assert view.plot.newest()["loss", True] == 105


def test_follows_the_curves_until_touched_and_again_after_fit(qtbot, view, training):
    box = box_of(view)
    assert box.viewRange()[0] == pytest.approx([0, 200], abs=5)
    told(training, losses("train", np.arange(200, 900), loss=np.full(700, 100), kl=np.full(700, 4)))
    qtbot.waitUntil(lambda: box.viewRange()[0][1] > 890)
    wheel(view, 3)
    assert view.plot.touched
    zoomed = box.viewRange()
    assert zoomed[0][1] - zoomed[0][0] < 800
    told(training, losses("train", np.arange(900, 2000), loss=np.full(1100, 100), kl=np.full(1100, 4)))
    qtbot.waitUntil(lambda: len(training.state.curves["train", "loss"].steps) == 2000)
    qtbot.wait(PAUSE + 100)
    assert box.viewRange() == zoomed
    qtbot.mouseClick(view.findChild(QPushButton, "fit_curves"), Qt.MouseButton.LeftButton)
    assert box.viewRange()[0][1] >= 1999


def wheel(view, notches):
    from PySide6.QtGui import QWheelEvent

    canvas = view.plot.findChild(object, "curve_plot")
    at = QPointF(canvas.viewport().rect().center())
    turn = QWheelEvent(
        at, canvas.viewport().mapToGlobal(at), QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(canvas.viewport(), turn)


def test_log_scale_shows_logarithms(qtbot, view, training):
    box = box_of(view)
    qtbot.keyClick(view.findChild(QCheckBox, "log_scale"), Qt.Key.Key_Space)
    low, high = box.viewRange()[1]
    assert high == pytest.approx(np.log10(300), abs=0.3)
    assert low < np.log10(0.02) + 0.1  # the KL starts at nothing: zero itself has no place
    assert np.isfinite([low, high]).all()


def test_a_million_points_stay_quick_to_draw(view, session, qtbot):
    from time import process_time

    told(session, ev.Started("run", 0, run_info(2), 400))
    random = np.random.default_rng(0)
    for start in range(0, 1_000_000, 100_000):
        steps = np.arange(start, start + 100_000)
        told(session, losses("train", steps, loss=random.normal(0, 1, len(steps))))
    qtbot.waitUntil(lambda: bool(view.plot.newest()))
    curve = session.state.curves["train", "loss"]
    assert len(curve.steps) <= 20_000
    times = []
    for _ in range(5):
        before = process_time()
        view.plot.fit()
        times.append(process_time() - before)
    assert min(times) < 0.016


def test_nothing_is_drawn_while_hidden(qtbot, view, training):
    told(training, losses("train", [200], loss=[8.0], kl=[4]))
    view.hide()  # before the pause between two drawings is over
    told(training, losses("train", np.arange(201, 260), loss=np.full(59, 7.0), kl=np.full(59, 4)))
    qtbot.wait(400)
    assert view.plot.newest()["loss", False] == 101
    view.show()
    qtbot.waitUntil(lambda: view.plot.newest()["loss", False] == 7.0)


def test_a_new_run_starts_with_empty_axes(qtbot, view, training):
    wheel(view, 3)
    told(training, ev.Started("next", 0, run_info(2, run="next"), 400))
    qtbot.waitUntil(lambda: not view.plot.newest())
    assert not view.plot.touched


def test_final_figures_stand_in_a_table(view, training):
    told(training, ev.Figures("run", 200, {"neg_elbo": 148.23, "bits_per_dim": 0.27271}))
    assert view.findChild(QLabel, "figure_neg_elbo").text() == "148.2"
    assert view.findChild(QLabel, "figure_neg_elbo").accessibleName() == "neg ELBO"
    assert view.findChild(QLabel, "figure_bits_per_dim").text() == "0.2727"


def test_a_loss_that_is_no_number_leaves_a_gap_only(qtbot, view, training):
    told(training, losses("train", [200, 201], loss=[np.nan, 90], kl=[np.inf, 4]))
    qtbot.waitUntil(lambda: view.plot.newest()["loss", False] == 90)
    assert np.isfinite(box_of(view).viewRange()).all()


def test_follows_the_theme(view, training, qtbot):
    def ground():
        return view.plot.grab().toImage().pixelColor(view.plot.width() - 2, 2)

    def swatch():
        return view.legend.findChild(QCheckBox, "curve_loss").icon().pixmap(12).toImage().pixelColor(5, 5)

    assert ground() == LIGHT.map
    assert swatch() == class_color(0)
    dress("dark")
    assert ground() == DARK.map
    qtbot.waitUntil(lambda: swatch() == QColor(DARK_CLASS_COLORS[0]))
    dress("light")
    assert ground() == LIGHT.map


def test_what_went_wrong_is_marked_at_its_step_and_told_in_the_side(training, view, qtbot):
    ill = view.findChild(QLabel, "illnesses")
    assert not ill.isVisible()
    told(training, Diagnosed("run", 120, "mode collapse", "The same few pictures again and again."))
    told(training, Diagnosed("run", 150, "vanishing generator gradient", "It learns no more."))
    assert view.plot.marks == [120, 150]
    assert ill.isVisible()
    assert "mode collapse at step 120" in ill.text()
    assert "again and again" in ill.toolTip()
    before = colours_of(view)
    dress("dark")
    qtbot.waitUntil(lambda: colours_of(view) != before)
    told(training, ev.Started("run", 0, run_info(2), 400))
    assert view.plot.marks == []
    assert not ill.isVisible()


def test_figures_that_judge_stand_in_their_own_panel_and_the_others_say_what_they_mean(training, view):
    told(training, ev.Figures("run", 200, {"neg_elbo": 99.0, "conditional_accuracy": 0.9}))
    assert view.findChild(QLabel, "figure_neg_elbo").text() == "99.00"
    assert "lower is better" in view.findChild(QLabel, "figure_neg_elbo").toolTip()
    assert view.findChild(QLabel, "figure_conditional_accuracy") is None
