"""How far a training is: a bar, and below it the time left, the speed, the epoch and the step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from explorer.widgets.parts import Quiet
from explorer.words import duration, time_left

if TYPE_CHECKING:
    from explorer.state import SessionState

SHARES = 200  # of a bar: few, because Qt paints the window at once whenever a bar moves


class Bar(QProgressBar):
    """A bar without words that fills, or moves to and fro while nobody knows how much is left."""

    def __init__(self, name: str, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(words)
        self.setRange(0, SHARES)
        self.setTextVisible(False)

    def show_fraction(self, fraction: float | None) -> None:
        """Fill the bar from 0 to 1; None for an unknown length."""
        self.setRange(0, 0 if fraction is None else SHARES)
        if fraction is not None:
            self.setValue(round(SHARES * fraction))


class ProgressPanel(QWidget):
    """Draws what a `SessionState` says of the work that is going on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bar = Bar("training_progress", "Training progress")  # the line below it says the percent
        self.time, self.speed, self.epoch, self.step = Quiet(), Quiet(), Quiet(), Quiet()
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(2)
        rows.addWidget(self.bar)
        for left, right in ((self.time, self.speed), (self.epoch, self.step)):
            row = QHBoxLayout()
            row.addWidget(left, 1)
            row.addWidget(right)
            rows.addLayout(row)
            for label in (left, right):
                label.setWordWrap(False)
            left.setMinimumWidth(1)  # cut off rather than push the panel wider
        for label, name in ((self.time, "time"), (self.speed, "speed"), (self.epoch, "epoch"), (self.step, "step")):
            label.setObjectName(f"progress_{name}")

    def show_state(self, state: SessionState) -> None:
        """Show the progress of the training, or of the work before it (a download, say)."""
        progress, working = state.progress, state.working
        fraction = working.fraction if working else progress.fraction if progress else 0.0
        busy = fraction is None or (state.phase.busy and progress is None and working is None)
        self.bar.show_fraction(None if busy else fraction)
        self.time.setText(_time(state))
        of = f" of {state.total_steps:,}" if state.total_steps else ""
        shown = state.run is not None
        self.speed.setText(f"{progress.samples_per_second:,.0f} img/s" if progress else "")
        self.epoch.setText(f"Epoch {progress.epoch:,.1f}" if progress else "")
        self.step.setText(f"Step {state.step:,}{of}" if shown else "")


def _time(state: SessionState) -> str:
    """The one line that matters most now."""
    phase, progress, working = state.phase.value, state.progress, state.working
    if working is not None:
        left = f", {time_left(working.seconds_left)}" if working.seconds_left is not None else ""
        share = f" {working.fraction:.0%}" if working.fraction is not None else ""
        return f"{working.what}{share}{left}"
    if phase == "training":
        return f"{progress.fraction:.0%}, {time_left(progress.seconds_left)}" if progress else "Starting…"
    if phase in ("paused", "stopping", "opening"):
        return {"paused": "Paused", "stopping": "Stopping…", "opening": "Opening…"}[phase]
    return f"Trained for {duration(progress.seconds)}" if progress else ""
