"""Sheets of pictures to take away: the probe's picture, a grid over the map, samples, mixed styles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models import latent, projection
from models.charted import ChartedOptions
from models.errors import UserError
from models.params import Params, param
from models.scene import Scene
from models.subject import needed

if TYPE_CHECKING:
    from models.events import Asked, Codes
    from models.subject import Subject


class SheetOptions(Params):
    """How pictures are laid side by side."""

    rows: int = param(10, "Rows of pictures.", low=1, high=200)
    columns: int = param(10, "Pictures in a row.", low=1, high=200)
    spacing: int = param(2, "White space between the pictures.", low=0, high=100, unit="pixels")
    scale: int = param(2, "How wide and high a pixel of a picture becomes.", low=1, high=32)


class GridOptions(SheetOptions, ChartedOptions):
    """A sheet of the map's plane."""

    rows: int = param(20, "Places from the top of the map to its bottom.", low=1, high=200)
    columns: int = param(20, "Places from the left of the map to its right.", low=1, high=200)
    spacing: int = param(0, "White space between the pictures.", low=0, high=100, unit="pixels")


class SampleOptions(SheetOptions):
    """A sheet of random pictures."""

    seed: int = param(0, "Start of the random codes: same seed, same codes.", low=0, high=2**31 - 1)


class MixingOptions(SampleOptions):
    """A sheet of mixed styles."""

    rows: int = param(6, "Random pictures at the left, whose coarse layers their rows have.", low=1, high=200)
    columns: int = param(6, "Random pictures at the top, whose fine layers their columns have.", low=1, high=200)
    crossing: int = param(
        2, "How many layers count as coarse: all from there on are told by the picture at the top.", low=0, high=32
    )


class ProbeOptions(Params):
    """One picture."""

    point: int | None = param(
        None, "The point of the map whose code is drawn, by its index; else the code in the probe.", low=0
    )
    scale: int = param(10, "How wide and high a pixel of the picture becomes.", low=1, high=64)


def probe(subject: Subject, options: ProbeOptions) -> Scene:
    """The picture of the code in the probe, of a point of the map, or of the middle of the data."""
    code, label = subject.code, subject.label
    if options.point is not None:
        codes = needed(subject.codes, "codes")
        if options.point >= len(codes):
            what = f"There is no point {options.point:,}: the map has {len(codes):,}."
            raise UserError(what, mend=f"Name one from 0 to {len(codes) - 1:,}.")
        code = codes[options.point]
        known = -1 if subject.labels is None else int(subject.labels[options.point])
        label = known if known >= 0 and subject.classes else label
    elif code is None:
        code = needed(subject.codes, "codes").mean(axis=0, dtype=np.float32)
    labels = None if label is None else np.asarray(label)[None]
    return Scene(code[None], labels, spacing=0, scale=options.scale)


def grid(subject: Subject, options: GridOptions) -> Scene:
    """Pictures of places spread evenly over where the data's codes lie on the map."""
    plane = needed(subject.projection, "map")
    places = latent.plane_grid(latent.bounds_of(needed(subject.points, "map")), options.columns, options.rows)
    codes = projection.unproject(places, plane)
    return _laid(options, codes, subject.asked(len(codes)))


def samples(subject: Subject, options: SampleOptions) -> Scene:
    """Pictures of random codes: from the family's prior, or from a normal fitted to the data's codes."""
    count = options.rows * options.columns
    in_turn = np.arange(count) % subject.classes if subject.classes else None
    return _laid(options, random_codes(subject, count, options.seed), in_turn)


def _laid(options: SheetOptions, codes: Codes, labels: Asked | None) -> Scene:
    return Scene(codes, labels, columns=options.columns, spacing=options.spacing, scale=options.scale)


def random_codes(subject: Subject, count: int, seed: int) -> Codes:
    """Codes [count, d] from the family's prior, or from a normal fitted to the data's codes."""
    if "prior" not in subject.info.capabilities:
        return latent.fit_normal(needed(subject.codes, "codes")).draw(count, np.random.default_rng(seed))
    from models.painter import Painter

    return Painter.of(needed(subject.weights, "weights")).prior(count, seed)


def mixing(subject: Subject, options: MixingOptions) -> Scene:
    """Random pictures crossed by style: each row has the coarse layers of one, each column the fine ones of another."""
    if "synthesize" not in subject.info.capabilities:
        what = "This model has no styles by layer, so there is nothing to mix."
        raise UserError(what, mend="Export samples instead, or train a model that has styles.")
    codes = random_codes(subject, options.rows + options.columns, options.seed)
    coarse, fine = latent.crossed(codes[: options.rows], codes[options.rows :])
    return Scene(
        coarse,
        fine=fine,
        crossing=options.crossing,
        columns=options.columns + 1,
        spacing=options.spacing,
        scale=options.scale,
        corner=True,  # nothing belongs there
    )
