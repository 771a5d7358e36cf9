"""Judging the run on the stage: the intents that begin and end it, in a lane of its own beside training."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from explorer import works
from models.judging_events import Judging

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from explorer.state import SessionState
    from explorer.worker import Work, Worker
    from models.job import Control


class Judgements:
    """The intents of a session about how good a run is; `lane` is where the judge works, `began` hears its name."""

    def __init__(
        self,
        lane: Worker,
        read: Callable[[], SessionState],
        apply: Callable[[SessionState], None],
        began: Callable[[str], None],
    ) -> None:
        self._lane, self._read, self._apply, self._began = lane, read, apply, began
        self._control: Control | None = None

    def judge(self, options: Mapping[str, Any]) -> None:
        """Measure all figures of the run on the stage, `options` as of `ScoreParams`."""
        run = self._read().run
        if run is not None:
            self._begin(works.judging(run.folder, options, self._read), Judging("", 0, "Loading", folder=run.folder))

    def train_judge(self) -> None:
        """Train the classifier of the run's data alone, so that samples are recognised."""
        run = self._read().run
        if run is not None:
            begun = Judging("", 0, "Loading", folder=run.folder, score=False)
            self._begin(works.training_judge(run.folder, self._read), begun)

    def stop(self) -> None:
        """End the judging; what was measured before stays."""
        if self._control is not None:
            self._control.stop()

    def _begin(self, work: Work, begun: Judging) -> None:
        self._began(self._lane.name)
        self._control = self._lane.renew(work, self._control)
        self._apply(replace(self._read(), judging=begun))
