"""How the state moves on: the pure function from one state and an event to the next state."""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch
from pathlib import Path
from typing import Any

import numpy as np

from explorer import charts, gestures
from explorer.asked import classes_of
from explorer.comparing import coloured
from explorer.curve_math import Curve
from explorer.gathering import followed
from explorer.morph_gestures import sought
from explorer.pins import between, moved
from explorer.state import Phase, SessionState, noticed
from models import events as ev
from models.chart_events import Laid, Laying
from models.comparing_events import Compared, Pairing
from models.copy_events import Comparing, Copied, CopiesUnknown
from models.data_events import DataShown, Looking
from models.field_events import PlaneShown
from models.judging_events import Diagnosed, Judged, Judging, JudgingEnded
from models.layer_events import Surveyed
from models.own_events import Found
from models.path_events import Shortened, ShorteningEnded
from models.reading_events import Checked, Effects, Leaked, Made, PointsRead, Reading, ReadingEnded
from models.recipe_events import Recalled, Scripted, Sought
from models.wording import counted

KEPT = {
    ev.HeldOut: "data", ev.Working: "working", ev.Sampled: "samples", ev.Reconstructed: "reconstructions",
    Sought: "sought", Recalled: "recalled", Scripted: "scripted",
    Judged: "judged", Judging: "judging", PlaneShown: "plane",
}  # fmt: skip
DRAWN = {
    "probe": "picture", "pins": "pin_pictures", "export": "drawing", "samples": "turned", "sheet": "sheet",
    "classes": "class_row", "written": "written", "mixing": "mixed", "group": "group_picture",
    "bench": "bench_pictures", "directions": "strips", "traversal": "walked",
    "film": "film", "board": "board_pictures", "twin": "twin_picture",
}  # fmt: skip


def reduce(state: SessionState, event: ev.Event) -> SessionState:
    """The state after `event`; events of a run that is no longer shown change nothing."""
    foreign = event.run and (state.run is None or event.run != state.run.id)
    heard = not foreign or isinstance(event, (ev.Started, ev.Noticed, ev.Failed, ev.Exported))
    return _reduce(event, state) if heard else state


@singledispatch
def _reduce(event: ev.Event, state: SessionState) -> SessionState:
    """What is shown as it came is kept so; events that no panel shows change nothing."""
    changes: dict[str, Any] = {KEPT[type(event)]: event} if type(event) in KEPT else {}
    return replace(state, **changes)


@_reduce.register
def _(event: ev.Catalogued, state: SessionState) -> SessionState:
    phase = Phase.IDLE if state.phase is Phase.OPENING and state.run is None else state.phase
    return replace(state, catalog=event, phase=phase)


@_reduce.register
def _(event: ev.Started, state: SessionState) -> SessionState:
    """A new run takes the stage: only what belongs to the program stays, and a training that waits for its turn."""
    return SessionState(
        catalog=state.catalog,
        factor=state.factor,
        layer=state.layer,
        pace=state.pace,
        look=state.look,
        way=state.way,
        judging=state.judging,
        runs=state.runs,
        notice=None,  # what was told of another run; while it stands as a toast, it can still be read
        phase=state.phase if state.phase.busy else Phase.TRAINING if event.live else Phase.IDLE,
        run=event.info,
        live=event.live,
        step=event.step,
        total_steps=event.total_steps,
        label=0 if classes_of(event.info) else None,
        spherical="prior" in event.info.capabilities and event.info.latent_dim > 2,
    )


@_reduce.register
def _(event: ev.Deleted, state: SessionState) -> SessionState:
    """A run that is gone leaves the stage."""
    if state.run is None or Path(state.run.folder).absolute() != Path(event.folder).absolute():
        return noticed(state, "The run is in the bin.", "done")
    lasting = ("catalog", "factor", "judging", "layer", "look", "way", "runs", "notice", "pace", "phase")
    state = SessionState(**{name: getattr(state, name) for name in lasting})
    return noticed(state, "The run that was shown is in the bin. Open another, or train a new one.", "done")


@_reduce.register(Compared)
@_reduce.register(Pairing)
def _(event: Compared | Pairing, state: SessionState) -> SessionState:
    comparison = state.comparison.after(event)
    state = replace(state, comparison=comparison)
    return coloured(state, event) if comparison.found is event else state


@_reduce.register(Looking)
@_reduce.register(DataShown)
def _(event: Looking | DataShown, state: SessionState) -> SessionState:
    return replace(state, look=state.look.after(event))


@_reduce.register(Reading)
@_reduce.register(ReadingEnded)
@_reduce.register(PointsRead)
@_reduce.register(Checked)
@_reduce.register(Leaked)
@_reduce.register(Effects)
@_reduce.register(Made)
def _(event: ev.Event, state: SessionState) -> SessionState:
    """What is seen in pictures beside the work."""
    return replace(state, seen=state.seen.after(event))


@_reduce.register(Comparing)
@_reduce.register(Copied)
@_reduce.register(CopiesUnknown)
def _(event: Comparing | Copied | CopiesUnknown, state: SessionState) -> SessionState:
    return replace(state, copying=state.copying.after(event))


@_reduce.register(Shortened)
@_reduce.register(ShorteningEnded)
def _(event: Shortened | ShorteningEnded, state: SessionState) -> SessionState:
    """The way changes its course, and a probe on it comes along."""
    state = replace(state, shortest=state.shortest.after(event))
    return state if state.playhead is None or not state.timeline.geodesic else sought(state, state.playhead)


@_reduce.register
def _(event: Surveyed, state: SessionState) -> SessionState:
    return replace(state, survey=state.survey.after(event))


@_reduce.register
def _(event: Found, state: SessionState) -> SessionState:
    """The newest answer about an own picture; the code that ends the search goes to the probe."""
    before, own = state.own, state.own.after(event)
    state = replace(state, own=own)
    known = before.found is not None and before.found.done and before.found.code is event.code
    return gestures.take_own(state) if own.found is event and event.done and not known else state


@_reduce.register
def _(event: ev.Progress, state: SessionState) -> SessionState:
    return replace(state, progress=event, step=event.step, working=None)


@_reduce.register
def _(event: ev.Losses, state: SessionState) -> SessionState:
    curves = dict(state.curves)
    empty = Curve(np.empty(0, np.int64), np.empty(0, np.float32))
    for name, values in event.values.items():
        key = (event.split, name)
        curves[key] = curves.get(key, empty).extended(event.steps, values)
    return replace(state, curves=curves)


@_reduce.register
def _(event: ev.Embedded, state: SessionState) -> SessionState:
    """The map moves; selected and pinned points take their codes along, as far as they are still there."""
    state, count = followed(charts.told(state, event)), len(event.codes)
    if any(pin is not None and pin.index is not None for pin in state.pins):
        state = replace(state, pins=tuple(moved(pin, event) for pin in state.pins))
        state = replace(state, code=between(state, state.morph))
    if state.selection is not None:
        known = state.selection < count
        gone = replace(state, selection=None, neighbours=None)
        return replace(state, code=event.codes[state.selection]) if known else gone
    if state.code is None and count:
        return replace(state, code=event.codes.mean(axis=0, dtype=np.float32))
    return state


@_reduce.register
def _(event: Laying, state: SessionState) -> SessionState:
    return charts.laying(state, event)


@_reduce.register
def _(event: Laid, state: SessionState) -> SessionState:
    """A layout is made, or cannot be, which is told if it is still awaited."""
    after = charts.laid(state, event)
    return noticed(after, event.problem, "warning") if event.problem and after is not state else after


@_reduce.register
def _(event: ev.Weights, state: SessionState) -> SessionState:
    return replace(state, weights=event, step=event.step)


@_reduce.register
def _(event: ev.Figures, state: SessionState) -> SessionState:
    return replace(state, figures=event)


@_reduce.register
def _(event: JudgingEnded, state: SessionState) -> SessionState:
    return replace(state, judging=None)


@_reduce.register
def _(event: Diagnosed, state: SessionState) -> SessionState:
    return replace(state, illnesses=(*state.illnesses, event))


@_reduce.register
def _(event: ev.Paused, state: SessionState) -> SessionState:
    return replace(state, phase=Phase.PAUSED)


@_reduce.register
def _(event: ev.Resumed, state: SessionState) -> SessionState:
    return replace(state, phase=Phase.TRAINING)


@_reduce.register
def _(event: ev.Finished, state: SessionState) -> SessionState:
    state = replace(state, phase=Phase.IDLE, live=False, working=None)
    return noticed(state, f"Trained {counted(event.step, 'step')} in {event.seconds:,.0f} s.", "done")


@_reduce.register
def _(event: ev.Cancelled, state: SessionState) -> SessionState:
    """Training that was stopped leaves what it had on the stage; other work just ends."""
    state = replace(state, working=None)
    if not event.run:
        return noticed(replace(state, phase=_settled(state.phase)), "Cancelled.")
    state = replace(state, phase=Phase.IDLE, live=False)
    return noticed(state, f"Stopped at step {event.step:,}; the run is kept and can be resumed.")


@_reduce.register
def _(event: ev.Failed, state: SessionState) -> SessionState:
    training = event.run in ("train", state.run and state.run.id)
    if training:
        state = replace(state, phase=Phase.IDLE, live=False)
    if event.run == "own":
        state = replace(state, own=replace(state.own, working=False))
    if event.run == "copies":
        state = replace(state, copying=replace(state.copying, comparing=None, problem=event.message))
    if event.run == "morph":
        state = replace(state, shortest=replace(state.shortest, working=False))
    if event.run == "charts":
        state = charts.charted(replace(state, chart=charts.Chart(), laying=None))
    if event.run == "judge":
        state = replace(state, judging=None)
    if event.run == "layers":
        state = replace(state, survey=replace(state.survey, working=False))
    if event.run == "reading":
        state = replace(state, seen=replace(state.seen, reading=None))
    watching = state.watching and event.run != "render"
    state = replace(state, phase=_settled(state.phase), working=None, watching=watching)
    return noticed(state, event.message, "error", event.details, "train" if training else event.run)


def _settled(phase: Phase) -> Phase:
    return Phase.IDLE if phase is Phase.OPENING else phase


@_reduce.register
def _(event: ev.Noticed, state: SessionState) -> SessionState:
    return noticed(state, event.message, event.level)


@_reduce.register
def _(event: ev.Exported, state: SessionState) -> SessionState:
    return noticed(replace(state, working=None), f"Saved {event.path}", "done")


@_reduce.register
def _(event: ev.Listed, state: SessionState) -> SessionState:
    return replace(state, runs=event.runs)


@_reduce.register
def _(event: ev.Rendered, state: SessionState) -> SessionState:
    if event.key == "lattice" and state.lattice is not None and event.generation == state.lattice.generation:
        return replace(state, lattice=replace(state.lattice, pictures=event.pictures))
    if event.key == "steps":
        coming = state.watching and not event.finished
        return replace(state, watching=coming, steps=event if coming else None) if state.watching else state
    changes: dict[str, Any] = {DRAWN[event.key]: event} if event.key in DRAWN else {}
    return replace(state, **changes)
