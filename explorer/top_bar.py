"""The bar at the head of the window: what is on the stage, start, pause and stop, and how far training is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QSizePolicy, QToolBar, QToolButton, QWidget

from explorer.hints import happening
from explorer.widgets.elided import Elided
from explorer.widgets.later import Later
from explorer.widgets.progress import Bar
from explorer.words import time_left

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QAction

    from explorer.session import Session

READABLE = 250  # ms that figures stay, so that one can read them and a training has the processor


class TopBar(QToolBar):
    """Holds the actions it is given and reads run, phase and progress of the session."""

    def __init__(self, session: Session, training: Sequence[QAction], theme: QAction, parent: QWidget) -> None:
        super().__init__("Toolbar", parent)
        self._session = session
        self.setObjectName("toolbar")
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setIconSize(QSize(18, 18))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._subject = self._label("toolbar_subject", "Data set, family and preset", False)
        self.addSeparator()
        for action in training:
            self._add(action)
        self.addSeparator()
        self._bar = Bar("toolbar_progress", "Progress")
        self._bar.setFixedWidth(120)
        self._bar_action = self.addWidget(self._bar)
        self._figures = self._label("toolbar_figures", "Time left and speed", True)
        self._add(theme, Qt.ToolButtonStyle.ToolButtonIconOnly)
        self._later = Later(READABLE, self._show, self)
        for field in ("progress", "working", "step"):
            getattr(session, f"{field}_changed").connect(self._later.ask)
        for field in ("run", "phase", "total_steps", "catalog"):
            getattr(session, f"{field}_changed").connect(self._show)
        self._show()

    def _label(self, name: str, words: str, last: bool) -> Elided:
        label = Elided(quiet=last)
        label.setObjectName(name)
        label.setAccessibleName(words)
        across = QSizePolicy.Policy.Expanding if last else QSizePolicy.Policy.Maximum
        label.setSizePolicy(across, QSizePolicy.Policy.Preferred)
        label.setContentsMargins(6, 0, 8, 0)
        self.addWidget(label)
        return label

    def _add(self, action: QAction, style: Qt.ToolButtonStyle | None = None) -> None:
        self.addAction(action)
        button = self.widgetForAction(action)
        assert isinstance(button, QToolButton)
        button.setObjectName(f"toolbar_{action.objectName()}")
        button.setAccessibleName(action.text().replace("&", ""))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if style is not None:
            button.setToolButtonStyle(style)

    def _show(self) -> None:
        state = self._session.state
        self._subject.setText(self._subject_words())
        self._figures.setText(self._progress_words())
        before = self._figures.minimumWidth() if state.phase.busy else 0  # it never shrinks while figures count
        self._figures.setMinimumWidth(max(before, self._figures.sizeHint().width()))  # the subject gives way to them
        working, progress = state.working, state.progress
        fraction = working.fraction if working is not None else progress.fraction if progress is not None else None
        self._bar_action.setVisible(state.phase.busy or working is not None)
        self._bar.show_fraction(fraction)

    def _subject_words(self) -> str:
        """Data set, family and preset by the titles that the catalogue gives them."""
        run, catalog = self._session.state.run, self._session.state.catalog
        if run is None:
            return "No model yet"
        titles: dict[str, str] = {}
        if catalog is not None:
            titles |= {data.name: data.title for data in catalog.datasets}
            titles |= {family.name: family.title for family in catalog.families}
        return "  ·  ".join((titles.get(run.dataset, run.dataset), titles.get(run.family, run.family), run.preset))

    def _progress_words(self) -> str:
        state = self._session.state
        if state.working is not None or not state.phase.busy:
            left = state.working.seconds_left if state.working is not None else None
            if state.working is None and state.run is not None and state.step:
                return f"{state.step:,} steps"
            return happening(state) + (f", {time_left(left)}" if left is not None else "")
        progress = state.progress
        if progress is None:
            return happening(state)
        total = f" of {state.total_steps:,}" if state.total_steps else ""
        parts = [f"step {state.step:,}{total}", f"{progress.samples_per_second:,.0f} img/s"]
        if state.total_steps is None or state.step < state.total_steps:
            parts.insert(0, time_left(progress.seconds_left))
        return "  ·  ".join(parts)
