"""How a morph goes: the shape of its ways, its easing, what comes after its end, and how long it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QWidget

from explorer.widgets.parts import Choice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtCore import SignalInstance

    from models.paths import Path

MODES = {
    "linear": ("Straight", "the line from code to code"),
    "spherical": ("Spherical", "an arc around the origin, through codes as likely under the prior as the key frames"),
    "geodesic": ("Shortest", "the way on which the pictures change least altogether, which is sought"),
}
EASINGS = {
    "even": ("Even", "as fast at the key frames as between them"),
    "smooth": ("Smooth", "slower at every key frame"),
    "in": ("Ease in", "beginning slowly after every key frame"),
    "out": ("Ease out", "coming slowly to every key frame"),
}
LOOPS = {
    "once": ("Once", "it ends at the last key frame"),
    "to-and-fro": ("To and fro", "it turns round at both ends"),
    "around": ("Around", "from the last key frame back to the first"),
}
LONGEST = 600.0  # seconds


class MorphControls(QWidget):
    """Three choices and a length; `set_path` emits nothing.

    `bent`, `eased` and `looped` tell one of `MODES`, `EASINGS` and `LOOPS`, `lasted` the seconds of the whole way.
    """

    bent = Signal(str)
    eased = Signal(str)
    looped = Signal(str)
    lasted = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.mode = self._choice("morph_mode", "Way between key frames", MODES, self.bent)
        self.easing = self._choice("morph_easing", "Easing", EASINGS, self.eased)
        self.loop = self._choice("morph_loop", "After the last key frame", LOOPS, self.looped)
        self.seconds = QDoubleSpinBox()
        self.seconds.setObjectName("morph_seconds")
        self.seconds.setAccessibleName("Length of the morph")
        self.seconds.setToolTip("How long the whole way takes; every leg keeps its share")
        self.seconds.setRange(0.2, LONGEST)
        self.seconds.setDecimals(1)
        self.seconds.setSingleStep(0.5)
        self.seconds.setSuffix(" s")
        self.seconds.setKeyboardTracking(False)
        self.seconds.valueChanged.connect(self.lasted)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(4)
        for part in (self.mode, self.easing, self.loop, self.seconds):
            across.addWidget(part)

    def _choice(self, name: str, called: str, offered: Mapping[str, tuple[str, str]], told: SignalInstance) -> Choice:
        choice = Choice()
        choice.setObjectName(name)
        choice.setAccessibleName(called)
        choice.setMaximumWidth(112)
        for value, (words, tip) in offered.items():
            choice.addItem(words, value)
            choice.setItemData(choice.count() - 1, f"{words}: {tip}", Qt.ItemDataRole.ToolTipRole)
        choice.setToolTip(f"{called}.\n" + "\n".join(f"{words}: {tip}" for words, tip in offered.values()))
        choice.activated.connect(lambda: told.emit(choice.currentData()))
        return choice

    def set_offered(self, spherical: bool, geodesic: bool) -> None:
        """Which ways there are beside the straight one."""
        for mode, offered in (("spherical", spherical), ("geodesic", geodesic)):
            item = self.mode.model().item(self.mode.findData(mode))  # type: ignore[attr-defined]
            item.setEnabled(offered)

    def set_path(self, path: Path | None) -> None:
        """Show how this way goes."""
        self.setEnabled(path is not None)
        if path is None:
            return
        for choice, value in ((self.mode, path.mode), (self.easing, path.easing), (self.loop, path.loop)):
            choice.setCurrentIndex(choice.findData(value))
        blocked = self.seconds.blockSignals(True)
        self.seconds.setValue(path.length)
        self.seconds.blockSignals(blocked)
