"""The quiet line at the foot of the window: what happened, what one can do next, where and in how much memory."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel, QSizePolicy, QStatusBar

from explorer.hints import happening, hint
from explorer.widgets.elided import Elided

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from explorer.session import Session

MEMORY_EVERY = 2000  # ms


class StatusLine(QStatusBar):
    """Reads nearly everything of the session, draws one line."""

    def __init__(self, session: Session, welcome_folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._welcome_folder = session, welcome_folder
        self.setObjectName("status_line")
        self.setSizeGripEnabled(False)
        self._happened = Elided()
        self._hint = Elided(quiet=True)
        self._device = QLabel()
        self._memory = QLabel()
        parts = (
            (self._happened, "status_happened", "What just happened", 0),
            (self._hint, "status_hint", "What one can do next", 1),
            (self._device, "status_device", "Device", 0),
            (self._memory, "status_memory", "Memory of the program", 0),
        )
        for label, name, words, stretch in parts:
            label.setObjectName(name)
            label.setAccessibleName(words)
            label.setContentsMargins(6, 2, 6, 2)
            self.addWidget(label, stretch)
        self._happened.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self._device.setToolTip("Where the model computes")
        self._memory.setToolTip("Memory that this program holds now")
        for field in ("phase", "working", "run", "embedding", "explored", "pins", "catalog", "notice", "live"):
            getattr(session, f"{field}_changed").connect(self._show)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._show_memory)
        self._timer.start(MEMORY_EVERY)
        self._show()
        self._show_memory()

    def _show(self) -> None:
        state = self._session.state
        told = state.notice.message if state.notice is not None else ""
        self._happened.setText(happening(state) or told)
        self._happened.setVisible(bool(self._happened.text()))
        welcome = state.run is not None and Path(state.run.folder).parent == self._welcome_folder
        self._hint.setText(hint(state, welcome and not state.explored))
        run, catalog = state.run, state.catalog
        if run is not None and state.phase.busy:
            self._device.setText(f"{run.device} · {run.precision}")
        else:
            self._device.setText(catalog.device_name if catalog is not None else "")

    def _show_memory(self) -> None:
        held = resident_memory()
        self._memory.setText(f"{held / 2**20:,.0f} MB" if held else "")


def resident_memory() -> int:
    """Bytes of memory that this process holds; 0 where the system does not say."""
    statm = Path("/proc/self/statm")
    if not statm.exists():
        return 0
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
