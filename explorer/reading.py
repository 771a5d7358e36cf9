"""Looking at pictures in a lane of its own: the intents that read points, check sums, and measure directions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from explorer.asked import classes_of, rows
from explorer.bench import sum_of
from explorer.named import known_of
from models.basis import Basis
from models.errors import Stopped, UserError
from models.reading_events import Checked, Effects, Leaked, PointsRead, Reading, ReadingEnded
from models.traits import READABLE, known_traits

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from explorer.state import SessionState
    from explorer.worker import Work, Worker
    from models.directions import Direction
    from models.events import Asked, Event
    from models.job import Control
    from models.reading import Eye, Eyes
    from models.traits import Traits

    Look = Callable[[Eye, Control], Iterator[Event]]

LANE = "reading"
POSTERIORS = 1000  # pictures by which the KL divergence of each dimension is known


class Keeping:
    """Holds the eyes of the lane, made in its thread with the first work."""

    def __init__(self) -> None:
        self._eyes: Eyes | None = None

    def eyes(self) -> Eyes:
        """Those that remember the last reader."""
        if self._eyes is None:
            from models.reading import Eyes

            self._eyes = Eyes()
        return self._eyes


def looking(state: SessionState, keeping: Keeping, learn: bool, *looks: Look) -> Work:
    """Find the reader of the data, or `learn` one, and look; whatever comes in between, one `ReadingEnded` ends it."""
    run = state.run
    assert run is not None

    def work(control: Control) -> Iterator[Event]:
        eye = yield from keeping.eyes().of(run, control, learn=learn)
        for look in looks:
            yield from look(eye, control)

    return _ending(work, run.id)


def _ending(work: Work, run: str) -> Work:
    """The same work, of low priority and on one core, with its end told."""

    def whole(control: Control) -> Iterator[Event]:
        from models import device
        from models.reading import Unlearned

        device.lower_priority()
        device.take_threads(1)  # a second pool of threads would halve the speed of a training beside it
        unlearned, problem = None, ""
        try:
            yield from work(control)
        except Unlearned as error:
            unlearned = error.seconds
        except Stopped:
            pass
        except UserError as error:
            problem = str(error)
        yield ReadingEnded(run, 0, problem, unlearned)

    return whole


def basis_of(state: SessionState) -> Basis | None:
    """The model on the stage with the codes of its map; None while there is none."""
    if state.weights is None or state.embedding is None or not len(state.embedding.codes):
        return None
    known, classes = known_of(state).labels, classes_of(state.run)
    labels: Asked | None = known if classes else None
    if classes and not (known >= 0).all():  # those without a class are drawn as the probe is
        labels = rows([int(each) if each >= 0 else state.label for each in known], classes)
    return Basis(state.weights, state.embedding.codes, labels, state.knobs)


def reading_points(state: SessionState) -> Look:
    """Read the factors in the pictures of the map's points, which the model made up."""

    def look(eye: Eye, control: Control) -> Iterator[Event]:
        data, embedding = state.data, state.embedding
        if data is None or embedding is None or len(data.pictures) != len(embedding.codes):
            raise UserError("The pictures of the map are not there yet.", mend="Wait until they are drawn.")
        yield Reading(embedding.run, embedding.step, "Reading the pictures of the map")
        values = eye.read(data.pictures, control).table()
        for place, factor in enumerate(eye.factors):
            if eye.trust.get(factor.name, 1.0) < READABLE:
                values[:, place] = np.nan
        yield PointsRead(embedding.run, embedding.step, eye.factors, values)

    return look


def checking(state: SessionState) -> Look:
    """See what became of each factor in the picture of the sum on the bench."""
    total, weights = sum_of(state), state.weights

    def look(eye: Eye, control: Control) -> Iterator[Event]:
        from models.measuring import checked

        if total.result is None or weights is None:
            return
        puts = [put for put in (*total.puts, total.result) if put is not None]
        labels = rows([state.label if put.label is None else put.label for put in puts], classes_of(state.run))
        basis = Basis(weights, np.stack([put.code for put in puts]), labels, state.knobs)
        counted = [term.weight for term in state.bench]
        found = checked(basis, counted, _meant(state, eye), eye, control)
        yield Checked(weights.run, weights.step, state.bench, found)

    return look


def _meant(state: SessionState, eye: Eye) -> list[Traits | None]:
    """What each term stands for, where that is known of its points; None where only its picture tells."""
    known = known_of(state)
    if known.values is None or not {*eye.factors} <= {*known.factors}:
        return [None] * len(state.bench)
    values = known.values[:, [known.factors.index(factor) for factor in eye.factors]]
    named = [not term.what.startswith(("pin ", "code ")) for term in state.bench]
    return [
        known_traits(eye.factors, values, known.members(term.what)) if whole else None
        for term, whole in zip(state.bench, named, strict=True)
    ]


def unmeasured(state: SessionState) -> list[Direction]:
    """The directions of which nobody knows yet what they move."""
    return [each for each in state.directions if state.seen.leak_of(each) is None]


def measuring(state: SessionState, directions: list[Direction]) -> list[Look]:
    """Measure what each of these directions moves."""
    basis = basis_of(state)

    def look(direction: Direction) -> Look:
        def measure(eye: Eye, control: Control) -> Iterator[Event]:
            from models.measuring import leaked

            if basis is not None:
                moves = yield from leaked(direction, basis, eye, control)
                yield Leaked(basis.weights.run, basis.weights.step, direction, moves)

        return measure

    return [look(each) for each in directions]


def _nothing(eye: Eye, control: Control) -> Iterator[Event]:
    """Nothing to look at but the reader itself."""
    return iter(())


def trying(state: SessionState) -> Work:
    """Try what each dimension does to the picture, and how much it holds of the data."""
    basis, data = basis_of(state), state.data

    def work(control: Control) -> Generator[Event, None, None]:
        from models.measuring import divergences, effects

        if basis is None:
            return
        effect = yield from effects(basis, control)
        real = data is not None and not data.generated
        kl = divergences(basis, data.pictures[:POSTERIORS]) if real and data is not None else None
        yield Effects(basis.weights.run, basis.weights.step, effect, kl)

    return _ending(work, "" if state.run is None else state.run.id)


class Readings:
    """The intents of a session about looking at pictures; `lane` is where it is done."""

    def __init__(
        self,
        lane: Callable[[], Worker],
        read: Callable[[], SessionState],
        apply: Callable[[SessionState], None],
        began: Callable[[str], None],
    ) -> None:
        self._lane, self._read, self._apply, self._began = lane, read, apply, began
        self._keeping = Keeping()
        self._begun = ""  # the run whose made-up pictures were read by themselves

    def begin(self) -> None:
        """Somebody looks at sums or directions: read the made-up pictures of a map once, if nobody has to learn to."""
        state = self._read()
        ready = (
            state.run is not None and not state.phase.busy and state.embedding is not None and state.data is not None
        )
        if state.run is None or not ready or state.data is None or not state.data.generated:
            return
        if self._begun != state.run.id and len(state.data.pictures) and state.seen.points is None:
            self._begun = state.run.id
            self.read_points()

    def read_points(self) -> None:
        """Read the factors of made-up pictures on the map."""
        self._begin(False, reading_points(self._read()))

    def check(self) -> None:
        """Say which factors moved in the sum on the bench, and whether it gave what it asks for."""
        self._begin(False, checking(self._read()))

    def measure(self) -> None:
        """Measure what those directions move that were not measured yet."""
        self._begin(False, *measuring(self._read(), unmeasured(self._read())))

    def learn(self) -> None:
        """Learn to read the data, and then read and measure whatever waits for it."""
        state = self._read()
        looks = measuring(state, unmeasured(state))
        if state.data is not None and state.data.generated:
            looks.insert(0, reading_points(state))
        if state.bench:
            looks.append(checking(state))
        self._begin(True, *looks, _nothing)

    def try_dimensions(self) -> None:
        """Measure what every dimension does to the picture."""
        state = self._read()
        if state.weights is not None and state.embedding is not None:
            self._start(trying(state))

    def stop(self) -> None:
        """End all looking; what was found before stays."""
        self._lane().stop()

    def _begin(self, learn: bool, *looks: Look) -> None:
        state = self._read()
        if state.run is not None and state.weights is not None and looks:
            self._start(looking(state, self._keeping, learn, *looks))

    def _start(self, work: Work) -> None:
        state = self._read()
        self._began(LANE)
        begun = Reading("" if state.run is None else state.run.id, 0, "Loading")
        self._apply(replace(state, seen=replace(state.seen, reading=begun, ended=None)))
        self._lane().start(work)
