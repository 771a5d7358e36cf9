"""Seeks the codes of own pictures in one copy of a model: the newest wish wins, and a drawing is followed live."""

from __future__ import annotations

import time
import traceback
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import torch

from models import device
from models.errors import Stopped, UserError
from models.evaluate.anomalies import MOST, WIDEST, Yardstick, asked_as, by_figures, held_out_of
from models.events import Failed
from models.family import CanEncode, HasPrior
from models.inversion import Known, drawn_from_prior, invert
from models.job import Control, finished
from models.own_events import Found
from models.own_pictures import SEED, Wanted, known_to, sought
from models.painter import Painter, architecture
from models.run_data import data_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from models.events import Event, Labels, Weights
    from models.inversion import Rounds
    from models.own_events import MapPictures
    from models.wishes import Wish, Wishes

QUICK = 0.1  # seconds to an answer, up to which the next drawing waits until the one before has its own
SOUGHT = 60  # held-out pictures to measure by where their codes must be sought
SKETCH: Rounds = ((4, 40),)  # descents while a drawing goes on, from what was found last and what lies nearest
ENDED = "You ended the search before anything was found."


class Seeker:
    """Answers `wishes`, one at a time, in the one thread that runs `serve`.

    Between two drawings the model stays as it is, so that a stroke is answered at once. In a model that cannot encode
    it is followed from the code found last, and as soon as the hand rests the whole search is made.
    """

    def __init__(self, wishes: Wishes) -> None:
        self._wishes = wishes
        self._control = Control()
        self._painter: Painter | None = None
        self._weights: Weights | None = None
        self._known: tuple[MapPictures | None, Known | None] = (None, None)
        self._last: Found | None = None  # that has a code, in this model
        self._judging = False  # whether a yardstick was looked for
        self._yardstick: Yardstick | None = None

    def serve(self, control: Control) -> Iterator[Event]:
        """Answer until `control` says stop: `Found` events, of which the last of each wish is done; faults as `Failed`.

        A wish that was given up for a newer one has no end.
        """
        device.take_threads(1)  # few pictures at a time gain little by a second core, and wait long for a busy one
        while (wish := self._wishes.take(control)) is not None:
            self._control = self._wishes.begin(control)
            if self._wishes.waiting and not self._wishes.quick:
                continue
            try:
                yield from self._answered(wish)
            except Stopped:
                if not self._wishes.waiting:
                    yield _problem(wish, ENDED)
            except UserError as error:
                yield _problem(wish, str(error))
            except Exception as error:  # the lane must outlive one bad model
                self._painter = self._weights = None
                what = f"The picture could not be sought. {type(error).__name__}: {error}"
                yield Failed("own", wish.weights.step, what, traceback.format_exc())

    # ---- one wish

    def _answered(self, wish: Wish) -> Iterator[Found]:
        """All that is told about one picture: codes as they come, in the end how strange it is."""
        start = time.perf_counter()
        painter = self._ready(wish)
        wanted = Wanted.of(wish.own, wish.weights, painter, self._control)
        last: Found | None = None
        try:
            for found in self._sought(wish, wanted, painter):
                if self._wishes.waiting and self._control.stopping:
                    return
                if last is None and wish.own.drawn:
                    self._wishes.quick = time.perf_counter() - start < QUICK
                last = found
                self._last = last if last.code is not None else self._last
                yield last
                if self._wishes.waiting and self._wishes.quick:
                    return
        except UserError as error:  # some models know how likely a picture is, and no code of it
            last = wanted.found(done=True, problem=str(error))
            yield last
        if last is not None and not self._wishes.waiting:
            yield from self._judged(last, wish, wanted)

    def _sought(self, wish: Wish, wanted: Wanted, painter: Painter) -> Iterator[Found]:
        """Answers about one picture: of a drawing quick ones first, where its code must be sought."""
        if isinstance(painter.family, CanEncode) or not wish.own.drawn:
            yield from sought(wanted, painter, self._control, self._pool(wish, painter))
            return
        sketched: Found | None = None
        for sketched in sought(wanted, painter, self._control, self._with_last(wish, painter), SKETCH):
            yield replace(sketched, share=0.0, done=False)
        for found in sought(wanted, painter, self._control, self._with_last(wish, painter)):
            worse = sketched is not None and (sketched.error or 0.0) < (found.error or 0.0)
            yield replace(sketched, share=found.share, done=found.done) if sketched is not None and worse else found

    def _ready(self, wish: Wish) -> Painter:
        """The model as it is wished; only what has changed is made anew."""
        if self._painter is None or self._painter.made_for != architecture(wish.weights.info):
            self._painter, self._weights = Painter(wish.weights.info), None
        if self._weights is not wish.weights:
            self._painter.load(wish.weights)
            self._weights, self._known = wish.weights, (None, None)
            self._last = self._yardstick = None
            self._judging = False
        self._painter.turn(wish.knobs)
        if not isinstance(self._painter.family, CanEncode):
            device.lower_priority()  # a long search gives way to the window; a stroke that is encoded does not wait
        return self._painter

    # ---- where the search begins

    def _pool(self, wish: Wish, painter: Painter) -> Known | None:
        """Pictures of the map, whose codes are known, as the search wants them."""
        told, pool = self._known
        if pool is None or told is not wish.known:
            pool = known_to(painter, wish.known)
            self._known = wish.known, pool
        return pool

    def _with_last(self, wish: Wish, painter: Painter) -> Known:
        """Pictures whose codes are known, before them the one that was found last."""
        pool, last = self._pool(wish, painter), self._last
        if pool is None:
            if not isinstance(painter.family, HasPrior):
                raise UserError(f"{painter.family.title} has neither an encoder nor a prior to seek a drawing in.")
            generator = torch.Generator(painter.device).manual_seed(SEED)
            pool = drawn_from_prior(painter.family, None, generator)
            self._known = wish.known, pool
        if last is None or last.code is None or last.picture is None:
            return pool
        code = torch.tensor(last.code, device=painter.device)[None]
        picture = torch.tensor(last.picture.transpose(2, 0, 1).copy(), device=painter.device)[None]
        labels = pool.labels
        if labels is not None:
            labels = torch.cat([torch.tensor([last.label or 0], device=painter.device), labels])
        return Known(torch.cat([code, pool.codes.float()]), torch.cat([picture, pool.pictures]), labels)

    # ---- how strange it is

    def _judged(self, found: Found, wish: Wish, wanted: Wanted) -> Iterator[Found]:
        """The same with how strange it is, once all held-out pictures were looked at; a newer wish goes first."""
        assert self._painter is not None
        if not self._judging:
            self._judging, self._yardstick = True, self._fresh_yardstick(wish, self._painter)
        if self._yardstick is None:
            return
        while not self._yardstick.complete:
            if self._wishes.waiting or self._control.stopping:
                return
            self._yardstick.look()
        scores = self._yardstick.scores(wanted.image, found.label)
        if scores:
            yield replace(found, scores=scores)

    def _fresh_yardstick(self, wish: Wish, painter: Painter) -> Yardstick | None:
        """Held-out pictures to measure by: those on the stage, else of the run's data if they are on this machine."""
        measure, search = by_figures(painter.family, painter.device), False
        if measure is None:
            search = isinstance(painter.family, HasPrior) and not isinstance(painter.family, CanEncode)
            measure = partial(self._sketched, painter, self._with_last(wish, painter)) if search else None
        if measure is None:
            return None
        if wish.held_out is not None:
            pictures, labels = wish.held_out.pictures[:MOST], wish.held_out.labels[:MOST]
        else:
            try:
                pictures, labels = held_out_of(finished(data_of(wish.weights.info, self._control)))
            except (UserError, Stopped):  # without the data nothing is said, which is no fault of the picture
                return None
        most, bite = (SOUGHT, 1) if search else (MOST, 4)
        return Yardstick(measure, pictures[:most], labels[:most], bite, 2 if search else WIDEST)

    def _sketched(
        self, painter: Painter, pool: Known, images: Tensor, labels: Labels
    ) -> dict[str, NDArray[np.float32]]:
        """How near a short search comes to pictures [b, c, h, w], for models that tell no figures of them."""
        told = asked_as(painter.family, labels, painter.device)
        generator = torch.Generator(painter.device).manual_seed(SEED)
        for now in invert(painter.family, images.to(painter.device), told, Control(), generator, pool, SKETCH):
            errors = now.errors
        return {"sought_mse": errors.cpu().numpy()}


def _problem(wish: Wish, words: str) -> Found:
    return Found(wish.weights.run, wish.weights.step, wish.own, done=True, problem=words)
