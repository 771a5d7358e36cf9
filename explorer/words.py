"""Times, dates and numbers as people say them."""

from __future__ import annotations

import math
from datetime import datetime

from PySide6.QtCore import QDate, QLocale, QTime

FINEST = -6  # the power of ten of an error bar below which it is told by its size alone


def duration(seconds: float) -> str:
    """Seconds in at most two words: `45 s`, `1 min 20 s`, `2 h 05 min`, `3 d 4 h`."""
    if not math.isfinite(seconds):
        return "a long time"
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    if whole < 86400:
        return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
    return f"{whole // 86400} d {whole % 86400 // 3600} h"


def time_left(seconds: float | None) -> str:
    """How long work still takes: `45 s left`, or `… left` while nobody knows."""
    return "… left" if seconds is None else f"{duration(seconds)} left"


def number(value: float) -> str:
    """A figure with four digits that matter, never in a width that jumps: `143.2`, `0.07142`, `1.20e-05`."""
    if not math.isfinite(value):
        return str(value)
    if value == 0 or 1e-3 <= abs(value) < 1e6:
        digits = 3 if value == 0 else max(0, 3 - math.floor(math.log10(abs(value))))
        return f"{value:,.{digits}f}"
    return f"{value:.2e}"


def measured(value: float, spread: float | None) -> str:
    """A figure with its error bar, both to the digits where chance begins: `0.952 ± 0.004`; without one a `number`."""
    if spread is None or not math.isfinite(spread) or not math.isfinite(value):
        return number(value)
    if spread == 0:
        return f"{value:,.0f} ± 0" if value == round(value) else f"{number(value)} ± 0"
    first = math.floor(math.log10(spread))
    if first < FINEST:
        return f"{number(value)} ± {spread:.0e}"
    digits = max(0, -first + (spread < 3 * 10**first))  # of a spread that begins with 1 or 2 one more
    return f"{value:,.{digits}f} ± {spread:,.{digits}f}"


def moment(created: str, now: datetime | None = None) -> str:
    """An ISO date in the words of this place: `Today 14:32`, `Yesterday 09:10`, `3 Mar 2025`; else as it stands."""
    try:
        then = datetime.fromisoformat(created).astimezone()
    except (ValueError, OverflowError):
        return created
    days = ((now or datetime.now()).astimezone().date() - then.date()).days
    clock = QLocale().toString(QTime(then.hour, then.minute), QLocale.FormatType.ShortFormat)
    if days in (0, 1):
        return f"{('Today', 'Yesterday')[days]} {clock}"
    return str(QLocale().toString(QDate(then.year, then.month, then.day), "d MMM yyyy")) + f" {clock}"


def figure(name: str) -> str:
    """The name of a figure or loss as the lectures write it: `neg_elbo` becomes `neg ELBO`, `recon_mse` `recon MSE`."""
    shouted = {"elbo": "ELBO", "mse": "MSE", "bce": "BCE", "kl": "KL", "nll": "NLL", "l1": "L1", "l2": "L2"}
    return " ".join(shouted.get(word, word) for word in name.split("_"))
