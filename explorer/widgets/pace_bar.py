"""How fast a training goes: a slider from one step a second to as many as it can."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QWidget

from explorer.widgets.parts import labelled

PACES: tuple[float | None, ...] = (1, 2, 5, 10, 20, None)  # steps a second; None for as many as it can
FULL = "full speed"


class PaceBar(QWidget):
    """Tells by `chosen` the steps a second that a person wants, None for full speed."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setObjectName("pace_slider")
        self.slider.setAccessibleName("Pace of the training, in steps a second")
        self.slider.setToolTip("Slow motion: see every step of a training. The time in between does not count.")
        self.slider.setRange(0, len(PACES) - 1)
        self.slider.setPageStep(1)
        self.slider.setMinimumWidth(48)
        self._words = QLabel()
        self._words.setObjectName("pace_words")
        self._words.setMinimumWidth(QFontMetrics(self.font()).horizontalAdvance("20 steps/s") + 8)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(8)
        across.addWidget(labelled("Pace", self.slider))
        across.addWidget(self.slider, 1)
        across.addWidget(self._words)
        self.set_pace(None)
        self.slider.valueChanged.connect(self._hear)

    def set_pace(self, pace: float | None) -> None:
        """Show the nearest pace there is; emits nothing."""
        known = [each for each in PACES if each is not None]
        nearest = PACES.index(None) if pace is None else known.index(min(known, key=lambda each: abs(each - pace)))
        blocked = self.slider.blockSignals(True)
        self.slider.setValue(nearest)
        self.slider.blockSignals(blocked)
        self._show_words()

    @property
    def words(self) -> str:
        """The pace as a person reads it."""
        return self._words.text()

    def _hear(self, place: int) -> None:
        self._show_words()
        self.chosen.emit(PACES[place])

    def _show_words(self) -> None:
        pace = PACES[self.slider.value()]
        unit = "step/s" if pace == 1 else "steps/s"
        self._words.setText(FULL if pace is None else f"{pace:g} {unit}")
