"""Words written in generated pictures: one picture a class, as 2026 in drawn digits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.errors import UserError, printable
from models.params import Params, param
from models.scene import Scene
from models.spelling import MOST, own_codes, spelt
from models.subject import needed

if TYPE_CHECKING:
    from models.subject import Subject


class WrittenOptions(Params):
    """A row of classes."""

    text: str = param("", "What is written: 2026 in digits; elsewhere names of classes, with commas or spaces between.")
    shared: bool = param(False, "All pictures from one code, that of the probe, instead of each from its own.")
    seed: int = param(0, "Start of the random codes: same seed, same codes.", low=0, high=2**31 - 1)
    spacing: int = param(0, "White space between the pictures.", low=0, high=100, unit="pixels")
    scale: int = param(4, "How wide and high a pixel of a picture becomes.", low=1, high=32)


def written(subject: Subject, options: WrittenOptions) -> Scene:
    """A text in pictures of classes, side by side: a number in generated digits."""
    names = subject.info.class_names
    if not subject.classes:
        what = "This model cannot be asked for a class, so nothing can be written with it."
        raise UserError(what, mend="Train one that can, such as cvae or cgan.")
    labels, unknown = spelt(options.text, names)
    if unknown or not labels:
        what = f"There is no class {printable(unknown[0])!r}." if unknown else "There is nothing to write."
        raise UserError(what, mend=f"Write with: {', '.join(map(printable, names[:MOST]))}.")
    if options.shared:
        code = subject.code
        code = needed(subject.codes, "codes").mean(axis=0, dtype=np.float32) if code is None else code
        codes = np.repeat(code[None], len(labels), axis=0)
    else:
        codes = own_codes(subject.info, subject.codes, len(labels), options.seed)
    return Scene(codes, np.array(labels), columns=len(labels), spacing=options.spacing, scale=options.scale)
