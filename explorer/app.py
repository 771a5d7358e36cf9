"""The program with a window: paint first, then fetch torch behind it; and pictures of the window for the README."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, cast

import numpy as np
from PySide6.QtCore import QEventLoop, QObject, QSettings, QSocketNotifier, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from explorer.faults import Faults, close_log, open_log
from explorer.main_window import MainWindow
from explorer.remembered import remember_in, remembered_theme
from explorer.session import Session
from explorer.style import dress
from models.atomic import write
from models.errors import UserError
from models.grids import picture_file
from models.runs import HOME, examples, find_run, runs_root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from explorer.colors import ThemeName

PATIENCE = 60.0  # s that a picture of the window may take to come together
SETTLED = 800  # ms for the last answers to be drawn


def run_window(run: str | None = None, argv: Sequence[str] | None = None, file: Path | None = None) -> int:
    """Show the window, on the run `run` (a folder or a name in the runs folder) if given; returns the exit code.

    A `file` with a recipe is opened as it says.
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
    dress(remembered_theme())
    window = MainWindow(session, log_file)
    window.painted.connect(lambda: _start(session, wanted, file))
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


def _start(session: Session, run: Path | None, file: Path | None) -> None:
    session.start(None if file is not None else run or first_run())
    if file is not None:
        session.recipes.open(file)


def application(argv: Sequence[str] | None = None) -> QApplication:
    """The one QApplication, made when there is none."""
    app = cast("QApplication", QApplication.instance() or QApplication(list(argv or sys.argv[:1])))
    app.setApplicationDisplayName("Latent Explorer")
    app.setDesktopFileName("latent-explorer")
    return app


def first_run() -> Path | None:
    """What to open without being told: the run of last time, else one that comes with the program."""
    last = str(QSettings().value("last_run", ""))
    candidates = [Path(last)] if last else []
    return next((folder for folder in (*candidates, *examples()) if (folder / "run.json").is_file()), None)


def shoot(
    out: Path | str, run: str | None = None, size: tuple[int, int] = (1440, 900), theme: ThemeName = "light"
) -> int:
    """Draw the real window off screen, with a run open and something to see in every panel, into the PNG `out`.

    No settings of the person are read or written. Raises UserError when there is no run, or it does not come to show.
    """
    if QApplication.instance() is None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    application()
    named = find_run(run).absolute() if run is not None else None
    with TemporaryDirectory() as folder, _home_in(folder):
        remember_in(Path(folder))
        wanted = named or first_run()
        if wanted is None:
            raise UserError("There is no run to show.", mend="Train one first, or name it with --run.")
        dress(theme)
        session = Session()
        window = MainWindow(session)
        try:
            window.resize(*size)
            window.show()
            window.docks.arrange()
            session.start(wanted)
            _pose(session, window)
            write(Path(out), picture_file(_pixels(window.grab().toImage()), ".png"))
        finally:
            window.close_unasked()
            window.deleteLater()
            session.deleteLater()
    return 0


@contextlib.contextmanager
def _home_in(folder: str) -> Iterator[None]:
    """The program's home lies in `folder` for a while, so that no session is brought back, and none is kept."""
    before = os.environ.get(HOME)
    os.environ[HOME] = folder
    try:
        yield
    finally:
        os.environ.pop(HOME)
        if before is not None:
            os.environ[HOME] = before


def _pixels(image: QImage) -> NDArray[np.uint8]:
    """The picture [height, width, 3] with seven bits a colour, for no eye sees the eighth, a fifth of the file."""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    lines = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return lines[:, : 3 * image.width()].reshape(image.height(), image.width(), 3) & np.uint8(0xFE)


def _pose(session: Session, window: MainWindow) -> None:
    """Wait until everything is there, pin B and A, which stays selected, and lay the pictures behind the map."""
    _until(session, lambda: session.state.catalog is not None and session.state.picture is not None)
    _until(session, lambda: session.state.working is None)  # then the held-out pictures are there too
    embedding = session.state.embedding
    if embedding is not None and len(embedding.codes):
        for slot, share in ((1, 0.8), (0, 0.2)):
            session.select(int(share * len(embedding.codes)))
            session.pin(slot)
    window.map_view.lattice_action.trigger()
    _until(session, lambda: session.state.lattice is not None and session.state.lattice.pictures is not None)
    rest = QEventLoop()
    QTimer.singleShot(SETTLED, rest.quit)
    rest.exec()


def _until(session: Session, ready: Callable[[], bool]) -> None:
    """Let the window live until `ready`. Raises UserError after a minute, or at once with what went wrong."""
    loop, ends = QEventLoop(), time.monotonic() + PATIENCE

    def failed() -> bool:
        return session.state.notice is not None and session.state.notice.level == "error"

    timer = QTimer(interval=20)
    timer.timeout.connect(lambda: loop.quit() if ready() or failed() or time.monotonic() > ends else None)
    timer.start()
    loop.exec()
    notice = session.state.notice
    if not ready():
        told = notice.message if notice is not None and notice.level in ("error", "warning") else "It took too long."
        raise UserError(f"The run could not be drawn. {told}")


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
