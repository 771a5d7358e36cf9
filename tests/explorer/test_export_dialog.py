"""The export dialog offers what is declared, shows it, and writes it."""

from dataclasses import replace

import numpy as np
import pytest
import shiboken6
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QFileDialog, QLineEdit, QPushButton
from stage import POINTS, set_stage, told

from explorer.views.export_dialog import FOLDER, ExportDialog
from models.datasets import Factor
from models.export import KINDS

PATIENCE = 30_000  # ms


@pytest.fixture
def dialog(qtbot, session, light, tiny_run):
    """The dialog on the tiny run."""
    session.start(tiny_run)
    qtbot.waitUntil(lambda: session.state.picture is not None and session.state.working is None, timeout=PATIENCE)
    dialog = ExportDialog(session)
    dialog.show()
    yield dialog
    if shiboken6.isValid(dialog):
        dialog.close()


def button(dialog, name):
    return dialog.findChild(QPushButton, f"export_{name}")


def retype(qtbot, dialog, name, text):
    line = dialog.findChild(QLineEdit, f"export_{dialog.kind}_{name}")
    line.selectAll()
    qtbot.keyClicks(line, text)
    qtbot.keyClick(line, Qt.Key.Key_Return)


def test_every_kind_is_offered_with_its_declared_settings(dialog):
    choice = dialog.findChild(QComboBox, "export_kind")
    assert [choice.itemData(place) for place in range(choice.count())] == list(KINDS)
    for name, kind in KINDS.items():
        dialog.choose(name)
        declared = [setting.name for setting in kind.options.declared()]
        assert list(dialog.form.values()) == [name for name in declared if name not in ("colour_by", "factors")]
        assert button(dialog, "copy").isEnabled() == (".png" in kind.suffixes)


def test_the_map_is_offered_in_the_colours_in_which_it_is_seen(qtbot, session, light):
    set_stage(session)
    factors = (Factor("glasses", ("none", "round")), Factor("tilt", low=-30, high=30, unit="degrees"))
    values = np.stack([np.arange(POINTS) % 2, np.linspace(-30, 30, POINTS)], axis=1).astype(np.float32)
    told(session, replace(session.state.data, factors=factors, values=values))
    session.color_by("tilt")
    dialog = ExportDialog(session)
    dialog.choose("map")
    offered = dialog.findChild(QComboBox, "export_map_colour_by")
    assert [offered.itemText(place) for place in range(offered.count())] == ["class", "glasses", "tilt"]
    assert dialog.form.values()["colour_by"] == "tilt"
    dialog.choose("codes")
    assert dialog.form.values()["factors"] is True
    assert "colour_by" not in dialog.form.values()
    dialog.close()


def test_the_preview_is_the_sheet_with_its_pixels_not_enlarged(qtbot, dialog, session):
    dialog.choose("samples")
    retype(qtbot, dialog, "rows", "2")
    retype(qtbot, dialog, "columns", "5")
    qtbot.waitUntil(
        lambda: session.state.drawing is not None and session.state.drawing.pictures.shape[1:3] == (62, 152),
        timeout=PATIENCE,
    )
    assert dialog._picture.image.width() == 152


def test_copying_gives_the_picture_as_it_would_be_saved(qtbot, dialog):
    dialog.choose("samples")
    retype(qtbot, dialog, "rows", "1")
    retype(qtbot, dialog, "columns", "1")
    QGuiApplication.clipboard().clear()
    qtbot.mouseClick(button(dialog, "copy"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not QGuiApplication.clipboard().image().isNull(), timeout=PATIENCE)
    assert QGuiApplication.clipboard().image().width() == 28 * 2 + 2 * 2


def test_a_number_out_of_range_cannot_be_exported(qtbot, dialog):
    dialog.choose("samples")
    retype(qtbot, dialog, "rows", "0")
    assert not button(dialog, "save").isEnabled()
    assert not button(dialog, "copy").isEnabled()
    retype(qtbot, dialog, "rows", "3")
    assert button(dialog, "save").isEnabled()


def test_settings_stay_while_another_kind_is_looked_at(qtbot, dialog):
    dialog.choose("samples")
    retype(qtbot, dialog, "seed", "7")
    dialog.choose("map")
    dialog.choose("samples")
    assert dialog.form.values()["seed"] == 7


def test_a_place_is_asked_for_the_file_written_and_the_folder_remembered(qtbot, dialog, session, tmp_path):
    dialog.choose("codes")
    qtbot.mouseClick(button(dialog, "save"), Qt.MouseButton.LeftButton)
    asking = dialog.findChild(QFileDialog, "export_file_dialog")
    assert asking.nameFilters() == ["CSV (*.csv)", "NPZ (*.npz)", "PARQUET (*.parquet)"]
    asking.selectFile(str(tmp_path / "codes.npz"))
    asking.accept()
    qtbot.waitUntil(lambda: (tmp_path / "codes.npz").exists(), timeout=PATIENCE)
    qtbot.waitUntil(lambda: session.state.notice is not None, timeout=PATIENCE)
    assert str(tmp_path / "codes.npz") in session.state.notice.message
    assert QSettings().value(FOLDER) == str(tmp_path)
    with np.load(tmp_path / "codes.npz", allow_pickle=False) as table:
        assert len(table["codes"]) == len(session.state.embedding.codes)
