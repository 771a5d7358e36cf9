"""Doing once, a little later, what was asked for many times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QObject


class Later(QTimer):
    """Calls `work` at most once every `pause` milliseconds, however often `ask` is called; the last ask is heard."""

    def __init__(self, pause: int, work: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self.setSingleShot(True)
        self.setInterval(pause)
        self.timeout.connect(work)

    def ask(self) -> None:
        """Have the work done soon."""
        if not self.isActive():
            self.start()
