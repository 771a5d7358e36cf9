"""A generator of one's own opens by the menu File, and by a drop on the window."""

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QAction, QDropEvent
from PySide6.QtWidgets import QLineEdit, QPushButton

from explorer.dropped import Dropped, meant_by
from explorer.state import Phase
from explorer.views.generator_dialog import GeneratorDialog

sys.path.insert(0, str(Path(__file__).parents[1] / "models"))
from foreign import encoder, generator, saved

PATIENCE = 150_000  # ms


@pytest.fixture
def file(tmp_path):
    return saved(generator(label="shares"), tmp_path / "mine.onnx")


def dropped(window, *paths):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPoint(9, 9), Qt.DropAction.CopyAction, data, buttons, keys))


def test_onnx_files_are_told_from_other_things(tmp_path, file):
    other = saved(encoder(), tmp_path / "back.ONNX")
    assert meant_by([file]) == (Dropped.GENERATOR, file)
    assert meant_by([other, file])[0] is Dropped.GENERATOR
    assert meant_by([file, other, file])[0] is Dropped.NOTHING
    assert meant_by([tmp_path / "none.onnx"])[0] is Dropped.NOTHING


def test_a_dropped_generator_opens_with_its_encoder_and_draws(qtbot, window, session, tmp_path, file):
    session.start()
    back = saved(encoder(), tmp_path / "back.onnx")
    dropped(window, back, file)
    qtbot.waitUntil(lambda: session.state.run is not None and session.state.picture is not None, timeout=PATIENCE)
    run = session.state.run
    assert run.family == "onnx"
    assert "encode" in run.capabilities
    qtbot.waitUntil(lambda: session.state.data is not None and len(session.state.data.pictures) > 0, timeout=PATIENCE)
    assert session.state.data.generated
    qtbot.waitUntil(lambda: bool(session.state.runs), timeout=PATIENCE)
    assert session.state.runs[0].title == "mine"


def test_the_dialog_opens_what_was_typed_and_offers_what_is_declared(qtbot, window, session, file):
    window.findChild(QAction, "action_open_generator").trigger()
    dialog = window.findChild(GeneratorDialog)
    press = dialog.findChild(QPushButton, "generator_open")
    assert not press.isEnabled()
    asked = []
    session.bring = asked.append
    qtbot.keyClicks(dialog.findChild(QLineEdit, "generator_file"), str(file))
    qtbot.keyClicks(dialog.findChild(QLineEdit, "generator_title"), "Mine")
    assert press.isEnabled()
    qtbot.mouseClick(press, Qt.MouseButton.LeftButton)
    assert asked[0]["file"] == str(file)
    assert asked[0]["title"] == "Mine"
    assert asked[0]["values"] == "recognise"


def test_a_malformed_file_says_why_and_changes_nothing(qtbot, window, session, tmp_path):
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"\x08\x07nonsense")
    said = []
    session.notice_changed.connect(lambda: said.append(session.state.notice))
    dropped(window, broken)
    qtbot.waitUntil(lambda: any(notice.level == "error" for notice in said), timeout=PATIENCE)
    told = next(notice.message for notice in said if notice.level == "error")
    assert "broken.onnx" in told
    assert "cut short" in told
    assert session.state.run is None
    assert session.state.phase is Phase.IDLE
