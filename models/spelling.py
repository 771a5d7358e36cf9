"""Texts spelt in the classes of a model, and the codes from which their pictures are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models import latent
from models.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.events import Codes, RunInfo

MOST = 40  # pictures of one text


def spelt(text: str, names: Sequence[str]) -> tuple[list[int], list[str]]:
    """The classes that a text names, in their order, and the letters in between that name none.

    At every place the longest name that fits is taken, in its own letters before other ones; else the number of a
    class. Commas and blanks only part names.
    """
    labels: list[int] = []
    unknown: list[str] = []
    place = 0
    while place < len(text) and len(labels) < MOST:
        rest = text[place:]
        if rest[0] in ", \t\n;":
            place += 1
            continue
        length, label = _first(rest, names)
        if label is None:
            unknown.append(rest[0])
        else:
            labels.append(label)
        place += length
    return labels, unknown


def _first(rest: str, names: Sequence[str]) -> tuple[int, int | None]:
    """How many letters the first class of a text takes, and which it is; one letter if it is none."""
    for same in (str, str.casefold):
        fitting = [place for place, name in enumerate(names) if name and same(rest).startswith(same(name))]
        if fitting:
            best = max(fitting, key=lambda place: len(names[place]))
            return len(names[best]), best
    digits = len(rest) - len(rest.lstrip("0123456789"))
    if digits and rest[:digits].isascii() and int(rest[:digits]) < len(names):
        return digits, int(rest[:digits])
    return 1, None


def own_codes(info: RunInfo, known: Codes | None, count: int, seed: int) -> Codes:
    """A code for each of `count` places [count, d]: spread as the prior is, else as `known` codes are.

    A further place leaves those before it as they are. Raises UserError while nothing is known of the codes.
    """
    random = np.random.default_rng(seed)
    if "prior" in info.capabilities:
        return random.standard_normal((count, info.latent_dim), np.float32)
    if known is None:
        raise UserError("This run has no codes yet.", mend="Let it train up to its first snapshot.")
    return latent.fit_normal(known).draw(count, random)
