"""The same two pictures morphed by several models, as one sheet with a row for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models import figures
from models.errors import Stopped, UserError, printable
from models.events import Exported, Working
from models.grids import PICTURE_SUFFIXES, known_suffix, sheet, to_uint8
from models.own_events import OwnPicture
from models.params import Params, param
from models.paths import Easing, Mode, Path
from models.recipe import recipe_of
from models.recipe_files import write_with_recipe
from models.scene import Scene
from models.subject import Subject, needed

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Generator, Iterator, Sequence

    from models.events import Event, Pictures
    from models.grids import Sheet
    from models.job import Control
    from models.latent import Code
    from models.own_events import Found

KIND = "morph-models"
SPACING = 2  # pixels between the pictures of a row


class ComparedOptions(Params):
    """A row of pictures for each model."""

    frames: int = param(9, "Pictures of a row, between the two originals.", low=2, high=60)
    mode: Mode = param("linear", "Straight, along an arc around the origin, or spherical where a model has a prior.")
    easing: Easing = param("even", "How fast it goes at both ends and between them.")
    scale: int = param(3, "How wide and high a pixel of a picture becomes.", low=1, high=16)
    dark: bool = param(False, "Light letters on a dark ground.")


@dataclass(frozen=True)
class Given:
    """A picture uint8 [h, w, c] for all models, and what its class is called, if it is known."""

    pixels: Pictures
    called: str = ""

    def for_model(self, subject: Subject) -> OwnPicture:
        """As a model is asked for it: as it is where it has the model's size, and as its class where that is known."""
        channels, high, wide = subject.info.image_shape
        names = subject.info.class_names if subject.classes else ()
        label = names.index(self.called) if self.called in names else None
        return OwnPicture(pixels=self.pixels, label=label, drawn=self.pixels.shape == (high, wide, channels))


def held_out(subject: Subject, number: int, control: Control) -> Given:
    """Held-out picture `number` of a run's data. Raises UserError."""
    from models.own_pictures import brought

    image, label = brought(OwnPicture(number=number), needed(subject.weights, "weights"), control)
    named = label is not None and label < len(subject.info.class_names)
    return Given(to_uint8(image)[0], subject.info.class_names[label] if named and label is not None else "")


def compare(
    subjects: Sequence[Subject],
    pictures: tuple[Given, Given],
    out: pathlib.Path,
    options: ComparedOptions,
    told: dict[str, str],
    control: Control,
) -> Iterator[Event]:
    """Write a sheet with a row for each model: both pictures are encoded or sought by it, and morphed into each other.

    `told` goes into the recipe beside the options. Ends with `Exported`. Raises UserError, and Stopped.
    """
    suffix = known_suffix(out, PICTURE_SUFFIXES)
    if not subjects:
        raise UserError("There is no model to morph with.", mend="Name one run or more.")
    rows: list[tuple[str, Sheet]] = []
    for number, subject in enumerate(subjects):
        rows.append((yield from _row(subject, pictures, options, number / len(subjects), len(subjects), control)))
    page = figures.rendered(figures.strips(rows, options.scale, options.dark), suffix)
    first = subjects[0]
    write_with_recipe(out, page, recipe_of(first, KIND, {**options.model_dump(), **told}))
    yield Exported(first.info.id, first.step, str(out))


def _row(
    subject: Subject,
    pictures: tuple[Given, Given],
    options: ComparedOptions,
    done: float,
    models: int,
    control: Control,
) -> Generator[Event, None, tuple[str, Sheet]]:
    """The title of a row and its pictures: what was given, what the model makes of the way, what was given."""
    title = printable(subject.info.title or subject.info.id)
    found: list[Found] = []
    for place, given in enumerate(pictures):
        found.append((yield from _found(subject, given, title, done + place / 2 / models, models, control)))
    classes, known = subject.classes, [each.label for each in found if each.label is not None]
    shares = np.eye(classes, dtype=np.float32)[known] if classes and len(known) == 2 else None
    spherical = options.mode == "spherical" and "prior" in subject.info.capabilities
    codes: list[Code] = [each.code for each in found if each.code is not None]
    path = Path(np.stack(codes), (1.0,), shares, "spherical" if spherical else "linear", options.easing)
    made = yield from Scene(*path.sampled(path.moments(options.frames))).drawn(subject, control)
    originals = [each.original[None] for each in found if each.original is not None]
    errors = " and ".join(f"{each.error:.3g}" for each in found if each.error is not None)
    row = sheet(np.concatenate([originals[0], made, originals[1]]), len(made) + 2, SPACING)
    return f"{title}: error {errors}", row


def _found(
    subject: Subject, given: Given, title: str, done: float, models: int, control: Control
) -> Generator[Event, None, Found]:
    """The code of a picture in a model, telling how far the search is."""
    from models import device
    from models.own_pictures import find

    device.take_threads(1)
    weights = needed(subject.weights, "weights")
    last = None
    for last in find(given.for_model(subject), weights, control):
        yield Working("", 0, f"Finding the picture in {title}", done + last.share / 2 / models)
    if control.stopping or last is None or last.code is None:
        raise Stopped
    return last
