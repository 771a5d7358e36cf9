from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QSize, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QImage
from PySide6.QtWidgets import QFileDialog, QLabel, QLineEdit, QListView, QMessageBox, QPushButton
from stage import run_info, told

from explorer.run_list import RUN, row_lines, text_boxes
from explorer.state import Phase
from explorer.views.runs_view import RunsView
from explorer.widgets.thumbnails import Thumbnails, first_pictures
from explorer.words import moment
from models import events as ev
from models.grids import sheet, write_picture
from models.listings import RunSummary
from models.manifest import Data, Manifest
from models.run import RunFolder
from models.runs import runs_root


def summary(number, **changes):
    made = (datetime(2026, 3, 1, 12) - timedelta(days=number)).astimezone().isoformat()
    values = {
        "id": f"run-{number}", "folder": f"/runs/run-{number}", "title": f"Run {number}", "family": "vae",
        "preset": "conv-2d", "dataset": "mnist", "status": "finished", "created": made, "step": 4000, "seconds": 60.0,
        "figures": {"neg_elbo": 140.0 + number}, "thumbnail": "", "size": 5_000_000,
    }  # fmt: skip
    return RunSummary(**{**values, **changes})


def listed(session, *runs):
    told(session, ev.Listed("", 0, runs))


@pytest.fixture
def view(qtbot, session):
    """The panel on a session that waits idly for what to show."""
    session._apply(replace(session.state, phase=Phase.IDLE))
    view = RunsView(session)
    qtbot.addWidget(view)
    view.resize(300, 500)
    view.show()
    qtbot.waitExposed(view)
    return view


@pytest.fixture
def asked(session, monkeypatch):
    """What the panel asks the session for, by name; nothing is done."""
    asked = []
    for name in ("open_run", "resume_run", "rename_run", "delete_run"):
        monkeypatch.setattr(session, name, lambda *given, name=name: asked.append((name, *given)))
    return asked


def rows(view):
    model = view.findChild(QListView).model()
    return [model.index(row, 0).data(RUN).title for row in range(model.rowCount())]


def middle_of(view, row):
    runs = view.findChild(QListView)
    return runs.visualRect(runs.model().index(row, 0)).center()


def click(qtbot, view, row, keys=Qt.KeyboardModifier.NoModifier):
    runs = view.findChild(QListView)
    qtbot.mouseClick(runs.viewport(), Qt.MouseButton.LeftButton, keys, middle_of(view, row))
    runs.setFocus()
    return runs


def words(view):
    return " ".join(label.text() for label in view.findChildren(QLabel) if label.isVisible())


def test_an_empty_list_says_what_it_is_for(view, session):
    assert "Your trainings are kept here" in words(view)
    listed(session, summary(1))
    assert "kept here" not in words(view)


def test_runs_stand_in_the_order_given_and_say_what_they_are(view, session):
    listed(session, summary(1), summary(2, status="stopped", figures={"recon_mse": 0.0391}))
    assert rows(view) == ["Run 1", "Run 2"]
    model = view.findChild(QListView).model()
    told_aloud = model.index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert told_aloud.startswith("Run 2. vae conv-2d · mnist. step 4,000, stopped · recon MSE 0.03910. 27 Feb ")


@pytest.mark.parametrize(
    ("changes", "how"),
    [
        ({"status": "stopped", "total_steps": 16_000, "figures": {}}, "stopped at 25%"),
        ({"status": "interrupted", "figures": {}}, "step 4,000, interrupted"),
        ({"status": "finished", "total_steps": 4000}, "neg ELBO 140.0"),
        (
            {"figures": {"neg_elbo": 9.0, "conditional_accuracy": 0.985}, "judged": {"conditional_accuracy": {}}},
            "accuracy 0.9850",
        ),
        ({"figures": {"recon_bce": 1.2, "nll": 379.0}}, "NLL 379.0"),
        ({"status": "damaged", "problem": "it ends early", "figures": {}}, "damaged"),
    ],
)
def test_a_row_says_how_it_went_or_how_far_it_came(changes, how):
    assert row_lines(summary(0, **changes))[2] == how


def test_a_title_that_nobody_chose_is_not_said_twice():
    assert row_lines(summary(0, title="vae conv-2d on mnist"))[:2] == ["vae conv-2d", "mnist"]


def test_a_narrow_list_shows_figure_and_time_in_full(view, session):
    view.resize(222, 400)  # as in a window of 1024 x 600
    listed(session, summary(1, title="vae dense-2d on digits", preset="dense-2d", dataset="digits"))
    runs = view.findChild(QListView)
    lines = row_lines(session.state.runs[0])
    boxes = text_boxes(runs.visualRect(runs.model().index(0, 0)), runs.fontMetrics(), len(lines))
    widths = [runs.fontMetrics().horizontalAdvance(line) for line in lines]
    assert all(width <= box.width() for width, box in zip(widths, boxes, strict=True))
    assert runs.visualRect(runs.model().index(0, 0)).contains(boxes[0].united(boxes[-1]))


def test_dates_are_said_as_people_say_them():
    now = datetime(2026, 3, 2, 15, 0).astimezone()
    assert moment(datetime(2026, 3, 2, 14, 32).astimezone().isoformat(), now).startswith("Today ")
    assert moment(datetime(2026, 3, 1, 23, 59).astimezone().isoformat(), now).startswith("Yesterday ")
    assert moment(datetime(2025, 11, 5, 8, 0).astimezone().isoformat(), now).startswith("5 Nov 2025 ")
    assert moment("some day", now) == "some day"


def test_double_click_and_return_open(qtbot, view, session, asked):
    listed(session, summary(1), summary(2))
    runs = click(qtbot, view, 1)
    qtbot.mouseDClick(runs.viewport(), Qt.MouseButton.LeftButton, pos=middle_of(view, 1))
    assert asked == [("open_run", "/runs/run-2")]
    qtbot.keyClick(runs, Qt.Key.Key_Up)
    qtbot.keyClick(runs, Qt.Key.Key_Return)
    assert asked[1:] == [("open_run", "/runs/run-1")]


def test_f2_names_a_run_in_place(qtbot, asked, view, session):
    listed(session, summary(1), summary(2))
    runs = click(qtbot, view, 0)
    qtbot.keyClick(runs, Qt.Key.Key_F2)
    line = runs.findChild(QLineEdit, "run_title")
    assert line.isVisible()
    assert line.text() == "Run 1"
    assert line.width() > 0.9 * runs.viewport().width()
    line.selectAll()
    qtbot.keyClicks(line, "Sharp digits")
    listed(session, summary(3), summary(1))  # a list that comes meanwhile does not take the line away
    assert line.text() == "Sharp digits"
    qtbot.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: asked == [("rename_run", "/runs/run-1", "Sharp digits")])
    qtbot.waitUntil(lambda: rows(view) == ["Run 3", "Run 1"])


def test_a_title_left_as_it_was_asks_for_nothing(qtbot, asked, view, session):
    listed(session, summary(1))
    runs = click(qtbot, view, 0)
    qtbot.keyClick(runs, Qt.Key.Key_F2)
    qtbot.keyClick(runs.findChild(QLineEdit, "run_title"), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: runs.findChild(QLineEdit, "run_title") is None)
    assert asked == []


def question(view):
    return view.findChild(QMessageBox, "delete_question")


def test_del_asks_before_it_deletes(qtbot, view, session, asked):
    listed(session, summary(1, title="<b>Bold</b>"), summary(2))
    runs = click(qtbot, view, 0)
    qtbot.keyClick(runs, Qt.Key.Key_Delete)
    box = question(view)
    assert "“<b>Bold</b>”" in box.text()
    assert box.textFormat() is Qt.TextFormat.PlainText
    qtbot.mouseClick(box.findChild(QPushButton, "delete_no"), Qt.MouseButton.LeftButton)
    assert asked == []
    qtbot.waitUntil(lambda: question(view) is None)
    view.activateWindow()  # as a window manager does
    qtbot.waitUntil(view.isActiveWindow)
    runs = click(qtbot, view, 0)
    qtbot.keyClick(runs, Qt.Key.Key_Delete)
    qtbot.mouseClick(question(view).findChild(QPushButton, "delete_yes"), Qt.MouseButton.LeftButton)
    assert asked == [("delete_run", "/runs/run-1")]


def test_many_are_deleted_at_once(qtbot, view, session, asked):
    listed(session, summary(1), summary(2), summary(3))
    click(qtbot, view, 0)
    runs = click(qtbot, view, 2, Qt.KeyboardModifier.ShiftModifier)
    assert not view.open_action.isEnabled()
    qtbot.keyClick(runs, Qt.Key.Key_Delete)
    assert "3 runs" in question(view).text()
    qtbot.mouseClick(question(view).findChild(QPushButton, "delete_yes"), Qt.MouseButton.LeftButton)
    assert [what for what, _ in asked] == ["delete_run"] * 3


def test_the_run_in_training_is_not_deleted(qtbot, view, session, asked):
    listed(session, summary(1, folder="/runs/run"))
    told(session, ev.Started("run", 0, run_info(2), 100))
    runs = click(qtbot, view, 0)
    qtbot.keyClick(runs, Qt.Key.Key_Delete)
    assert question(view) is None
    assert "Stop it first" in session.state.notice.message


@pytest.mark.parametrize(
    ("status", "problem", "resumable"),
    [
        ("finished", "", False), ("stopped", "", True), ("failed", "", True), ("interrupted", "", True),
        ("running", "", False), ("stopped", "made by a newer version", False),
    ],
)  # fmt: skip
def test_resume_is_offered_where_it_can_be_done(qtbot, view, session, asked, status, problem, resumable):
    listed(session, summary(1, status=status, problem=problem))
    click(qtbot, view, 0)
    assert view.resume_action.isEnabled() is resumable
    qtbot.mouseClick(view.findChild(QPushButton, "button_resume_this_run"), Qt.MouseButton.LeftButton)
    assert asked == ([("resume_run", "/runs/run-1")] if resumable else [])


def test_a_damaged_run_is_grey_with_its_reason_and_not_opened(qtbot, view, session, asked):
    listed(session, summary(1, family="", preset="", dataset="", status="damaged", problem="run.json: ends early"))
    runs = click(qtbot, view, 0)
    index = runs.model().index(0, 0)
    assert "ends early" in index.data(Qt.ItemDataRole.ToolTipRole)
    assert "ends early" in index.data(Qt.ItemDataRole.AccessibleTextRole)
    qtbot.mouseDClick(runs.viewport(), Qt.MouseButton.LeftButton, pos=middle_of(view, 0))
    qtbot.keyClick(runs, Qt.Key.Key_F2)
    assert asked == []
    assert runs.findChild(QLineEdit, "run_title") is None
    assert view.delete_action.isEnabled()


def test_nothing_is_opened_while_a_training_runs(qtbot, view, session, asked):
    listed(session, summary(1))
    told(session, ev.Started("run", 0, run_info(2), 100))
    runs = click(qtbot, view, 0)
    qtbot.keyClick(runs, Qt.Key.Key_Return)
    assert asked == []


def test_another_run_can_be_opened_while_one_is_opening(qtbot, view, session, asked):
    listed(session, summary(1))
    session._apply(replace(session.state, phase=Phase.OPENING))
    runs = click(qtbot, view, 0)
    qtbot.keyClick(runs, Qt.Key.Key_Return)
    assert asked == [("open_run", "/runs/run-1")]


def test_the_filter_keeps_runs_with_every_word(qtbot, view, session):
    listed(session, summary(1), summary(2, dataset="digits"), summary(3, family="pca", preset="plain"))
    line = view.findChild(QLineEdit, "run_filter")
    qtbot.keyClicks(line, "VAE mni")
    assert rows(view) == ["Run 1"]
    qtbot.keyClicks(line, " zebra")
    assert rows(view) == []
    assert "No run has all these words" in words(view)
    line.clear()
    assert len(rows(view)) == 3


def test_what_was_chosen_stays_chosen_in_a_new_list(qtbot, view, session):
    listed(session, summary(1), summary(2))
    runs = click(qtbot, view, 1)
    listed(session, summary(0), summary(1), summary(2))
    assert [index.data(RUN).title for index in runs.selectedIndexes()] == ["Run 2"]


def test_folder_is_shown_and_another_opened(qtbot, view, session, asked, monkeypatch, tmp_path):
    shown = []
    monkeypatch.setattr(QDesktopServices, "openUrl", shown.append)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    listed(session, summary(1))
    click(qtbot, view, 0)
    view.reveal_action.trigger()
    view.open_folder_action.trigger()
    assert shown == [QUrl.fromLocalFile("/runs/run-1")]
    assert asked == [("open_run", str(tmp_path))]


def test_thumbnails_are_read_later_and_painted_without_smoothing(qtbot, view, session, tmp_path):
    sheet = Image.new("RGB", (2, 2), "red")
    sheet.putpixel((1, 1), (0, 0, 255))
    sheet.save(tmp_path / "sheet.png")
    listed(session, summary(1, thumbnail=str(tmp_path / "sheet.png")))
    place = middle_of(view, 0)

    def colour(x, y):
        image = view.findChild(QListView).viewport().grab().toImage()
        return image.pixelColor(QPoint(8 + x, place.y() - 28 + y)).name()

    qtbot.waitUntil(lambda: colour(10, 10) == "#ff0000")
    assert colour(31, 31) == "#0000ff"  # right behind the middle: a hard edge
    assert colour(26, 26) == "#ff0000"


def test_of_a_sheet_only_the_first_pictures_are_shown_pixel_by_pixel(qtbot, view, session, tmp_path):
    pictures = np.zeros((100, 28, 28, 1), np.uint8)
    for shade, place in enumerate((0, 1, 10, 11)):
        pictures[place] = 60 * shade + 50
        pictures[place, 3, 4] = 7
    write_picture(sheet(pictures, 10), tmp_path / "sheet.png")
    listed(session, summary(1, thumbnail=str(tmp_path / "sheet.png"), image_shape=(1, 28, 28)))
    place = middle_of(view, 0)

    def shade(x, y):
        image = view.findChild(QListView).viewport().grab().toImage()
        return image.pixelColor(QPoint(8 + x, place.y() - 28 + y)).lightness()

    qtbot.waitUntil(lambda: shade(10, 10) == 50)
    assert [shade(x, y) for x, y in ((40, 10), (10, 40), (40, 40))] == [110, 170, 230]
    assert [shade(4, 3), shade(32, 3), shade(5, 3), shade(4, 4)] == [7, 7, 50, 50]


def test_a_sheet_of_few_pictures_is_shown_whole(tmp_path, qapp):
    page = QImage(32, 62, QImage.Format.Format_Grayscale8)
    assert first_pictures(page, (1, 28, 28)).size() == QSize(28, 56)
    assert first_pictures(page, (1, 27, 28)).size() == page.size()
    assert first_pictures(page, None).size() == page.size()


def test_damaged_and_huge_thumbnails_are_left_empty(qtbot, qapp, tmp_path):
    (tmp_path / "damaged.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    Image.new("L", (9000, 1)).save(tmp_path / "huge.png")
    thumbnails = Thumbnails(64)
    for name in ("damaged.png", "huge.png", "absent.png"):
        path = str(tmp_path / name)
        with qtbot.waitSignal(thumbnails.loaded):
            assert thumbnails.get(path, 1) is None
        assert thumbnails.get(path, 1).isNull()
    qtbot.waitUntil(lambda: not thumbnails._idle.isActive())


def test_a_thousand_runs_are_listed_and_drawn_quickly(view, session):
    from time import process_time

    before = process_time()
    listed(session, *(summary(number) for number in range(1000)))
    view.grab()
    assert process_time() - before < 0.5
    assert len(rows(view)) == 1000


def made(folder, title, **changes):
    """A real run folder without a snapshot."""
    manifest = Manifest(
        program_version="1.0", id=folder.name, title=title, created=datetime.now().astimezone().isoformat(),
        family="vae", preset="dense-2d", settings={"latent_dim": 2}, latent_dim=2, parameter_count=12,
        data=Data(name="digits", hash="abc", shape=(1, 2, 2), train_count=8, test_count=4), seed=0, device="cpu",
        precision="fp32", job={}, **changes,
    )  # fmt: skip
    RunFolder.create(folder, manifest).close()
    return folder


def test_real_runs_are_listed_renamed_and_deleted(qtbot, view, session, monkeypatch):
    def no_bin(path):
        raise OSError("no bin here")

    monkeypatch.setattr("send2trash.send2trash", no_bin)
    one = made(runs_root() / "one", "One", status="stopped")
    two = made(runs_root() / "two", "Two", status="finished")
    session.refresh_runs()
    qtbot.waitUntil(lambda: sorted(rows(view)) == ["One", "Two"])
    place = rows(view).index("One")
    runs = click(qtbot, view, place)
    qtbot.keyClick(runs, Qt.Key.Key_F2)
    line = runs.findChild(QLineEdit, "run_title")
    line.selectAll()
    qtbot.keyClicks(line, "Uno")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: sorted(rows(view)) == ["Two", "Uno"])
    assert json.loads((one / "run.json").read_text())["title"] == "Uno"
    runs = click(qtbot, view, rows(view).index("Two"))
    qtbot.keyClick(runs, Qt.Key.Key_Delete)
    qtbot.mouseClick(question(view).findChild(QPushButton, "delete_yes"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: rows(view) == ["Uno"])
    assert not two.exists()
    assert one.exists()


def test_the_list_is_read_anew_when_a_training_ends(qtbot, view, session):
    told(session, ev.Started("run", 0, run_info(2), 100))
    made(Path(runs_root()) / "new", "New", status="finished")
    told(session, ev.Finished("run", 100, 1.0))
    qtbot.waitUntil(lambda: rows(view) == ["New"])


def test_the_list_is_read_anew_when_it_is_looked_at(qtbot, view, session):
    told(session, ev.Catalogued("", 0, (), (), ("cpu",), "a processor"))
    view.hide()
    made(Path(runs_root()) / "new", "Made elsewhere", status="finished")
    view.show()
    qtbot.waitUntil(lambda: rows(view) == ["Made elsewhere"])
