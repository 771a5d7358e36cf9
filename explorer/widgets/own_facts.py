"""What is known of a person's own picture, in lines: its name, how near and how strange it is, and the search."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from explorer.widgets.elided import Elided
from explorer.widgets.error_curve import ErrorCurve
from explorer.widgets.parts import Quiet
from explorer.widgets.progress import Bar
from explorer.widgets.rank_bars import RankBars
from explorer.words import number
from models.errors import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.own import Own
    from models.own_events import OwnPicture, Score

BLANK = "Draw something: the model answers with every stroke."
MEASURED = {
    "recon_mse": "error {}",
    "sought_mse": "error of a short search {}",
    "neg_elbo": "−log p at most {} nats",
    "nll": "−log p {} nats",
}


class OwnFacts(QWidget):
    """`enough` tells that a person wants the search to end; `take` is the button beside the name."""

    enough = Signal()

    def __init__(self, take: QToolButton, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.what, self.told = Elided(), Elided(quiet=True)
        self.what.setObjectName("own_what")
        self.told.setObjectName("own_told")
        self.curve, self.strange = ErrorCurve(), RankBars()
        self.curve.setObjectName("own_curve")
        self.strange.setObjectName("own_strange")
        self.bar = Bar("own_progress", "How far the search is")
        self.cancel = QToolButton()
        self.cancel.setObjectName("own_cancel")
        self.cancel.setText("Enough")
        self.cancel.setAccessibleName("End the search")
        self.cancel.setToolTip("End the search and keep the nearest picture until now")
        self.cancel.clicked.connect(lambda: self.enough.emit())
        self.problem = Quiet(error=True)
        self.problem.setObjectName("own_problem")
        self.search = QWidget()
        search, head, column = QHBoxLayout(self.search), QHBoxLayout(), QVBoxLayout(self)
        search.setContentsMargins(0, 0, 0, 0)
        search.addWidget(self.bar, 1)
        search.addWidget(self.cancel)
        head.addWidget(self.what, 1)
        head.addWidget(take)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        for part in (self.told, self.strange, self.curve, self.search, self.problem):
            column.addWidget(part)

    def show_own(self, own: Own, class_names: Sequence[str]) -> None:
        """Show what `own` says; the model names its classes so."""
        found = own.found
        self.what.setText(BLANK if own.asked is None else _name_of(own.asked))
        self.search.setVisible(own.working and not (own.asked is not None and own.asked.drawn and found is None))
        self.bar.show_fraction(None if found is None or found.code is None else found.share)
        self.problem.setText("" if found is None else found.problem)
        self.problem.setVisible(bool(self.problem.text()))
        self.told.setText(_near(own, class_names))
        scores = () if found is None else found.scores
        coming = own.asked is not None and own.asked.drawn and not self.strange.isHidden()  # with the next answer
        self.strange.setVisible(bool(scores) or (coming and found is not None))
        if scores:
            first = scores[0]
            self.strange.set_value(first.value, first.known, _strange(scores))
        errors = None if found is None else found.errors
        self.curve.setVisible(self.strange.isHidden() and errors is not None and len(errors) > 1)
        self.curve.set_errors(errors, 1.0 if found is None else found.share)


def _name_of(picture: OwnPicture) -> str:
    if picture.drawn:
        return "Your drawing"
    if picture.held_out:
        return "A held-out picture"
    return printable(Path(picture.path).name) if picture.path else "Pasted picture"


def _near(own: Own, class_names: Sequence[str]) -> str:
    """How near the picture is, as which class, of which step the model was, and what it learned to clean."""
    found = own.found
    if found is None or found.error is None:
        return "Beginning the search" if own.working else ""
    named = found.label is not None and found.label < len(class_names)
    drawn = f" · as {printable(class_names[found.label])}" if found.label is not None and named else ""
    cleaned = f" · cleans {found.spoiling}" if found.spoiling else ""
    return f"MSE {number(found.error)}{drawn}{cleaned} · step {found.step:,}"


def _strange(scores: Sequence[Score]) -> str:
    """How strange the picture is by each measure."""
    first, *others = scores
    told = [f"Stranger than {_share(first)} held-out pictures: {_measured(first)}"]
    return "; ".join([*told, *(f"{_measured(other)}, than {_share(other).removesuffix(' of')}" for other in others)])


def _share(score: Score) -> str:
    return f"all {len(score.known):,}" if score.rank == 1 else f"{score.rank:.0%} of"


def _measured(score: Score) -> str:
    return MEASURED[score.name].format(number(score.value))
