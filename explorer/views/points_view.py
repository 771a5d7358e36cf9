"""The plane: what a model of points draws beside the real ones, and the field that it holds over all places."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QVBoxLayout, QWidget

from explorer import colors
from explorer.actions import make_action
from explorer.widgets.elided import Elided
from explorer.widgets.parts import action_button, heading
from explorer.widgets.plane_key import PlaneKey
from explorer.widgets.plane_picture import PlanePicture
from models.grids import kind_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QPaintEvent, QResizeEvent

    from explorer.session import Session
    from models.events import RunInfo
    from models.field_events import Meaning, PlaneShown

LOW = 340  # px of height under which the plane needs the place of its key
REMEMBERED = "points/field"


class PointsView(QWidget):
    """Stands beside the latent map while the run on the stage is one of points, and hides for others."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setObjectName("points_view")
        self.setAccessibleName("Points of the plane")
        self._level: float | None = None  # that a person chose
        self.picture, self.key = PlanePicture(), PlaneKey()
        self._title, self._caption = heading("Points of the plane"), Elided(quiet=True)
        self._caption.setObjectName("points_caption")
        self.field_action = make_action(
            self, "field_behind_the_points", "Field behind the points", "H", self._toggle_field, "field"
        )
        self.field_action.setCheckable(True)
        self.field_action.setChecked(QSettings().value(REMEMBERED, True, bool) is True)
        self._lay_out()
        session.run_changed.connect(self._show_run)
        session.plane_changed.connect(self._show)
        session.phase_changed.connect(self._show_message)
        if not of_points(session.state.run):
            self.hide()
        self._show()

    def _lay_out(self) -> None:
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setObjectName("level_slider")
        self.slider.setAccessibleName("Amount of noise")
        self.slider.setPageStep(1)
        self.slider.setMinimumWidth(48)
        self.slider.valueChanged.connect(self._choose_level)
        self._level_words = QLabel()
        self._level_words.setObjectName("level_words")
        self._levels = QWidget()
        across = QHBoxLayout(self._levels)
        across.setContentsMargins(0, 0, 0, 0)
        across.addWidget(self.slider, 1)
        across.addWidget(self._level_words)
        below = QHBoxLayout()
        below.addWidget(self._caption, 1)
        below.addWidget(action_button(self.field_action, "field_button"))
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 8, 2)
        column.setSpacing(4)
        column.addWidget(self._title)
        column.addWidget(self.key)
        column.addWidget(self._levels)
        column.addWidget(self.picture, 1)
        column.addLayout(below)
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._title.setWordWrap(True)

    @property
    def caption(self) -> str:
        """What stands below the plane."""
        return self._caption.text()

    @property
    def title(self) -> str:
        """What is shown."""
        return self._title.text()

    @property
    def _meaning(self) -> Meaning | None:
        plane = self._session.state.plane
        return None if plane is None else plane.meaning

    # ---- what the session says

    def _show_run(self) -> None:
        self.setVisible(of_points(self._session.state.run))
        self._level = None
        self._show()

    def _show(self) -> None:
        plane = self._session.state.plane
        self.picture.set_points(*((None, None) if plane is None else (plane.real, plane.drawn)))
        self.key.set_points("real points", "drawn by the model")
        self._caption.setText("" if plane is None else _counted(plane))
        self._show_levels()
        self._show_field()
        self._show_message()

    def _show_levels(self) -> None:
        """The slider has a place for each level at which the field is known."""
        meaning = self._meaning
        several = meaning is not None and len(meaning.levels) > 1
        self._levels.setVisible(several and self.field_action.isChecked())
        if meaning is None or not several:
            return
        blocked = self.slider.blockSignals(True)
        self.slider.setRange(0, len(meaning.levels) - 1)
        self.slider.setValue(self._place(meaning.levels))
        self.slider.blockSignals(blocked)
        self.slider.setAccessibleName(f"Level of {meaning.level}")
        self.slider.setToolTip(f"The field hangs on how much {meaning.level} a point is thought to have.")
        self._level_words.setText(f"{meaning.levels[self.slider.value()]:.0%} {meaning.level}")

    def _place(self, levels: tuple[float, ...]) -> int:
        """The chosen level, else the middle one."""
        if self._level is None:
            return len(levels) // 2
        return int(np.abs(np.array(levels) - self._level).argmin())

    def _show_field(self) -> None:
        plane, meaning, wanted = self._session.state.plane, self._meaning, self.field_action.isChecked()
        self.field_action.setEnabled(meaning is not None)
        if plane is None or meaning is None or plane.heights is None or plane.arrows is None or not wanted:
            self._title.setText("Points of the plane")
            self.picture.set_field(None, None)
            self.picture.setToolTip("")
            self.key.set_field(("", ""), "", "")
            return
        place = self._place(meaning.levels)
        heights = plane.heights[place]
        low = float(np.min(heights)) if meaning.low is None else meaning.low
        high = float(np.max(heights)) if meaning.high is None else meaning.high
        self._title.setText(meaning.title)
        self.key.set_field((f"{low:.3g}", f"{high:.3g}"), meaning.height, meaning.arrows)
        self.picture.set_field(_shares(heights, low, high), plane.arrows[place])
        self.picture.setToolTip(f"Colour: {meaning.height}. Arrows: {meaning.arrows}.")

    def _show_message(self) -> None:
        busy = self._session.state.phase.busy
        self.picture.set_message("The first points come in a moment." if busy else "This run holds no points yet.")

    # ---- what the person does

    def _toggle_field(self) -> None:
        QSettings().setValue(REMEMBERED, self.field_action.isChecked())
        self._show_levels()
        self._show_field()

    def _choose_level(self, place: int) -> None:
        if self._meaning is not None:
            self._level = self._meaning.levels[place]
            self._show_levels()
            self._show_field()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The plane comes first where both have no room."""
        super().resizeEvent(event)
        self.key.setVisible(self.height() >= LOW)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The same ground as the map beside it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), colors.theme().map)
        painter.end()


def of_points(run: RunInfo | None) -> bool:
    """Whether a run makes up points of the plane."""
    return run is not None and kind_of(run.image_shape) == "points" and "prior" in run.capabilities


def _counted(plane: PlaneShown) -> str:
    return f"step {plane.step:,} · {len(plane.drawn):,} points drawn · {len(plane.real):,} real ones, held out"


def _shares(heights: NDArray[np.float32], low: float, high: float) -> NDArray[np.float32]:
    """Heights as shares of the way from low to high."""
    return np.asarray((heights - low) / max(high - low, 1e-12), np.float32)
