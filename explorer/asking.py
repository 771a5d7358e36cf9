"""How the classes of a model are looked at: a sheet of one or of all, and a text written in their pictures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from explorer.asked import classes_of
from models.spelling import own_codes, spelt

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np

    from explorer.asked import Label
    from explorer.state import SessionState
    from models.events import Codes

SIDES = (4, 10)  # fewest and most rows and columns of a sheet


@dataclass(frozen=True)
class Asking:
    """A sheet of `side` times `side` codes in one class, or of `side` codes in `every` class; and what is written.

    The pictures of the `text` come each from a code of its own, which hangs on `seed`, or all from the probe's code.
    """

    side: int = 6
    every: bool = False
    text: str = ""
    shared: bool = False
    seed: int = 0


def sheet_of(state: SessionState) -> tuple[list[Codes], list[Label]]:
    """What the sheet shows, row by row: codes, and the class each is drawn as; nothing while there are no codes."""
    asking, classes = state.asking, classes_of(state.run)
    known = None if state.samples is None else state.samples.codes
    if known is None or not classes or state.run is None or not len(known):
        return [], []
    wanted = asking.side if asking.every else asking.side**2
    codes = [*known[:wanted]]
    if len(codes) < wanted and "prior" in state.run.capabilities:  # a slow model made fewer samples
        codes += [*own_codes(state.run, None, wanted - len(codes), 1)]
    if not asking.every:
        return codes, [state.label] * len(codes)
    rows = codes if state.code is None else [state.code, *codes[: wanted - 1]]
    return [row for row in rows for _ in range(classes)], [*range(classes)] * len(rows)


def text_of(state: SessionState) -> tuple[list[Codes], list[Label]]:
    """What the text shows, place by place: codes, and the class each is drawn as."""
    asking, run = state.asking, state.run
    if run is None or not classes_of(run):
        return [], []
    labels, _ = spelt(asking.text, run.class_names)
    if not labels:
        return [], []
    if asking.shared:
        return ([] if state.code is None else [state.code] * len(labels)), [*labels]
    known = None if state.embedding is None else state.embedding.codes
    if known is None and "prior" not in run.capabilities:
        return [], []
    return [*own_codes(run, known, len(labels), asking.seed)], [*labels]


class Asks:
    """The intents of a session about how classes are looked at; `export` writes a kind with options to a file."""

    def __init__(
        self,
        read: Callable[[], SessionState],
        do: Callable[[str, SessionState], None],
        random: np.random.Generator,
        export: Callable[[str, str | Path, dict[str, object]], None],
    ) -> None:
        self._read, self._do, self._random, self._export = read, do, random, export

    def _change(self, words: str, **changes: object) -> None:
        state = self._read()
        self._do(words, replace(state, asking=replace(state.asking, **changes)))  # type: ignore[arg-type]

    def set_side(self, side: int) -> None:
        """So many rows and columns."""
        self._change("Size the sheet", side=min(max(side, SIDES[0]), SIDES[1]))

    def show_every(self, every: bool) -> None:
        """All classes of a few codes, or many codes of one class."""
        self._change("See all classes" if every else "See one class", every=every)

    def write(self, text: str) -> None:
        """Write this in pictures of classes."""
        self._change("Write", text=text)

    def share(self, shared: bool) -> None:
        """Write with the probe's code alone, or with a code a place."""
        self._change("Write with one code" if shared else "Write with many codes", shared=shared)

    def deal(self) -> None:
        """Other codes for what is written."""
        self._change("Write anew", shared=False, seed=int(self._random.integers(2**31)))

    def save(self, path: str | Path) -> None:
        """Save what is written as a picture."""
        asking = self._read().asking
        self._export("written", path, {"text": asking.text, "shared": asking.shared, "seed": asking.seed})
