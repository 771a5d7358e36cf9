"""Looks at a model in training, from outside: map, samples, reconstructions and figures of held-out pictures.

Nothing here draws from torch's global generator or leaves the model changed, so that a training that is watched and
one that is not end with the same weights.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from models.bites import Look, Patience
from models.events import Reconstructed, Sampled
from models.family import Batch, CanEncode, HasPrior, SamplesInSteps
from models.grids import to_uint8
from models.job import finished
from models.lens import Lens
from models.maps import CHUNK, EncodedMap, GeneratedMap, LatentMap, affordable, held_out, held_out_event, reading_speed
from models.plane import seen_plane

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from torch import Tensor

    from models.datasets import Dataset
    from models.events import Codes, Pictures
    from models.family import Family
    from models.field_events import PlaneShown
    from models.job import Control
    from models.plan import Plan

SAMPLES = 100  # fewer by a slow model
PAIRS = 20  # likewise
PIXELS = CHUNK * 28 * 28  # looked at in one go
CURVE_PICTURES = 500  # for the held-out curves

Means = dict[str, float]


class Observer:
    """Watches one family in training, on the device and in the precision of its `plan`.

    Its `map` shows held-out pictures where the family can encode them, else made-up ones; without a prior, none.
    """

    def __init__(self, run: str, family: Family, data: Dataset, plan: Plan, control: Control) -> None:
        self._run = run
        self._family = family
        self._data = data
        self._lens = Lens(family, data, plan)
        self._precision = plan.precision
        slow = isinstance(family, SamplesInSteps)
        self._chunk = max(1, min(CHUNK, PIXELS // data.spec.size // (4 if slow else 1)))
        self._patience = Patience(control)
        bite = 1 if slow else self._chunk
        self._sampling = Look(SAMPLES, bite, self._chunk, self._patience)
        self._pairing = Look(PAIRS, bite, self._chunk, self._patience)
        self._seed = seed = plan.job.seed
        self._shown = held_out(data, seed).to(plan.device)
        rng = np.random.default_rng(seed)
        self._order = torch.from_numpy(rng.permutation(len(self._shown)))  # parts of the map are random, so it moves
        self._noise = rng.standard_normal((SAMPLES, CURVE_PICTURES), np.float32)  # as a whole
        self.encodes = isinstance(family, CanEncode) and len(self._shown) > 0
        self.map: LatentMap | None = None
        if self.encodes:
            speed = reading_speed(self._lens, self._shown)
            most = affordable(speed, len(self._shown))
            shown = held_out(data, seed, most).to(plan.device)
            order = self._order[self._order < len(shown)]
            event = held_out_event(run, 0, data, seed, most)
            self.map = EncodedMap(run, self._lens, event, shown, order, speed)
        elif isinstance(family, HasPrior) and not isinstance(family, CanEncode):
            self.map = GeneratedMap(run, self._lens)

    def sampled(self, step: int) -> Sampled | None:
        """Pictures of the same noise at every call; None when the family has no prior and the map is not known.

        A stop while a slow model draws leaves the first of them, or None.
        """
        with self._lens.looking():
            codes = self._sample_codes()
            if codes is None:
                return None
            asked = self._lens.in_turn(len(codes))

            def coming(part: slice) -> Iterator[Pictures]:
                return self._lens.coming(codes[part], None if asked is None else asked[part])

            pictures = self._sampling.pictures(coming)
        if pictures is None:
            return None
        shown = codes[: len(pictures)].float().cpu().numpy()
        labels = None if asked is None else asked[: len(pictures)].cpu().numpy()
        return Sampled(self._run, step, pictures, shown, labels)

    def _sample_codes(self) -> Tensor | None:
        if isinstance(self._family, HasPrior):
            return self._family.prior(SAMPLES, self._lens.generator()).to(self._lens.device)
        if self.map is not None and self.map.complete:
            return torch.from_numpy(self._fitted_normal(self.map.codes)).to(self._lens.device)
        return None

    def _fitted_normal(self, codes: Codes) -> Codes:
        """Draws from N(mean, covariance) of the codes: noise times the centred codes has that very covariance."""
        some = codes[self._order[self._order < len(codes)][:CURVE_PICTURES].numpy()]
        mean = some.mean(axis=0)
        return np.asarray(mean + self._noise[:, : len(some)] @ (some - mean) / np.sqrt(len(some)), np.float32)

    def reconstructed(self, step: int) -> Reconstructed | None:
        """Some held-out pictures and what the model makes of them; None without a way to encode, or when stopped."""
        if not self.encodes or self.map is None:
            return None
        chosen = self._shown[self._order[:PAIRS].to(self._shown.device)]

        def coming(part: slice) -> Iterator[Pictures]:
            return self._lens.coming(self._lens.encode(chosen[part]), self._lens.labels(chosen[part]))

        with self._lens.looking():
            made = self._pairing.pictures(coming)
        if made is None:
            return None
        originals = to_uint8(self._lens.originals(chosen[: len(made)]).cpu().numpy())
        originals.setflags(write=False)
        return Reconstructed(self._run, step, originals, made)

    def plane(self, step: int) -> PlaneShown | None:
        """Points drawn beside real ones, and the model's field; None unless data are points and there is a prior."""
        if self._data.spec.kind != "points" or not isinstance(self._family, HasPrior):
            return None
        with self._lens.looking("fp32"):
            return seen_plane(self._run, step, self._family, self._family, self._data.test_images, self._seed)

    def curve_figures(self) -> Means:
        """Held-out figures of the same few pictures with the same noise at every call."""
        return finished(self.figures(self._order[:CURVE_PICTURES].sort().values, self._precision))

    def figures(
        self, chosen: Tensor | None = None, precision: str = "fp32"
    ) -> Generator[float, None, dict[str, float]]:
        """Means of the family's figures over the map's pictures `chosen`, or the whole test set, by name.

        Yields the share that is done after each chunk; none are known after a stop that would wait too long for them.
        """
        labels = self._data.test_labels
        everything = torch.arange(len(self._data.test_images), device=self._lens.device)
        wanted = everything if chosen is None else self._shown[chosen.to(self._shown.device)]
        totals: dict[str, Tensor] = {}
        generator = self._lens.generator()
        for start in range(0, len(wanted), self._chunk):
            if self._patience.over:
                return {}
            part = wanted[start : start + self._chunk]
            with self._lens.looking(precision):
                batch = Batch(self._lens.originals(part), None if labels is None else labels.index_select(0, part))
                for name, values in self._family.evaluate(batch, generator).items():
                    totals[name] = totals.get(name, 0) + values.float().sum().cpu().double()
            yield min(1.0, (start + self._chunk) / len(wanted))
        return {name: float(total) / len(wanted) for name, total in totals.items()}
