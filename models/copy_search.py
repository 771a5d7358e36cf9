"""Seeks copies for the window: loads a run's training pictures once, then answers the newest question at once."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from models import device
from models.copy_events import Comparing, Copied, CopiesUnknown
from models.errors import Stopped, UserError
from models.evaluate.copies import HELD_OUT, all_nearest, copies_in, usual
from models.grids import to_uint8
from models.job import finished
from models.run_data import data_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.copy_questions import Question
    from models.datasets import Dataset
    from models.evaluate.copies import Copies, Usual
    from models.events import Event, RunInfo
    from models.job import Control
    from models.newest import Newest

SHOWN = 9  # training pictures that are shown beside one


@dataclass(frozen=True)
class _Known:
    """The training pictures of a run, and what is usual among its held-out ones."""

    folder: str
    data: Dataset
    copies: Copies
    usual: Usual


class CopySearch:
    """Answers `questions`, one at a time, in the one thread that runs `serve`; keeps the data of one run."""

    def __init__(self, questions: Newest[Question]) -> None:
        self._questions = questions
        self._known: _Known | None = None

    def serve(self, control: Control) -> Iterator[Event]:
        """Answer until `control` says stop: `Copied`, before it `Comparing` while data load; `CopiesUnknown` if not."""
        device.lower_priority()
        device.take_threads(1)
        while (question := self._questions.take(control)) is not None:
            lever = self._questions.begin(control)
            try:
                if self._known is None or self._known.folder != question.run.folder:
                    self._known = None
                    yield from self._load(question.run, lever)
                    if self._questions.waiting:
                        continue
                yield self._answer(question, lever)
            except Stopped:
                yield CopiesUnknown(question.run.id, question.step, "")
            except UserError as error:
                yield CopiesUnknown(question.run.id, question.step, str(error))

    def _load(self, run: RunInfo, control: Control) -> Iterator[Event]:
        """Read the data, and measure how near held-out pictures come to the others."""
        loading = data_of(run, control, same=True)
        while True:
            try:
                now = next(loading)
            except StopIteration as end:
                data: Dataset = end.value
                break
            yield Comparing(
                run.id, 0, getattr(now, "what", ""), getattr(now, "fraction", None), getattr(now, "seconds_left", None)
            )
        copies = copies_in(data)
        measuring, start = usual(copies, data.test_images, control), time.perf_counter()
        while True:
            try:
                share = next(measuring)
            except StopIteration as end:
                self._known = _Known(run.folder, data, copies, end.value)
                return
            what = f"Measuring {min(HELD_OUT, len(data.test_images)):,} held-out pictures"
            yield Comparing(run.id, 0, what, share, (time.perf_counter() - start) * (1 / share - 1))

    def _answer(self, question: Question, control: Control) -> Copied:
        """The training pictures nearest to those of the question. Raises Stopped, UserError."""
        assert self._known is not None
        data, usual_ones = self._known.data, self._known.usual
        height, width = data.spec.height, data.spec.width
        if question.pictures.shape[1:] != (height, width, data.spec.channels):
            raise UserError("These pictures are of another size than those that the model learned from.")
        asked = torch.from_numpy(question.pictures.transpose(0, 3, 1, 2).copy())
        near = finished(all_nearest(self._known.copies, asked, control))
        shown = near.indices[:, :SHOWN]
        found = to_uint8(data.train_images[torch.from_numpy(shown.flatten())].numpy())
        labels = data.train_labels
        return Copied(
            question.run.id,
            question.step,
            question.source,
            question.pictures,
            found.reshape(*shown.shape, *found.shape[1:]),
            shown,
            np.full(shown.shape, -1) if labels is None else labels.numpy()[shown],
            near.distances[:, :SHOWN],
            near.alone,
            usual_ones.distances,
            usual_ones.alone,
        )
