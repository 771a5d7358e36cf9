"""The layer behind the points of the map: which one is chosen, what is known of it, and the intents about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from explorer import asked
from models.errors import UserError
from models.layer_events import FADED, LAYERS, PICTURES, Survey, Surveyed, lacking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from explorer.state import SessionState
    from explorer.worker import Work, Worker
    from models.events import Event, Projection
    from models.job import Control
    from models.latent import Bounds
    from models.surveying import Surveyor

WITH_PICTURES = (PICTURES, FADED)  # the layers that lay decoded pictures
TURN = 0.3  # entries of a plane's axes that may change until an older layer is out of place
LIVE_SIDE = 32  # cells a side while a training goes on, which the layer follows


@dataclass(frozen=True)
class Surveying:
    """What was asked of the chosen layer, the newest answer that shows something, and whether a finer one comes."""

    asked: Survey | None = None
    shown: Surveyed | None = None
    working: bool = False

    def after(self, event: Surveyed) -> Surveying:
        """What is known after `event`; an answer to an earlier question comes too late."""
        return replace(self, shown=event, working=not event.done) if event.asked is self.asked else self


def layer_of(state: SessionState) -> str:
    """The layer that is chosen, as far as the model on the stage has it; else none."""
    return state.layer if state.layer and state.run is not None and not lacking(state.layer, state.run) else ""


def fits(survey: Survey, state: SessionState) -> bool:
    """Whether an answer to `survey` may be shown: it is of the chosen layer, of this run, and on the map's plane."""
    if survey.layer != layer_of(state) or state.run is None or survey.weights.run != state.run.id:
        return False
    return state.embedding is not None and _same_plane(survey.projection, state.embedding.projection)


def _same_plane(one: Projection, other: Projection) -> bool:
    """Whether both lay codes to about the same places; the plane of a training turns a little all the time."""
    if one.name != other.name or one.axes.shape != other.axes.shape:
        return False
    if one.layout is not None and other.layout is not None:
        return one.layout.ground is other.layout.ground
    return bool(np.abs(one.axes - other.axes).max(initial=0.0) < TURN)


def next_layer(state: SessionState, by: int) -> str:
    """The layer after the chosen one, or with -1 the one before it, of those that the model has and none at all."""
    having = ["", *(name for name in LAYERS if state.run is not None and not lacking(name, state.run))]
    return having[(having.index(layer_of(state)) + by) % len(having)]


def question(state: SessionState, bounds: Bounds, side: int | None = None) -> Survey | None:
    """What the chosen layer asks of the model over `bounds` of the map; None where there is nothing to ask."""
    layer, embedding, weights = layer_of(state), state.embedding, state.weights
    if layer in ("", PICTURES) or embedding is None or weights is None or state.run is None:
        return None
    if weights.info.latent_dim != embedding.codes.shape[1]:  # of another run, which is just opening
        return None
    labels = asked.rows([state.label], asked.classes_of(state.run))
    points, plane = embedding.points, embedding.projection
    return Survey(layer, bounds, weights, embedding.codes, points, plane, labels, state.knobs, side)


class Layers:
    """The intents of a session about layers; `lane` is where they are computed, with a model of their own."""

    def __init__(
        self,
        lane: Callable[[], Worker],
        read: Callable[[], SessionState],
        apply: Callable[[SessionState], None],
        do: Callable[[str, SessionState], None],
    ) -> None:
        self._lane, self._read, self._apply, self._do = lane, read, apply, do
        self._control: Control | None = None
        self._surveyor: Surveyor | None = None  # of the lane's thread

    def choose(self, layer: str) -> None:
        """Lay this one behind the points, or with an empty name none."""
        state = self._read()
        if layer != state.layer:
            words = f"Show {LAYERS[layer].title.lower()}" if layer else "Show no layer"
            self._do(words, replace(state, layer=layer))

    def cycle(self, by: int) -> None:
        """Lay the next layer that the model has, or with -1 the one before."""
        self.choose(next_layer(self._read(), by))

    def survey(self, bounds: Bounds, side: int | None = None) -> None:
        """Compute the chosen layer over `bounds` of the map, instead of what is being computed."""
        state = self._read()
        survey = question(state, bounds, side)
        if survey is None:
            self.stop()
            self._apply(replace(self._read(), survey=Surveying()))
            return
        before = state.survey.shown
        kept = before if before is not None and fits(before.asked, state) else None
        self._control = self._lane().renew(self._surveying(survey), self._control)
        self._apply(replace(state, survey=Surveying(survey, kept, working=True)))

    def refine(self) -> None:
        """Compute the layer that is shown twice as fine along each side."""
        survey = self._read().survey
        if survey.asked is not None and survey.shown is not None and survey.shown.side:
            self.survey(survey.asked.bounds, 2 * survey.shown.side)

    def stop(self) -> None:
        """Compute no further; what is known stays."""
        if self._control is not None:
            self._control.stop()
        state = self._read()
        if state.survey.working:  # who is stopped says nothing more
            self._apply(replace(state, survey=replace(state.survey, working=False)))

    def _surveying(self, survey: Survey) -> Work:
        def work(control: Control) -> Iterator[Event]:
            from models import device
            from models.surveying import Surveyor

            device.lower_priority()
            device.take_threads(1 if self._read().phase.busy else device.cores())
            if self._surveyor is None:
                self._surveyor = Surveyor()
            try:
                yield from self._surveyor.survey(survey, control)
            except UserError as error:
                yield Surveyed(survey.weights.run, survey.weights.step, survey, done=True, problem=str(error))

        return work
