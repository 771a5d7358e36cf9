"""Guards around every test with a window: nothing may be left behind, warned of or raised unseen."""

import gc
import sys
import threading

import pytest
import shiboken6
from PySide6.QtCore import QEvent, QThread, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from explorer.remembered import remember_in
from explorer.session import Session
from explorer.style import dress
from models.job import Job

HARMLESS = ("This plugin does not support",)  # what the off-screen platform says of itself


@pytest.fixture(autouse=True)
def guards(request, tmp_path_factory, monkeypatch):
    """Threads, timers and windows are gone after the test; Qt warned of nothing, and nothing was raised unheard."""
    if not {"qapp", "qtbot"} & set(request.fixturenames):
        yield  # a test without a window
        return
    request.getfixturevalue("qapp")
    unheard, warned = [], []

    def on_message(kind, context, message):
        if kind not in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) and not message.startswith(HARMLESS):
            warned.append(message)

    remember_in(tmp_path_factory.mktemp("settings"))
    before = {*threading.enumerate(), *QApplication.topLevelWidgets()}
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, trace: unheard.append(error))
    monkeypatch.setattr(threading, "excepthook", lambda args: unheard.append(args.exc_value))
    qt_before = qInstallMessageHandler(on_message)
    gc.freeze()  # only what the test makes is looked through afterwards
    yield
    leftovers = _leftovers(before)
    gc.unfreeze()
    qInstallMessageHandler(qt_before)
    assert unheard == []
    assert warned == []
    assert leftovers == []


def tiny_job(**changes):
    """A training that a test can wait for."""
    settings = {"width": 16, "depth": 1, "batch_size": 64}
    return Job(family="vae", preset="dense-2d", settings=settings, dataset="digits", device="cpu", **changes)


def _leftovers(before):
    """What still lives after the garbage was carried out: its names."""
    for thread in {*threading.enumerate()} - before:
        thread.join(5)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    found = [f"thread {thread.name}" for thread in {*threading.enumerate()} - before if thread.is_alive()]
    found += [f"window {widget.objectName() or widget}" for widget in {*QApplication.topLevelWidgets()} - before]
    made = [thing for thing in gc.get_objects() if issubclass(type(thing), QTimer | QThread)]
    living = [thing for thing in made if shiboken6.isValid(thing)]
    found += [f"timer of {timer.parent()}" for timer in living if isinstance(timer, QTimer) and timer.isActive()]
    main = QThread.currentThread()
    found += [f"QThread {it}" for it in living if isinstance(it, QThread) and it.isRunning() and it is not main]
    return found


@pytest.fixture(scope="session")
def tiny_run(session_home, tmp_path_factory):
    """The folder of a VAE of a few thousand weights, trained for some steps on the digits."""
    from models.job import Control
    from models.trainer import train

    folder = tmp_path_factory.mktemp("runs") / "tiny"
    list(train(tiny_job(steps=4, run=str(folder)), Control()))
    return folder


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
    qtbot.waitUntil(lambda: window.docks.completed, timeout=10_000)
    yield window
    window.close_unasked()
    window.deleteLater()
