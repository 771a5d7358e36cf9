"""The run on the stage beside another, or beside an earlier step of itself: what is known, and the intents about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from explorer import asked
from models import projection
from models.comparing_events import Compared, Pairing
from models.errors import Stopped, UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from explorer.state import SessionState
    from explorer.worker import Work, Worker
    from models.events import Codes, Event
    from models.job import Control
    from models.render import Renderer


@dataclass(frozen=True)
class Comparison:
    """The run in `folder` that is compared, how far that is, what was found, and a code taken from its own map."""

    folder: str = ""
    at: int | None = None
    working: bool = False
    fraction: float = 0.0
    found: Compared | None = None
    place: Codes | None = None  # [latent_dim of the other]

    def after(self, event: Compared | Pairing) -> Comparison:
        """What is known after `event`; an answer about another folder comes too late."""
        if event.folder != self.folder:
            return self
        if isinstance(event, Pairing):
            return replace(self, fraction=event.fraction)
        return replace(self, found=event, working=False, place=None)


def other_code(state: SessionState) -> Codes | None:
    """The code [d] that the other model draws: of its own map, of the selected picture, or the probe's if akin."""
    found, place = state.comparison.found, state.comparison.place
    if found is None or place is not None:
        return place
    if found.paired and state.selection is not None and found.codes is not None:
        code: Codes = found.codes[state.selection]
        return code
    return state.code if found.akin else None


def coloured(state: SessionState, found: Compared) -> SessionState:
    """The state whose map can be coloured by what was found of each point, beside the factors that the data have."""
    data = state.data
    if data is None or found.values is None or len(data.labels) != len(found.values):
        return state
    names = {factor.name for factor in found.factors}
    known = [place for place, factor in enumerate(data.factors) if factor.name not in names]
    own = np.zeros((len(found.values), 0), np.float32) if data.values is None else data.values[:, known]
    factors = (*(data.factors[place] for place in known), *found.factors)
    return replace(state, data=replace(data, factors=factors, values=np.column_stack([own, found.values])))


def comparing(folder: str, at: int | None, state: SessionState) -> Work:
    """Load the run in `folder` at step `at`, or its newest, and set it beside the one on the stage."""

    def work(control: Control) -> Iterator[Event]:
        from models import device

        device.take_threads(1)
        assert state.run is not None
        try:
            yield from _compared(folder, at, state, control)
        except UserError as error:
            yield Compared(state.run.id, state.step, folder, problem=str(error))
        except Stopped:
            return

    return work


def _compared(folder: str, at: int | None, state: SessionState, control: Control) -> Iterator[Event]:
    """Tell how far it is, and what was found. Raises UserError and Stopped."""
    from models.comparing import FACTORS, contrasts
    from models.run import RunFolder
    from models.subject import Subject, needed

    run, embedding = state.run, state.embedding
    if run is None or embedding is None:
        raise UserError("There is no map yet that could be compared.", mend="Train up to the first points.")
    yield Pairing(run.id, state.step, folder, 0.0)
    told = RunFolder.open(folder).manifest
    other = Subject.of_run(folder, at)
    codes, weights = needed(other.codes, "map"), needed(other.weights, "weights")
    akin = Path(folder).resolve() == Path(run.folder).resolve()
    values = None
    if _pairs(state, other.labels, len(codes), told.data.hash):
        work = contrasts(embedding.codes, codes, control)
        while values is None:
            try:
                yield Pairing(run.id, state.step, folder, next(work)[1])
            except StopIteration as end:
                values = end.value
    yield Compared(
        run.id,
        state.step,
        folder,
        told.title or told.id,
        other.step,
        replace(weights, run=run.id, info=replace(weights.info, id=run.id)),  # what it draws is shown on this stage
        codes,
        other.points,
        other.projection,
        FACTORS if values is not None else (),
        values,
        akin,
    )


def _pairs(state: SessionState, labels: object, count: int, content: str) -> bool:
    """Whether point i of both maps is the same held-out picture."""
    from models.run import RunFolder

    data, run = state.data, state.run
    if data is None or run is None or data.generated or "encode" not in run.capabilities:
        return False
    same = isinstance(labels, np.ndarray) and len(data.labels) == count and np.array_equal(labels, data.labels)
    return same and RunFolder.open(run.folder).manifest.data.hash == content


class Comparisons:
    """The intents of a session about another model beside the one on the stage."""

    def __init__(
        self,
        lane: Callable[[str], Worker],
        read: Callable[[], SessionState],
        apply: Callable[[SessionState], None],
    ) -> None:
        self._lane, self._read, self._apply = lane, read, apply
        self._control: Control | None = None
        self._serving: Control | None = None
        self._renderer: Renderer | None = None

    def begin(self, folder: str, at: int | None = None) -> None:
        """Set the run in `folder` beside the one on the stage, at step `at` or its newest."""
        state = self._read()
        if state.run is None:
            return
        self._apply(replace(state, comparison=Comparison(folder, at, working=True), twin_picture=None))
        self._control = self._lane("compare").renew(comparing(folder, at, state), self._control)

    def steps(self) -> list[int]:
        """The steps of the run on the stage whose models were kept."""
        from models.run import RunFolder

        run = self._read().run
        return RunFolder.open(run.folder).steps() if run is not None else []

    def end(self) -> None:
        """Let go of the other model."""
        self.stop()
        self._apply(replace(self._read(), comparison=Comparison(), twin_picture=None))

    def stop(self) -> None:
        """Work no further; for a run that leaves the stage."""
        for control in (self._control, self._serving):
            if control is not None:
                control.stop()
        self._renderer = None

    def move_to(self, x: float, y: float) -> None:
        """Let the other model draw what lies at the place (x, y) of its own map."""
        state = self._read()
        found = state.comparison.found
        if found is not None and found.projection is not None:
            code = projection.unproject(np.array([[x, y]], np.float32), found.projection)[0]
            self._apply(replace(state, comparison=replace(state.comparison, place=code)))

    def follow_selection(self) -> None:
        """Another point or code of the stage counts again."""
        state = self._read()
        if state.comparison.place is not None:
            self._apply(replace(state, comparison=replace(state.comparison, place=None)))
        else:
            self.follow()

    def follow(self) -> None:
        """Ask the other model for the picture of what both look at."""
        state = self._read()
        found = state.comparison.found
        if found is None or found.weights is None:
            return
        if self._renderer is None:
            self._serve(state)
        code = other_code(state)
        assert self._renderer is not None
        if code is None:
            self._renderer.forget("twin")
            return
        info = found.weights.info
        same = state.run is not None and info.class_names == state.run.class_names
        labels = asked.rows([state.label if same else 0], asked.classes_of(info))
        self._renderer.ask("twin", code, labels, whole=True)

    def _serve(self, state: SessionState) -> None:
        """A renderer for the other model, in a lane of its own."""
        from models.render import Renderer  # with torch, which is there when a run is

        found = state.comparison.found
        assert found is not None
        assert found.weights is not None
        self._renderer = Renderer()
        self._renderer.use(found.weights)
        self._serving = self._lane("twin").renew(self._renderer.serve, self._serving)
