"""The program with a window: paint first, then fetch torch behind it; and pictures of the window for the README."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, QSettings, QSocketNotifier
from PySide6.QtWidgets import QApplication

from explorer.faults import Faults, close_log, open_log
from explorer.main_window import BUNDLED, MainWindow
from explorer.remembered import remember_in
from explorer.session import Session
from explorer.style import dress
from models.errors import UserError
from models.runs import runs_root

if TYPE_CHECKING:
    from collections.abc import Sequence


def run_window(run: str | None = None, argv: Sequence[str] | None = None) -> int:
    """Show the window, on the run `run` (a folder or a name in the runs folder) if given; returns the exit code.

    Raises UserError when there is no such run.
    """
    wanted = find_run(run) if run is not None else None
    app = application(argv)
    home = runs_root().parent
    log_file = home / "log" / "explorer.log"
    open_log(log_file)
    problem = remember_in(home)
    session = Session()
    faults = Faults(session)
    faults.install()
    dress(QSettings().value("theme", "system"))
    window = MainWindow(session, log_file)
    window.painted.connect(lambda: session.start(wanted or first_run()))
    if problem:
        session.tell(problem, "warning")
    with _Signals(window):
        window.show()
        code = app.exec()
    faults.remove()
    close_log()
    if not window.ended:  # a lane that hangs in foreign code must not keep the process, nor crash its end
        os._exit(code)
    return code


def application(argv: Sequence[str] | None = None) -> QApplication:
    """The one QApplication, made when there is none."""
    app = QApplication.instance() or QApplication(list(argv or sys.argv[:1]))
    app.setApplicationDisplayName("Latent Explorer")
    app.setDesktopFileName("latent-explorer")
    return cast("QApplication", app)


def find_run(run: str) -> Path:
    """The folder of a run given by path or by name. Raises UserError."""
    for folder in (Path(run).expanduser(), runs_root() / run, BUNDLED / run):
        if (folder / "run.json").is_file():
            return folder.resolve()
    raise UserError(f"There is no run {run!r}.", mend="Give a run's folder, or a name that `runs` lists.")


def first_run() -> Path | None:
    """What to open without being told: the run of last time, else one that comes with the program."""
    last = str(QSettings().value("last_run", ""))
    bundled = sorted(folder.parent for folder in BUNDLED.glob("*/run.json"))
    candidates = [Path(last)] if last else []
    return next((folder for folder in (*candidates, *bundled) if (folder / "run.json").is_file()), None)


class _Signals(QObject):
    """Ctrl+C and the system's wish to end close the window without a question; a second one ends at once.

    Python hears signals only between two of its own steps, so a socket wakes Qt's loop for each of them.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self._window = window
        self._heard = False
        self._ours, self._theirs = socket.socketpair()
        for end in (self._ours, self._theirs):
            end.setblocking(False)
        self._notifier = QSocketNotifier(self._ours.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._wake)

    def __enter__(self) -> None:
        self._before_fd = signal.set_wakeup_fd(self._theirs.fileno())
        self._before = {number: signal.signal(number, self._hear) for number in (signal.SIGINT, signal.SIGTERM)}

    def __exit__(self, *error: object) -> None:
        signal.set_wakeup_fd(self._before_fd)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._notifier.setEnabled(False)
        self._ours.close()
        self._theirs.close()

    def _wake(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._ours.recv(4096)

    def _hear(self, number: int, frame: object) -> None:
        if self._heard:
            os._exit(128 + number)
        self._heard = True
        self._window.close_unasked()
