"""What the key of a layer says: the ends of its scale, the value at a place, and how far the work is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from explorer.words import duration
from models.errors import printable
from models.layer_events import CLASSES, FADED, LAYERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.layers import Surveying
    from models.judging_events import Judging
    from models.layer_events import Surveyed

NOWHERE = 1.0  # spreads that a round trip leads from which on a picture comes from nowhere


def ends(shown: Surveyed) -> tuple[str, str]:
    """The lowest and the highest number of the scale, each with its word: `0 true`, `from nowhere ≥ 1`."""
    low, high = LAYERS[shown.asked.layer].ends
    if shown.asked.layer in ("honesty", FADED):
        return f"0 {low}", f"{high} ≥ {NOWHERE:g}"
    if shown.asked.layer == "stretch":
        return f"{shown.low:.1f} {low}", f"{high} {shown.high:.1f}"
    return f"{shown.low:.0%} {low}", f"{high} {shown.high:.0%}"


def share_of(shown: Surveyed, value: float) -> float:
    """How far along the scale a value lies, 0 to 1."""
    return min(max((value - shown.low) / (shown.high - shown.low or 1.0), 0.0), 1.0)


def value_words(shown: Surveyed, x: float, y: float, names: Sequence[str] = ()) -> str:
    """What the layer says of a place of the map; empty outside it. `names` are those of the classes."""
    value, label = shown.at(x, y), shown.label_at(x, y)
    if value is None:
        return ""
    if shown.asked.layer == CLASSES and label is not None:
        name = printable(names[label]) if 0 <= label < len(names) else str(label)
        return f"{name}, {value:.0%} of the votes"
    if shown.asked.layer == "stretch":
        return f"{value:.1f}, {_times(shown, value)}"
    if shown.asked.layer in ("honesty", FADED):
        return f"{value:.2f} spreads off{', from nowhere' if value >= NOWHERE else ''}"
    return f"{value:.0%} of the {'densest' if shown.asked.layer == 'density' else 'most usual'}"


def _times(shown: Surveyed, value: float) -> str:
    """A log volume beside the usual one of the cells that are shown."""
    assert shown.values is not None
    times = math.exp(min(value - float(np.nanmedian(shown.values)), 20.0))
    return f"{times:.1f} × the usual" if 0.1 <= times < 100 else f"{times:.0e} × the usual"


def waits(survey: Surveying) -> bool:
    """Whether a person waits for the work, so that it is worth a word and a button to stop it."""
    return survey.working and survey.shown is not None and (survey.shown.left or 0.0) >= 1


def matter(survey: Surveying, judging: Judging | None = None) -> str:
    """How far the work is, or why there is nothing to see; empty while all is well. `judging` is under way."""
    shown = survey.shown
    if shown is None:
        return "One moment…" if survey.working else ""
    if shown.problem:
        return shown.problem
    if shown.judging is not None and judging is not None:
        return judging.what if judging.fraction is None else f"{judging.what} {judging.fraction:.0%}"
    if shown.judging is not None:
        return f"The classifier of these data is not trained yet; it takes about {duration(shown.judging)}."
    cells = f"{shown.side} × {shown.side} cells"
    if waits(survey):
        return f"{cells} · {shown.share:.0%} · {duration(shown.left or 0.0)} left"
    if survey.working or (shown.done and shown.finer is None):
        return ""
    return f"This takes long: {cells} so far." if shown.done else f"Stopped at {cells}."
