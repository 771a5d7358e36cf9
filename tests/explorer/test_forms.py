from __future__ import annotations

import json
from typing import Any, Literal

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLineEdit, QToolButton

from explorer.forms import SettingsForm
from models.params import Params, param
from models.registry import datasets, families


class Sample(Params):
    width: int = param(8, "How wide.", low=1, high=64, unit="units")
    rate: float = param(1e-3, "How far.", low=0.0, high=1.0, logarithmic=True)
    limit: int | None = param(None, "At most so many.", low=1, high=9)
    shape: Literal["round", "square"] = param("round", "Which shape.")
    edge: float = param(0.5, "How sharp.", low=0.0, high=1.0, when=("shape", ("square",)))
    bright: bool = param(False, "Whether it shines.")
    folder: str | None = param(None, "Where it lies.", path=True)
    depth: int = param(2, "How deep.", low=1, high=4, advanced=True)


@pytest.fixture
def form(qtbot):
    form = SettingsForm(Sample.declared(), {"width": 16})
    qtbot.addWidget(form)
    form.show()
    return form


def type_into(qtbot, form, name: str, text: str) -> QLineEdit:
    line = form.findChild(QLineEdit, name)
    line.selectAll()
    qtbot.keyClick(line, Qt.Key.Key_Delete)
    qtbot.keyClicks(line, text)
    return line


def sentence(form, name: str) -> Any:
    return next(label for label in form.findChildren(object) if label.objectName() == f"{name}_problem")


def test_shows_given_values_and_defaults(form):
    assert form.values() == Sample(width=16).model_dump()
    assert form.problems() == []


def test_typing_changes_the_value_and_emits(qtbot, form):
    with qtbot.waitSignal(form.changed):
        type_into(qtbot, form, "rate", "3e-4")
    assert form.values()["rate"] == 3e-4


@pytest.mark.parametrize("text", ["0", "65", "2.5", "many", "", "1e400"])
def test_what_is_not_allowed_is_said_and_never_clamped(qtbot, form, text):
    line = type_into(qtbot, form, "width", text)
    assert form.problems() == ["Width must be a whole number from 1 to 64 units."]
    assert sentence(form, "width").isVisible()
    assert sentence(form, "width").text() == form.problems()[0]
    assert line.text() == text
    assert "from 1 to 64" in line.accessibleDescription()
    type_into(qtbot, form, "width", "64")
    assert form.problems() == []
    assert not sentence(form, "width").isVisible()
    assert form.values()["width"] == 64


@pytest.mark.parametrize("text", ["nan", "inf", "-1e-9", "1,5"])
def test_numbers_that_are_none(qtbot, form, text):
    type_into(qtbot, form, "rate", text)
    assert form.problems() == ["Rate must be a number from 0 to 1."]


def test_a_wrong_line_is_outlined_in_red(qtbot, form):
    line = form.findChild(QLineEdit, "width")
    before = line.grab().toImage()
    type_into(qtbot, form, "width", "65")
    after = line.grab().toImage()
    edge = after.pixelColor(after.width() // 2, 1)
    assert edge != before.pixelColor(before.width() // 2, 1)
    assert edge.red() > 1.3 * max(edge.green(), edge.blue())


def test_optional_number_may_be_empty(qtbot, form):
    type_into(qtbot, form, "limit", "7")
    assert form.values()["limit"] == 7
    type_into(qtbot, form, "limit", "")
    assert form.values()["limit"] is None
    assert form.problems() == []


def test_arrow_keys_step_but_stay_within(qtbot, form):
    line = form.findChild(QLineEdit, "width")
    qtbot.keyClick(line, Qt.Key.Key_Up)
    assert form.values()["width"] == 17
    type_into(qtbot, form, "width", "64")
    qtbot.keyClick(line, Qt.Key.Key_Up)
    assert form.values()["width"] == 64
    rate = form.findChild(QLineEdit, "rate")
    qtbot.keyClick(rate, Qt.Key.Key_Down)
    assert form.values()["rate"] == 5e-4


def test_a_choice_wakes_the_settings_that_hang_on_it(qtbot, form):
    edge, combo = form.findChild(QLineEdit, "edge"), form.findChild(QComboBox, "shape")
    assert not edge.isVisible()
    qtbot.keyClick(combo, Qt.Key.Key_Down)
    assert form.values()["shape"] == "square"
    assert edge.isVisible()
    type_into(qtbot, form, "edge", "2")
    assert form.problems() == ["Edge must be a number from 0 to 1."]
    qtbot.keyClick(combo, Qt.Key.Key_Up)
    assert form.problems() == []  # asleep: what is wrong with it does not count
    assert form.values()["edge"] == 0.5


def test_advanced_settings_are_folded_until_asked_for_or_wrong(qtbot, form):
    depth, fold = form.findChild(QLineEdit, "depth"), form.findChild(QToolButton, "more_settings")
    assert not depth.isVisible()
    qtbot.mouseClick(fold, Qt.MouseButton.LeftButton)
    assert depth.isVisible()
    qtbot.mouseClick(fold, Qt.MouseButton.LeftButton)
    form.set_values({"depth": 99})
    assert depth.isVisible()


def test_check_box_by_click_and_by_space(qtbot, form):
    box = form.findChild(QCheckBox, "bright")
    assert box.text() == "Bright"
    with qtbot.waitSignal(form.changed):
        qtbot.keyClick(box, Qt.Key.Key_Space)
    assert form.values()["bright"] is True


def test_set_values_never_emits(qtbot, form):
    values = {"width": 3, "rate": 0.25, "limit": 2, "shape": "square", "edge": 1.0, "bright": True, "depth": 4}
    with qtbot.assertNotEmitted(form.changed):
        form.set_values(values)
    assert values.items() <= form.values().items()


def test_a_folder_is_dropped_on_its_line(qtbot, form, tmp_path):
    field = form.findChild(QLineEdit, "folder").parentWidget()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path))])
    no_keys, left = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
    enter = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, data, left, no_keys)
    QApplication.sendEvent(field, enter)
    assert enter.isAccepted()
    with qtbot.waitSignal(form.changed):
        QApplication.sendEvent(field, QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, left, no_keys))
    assert form.values()["folder"] == str(tmp_path)


def test_a_file_is_no_folder(qtbot, form, tmp_path):
    (tmp_path / "picture.png").write_bytes(b"")
    type_into(qtbot, form, "folder", str(tmp_path / "picture.png"))
    assert form.problems() == ["Folder must be a folder, and this is a file."]
    type_into(qtbot, form, "folder", str(tmp_path))
    assert form.problems() == []


def test_every_editor_says_its_name_and_help(form):
    for setting in Sample.declared():
        editor = next(child for child in form.findChildren(object) if child.objectName() == setting.name)
        assert editor.accessibleName() == setting.label
        assert setting.help in editor.accessibleDescription()
        assert editor.toolTip() == setting.help


def test_the_wheel_does_not_change_a_choice(qtbot, form):
    from PySide6.QtGui import QWheelEvent

    combo = form.findChild(QComboBox, "shape")
    none = Qt.MouseButton.NoButton
    turn = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(), QPoint(0, -120), none, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(combo, turn)
    assert form.values()["shape"] == "round"


@pytest.mark.parametrize(
    ("registry", "name"), [(r, name) for r in (families, datasets) for name in r], ids=lambda value: str(value)
)
def test_every_registered_setting_makes_the_round_trip(qtbot, registry, name):
    owner = registry.get(name)
    declared = owner.params_type.declared()
    presets = [preset.values for preset in getattr(owner, "presets", {}).values()] or [{}]
    for values in presets:
        wanted = {setting.name: setting.default for setting in declared} | dict(values)
        form = SettingsForm(declared, values)
        qtbot.addWidget(form)
        assert form.values() == wanted
        assert owner.params_type.read(form.values(), of=name) == owner.params_type.read(wanted, of=name)
        json.dumps(form.values())
