"""The probe: the picture that the model draws for one code, a slider a number, and a way between two codes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.actions import make_action
from explorer.icons import icon
from explorer.widgets.elided import Elided
from explorer.widgets.knob_list import KnobList
from explorer.widgets.morph_bar import MorphBar
from explorer.widgets.parts import action_button
from explorer.widgets.picture import Picture
from explorer.widgets.slider_list import SliderList
from models import latent

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent, QShowEvent

    from explorer.session import Session
    from explorer.state import SessionState
    from models.events import Embedded

MOST = 512  # dimensions that get a slider
NUMBERS = 60_000  # of all codes, as many are looked at for the sliders' ranges
RANGES_EVERY = 1000  # ms while training
LARGEST = 64  # times that a pixel of a saved picture is enlarged
EMPTY = "The picture that the model draws for one code appears here. Train a model or open a run."


class ProbeView(QWidget):
    """Reads code, picture, pins and locks of the session; its `actions()` belong into the menus."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._measured: Embedded | None = None  # the codes that the ranges are of
        self.setObjectName("probe_view")
        self.setAccessibleName("Probe")
        self._make_actions()
        self._make_parts()
        self._lay_out()
        self._timer = QTimer(self, interval=RANGES_EVERY, singleShot=True)
        self._timer.timeout.connect(self._measure_ranges)
        for name in ("run", "embedding", "selection", "code", "locked", "pins", "morph", "picture", "pin_pictures"):
            getattr(session, f"{name}_changed").connect(getattr(self, f"_show_{name}"))
        session.spherical_changed.connect(self._show_way)
        session.knobs_changed.connect(self._show_knobs)
        session.catalog_changed.connect(self._show_knob_list)
        session.label_changed.connect(self._show_selection)
        for signal in (session.steps_changed, session.watching_changed):
            signal.connect(self._show_picture)
        session.watching_changed.connect(self._show_watching)
        self._show_run()
        self._show_code()
        self._show_pins()

    # ---- making

    def _make_actions(self) -> None:
        session = self._session
        self.randomise_action = make_action(
            self, "randomise", "Randomise code", "R", session.randomise, "dice", "Draw the unlocked numbers anew"
        )
        self.reset_action = make_action(
            self, "reset", "Reset code", "Shift+R", session.reset_code, "reset",
            "Put the unlocked numbers back to the middle of the data",
        )  # fmt: skip
        self.pin_actions = tuple(
            make_action(self, f"pin_{letter.lower()}", f"Pin {letter}", letter, partial(session.pin, slot), "pin", tip)
            for slot, letter, tip in (
                (0, "A", "Keep this code as A, where a morph begins"),
                (1, "B", "Keep this code as B, where a morph ends"),
            )
        )
        self.play_action = make_action(
            self, "play_morph", "Play morph", "M", self._play, "start", "Walk to and fro between A and B"
        )
        self.play_action.setCheckable(True)
        self.play_action.toggled.connect(lambda on: self.play_action.setIcon(icon("pause" if on else "start")))

        self.bend_action = make_action(
            self, "bend_morph", "Spherical morph", "Shift+M", self._bend, "arc",
            "Morph along an arc around the origin, through codes as likely under the prior as A and B, not straight",
        )  # fmt: skip
        self.bend_action.setCheckable(True)
        self.watch_action = make_action(
            self, "watch", "Watch it come", "W", self._watch, "film", "See the picture at the code come into being"
        )
        self.watch_action.setCheckable(True)
        self.reset_knobs_action = make_action(
            self, "reset_knobs", "Reset knobs", "Shift+K", session.drawings.reset_knobs, "reset",
            "Draw as the model draws by itself again",
        )  # fmt: skip

    def _watch(self) -> None:
        if self._session.state.watching:
            self._session.drawings.stop_watching()
        else:
            self._session.drawings.watch()

    def _bend(self) -> None:
        self._session.bend(self.bend_action.isChecked())

    def _play(self) -> None:
        if self.play_action.isChecked():
            self.morph.walk()
        else:
            self.morph.stop()

    def _make_parts(self) -> None:
        session = self._session
        self.picture = Picture(EMPTY)
        self.picture.keep = lambda path, times: self._session.export("probe", path, {"scale": min(times, LARGEST)})
        self.picture.setObjectName("probe_picture")
        self.picture.setAccessibleName("Picture at the code")
        self.picture.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.picture.told.connect(session.tell)
        self.whose = Elided(quiet=True)
        self.whose.setObjectName("probe_whose")
        self.reset = action_button(self.reset_action, "probe_reset")
        self.randomise = action_button(self.randomise_action, "probe_randomise")
        self.sliders = SliderList()
        self.sliders.setObjectName("probe_sliders")
        self.sliders.setAccessibleName("Sliders of the code")
        self.sliders.tab_after = self.randomise
        self.sliders.moved.connect(session.set_dimension)
        self.sliders.locked.connect(session.lock)
        self.knobs = KnobList()
        self.knobs.setObjectName("probe_knobs")
        self.knobs.setAccessibleName("Knobs of the drawing")
        self.knobs.moved.connect(session.set_knob)
        self.watch = action_button(self.watch_action, "probe_watch")
        self.reset_knobs = action_button(self.reset_knobs_action, "probe_reset_knobs")
        self.beyond = Elided(quiet=True)
        self.beyond.setObjectName("probe_beyond")
        self.morph = MorphBar(self.pin_actions, self.bend_action, self.play_action)
        self.morph.moved.connect(session.morph)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(0)
        head.addWidget(self.whose, 1)
        head.addWidget(self.watch)
        head.addWidget(self.reset)
        head.addWidget(self.randomise)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(4)
        column.addWidget(self.picture, 3)
        column.addLayout(head)
        turning = QHBoxLayout()
        turning.setSpacing(0)
        turning.addWidget(self.knobs, 1)
        turning.addWidget(self.reset_knobs, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(turning)
        column.addWidget(self.sliders, 2)
        column.addWidget(self.beyond)
        column.addSpacing(4)
        column.addWidget(self.morph)
        column.addStretch(0)

    # ---- hearing

    def _show_run(self) -> None:
        run = self._session.state.run
        count = run.latent_dim if run is not None else 0
        self._timer.stop()
        self._measured = None
        self.sliders.set_count(min(count, MOST))
        self.beyond.setText(f"The first {MOST} of {count:,} numbers")
        self.beyond.setVisible(count > MOST)
        self._show_way()
        self._show_knob_list()
        self._show_watching()

    def _show_knob_list(self) -> None:
        """What can be turned of the model on the stage, as the catalogue tells it."""
        run, catalog = self._session.state.run, self._session.state.catalog
        known = catalog.families if catalog is not None and run is not None else ()
        family = next((info for info in known if run is not None and info.name == run.family), None)
        self.knobs.set_knobs(family.knobs if family is not None else ())
        self._show_knobs()

    def _show_knobs(self) -> None:
        turned = self._session.state.knobs
        self.knobs.set_values(turned)
        self.reset_knobs_action.setEnabled(bool(turned))
        self.reset_knobs.setVisible(bool(self.knobs.rows))

    def _show_watching(self) -> None:
        """Only a model that draws in steps can be watched."""
        state = self._session.state
        comes = state.run is not None and "sample_steps" in state.run.capabilities
        self.watch.setVisible(comes)
        self.watch_action.setEnabled(comes and state.code is not None)
        self.watch_action.setChecked(state.watching)

    def _show_embedding(self) -> None:
        """Ranges are measured at once for a new run, then now and then."""
        if not self._timer.isActive():
            self._measure_ranges()

    def _measure_ranges(self) -> None:
        embedding = self._session.state.embedding
        if embedding is None or embedding is self._measured or not len(embedding.codes) or not self.isVisible():
            return
        self._measured = embedding
        codes = embedding.codes[:, : self.sliders.count]
        some = codes[:: -(-codes.size // NUMBERS)]
        self.sliders.set_ranges(latent.quantile_ranges(some), some.mean(axis=0))
        self._timer.start()

    def _show_code(self) -> None:
        code = self._session.state.code
        for action in (self.randomise_action, self.reset_action, *self.pin_actions):
            action.setEnabled(code is not None)
        self.sliders.setEnabled(code is not None)
        self._show_watching()
        if code is not None and self.isVisible():
            self.sliders.set_code(code[: self.sliders.count])
        if not self.morph.walking:
            self.morph.stop()
        self._show_selection()

    def _show_selection(self) -> None:
        state = self._session.state
        whose = "Free code" if state.selection is None else f"Code of picture {state.selection:,}"
        self.whose.setText("" if state.code is None else f"{whose}{_asked_for(state)}")

    def _show_locked(self) -> None:
        self.sliders.set_locked(self._session.state.locked)

    def _show_pins(self) -> None:
        self.morph.set_ready(None not in self._session.state.pins[:2])
        self._show_morph()
        self._show_pin_pictures()

    def _show_morph(self) -> None:
        self.morph.set_share(self._session.state.morph)

    def _show_way(self) -> None:
        """Only where codes have a prior around the origin there is an arc to walk on."""
        run = self._session.state.run
        bendable = run is not None and "prior" in run.capabilities
        self.bend_action.setEnabled(bendable)
        self.bend_action.setChecked(self._session.state.spherical)
        self.morph.set_bendable(bendable)

    def _show_picture(self) -> None:
        state = self._session.state
        drawn = state.steps if state.watching and state.steps is not None else state.picture
        if self.isVisible():
            self.picture.set_picture(None if drawn is None else drawn.pictures[0])

    def _show_pin_pictures(self) -> None:
        """Pictures come for the pins that are set, A first; those of an earlier set of pins are passed over."""
        state = self._session.state
        pinned = [slot for slot, pin in enumerate(state.pins) if pin is not None]
        for slot in {0, 1}.difference(pinned):
            self.morph.set_picture(slot, None)
        if state.pin_pictures is not None and len(state.pin_pictures.pictures) == len(pinned):
            for slot, picture in zip(pinned, state.pin_pictures.pictures, strict=True):
                if slot < 2:
                    self.morph.set_picture(slot, picture)

    # ---- being seen

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what was passed over while hidden."""
        super().showEvent(event)
        self._show_embedding()
        self._show_code()
        self._show_locked()
        self._show_picture()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The picture takes no more height than a square one can use."""
        super().resizeEvent(event)
        self.picture.setMaximumHeight(max(self.picture.minimumSizeHint().height(), event.size().width() - 16))


def _asked_for(state: SessionState) -> str:
    """The class that the code is drawn as."""
    if state.run is None or state.label is None:
        return ""
    return f" · as {state.run.class_names[state.label]}" if isinstance(state.label, int) else " · as a mixture"
