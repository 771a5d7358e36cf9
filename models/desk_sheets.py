"""What the desk makes, to take away: the terms of a sum beside what they add up to, and walks along every dimension."""

from __future__ import annotations

from dataclasses import replace
from string import ascii_uppercase
from typing import TYPE_CHECKING, Any

import numpy as np

from models import sheets
from models.arithmetic import read_terms, results
from models.errors import UserError
from models.naming import Known, Put
from models.params import Params, param
from models.scene import Scene
from models.subject import needed
from models.traversals import ranges_of, walks

if TYPE_CHECKING:
    from collections.abc import Generator

    from models.events import Event, Labels
    from models.job import Control
    from models.subject import Subject

EXAMPLE = "point 3 - class 7 + 0.5*point 12"


class ArithmeticOptions(Params):
    """A sum of codes."""

    sum: str = param(
        "",
        f"The terms, as: {EXAMPLE}. A term is a point, a pin, or the mean of a class, of a group, or of the points of "
        "a factor, as glasses=round|sun,character=man; empty for the sum on the desk.",
    )
    spacing: int = param(8, "White space between the pictures.", low=0, high=100, unit="pixels")
    scale: int = param(6, "How wide and high a pixel of a picture becomes.", low=1, high=32)


class TraversalOptions(sheets.SheetOptions):
    """A sheet with a row for each dimension."""

    point: int | None = param(
        None, "The point of the map from which the dimensions are walked, by its index; else the code in the probe.",
        low=0,
    )  # fmt: skip
    first: int = param(0, "The first dimension.", low=0, high=4095)
    rows: int = param(10, "How many dimensions are walked.", low=1, high=200)
    columns: int = param(9, "Pictures along each dimension.", low=2, high=200)


def arithmetic(subject: Subject, options: ArithmeticOptions) -> Scene:
    """The pictures of the terms of a sum, and last the picture of what they add up to."""
    text = options.sum or subject.terms
    if not text:
        raise UserError("There is no sum on the desk.", mend=f"Lay one out there, or write one, as: {EXAMPLE}")
    puts, total = results(read_terms(text), known_of(subject), subject.classes)
    every = [*puts, total]
    return Scene(
        np.stack([put.code for put in every]),
        _asked(every, subject),
        columns=len(every),
        spacing=options.spacing,
        scale=options.scale,
    )


def known_of(subject: Subject) -> Known:
    """All that a sum can name in a run."""
    codes = needed(subject.codes, "codes")
    labels: Labels = np.full(len(codes), -1) if subject.labels is None else subject.labels
    pins = {ascii_uppercase[slot]: Put(pin.code, pin.label) for slot, pin in enumerate(subject.pins) if pin is not None}
    names = subject.info.class_names
    return Known(codes, labels, names, subject.factors, subject.values, pins, subject.groups or {})


def _asked(puts: list[Put], subject: Subject) -> Any:
    """The class or shares as which each is drawn, its own or else those of the probe; None where none can be asked."""
    if not subject.classes:
        return None
    labels = [subject.label if put.label is None else put.label for put in puts]
    if all(isinstance(label, int) for label in labels):
        return np.array(labels, np.int64)
    even = np.full(subject.classes, 1 / subject.classes, np.float32)
    one = np.eye(subject.classes, dtype=np.float32)
    return np.stack([even if label is None else one[label] if isinstance(label, int) else label for label in labels])


def traversal(subject: Subject, options: TraversalOptions) -> Scene:
    """A row for each dimension of a code, its number walking over the range of the data from left to right."""
    start = sheets.probe(subject, sheets.ProbeOptions(point=options.point))
    code = start.codes[0]
    if options.first >= len(code):
        what = f"There is no dimension {options.first}: codes of this model have {len(code):,}."
        raise UserError(what, mend=f"Name one from 0 to {len(code) - 1:,}.")
    ranges = ranges_of(needed(subject.codes, "codes"), "prior" in subject.info.capabilities)
    shown = np.arange(options.first, min(options.first + options.rows, len(code)))
    codes = walks(code, shown, ranges, options.columns)
    labels: Any = None if start.labels is None else np.repeat(start.labels, len(codes), axis=0)
    return Scene(codes, labels, columns=options.columns, spacing=options.spacing, scale=options.scale)


def with_factors(subject: Subject, options: ArithmeticOptions, control: Control) -> Generator[Event, None, Subject]:
    """The subject with the factors of its points, if the sum names any: known of the data, else read in pictures."""
    if "=" not in (options.sum or subject.terms) or subject.values is not None:
        return subject
    from models.events import HeldOut, Working
    from models.reading import Eyes
    from models.replay import replay

    shown = None
    for event in replay(subject.info.folder, control):
        if isinstance(event, HeldOut):
            shown = event
        elif isinstance(event, Working):
            yield event
    if shown is None or len(shown.pictures) != len(needed(subject.codes, "codes")):
        return subject
    if not shown.generated:
        return replace(subject, factors=shown.factors, values=shown.values)
    eye = yield from Eyes().of(subject.info, control, learn=True)
    return replace(subject, factors=eye.factors, values=eye.read(shown.pictures, control).table())
