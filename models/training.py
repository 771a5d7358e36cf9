"""Everything one training holds while it goes on, and its duties beside the steps: telling, showing, saving."""

from __future__ import annotations

import time
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
import torch

from models import checkpoint
from models.errors import UserError
from models.evaluate.judge import Judge, cheap_figures
from models.events import Losses, Noticed, Progress, Saved, Weights
from models.family import CanDiagnose
from models.feeding import feed
from models.judging_events import Diagnosed
from models.maps import GeneratedMap
from models.observer import Observer
from models.pacing import Duty, Speed, Stopwatch
from models.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from torch import Tensor

    from models.datasets import Dataset
    from models.events import Embedded, Event, Labels, Sampled
    from models.family import Family
    from models.job import Control
    from models.plan import Plan
    from models.run import RunFolder

FETCHES = (10, 15)  # of losses from the device, a second: without a window, and with one
MOVES = 20  # of the map, a second
MEASURING = 0.005  # share of the time that the held-out curves may take
JUDGING = 0.01  # share of the time that recognising the samples' classes may take
PLANE = 0.02  # share of the time that drawing points and asking for the field behind them may take
MOVING = 0.02  # share of the time that encoding the map may take
SAVES = (30.0, 0.012, 5.0)  # seconds between snapshots, share of the time they may take, seconds to the first
LIVELY = (0.25, 2.0)  # that share at the start, and for how many seconds


class Training:
    """One training: `family` is on the plan's device, and `losses` wait there to be fetched together."""

    def __init__(self, run: RunFolder, plan: Plan, family: Family, data: Dataset, control: Control, live: bool) -> None:
        self.run = run
        self.id = run.manifest.id
        self.plan = plan
        self.family = family.train()
        self.data = data
        self.control = control
        self.live = live
        self.batches = plan.batches(len(data.train_images))
        self.length = plan.length(self.batches)
        self.feed = feed(data, plan.device, plan.job.seed, self.batches.size)
        self.layout = plan.layout(family)
        self.observer = Observer(self.id, family, data, plan, control)
        self.step = 0
        self.clock = Stopwatch()
        self.losses: list[dict[str, Tensor]] = []
        self.due = 0.0
        self._speed = Speed()
        self._measured = 0  # the step at which held-out pictures were last measured
        self._ill: set[str] = set()  # illnesses of the family that were told and have not gone
        self._judging = Judge(run.manifest.data, plan.device)
        if isinstance(self.observer.map, GeneratedMap):
            self.observer.map.recognise = self._judging.recognise
        self._sampled: Sampled | None = None  # those that nobody judged yet
        self._began = time.perf_counter()
        self._measuring = Duty(self._measure, 1.0, LIVELY[0])
        self._duties = [
            Duty(self.tell, 1 / FETCHES[live], 1.0),
            self._measuring,
            Duty(self.save, *SAVES),
            Duty(self._judge, 1.0, JUDGING),
        ]
        self._map = Duty(self._move_map, 1 / MOVES, LIVELY[0])
        self._looks = [
            Duty(self._show_plane, 0.2, PLANE),
            Duty(self._show_weights, 0.2, 0.006),
            Duty(self._show_pictures, 1.0, 0.006, first=0.5),
            self._map,
        ]
        if live:
            self._duties += self._looks

    def go_back_to_snapshot(self) -> bool:
        """Take up the run at its newest snapshot; false when it has none. Raises UserError."""
        steps = self.run.steps()
        if not steps:
            self.run.rewind(0)
            return False
        snapshot, path = self.run.load(), self.run.path / "snapshots" / str(steps[-1])
        if not snapshot.training:
            what = "This is a small copy of a run, to be looked at: what its training needs was left out."
            raise UserError(what, mend="Train anew with the same settings.", path=self.run.path)
        checkpoint.load_weights(self.family, snapshot.weights, path / "model.safetensors")
        arrays, told = snapshot.training, snapshot.state
        checkpoint.load_training(self.family, self.plan.device, arrays, told, path / "training.safetensors")
        self.run.rewind(steps[-1])
        self.step = self._measured = steps[-1]
        self.clock = Stopwatch(snapshot.seconds)
        if self.observer.map is not None:
            self.observer.map.projection = snapshot.projection  # so that the map goes on as it lay
        return True

    def perform_duties(self) -> Iterator[Event]:
        """Whatever is due; the time each takes decides when it is due again."""
        for duty in self._duties:
            if time.perf_counter() >= duty.next:
                yield from _performed(duty)
        self.due = min(duty.next for duty in self._duties)

    # ---- telling

    def fetch_losses(self) -> Iterator[Event]:
        """Bring the losses of the last steps from the device, write them down and tell them. Raises UserError."""
        waiting, self.losses = self.losses, []
        first = self.step - len(waiting) + 1
        for names, group in groupby(enumerate(waiting, first), key=lambda item: tuple(item[1])):
            steps, rows = zip(*group, strict=True)
            scalars = torch.stack([value.detach().float() for row in rows for value in row.values()])
            table = scalars.view(len(rows), len(names)).cpu().numpy()
            values = {name: table[:, place].copy() for place, name in enumerate(names)}
            self.run.log("train", steps, values)
            yield Losses(self.id, steps[-1], "train", np.array(steps, np.int64), values)
            self._check_finite(steps, table)

    def _check_finite(self, steps: tuple[int, ...], table: np.ndarray) -> None:
        bad = ~np.isfinite(table).all(axis=1)
        if bad.any():
            raise self._diverged(steps[int(bad.argmax())], "The loss became infinite or not a number")

    def _diverged(self, step: int, what: str) -> UserError:
        rate = self.plan.settings.learning_rate
        kept = self.run.steps()
        saved = f" The snapshot of step {kept[-1]:,} is kept." if kept else ""
        return UserError(
            f"{what} at step {step:,} with a learning rate of {rate:g}.{saved}",
            mend="Train again with a smaller learning rate.",
        )

    def tell(self) -> Iterator[Event]:
        """The losses of the last steps, and how far the training is. Raises UserError."""
        yield from self.fetch_losses()
        seconds = self.clock.seconds
        self._speed.take(seconds, self.step)
        pace = self.control.pace
        if self.length.steps is not None:
            steps = self.length.steps - self.step
            left = self._speed.seconds_for(steps) if pace is None else steps / pace
        else:
            left = max(0.0, (self.length.seconds or 0.0) - seconds)
        fraction, epoch = self.length.fraction(self.step, seconds), self.step / self.batches.per_epoch
        yield Progress(self.id, self.step, fraction, epoch, seconds, left, self._speed.now * self.batches.size)

    def _measure(self) -> Iterator[Event]:
        """Held-out losses, on few pictures."""
        self._measured = self.step
        self._measuring.share = self._share(MEASURING)
        yield from self._held_out(self.step, self.observer.curve_figures())
        yield from self._diagnose()

    def _held_out(self, step: int, figures: Mapping[str, float]) -> Iterator[Event]:
        """Write down and tell one point of the held-out curves. Raises UserError."""
        if figures:
            values = {name: np.array([value], np.float32) for name, value in figures.items()}
            self.run.log("test", [step], values)
            yield Losses(self.id, step, "test", np.array([step], np.int64), values)

    def _diagnose(self) -> Iterator[Event]:
        """What goes wrong with the training, each illness once until it has gone."""
        if isinstance(self.family, CanDiagnose):
            found = self.family.diagnoses()
            for illness, sentence in found.items():
                if illness not in self._ill:
                    self.run.note(self.step, illness, sentence)
                    yield Diagnosed(self.id, self.step, illness, sentence)
                    yield Noticed(self.id, self.step, f"Seen at step {self.step:,}: {sentence}", "warning")
            self._ill = set(found)

    def last_word(self) -> Iterator[Event]:
        """Tell the last steps, so that bar and curves reach the end, those of held-out pictures too."""
        if self.step != self._measured:
            yield from self.tell()
            yield from self._measure()

    # ---- showing

    def look(self) -> Iterator[Event]:
        """What the model as it is now makes of all the pictures: before the first step, and at a pause."""
        if self.observer.map is not None:
            yield from self.observer.map.look(self.step, self.control)
        yield from self._show_weights()
        yield from self._show_pictures()
        yield from self._show_plane()

    def glance(self, seconds: float) -> Iterator[Event]:
        """Tell this step, and look at the model in every way that takes no longer than so many seconds."""
        yield from self.tell()
        for duty in self._looks:
            if duty.cost is None or duty.cost <= seconds:
                yield from _performed(duty)

    def _share(self, later: float) -> float:
        """What share of the time may be spent on looking: more at the start and in slow motion, else `later`."""
        share, lively_for = LIVELY
        slow = self.control.pace is not None
        return share if slow or time.perf_counter() - self._began < lively_for else later

    def _move_map(self) -> Iterator[Event]:
        if self.observer.map is not None:
            self._map.share = self._share(MOVING)
            yield from self.observer.map.advance(self.step, self._map.share / MOVES)

    def _show_weights(self) -> Iterator[Event]:
        everything, idle = self.family.state_dict(), type(self.family).practice
        state = {name: tensor.detach().clone() for name, tensor in everything.items() if not name.startswith(idle)}
        yield Weights(self.id, self.step, self.run.info, state)

    def _show_pictures(self) -> Iterator[Event]:
        self._sampled = self.observer.sampled(self.step)
        for event in (self._sampled, self.observer.reconstructed(self.step)):
            if event is not None:
                yield event

    def _judge(self) -> Iterator[Event]:
        """What the classifier of the data sees in the newest samples, each looked at once."""
        sampled, self._sampled = self._sampled, None
        judged = None if sampled is None else self._judging.look(sampled)
        if sampled is not None and judged is not None:
            yield judged
            yield from self._held_out(sampled.step, cheap_figures(judged, sampled))

    def _show_plane(self) -> Iterator[Event]:
        seen = self.observer.plane(self.step)
        if seen is not None:
            yield seen

    # ---- saving

    def save(self) -> Iterator[Event]:
        """Write a snapshot of now, and tell what it holds. Raises UserError, and then writes none."""
        yield from self.fetch_losses()
        weights = checkpoint.weights_of(self.family)
        if not all(np.isfinite(array).all() for array in weights.values()):
            raise self._diverged(self.step, "The model's weights became infinite or not a number")
        embedded, labels = self._located()
        sampled, reconstructed = self.observer.sampled(self.step), self.observer.reconstructed(self.step)
        arrays, told = checkpoint.training_of(self.family, self.plan.device)
        snapshot = Snapshot(
            weights,
            arrays,
            {**told, "step": self.step, "seconds": self.clock.seconds},
            codes=embedded.codes if embedded else None,
            points=embedded.points if embedded else None,
            labels=labels,
            projection=embedded.projection if embedded else None,
            samples=sampled.pictures if sampled else None,
            originals=reconstructed.originals if reconstructed else None,
            reconstructions=reconstructed.reconstructions if reconstructed else None,
        )
        path = self.run.save(self.step, snapshot)
        self.run.update(step=self.step, seconds=self.clock.seconds)
        yield from (event for event in (embedded, sampled, reconstructed) if event is not None)
        if self.live:
            yield from self._show_weights()
            yield from self._show_plane()
        self._sampled = sampled
        yield from self._judge()
        yield Saved(self.id, self.step, str(path))

    def _located(self) -> tuple[Embedded | None, Labels | None]:
        """Where the points of the map lie now, if all are known, and their labels."""
        points = self.observer.map
        if points is None:
            return None, None
        points.locate(self.control)
        return points.embedded(self.step) if points.complete else None, points.labels


def _performed(duty: Duty) -> Iterator[Event]:
    """Perform a duty whole, and only then tell what came of it: who listens may take its time."""
    start = time.perf_counter()
    events = list(duty.perform())
    duty.done(start, time.perf_counter())
    yield from events
