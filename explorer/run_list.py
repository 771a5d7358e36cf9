"""The list of runs as Qt's list views want it: a model, a filter, and a delegate that paints a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from explorer.colors import mixed, theme
from explorer.widgets.picture import draw
from explorer.words import figure, measured, moment, number
from models.errors import printable
from models.evaluate.measures import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QObject

    from explorer.widgets.thumbnails import Thumbnails
    from models.listings import RunSummary

    Index = QModelIndex | QPersistentModelIndex

RUN = Qt.ItemDataRole.UserRole
SIDE, GAP, LINES = 56, 8, 4  # px: the thumbnail and the space about it; lines of a row
TITLE_ROOM = 280  # px that a person has to type a title, where the list is that wide
TELLING = ("neg_elbo", "nll", "recon_bce", "recon_mse")  # the figure of a row: the first of these that a run has
JUDGING = {name: BY_NAME[name] for name in ("conditional_accuracy", "diversity_within_class", "class_kl")}  # or these


class RunModel(QAbstractListModel):
    """Runs, newest first, and of them those that have every word of a text somewhere in their row.

    Editing a row asks for another title by `renamed(folder, title)`.
    """

    renamed = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: tuple[RunSummary, ...] = ()
        self._runs: list[RunSummary] = []
        self._words: list[str] = []

    def set_runs(self, runs: Sequence[RunSummary]) -> None:
        """Show these runs."""
        self._all = tuple(runs)
        self._sieve()

    def set_words(self, text: str) -> None:
        """Show only the runs that have all words of `text`."""
        self._words = text.casefold().split()
        self._sieve()

    def _sieve(self) -> None:
        self.beginResetModel()
        self._runs = [run for run in self._all if not self._words or _has(run, self._words)]
        self.endResetModel()

    def places(self, folders: set[str]) -> list[QModelIndex]:
        """Where the runs in these folders stand."""
        return [self.index(row) for row, run in enumerate(self._runs) if run.folder in folders]

    def rowCount(self, parent: Index | None = None) -> int:
        """As many rows as runs."""
        return 0 if parent is not None and parent.isValid() else len(self._runs)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The summary itself for the delegate; words for screen readers, tooltips and editing."""
        run = self._runs[index.row()]
        if role == RUN:
            return run
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return printable(run.title)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ". ".join(row_lines(run))
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return run.problem
        if role == Qt.ItemDataRole.ToolTipRole:
            return _tooltip(run)
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Ask for another title; it is shown when the run has it."""
        run, title = self._runs[index.row()], str(value).strip()
        if role != Qt.ItemDataRole.EditRole or not title or title == run.title:
            return False
        self.renamed.emit(run.folder, title)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        """All rows can be chosen, and named anew unless something is wrong with the run."""
        flags = super().flags(index)
        return flags if self._runs[index.row()].problem else flags | Qt.ItemFlag.ItemIsEditable

    def row_of_thumbnail(self, path: str) -> QModelIndex:
        """Where the run with this thumbnail stands."""
        rows = (row for row, run in enumerate(self._runs) if run.thumbnail == path)
        return self.index(next(rows, -1))


class RunDelegate(QStyledItemDelegate):
    """Paints a run: its thumbnail, its title, what it is, and how it went."""

    def __init__(self, thumbnails: Thumbnails, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Every row is as high as its lines, or as its thumbnail."""
        return QSize(160, max(SIDE, LINES * line_height(option.fontMetrics)) + 2 * GAP)

    def paint(self, painter: QPainter, option: Any, index: Index) -> None:
        """Draw one row."""
        run: RunSummary = index.data(RUN)
        rect: QRect = option.rect
        now, chosen = theme(), bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, mixed(now.panel, now.accent if chosen else now.text, 0.22 if chosen else 0.06))
        if chosen and option.state & QStyle.StateFlag.State_HasFocus:
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height()), now.accent)
        self._paint_thumbnail(painter, run, QRectF(rect.left() + GAP, rect.center().y() - SIDE // 2, SIDE, SIDE))
        lines = row_lines(run)
        bold = QFont(option.font)
        bold.setWeight(QFont.Weight.DemiBold)
        for place, (line, box) in enumerate(zip(lines, text_boxes(rect, option.fontMetrics, len(lines)), strict=True)):
            painter.setFont(option.font if place else bold)
            painter.setPen(now.quiet if place or run.problem else now.text)
            elided = painter.fontMetrics().elidedText(line, Qt.TextElideMode.ElideRight, box.width())
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, elided)
        painter.restore()

    def _paint_thumbnail(self, painter: QPainter, run: RunSummary, box: QRectF) -> None:
        image = self._thumbnails.get(run.thumbnail, run.step, run.image_shape) if run.thumbnail else None
        painter.fillRect(box, theme().map)
        if run.problem:
            painter.setOpacity(0.4)
        if image is not None and not image.isNull():
            size = image.size().scaled(box.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
            target = QRectF(0, 0, size.width(), size.height())
            target.moveCenter(box.center())
            draw(painter, target, image)
        painter.setOpacity(1)
        painter.setPen(theme().line)
        painter.drawRect(box)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """A line to type a title into."""
        line = QLineEdit(parent)
        line.setObjectName("run_title")
        line.setAccessibleName("Title of the run")
        line.setMaxLength(200)
        return line

    def updateEditorGeometry(self, editor: QWidget, option: Any, index: Index) -> None:
        """The line lies where the title is painted, in a narrow list over the thumbnail too."""
        run: RunSummary = index.data(RUN)
        box = text_boxes(option.rect, option.fontMetrics, len(row_lines(run)))[0]
        left = max(option.rect.left() + 2, min(box.left() - 4, box.right() - TITLE_ROOM))
        height = editor.sizeHint().height()
        top = max(option.rect.top(), box.center().y() - height // 2)
        editor.setGeometry(left, top, box.right() - left, height)


def line_height(metrics: QFontMetrics) -> int:
    """Pixels from one line of a row to the next."""
    return metrics.height() + 1


def text_boxes(rect: QRect, metrics: QFontMetrics, lines: int) -> list[QRect]:
    """Where so many lines of a row stand."""
    left, height = rect.left() + SIDE + 2 * GAP, line_height(metrics)
    top = rect.top() + (rect.height() - lines * height) // 2
    return [QRect(left, top + line * height, rect.right() - left - GAP, height) for line in range(lines)]


def row_lines(run: RunSummary) -> list[str]:
    """What the row of a run says: its title, what it is, how it went, and when.

    A title that nobody chose says only what the run is, so that stands there once and in full.
    """
    model = f"{run.family} {run.preset}".strip()
    heading, what = run.title, " · ".join(part for part in (model, run.dataset) if part)
    if run.title == f"{model} on {run.dataset}":
        heading, what = model, run.dataset
    how = " · ".join(part for part in (_progress(run), *_telling(run)) if part)
    return [line for line in (printable(heading), what or run.problem, how, moment(run.created)) if line]


def _telling(run: RunSummary) -> list[str]:
    """The figures that tell most: of a judged run two, how right and how varied; else what training ended with."""
    told = [f"{measure.title} {number(run.figures[name])}" for name, measure in JUDGING.items() if name in run.judged]
    ended = (f"{figure(name)} {number(run.figures[name])}" for name in TELLING if name in run.figures)
    return told[:2] or list(ended)[:1]


def _progress(run: RunSummary) -> str:
    """How far a run came that is not at its end; nothing for others."""
    if run.status in ("finished", "damaged"):
        return "" if run.status == "finished" else run.status
    if run.total_steps:
        return f"{run.status} at {run.step / run.total_steps:.0%}"
    return f"step {run.step:,}, {run.status}"


def _has(run: RunSummary, words: list[str]) -> bool:
    text = " ".join((run.title, run.id, *row_lines(run))).casefold()
    return all(word in text for word in words)


def _tooltip(run: RunSummary) -> str:
    """Everything a run's row has no room for, as plain text."""
    figures = [f"{figure(name)}: {measured(value, run.spreads.get(name))}" for name, value in run.figures.items()]
    lines = [
        printable(run.title),
        run.problem,
        f"{run.step:,} steps, {run.size / 1e6:,.1f} MB",
        *figures,
        printable(run.folder),
    ]
    return "\n".join(line for line in lines if line)
