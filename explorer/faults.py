"""One road for everything that goes wrong: from any thread and from Qt, to the log file and to one toast."""

from __future__ import annotations

import logging
import sys
import threading
import time
import traceback
from logging.handlers import RotatingFileHandler
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QMessageLogContext, QObject, Qt, QtMsgType, Signal, qInstallMessageHandler

from models.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from explorer.session import Session

log = logging.getLogger("latent-explorer")
QUIET_SECONDS = 10.0  # the same fault is told again only after this time


class Faults(QObject):
    """Catches what nobody caught and tells it to the session, each distinct fault once in a while."""

    happened = Signal(str, str)  # message, details

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._lock = threading.Lock()
        self._told: dict[str, tuple[float, int]] = {}  # by message: when last told, how often unheard since
        self._before = (sys.excepthook, threading.excepthook)
        self._qt_before: Any = None
        self.happened.connect(self._tell, Qt.ConnectionType.QueuedConnection)
        session.notice_changed.connect(self._log_notice)

    def install(self) -> None:
        """Stand at every door through which a fault could leave unseen."""
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception
        self._qt_before = qInstallMessageHandler(self._on_qt_message)

    def remove(self) -> None:
        """Give the doors back."""
        sys.excepthook, threading.excepthook = self._before
        qInstallMessageHandler(self._qt_before)

    def report(self, message: str, details: str = "") -> None:
        """Tell a fault from any thread."""
        with self._lock:
            last, unheard = self._told.get(message, (-QUIET_SECONDS, 0))
            now = time.monotonic()
            if now - last < QUIET_SECONDS:
                self._told[message] = (last, unheard + 1)
                return
            self._told[message] = (now, 0)
        if unheard:
            details = f"{details}\n(It happened {unheard} more times since it was last told.)".strip()
        self.happened.emit(message, details)

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._before[0](kind, error, trace)
            return
        details = "".join(traceback.format_exception(kind, error, trace))
        known = isinstance(error, UserError)
        self.report(str(error) if known else _sentence(kind, error), "" if known else details)

    def _on_thread_exception(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self._on_exception(args.exc_type, args.exc_value, args.exc_traceback)

    def _on_qt_message(self, kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        """Qt's warnings are for us and go to the log; what is critical concerns the person too."""
        if kind in (QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg):
            self.report(f"Qt met a problem: {message}", f"{context.category} {context.file}:{context.line}")
        else:
            log.log(logging.WARNING if kind is QtMsgType.QtWarningMsg else logging.DEBUG, "Qt: %s", message)

    def _tell(self, message: str, details: str) -> None:
        self._session.tell(message, "error", details)

    def _log_notice(self) -> None:
        """Every line a person reads stands in the log too."""
        notice = self._session.state.notice
        if notice is not None:
            level = {"error": logging.ERROR, "warning": logging.WARNING}.get(notice.level, logging.INFO)
            log.log(level, "%s", f"{notice.message}\n{notice.details}".strip())


def _sentence(kind: type[BaseException], error: BaseException) -> str:
    return f"Something went wrong in the window: {kind.__name__}: {error}".rstrip(": ")


def open_log(path: Path) -> None:
    """Write the log to `path`, half a megabyte and three older files at most; without a place for it, do without."""
    log.setLevel(logging.INFO)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(path, maxBytes=500_000, backupCount=3, encoding="utf-8", errors="replace")
    except OSError as error:
        log.addHandler(logging.StreamHandler())
        log.warning("No log file could be opened at %s: %s", path, error)
        return
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.addHandler(handler)


def close_log() -> None:
    """Close the log file."""
    for handler in log.handlers[:]:
        log.removeHandler(handler)
        handler.close()
