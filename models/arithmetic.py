"""Sums of codes, as "man with glasses - man + woman" (Radford et al. 2016): terms in words, and what comes out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.errors import UserError, printable
from models.naming import Put, titled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.events import Shares
    from models.naming import Known

SIGNS = re.compile(r"(?:^|\s+)([+-])\s+")
WEIGHTED = re.compile(r"(\d+(?:\.\d+)?)\s*[*×]\s*(.+)")
MOST = 26  # terms; so many can be told apart
HEAVIEST = 10.0  # weight of a term


@dataclass(frozen=True)
class Term:
    """So much of something named in words, as of `models/naming.py`; `title` are other words for people."""

    weight: float
    what: str
    title: str = ""

    @property
    def words(self) -> str:
        """What the term is called."""
        return self.title or titled(self.what)


def read_terms(text: str) -> tuple[Term, ...]:
    """The terms of a sum like `point 3 - class 7 + 0.5*pin A`. Raises UserError."""
    parts = SIGNS.split(text)
    first, signed = parts[0], list(zip(parts[1::2], parts[2::2], strict=True))
    terms = [("+", first)] if first.strip() else []
    read = []
    for sign, part in [*terms, *signed]:
        weighted = WEIGHTED.fullmatch(part.strip())
        weight, what = (float(weighted[1]), weighted[2]) if weighted else (1.0, part.strip())
        if not what or weight > HEAVIEST:
            bad = f"{printable(part)!r} is no term of a sum."
            raise UserError(bad, mend="Write a sum as: point 3 - class 7 + 0.5*point 12")
        read.append(Term(-weight if sign == "-" else weight, what))
    if not read:
        raise UserError("The sum has no terms.", mend="Write one as: point 3 - class 7 + 0.5*point 12")
    if len(read) > MOST:
        raise UserError(f"The sum has {len(read)} terms; more than {MOST} cannot be told apart.")
    return tuple(read)


def written(terms: Sequence[Term]) -> str:
    """The terms as `read_terms` reads them."""
    told = [f"{_sign(term, place)}{_weight(term)}{term.what}" for place, term in enumerate(terms)]
    return " ".join(told)


def in_words(terms: Sequence[Term]) -> str:
    """The sum as people say it."""
    return " ".join(f"{_sign(term, place)}{_weight(term)}{term.words}" for place, term in enumerate(terms))


def _sign(term: Term, place: int) -> str:
    return "- " if term.weight < 0 else "+ " if place else ""


def _weight(term: Term) -> str:
    return "" if abs(term.weight) == 1 else f"{abs(term.weight):g}*"


def summed(puts: Sequence[Put], weights: Sequence[float], classes: int) -> Put:
    """The weighted sum of codes, and of the classes they are drawn as where the model can be asked for `classes`."""
    code = np.einsum("n,nd->d", np.asarray(weights, np.float64), np.stack([put.code for put in puts]))
    label = _summed_labels(puts, weights, classes) if classes else None
    return Put(code.astype(np.float32), label)


def _summed_labels(puts: Sequence[Put], weights: Sequence[float], classes: int) -> int | Shares | None:
    """One-hot rows added up, what falls below nothing cut off; None where no term has a class, or nothing is left."""
    shares = np.zeros(classes)
    for put, weight in zip(puts, weights, strict=True):
        if put.label is not None:
            shares += weight * (np.eye(classes)[put.label] if isinstance(put.label, int) else put.label)
    shares = shares.clip(0)
    if shares.sum() <= 0:
        return None
    shares /= shares.sum()
    return int(shares.argmax()) if shares.max() >= 1 else shares.astype(np.float32)


def results(terms: Sequence[Term], known: Known, classes: int) -> tuple[list[Put], Put]:
    """Every term's code, and their sum. Raises UserError for what cannot be named."""
    puts = [known.put(term.what) for term in terms]
    return puts, summed(puts, [term.weight for term in terms], classes)
