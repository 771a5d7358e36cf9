"""What a person takes away from a run: sample grids, reconstructions, the map, the codes, the curves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from models import latent, projection
from models.atomic import write
from models.coloring import Coloring, by_factor
from models.errors import UserError
from models.events import Exported, HeldOut, Working
from models.grids import PICTURE_SUFFIXES, known_suffix, picture_file, sheet
from models.params import Params, param
from models.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping
    from pathlib import Path

    from models.events import Asked, Codes, Event, Pictures
    from models.job import Control
    from models.mixing import Fine

    File = Generator[Event, None, bytes]
    Make = Callable[[Subject, Any, str, Control], File]

__all__ = ["KINDS", "Kind", "Subject", "export"]

T = TypeVar("T")
CLASS = "class"


class SheetOptions(Params):
    """How pictures are laid side by side."""

    rows: int = param(10, "Rows of pictures.", low=1, high=200)
    columns: int = param(10, "Pictures in a row.", low=1, high=200)
    spacing: int = param(2, "White space between the pictures.", low=0, high=100, unit="pixels")
    scale: int = param(2, "How wide and high a pixel of a picture becomes.", low=1, high=32)


class GridOptions(SheetOptions):
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


class PairOptions(SheetOptions):
    """A sheet of pairs, one above the other."""

    rows: int = param(4, "Rows of originals, each above the row of its reconstructions.", low=1, high=200)


class FigureOptions(Params):
    """A drawn figure."""

    width: int = param(1600, "Width of the figure.", low=200, high=8000, unit="pixels")
    height: int = param(1200, "Height of the figure.", low=200, high=8000, unit="pixels")
    dark: bool = param(False, "Light lines on a dark ground instead of dark ones on white.")


class MapOptions(FigureOptions):
    """The map as a figure."""

    size: float = param(10.0, "Area of a point.", low=0.1, high=200.0)
    colour_by: str = param(CLASS, "What the colours tell: class, or the name of a known factor, as smile of faces.")
    legend: bool = param(True, "Say which colour is what.")


class CurveOptions(FigureOptions):
    """The curves as a figure."""

    logarithmic: bool = param(False, "Logarithmic losses; only for those that are above zero.")


class CodeOptions(Params):
    """The codes as a table."""

    factors: bool = param(False, "With a column for each known factor of the pictures, for which the data are read.")


def export(kind: str, subject: Subject, out: Path, options: Mapping[str, Any], control: Control) -> Iterator[Event]:
    """Make one of `KINDS` of a run and write it to `out` as its suffix says; the last event is `Exported`.

    Raises UserError for an unknown kind, option or suffix, a place that cannot be written, and what a run lacks;
    Stopped when `control` says so.
    """
    if kind not in KINDS:
        raise UserError(f"There is no export called {kind!r}.", mend=f"There are: {', '.join(KINDS)}.")
    wanted = KINDS[kind].options.read(dict(options), of=kind)
    suffix = known_suffix(out, KINDS[kind].suffixes)
    file = yield from KINDS[kind].make(subject, wanted, suffix, control)
    write(out, file)
    yield Exported(subject.info.id, subject.step, str(out))


def _grid(subject: Subject, options: GridOptions, suffix: str, control: Control) -> File:
    """Pictures of places spread evenly over where the data's codes lie on the map."""
    plane = _needed(subject.projection, "map")
    places = latent.plane_grid(latent.bounds_of(_needed(subject.points, "map")), options.columns, options.rows)
    pictures = yield from _drawn(subject, projection.unproject(places, plane), control, subject.asked(len(places)))
    return picture_file(sheet(pictures, options.columns, options.spacing, options.scale), suffix)


def _samples(subject: Subject, options: SampleOptions, suffix: str, control: Control) -> File:
    """Pictures of random codes: from the family's prior, or from a normal fitted to the data's codes."""
    count = options.rows * options.columns
    codes = _random_codes(subject, count, options.seed)
    classes = len(subject.info.class_names) if "condition" in subject.info.capabilities else 0
    in_turn = np.arange(count) % classes if classes else None
    pictures = yield from _drawn(subject, codes, control, in_turn)
    return picture_file(sheet(pictures, options.columns, options.spacing, options.scale), suffix)


def _random_codes(subject: Subject, count: int, seed: int) -> Codes:
    """Codes [count, d] from the family's prior, or from a normal fitted to the data's codes."""
    if "prior" not in subject.info.capabilities:
        return latent.fit_normal(_needed(subject.codes, "codes")).draw(count, np.random.default_rng(seed))
    from models.painter import Painter

    return Painter.of(_needed(subject.weights, "weights")).prior(count, seed)


def _mixing(subject: Subject, options: MixingOptions, suffix: str, control: Control) -> File:
    """Random pictures crossed by style: each row has the coarse layers of one, each column the fine ones of another."""
    if "synthesize" not in subject.info.capabilities:
        what = "This model has no styles by layer, so there is nothing to mix."
        raise UserError(what, mend="Export samples instead, or train a model that has styles.")
    from models.mixing import Fine

    codes = _random_codes(subject, options.rows + options.columns, options.seed)
    coarse, fine = latent.crossed(codes[: options.rows], codes[options.rows :])
    pictures = yield from _drawn(subject, coarse, control, None, Fine(fine, options.crossing))
    filled = np.concatenate([np.full_like(pictures[:1], 255), pictures])  # nothing belongs in the corner
    return picture_file(sheet(filled, options.columns + 1, options.spacing, options.scale), suffix)


def _reconstructions(subject: Subject, options: PairOptions, suffix: str, control: Control) -> File:
    """Rows of held-out pictures, each above the row of what the model makes of them."""
    if "encode" not in subject.info.capabilities:
        what = "This model has no way from pictures to codes, so there is nothing to reconstruct."
        raise UserError(what, mend="Export samples instead.")
    originals = _needed(subject.originals, "held-out pictures")[: options.rows * options.columns]
    made = subject.reconstructions
    if made is None:
        labels = None if subject.labels is None or (subject.labels < 0).any() else subject.labels[: len(originals)]
        made = yield from _drawn(subject, _needed(subject.codes, "codes")[: len(originals)], control, labels)
    columns = min(options.columns, len(originals))
    starts = range(0, len(originals) - columns + 1, columns)
    rows = [side[start : start + columns] for start in starts for side in (originals, made)]
    return picture_file(sheet(np.concatenate(rows), columns, options.spacing, options.scale), suffix)


def _map(subject: Subject, options: MapOptions, suffix: str, control: Control) -> File:
    """The points in the colours of their classes, or of a factor that is known of them."""
    yield Working(subject.info.id, subject.step, "Drawing the map")
    from models import figures

    points, title = _needed(subject.points, "map"), ""
    labels = np.full(len(points), -1) if subject.labels is None else subject.labels
    coloring = Coloring(labels, subject.info.class_names)
    if options.colour_by != CLASS:
        subject, title = (yield from _with_factors(subject, control)), options.colour_by
        coloring = _by_factor(subject, title)
    paper = figures.Paper(options.width, options.height, options.dark)
    return figures.rendered(figures.scatter(paper, points, coloring, options.size, title, options.legend), suffix)


def _by_factor(subject: Subject, name: str) -> Coloring:
    """The colours of the points by the factor `name`. Raises UserError when their pictures have none such."""
    for place, factor in enumerate(subject.factors):
        if factor.name == name and subject.values is not None:
            return by_factor(factor, subject.values[:, place])
    known = ", ".join((CLASS, *(factor.name for factor in subject.factors)))
    raise UserError(f"These pictures have no factor {name!r} to colour them by.", mend=f"There are: {known}.")


def _with_factors(subject: Subject, control: Control) -> Generator[Event, None, Subject]:
    """The subject with the factors of its points, read from its data where they are not known yet."""
    if subject.values is not None:
        return subject
    from models.replay import replay

    count = len(_needed(subject.points, "map"))
    for event in replay(subject.info.folder, control):
        if isinstance(event, HeldOut) and event.values is not None and len(event.values) == count:
            return replace(subject, factors=event.factors, values=event.values)
        if isinstance(event, Working):
            yield event
    return subject


def _curves(subject: Subject, options: CurveOptions, suffix: str, control: Control) -> File:
    """Every loss by name, in training and held out."""
    yield Working(subject.info.id, subject.step, "Drawing the curves")
    from models import figures

    if not subject.curves:
        raise UserError("This run has no losses yet.", mend="Let it train for some steps first.")
    paper = figures.Paper(options.width, options.height, options.dark)
    return figures.rendered(figures.curves(paper, subject.curves, options.logarithmic), suffix)


def _codes(subject: Subject, options: CodeOptions, suffix: str, control: Control) -> File:
    """A row for each point of the map: its index, label, class, known factors, place on the map, and code."""
    yield Working(subject.info.id, subject.step, "Writing the codes")
    from models import tables

    codes, points = _needed(subject.codes, "codes"), _needed(subject.points, "map")
    labels = np.full(len(codes), -1) if subject.labels is None else subject.labels
    table = tables.Table(codes, points, labels, subject.info.class_names)
    if options.factors:
        subject = yield from _with_factors(subject, control)
        table = replace(table, factors=subject.factors, values=subject.values)
    return tables.WRITERS[suffix](table)


def _drawn(
    subject: Subject, codes: Codes, control: Control, labels: Asked | None = None, fine: Fine | None = None
) -> Generator[Event, None, Pictures]:
    """Pictures of codes [n, d], telling how far it is."""
    from models.painter import drawn  # torch comes only when it is needed: a window may not have it yet

    weights = _needed(subject.weights, "weights")
    return (yield from drawn(weights, codes, control, labels, subject.knobs, fine))


def _needed(part: T | None, name: str) -> T:
    """A part of the subject that this export cannot do without. Raises UserError when it is missing."""
    if part is None:
        raise UserError(f"This run has no {name} yet.", mend="Let it train up to its first snapshot.")
    return part


@dataclass(frozen=True)
class Kind:
    """One thing to export: the files it can become, what can be set, and how it is made."""

    title: str
    summary: str
    suffixes: tuple[str, ...]
    options: type[Params]
    make: Make


def _kind(
    title: str, make: Callable[[Subject, Any, str, Control], File], options: type[Params], *suffixes: str
) -> Kind:
    return Kind(title, make.__doc__ or "", suffixes or PICTURE_SUFFIXES, options, make)


KINDS: Mapping[str, Kind] = {
    "grid": _kind("Grid over the map", _grid, GridOptions),
    "samples": _kind("Samples", _samples, SampleOptions),
    "mixing": _kind("Mixed styles", _mixing, MixingOptions),
    "reconstructions": _kind("Reconstructions", _reconstructions, PairOptions),
    "map": _kind("Map", _map, MapOptions),
    "codes": _kind("Codes", _codes, CodeOptions, ".csv", ".npz", ".parquet"),
    "curves": _kind("Curves", _curves, CurveOptions),
}
