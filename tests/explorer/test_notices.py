"""Toasts tell, count, stay or go; and every fault takes the one road to them and to the log."""

import logging
import sys
import threading
import time
from itertools import pairwise

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt, qCritical, qWarning
from PySide6.QtGui import QEnterEvent, QGuiApplication
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QToolButton, QWidget
from stage import set_stage, told

from explorer import faults as faults_module
from explorer import notices
from explorer.faults import Faults, close_log, open_log
from explorer.notices import Toasts
from models import events as ev
from models.errors import UserError
from models.job import Job


@pytest.fixture
def stage(qtbot, session, light):
    """A window that shows the session's notices."""
    window = QWidget()
    window.resize(800, 600)
    qtbot.addWidget(window)
    shown = Toasts(session, window, window)
    window.show()
    return shown


@pytest.fixture
def road(session, tmp_path):
    """The road for faults, open, with its log in `tmp_path`."""
    open_log(tmp_path / "log" / "explorer.log")
    faults = Faults(session)
    faults.install()
    yield faults
    faults.remove()
    close_log()


def messages(stage):
    return [toast.findChild(QLabel, "toast_message").text() for toast in stage.toasts]


def press(qtbot, toast, name):
    qtbot.mouseClick(toast.findChild(QToolButton, f"toast_{name}"), Qt.MouseButton.LeftButton)


def test_what_is_done_is_told_and_goes_by_itself(qtbot, session, stage, monkeypatch):
    monkeypatch.setitem(notices.SECONDS, "done", 0.05)
    session.tell("Saved.", "done")
    assert messages(stage) == ["Saved."]
    qtbot.waitUntil(lambda: stage.toasts == [], timeout=2000)


def test_who_reads_a_toast_keeps_it(qtbot, session, stage, monkeypatch):
    monkeypatch.setitem(notices.SECONDS, "info", 0.05)
    session.tell("Read me.")
    toast = stage.toasts[0]
    toast.enterEvent(QEnterEvent(QPointF(5, 5), QPointF(5, 5), QPointF(5, 5)))
    qtbot.wait(120)
    assert stage.toasts == [toast]
    toast.leaveEvent(QEvent(QEvent.Type.Leave))
    qtbot.waitUntil(lambda: stage.toasts == [], timeout=2000)


def hold(control):
    """Work that lasts until it is stopped, so that what waits behind it never begins."""
    while not control.stopping:
        time.sleep(0.001)
        yield from ()


@pytest.mark.parametrize(
    ("lane", "again"),
    [
        ("train", lambda session: session.open_run("/no/such/run")),
        ("render", lambda session: session.resume_run("/no/such/run")),
        ("tasks", lambda session: session.rename_run("/no/such/run", "title")),
        ("tasks", lambda session: session.draw("map", {})),
    ],
)
def test_an_error_goes_when_the_next_work_of_its_kind_begins(session, stage, lane, again):
    session._train.start(hold)
    session.tell("Something else.", "error")
    told(session, ev.Failed(lane, 0, "It could not be done."))
    assert messages(stage) == ["Something else.", "It could not be done."]
    again(session)
    assert messages(stage) == ["Something else."]


def test_the_error_of_a_run_is_past_when_the_next_training_begins(session, stage):
    session._train.start(hold)
    set_stage(session)
    told(session, ev.Failed("run", 7, "The losses are no numbers any more."))
    assert messages(stage) == ["The losses are no numbers any more."]
    session.train(Job())
    assert messages(stage) == []


def test_an_error_stays_with_details_and_can_be_copied(qtbot, session, stage):
    session.tell("It broke.", "error", "Traceback: line 1")
    toast = stage.toasts[0]
    assert not toast._timer.isActive()
    details = toast.findChild(QPlainTextEdit, "toast_details")
    assert details.isHidden()
    press(qtbot, toast, "details")
    assert details.isVisible()
    assert details.toPlainText() == "Traceback: line 1"
    press(qtbot, toast, "copy")
    assert QGuiApplication.clipboard().text() == "It broke.\n\nTraceback: line 1"
    press(qtbot, toast, "dismiss")
    assert stage.toasts == []


def test_the_same_again_counts_instead_of_doubling(session, stage):
    for _ in range(3):
        session.tell("The disk is full.", "error")
    assert messages(stage) == ["The disk is full. (3 times)"]


def test_not_more_than_a_few_and_all_inside_the_window(session, stage):
    for number in range(9):
        session.tell(f"Line {number}", "error")
    assert messages(stage) == ["Line 5", "Line 6", "Line 7", "Line 8"]
    window = stage.toasts[0].window()
    window.resize(500, 420)
    assert all(window.rect().contains(toast.geometry()) for toast in stage.toasts)


def test_what_finds_no_room_waits_behind_the_newer(session, stage):
    window = stage._window
    window.resize(500, 150)
    for number in range(3):
        session.tell(f"Line {number}", "error")
    assert [toast.isVisible() for toast in stage.toasts] == [False, False, True]
    window.resize(500, 400)
    assert all(toast.isVisible() for toast in stage.toasts)
    assert not any(one.geometry().intersects(two.geometry()) for one, two in pairwise(stage.toasts))


def test_file_names_are_never_markup(session, stage):
    session.tell("<b>bold</b>.png is damaged", "error")
    assert stage.toasts[0].findChild(QLabel, "toast_message").textFormat() is Qt.TextFormat.PlainText


# ---- the road


def test_an_exception_in_the_window_is_told_and_logged(qtbot, session, road, tmp_path):
    with qtbot.waitSignal(session.notice_changed):
        try:
            raise ValueError("seven")
        except ValueError:
            sys.excepthook(*sys.exc_info())
    notice = session.state.notice
    assert notice.level == "error"
    assert notice.message == "Something went wrong in the window: ValueError: seven"
    assert "test_notices.py" in notice.details
    assert "Traceback" in (tmp_path / "log" / "explorer.log").read_text()


def test_an_exception_in_a_thread_comes_to_the_window_s_own_thread(qtbot, session, road):
    heard_in = []
    session.notice_changed.connect(lambda: heard_in.append(threading.current_thread()))

    def broken():
        raise UserError("The disk is full.", mend="Free some space.")

    with qtbot.waitSignal(session.notice_changed):
        thread = threading.Thread(target=broken)
        thread.start()
        thread.join()
    assert heard_in == [threading.main_thread()]
    assert session.state.notice.message == "The disk is full. Free some space."
    assert session.state.notice.details == ""


def test_what_qt_finds_critical_is_told_and_its_warnings_are_logged(qtbot, session, road, tmp_path):
    qWarning("a font is missing")
    with qtbot.waitSignal(session.notice_changed):
        qCritical("no buffer")
    assert session.state.notice.message == "Qt met a problem: no buffer"
    assert "a font is missing" in (tmp_path / "log" / "explorer.log").read_text()


def test_the_same_fault_is_told_once_in_a_while(qtbot, session, road, monkeypatch):
    for _ in range(50):
        road.report("Painting failed", "trace")
    qtbot.waitUntil(lambda: session.state.notice is not None)
    assert session.state.notice.serial == 1
    monkeypatch.setattr(faults_module, "QUIET_SECONDS", 0.0)
    with qtbot.waitSignal(session.notice_changed):
        road.report("Painting failed", "trace")
    assert "49 more times" in session.state.notice.details


def test_ctrl_c_is_not_a_fault(qtbot, session, monkeypatch):
    passed_on = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, trace: passed_on.append(kind))
    faults = Faults(session)
    faults.install()
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    faults.remove()
    qtbot.wait(20)
    assert passed_on == [KeyboardInterrupt]
    assert session.state.notice is None


def test_without_a_place_for_the_log_the_window_still_opens(tmp_path):
    (tmp_path / "file").write_text("in the way")
    open_log(tmp_path / "file" / "log" / "explorer.log")
    assert [type(handler) for handler in faults_module.log.handlers] == [logging.StreamHandler]
    close_log()
