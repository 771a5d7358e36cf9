"""Guards around every test with a window: nothing may be left behind, warned of or raised unseen."""

import gc
import sys
import threading

import pytest
import shiboken6
from PySide6.QtCore import QEvent, QSettings, QThread, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from explorer.remembered import remember_in
from explorer.session import Session
from explorer.style import dress

HARMLESS = ("This plugin does not support",)  # what the off-screen platform says of itself


@pytest.fixture(autouse=True)
def guards(request, home, monkeypatch):
    """Threads, timers and windows are gone after the test; Qt warned of nothing, and nothing was raised unheard."""
    if not {"qapp", "qtbot"} & set(request.fixturenames):
        yield  # a test without a window
        return
    request.getfixturevalue("qapp")
    unheard, warned = [], []

    def on_message(kind, context, message):
        if kind not in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) and not message.startswith(HARMLESS):
            warned.append(message)

    remember_in(home)
    QSettings().clear()
    before = set(threading.enumerate())
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, trace: unheard.append(error))
    monkeypatch.setattr(threading, "excepthook", lambda args: unheard.append(args.exc_value))
    qt_before = qInstallMessageHandler(on_message)
    yield
    leftovers = _leftovers(before)
    qInstallMessageHandler(qt_before)
    assert unheard == []
    assert warned == []
    assert leftovers == []


def _leftovers(before):
    """What still lives after the garbage was carried out: its names."""
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    found = [f"thread {thread.name}" for thread in set(threading.enumerate()) - before if thread.is_alive()]
    found += [f"window {widget.objectName() or widget}" for widget in QApplication.topLevelWidgets()]
    living = [thing for thing in gc.get_objects() if isinstance(thing, QTimer | QThread) and shiboken6.isValid(thing)]
    found += [f"timer of {timer.parent()}" for timer in living if isinstance(timer, QTimer) and timer.isActive()]
    main = QThread.currentThread()
    found += [f"QThread {it}" for it in living if isinstance(it, QThread) and it.isRunning() and it is not main]
    return found


@pytest.fixture
def session(qapp):
    """A session that is closed again."""
    session = Session()
    yield session
    assert session.close()
    session.deleteLater()


@pytest.fixture
def light(qapp):
    """The window's dress, taken off again."""
    dress("light")
    yield
    qapp.setStyleSheet("")


@pytest.fixture
def window(qtbot, session, light):
    """The real window on an idle session, closed and gone after the test."""
    from explorer.main_window import MainWindow

    window = MainWindow(session)
    window.show()
    qtbot.waitExposed(window)
    yield window
    window.close_unasked()
    window.deleteLater()
