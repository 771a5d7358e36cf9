import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from explorer.widgets.slider_list import SliderList
from explorer.widgets.slider_row import ROW, SliderRow


@pytest.fixture
def row(qtbot):
    row = SliderRow(3)
    qtbot.addWidget(row)
    row.resize(320, ROW)
    row.set_range(-2.0, 2.0, 0.0)
    row.show()
    row.activateWindow()
    return row


def heard_from(signal):
    heard = []
    signal.connect(lambda *values: heard.append(values))
    return heard


def wheel(widget, notches):
    place = QPointF(widget.rect().center())
    event = QWheelEvent(
        place, widget.mapToGlobal(place), QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


def test_setting_is_silent_and_keeps_the_number_as_it_is(row):
    moved, locked = heard_from(row.moved), heard_from(row.locked)
    row.set_value(0.123456)
    row.set_range(-1, 1, 0.5)
    row.set_locked(True)
    assert moved == locked == []
    assert row.value == 0.123456


def test_arrow_keys_go_a_hundredth_of_the_range(row):
    moved = heard_from(row.moved)
    QTest.keyClick(row.slider, Qt.Key.Key_Right)
    QTest.keyClick(row.slider, Qt.Key.Key_PageUp)
    assert [number for number, _ in moved] == [3, 3]
    assert [value for _, value in moved] == pytest.approx([0.04, 0.44])


def test_a_click_takes_the_handle_there_and_a_drag_keeps_hold(row):
    moved = heard_from(row.moved)
    slider, y = row.slider, ROW // 2
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.width() - 8, y))
    assert moved[-1][1] == pytest.approx(2.0, abs=0.02)
    QTest.mouseMove(slider, QPoint(slider.width() // 2, y))
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.width() // 2, y))
    assert moved[-1][1] == pytest.approx(0.0, abs=0.02)


def test_gripping_the_handle_beside_its_middle_does_not_move_it(row):
    moved = heard_from(row.moved)
    QTest.mouseClick(row.slider, Qt.MouseButton.LeftButton, pos=QPoint(row.slider.width() // 2 + 4, ROW // 2))
    assert moved == []


def test_a_number_outside_widens_the_range_until_it_is_back(row):
    row.set_value(10.0)
    assert row.slider.real() == pytest.approx(10.0)
    row.set_value(1.0)
    assert row.slider.real() == pytest.approx(1.0, abs=0.002)


def test_the_range_stays_under_the_hand_that_drags(row):
    QTest.mousePress(row.slider, Qt.MouseButton.LeftButton, pos=QPoint(row.slider.width() - 8, ROW // 2))
    place = row.slider.value()
    row.set_range(-100, 100, 0)
    assert row.slider.value() == place
    assert row.slider.real() == pytest.approx(2.0, abs=0.02)
    QTest.mouseRelease(row.slider, Qt.MouseButton.LeftButton)


def test_wheel_moves_unless_it_is_there_to_scroll(row):
    moved = heard_from(row.moved)
    wheel(row.slider, 1)
    assert len(moved) == 1
    row.slider.wheel_needs_focus = True
    row.slider.clearFocus()
    wheel(row.slider, 1)
    assert len(moved) == 1


def test_the_lock_tells_its_dimension(row):
    locked = heard_from(row.locked)
    QTest.mouseClick(row.lock, Qt.MouseButton.LeftButton)
    QTest.mouseClick(row.lock, Qt.MouseButton.LeftButton)
    assert locked == [(3, True), (3, False)]


def test_a_value_is_typed_after_a_double_click(row):
    moved = heard_from(row.moved)
    QTest.mouseDClick(row, Qt.MouseButton.LeftButton, pos=QPoint(row.width() - 40, ROW // 2))
    field = row.findChild(QLineEdit)
    field.setText("1.25")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert moved == [(3, 1.25)]
    assert row.value == 1.25


def test_escape_leaves_the_value_and_return_on_the_slider_opens_the_field(row):
    moved = heard_from(row.moved)
    QTest.keyClick(row.slider, Qt.Key.Key_Return)
    field = row.findChild(QLineEdit)
    field.setText("1.25")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert moved == []
    assert row.value == 0.0


@pytest.mark.parametrize(("low", "high", "shown"), [(-2, 2, "\N{MINUS SIGN}1.23"), (-900, 900, "\N{MINUS SIGN}1")])
def test_value_has_the_digits_that_its_range_makes_worth_reading(row, low, high, shown):
    row.set_range(low, high, 0)
    row.set_value(-1.2345)
    assert row.text() == shown


def test_nothing_has_no_sign(row):
    row.set_value(-0.001)
    assert row.text() == "0.00"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1e30])
def test_a_diverged_number_is_written_and_breaks_nothing(row, value):
    row.set_range(float("nan"), float("nan"), float("nan"))
    row.set_value(value)
    assert row.text() == f"{value:.3g}".replace("-", "\N{MINUS SIGN}")
    row.set_value(1.0)
    assert row.slider.real() == pytest.approx(1.0, abs=0.002)


# ---- the list


@pytest.fixture
def sliders(qtbot):
    sliders = SliderList()
    qtbot.addWidget(sliders)
    sliders.resize(300, 10 * ROW)
    sliders.show()
    return sliders


def test_512_dimensions_build_only_what_is_in_sight(sliders, qtbot):
    sliders.set_count(512)
    code = np.arange(512, dtype=np.float32)
    sliders.set_code(code)
    assert sliders.count == 512
    assert 2 <= len(sliders.rows) < 20
    sliders.verticalScrollBar().setValue(sliders.verticalScrollBar().maximum())
    assert sliders.rows[511].value == 511
    assert len(sliders.rows) < 40
    sliders.set_code(code + 1)
    assert sliders.rows[511].value == 512
    sliders.verticalScrollBar().setValue(0)
    assert sliders.rows[0].value == 1


def test_tab_goes_down_the_rows_though_they_were_built_out_of_order(sliders):
    sliders.set_count(100)
    bar = sliders.verticalScrollBar()
    for place in (bar.maximum(), bar.maximum() // 2, 0):
        bar.setValue(place)
    widget, order = sliders.rows[0].slider, []
    for _ in range(2 * len(sliders.rows)):
        order.append(widget.objectName())
        widget = widget.nextInFocusChain()
        while not widget.objectName().startswith("probe_"):
            widget = widget.nextInFocusChain()
    built = sorted(sliders.rows)
    assert order == [f"probe_{kind}_{dimension}" for dimension in built for kind in ("slider", "lock")]


def test_a_new_count_forgets_the_old_code_and_locks(sliders):
    sliders.set_count(3)
    sliders.set_code(np.ones(3, np.float32))
    sliders.set_locked(frozenset({1}))
    assert sliders.rows[1].lock.isChecked()
    sliders.set_count(2)
    assert [row.value for row in sliders.rows.values()] == [0, 0]
    assert not sliders.rows[1].lock.isChecked()
