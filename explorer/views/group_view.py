"""Groups: which points are gathered, what they look like alone and on average, and the groups kept of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QBoxLayout, QFileDialog, QGridLayout, QVBoxLayout, QWidget

from explorer.gathering import count_of, mean_of, of_class, of_factor, sources
from explorer.groups import How
from explorer.pins import free_slot
from explorer.state import Visibility
from explorer.widgets.elided import Elided
from explorer.widgets.fittings import button, scrolling
from explorer.widgets.gather_form import GatherForm
from explorer.widgets.group_list import GroupList
from explorer.widgets.later import Later
from explorer.widgets.mean_pair import MeanPair
from explorer.widgets.mix_bar import MixBar, Part
from explorer.widgets.parts import Choice
from explorer.widgets.picture_grid import PictureGrid
from models.errors import printable
from models.indices import told_indices

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent

    from explorer.groups import Indices
    from explorer.session import Session

SOME = 40  # pictures of a sheet
AVERAGED = 4_000  # pictures that a mean is taken of, spread evenly over all of them
REFRESH = 500  # ms between two means while the points move
CONTROLS = 256  # px that the controls take across
WIDE = 1.3  # times as wide as high: a low panel
FOLDER = "export/folder"
EMPTY = (
    "Gather points: hold Shift and drag a box on the map, hold Ctrl and draw a lasso, or choose a class here. "
    "Their pictures appear here."
)
FILES = {
    "Sheet of pictures (*.png *.svg *.pdf)": "png", "Single pictures (*.zip)": "zip",
    "Table (*.csv *.parquet *.npz)": "csv",
}  # fmt: skip


class GroupView(QWidget):
    """Reads gathered points and groups of the session; hidden it reads nothing."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._shown: tuple[object, object] = (None, None)  # the points and pictures that the sheet was made of
        self._places: Indices = np.empty(0, np.int64)  # of the points on the sheet
        self.setObjectName("group_view")
        self.setAccessibleName("Groups")
        self._make_parts()
        self._lay_out()
        self._later = Later(REFRESH, self._draw_mean, self)
        hears: dict[Callable[[], None], tuple[str, ...]] = {
            self._show_gathered: ("gathered", "data", "run"),
            self._show_points: ("embedding",),
            self._show_mean: ("group_picture",),
            self._show_groups: ("groups",),
            self._show_sources: ("pins", "own", "code"),
            self._show_others: ("others",),
        }
        for show, names in hears.items():
            for name in names:
                getattr(session, f"{name}_changed").connect(show)

    # ---- making

    def _make_parts(self) -> None:
        session, gathering = self._session, self._session.gathering
        self.told = Elided()
        self.told.setObjectName("gathered_told")
        self.form = GatherForm()
        self.form.class_wanted.connect(lambda label, how: gathering.take(of_class(session.state, label), how))
        self.form.range_wanted.connect(
            lambda factor, low, high, how: gathering.take(of_factor(session.state, factor, low, high), how)
        )
        self.form.near_wanted.connect(self._gather_near)
        self.all = button("gather_all", "All", "", "Gather all points (Ctrl+A)")
        self.invert = button("gather_others", "Invert", "", "Gather those that are not (Ctrl+Shift+I)")
        self.none = button("gather_none", "Let go", "", "Gather no points (Escape on the map)")
        self.keep = button("keep_group", "Keep as a group", "", "Keep the gathered points under a name (Ctrl+G)")
        self.take_away = button("export_gathered", "Export…", "", "Save pictures of the gathered points, or a table")
        wishes = (gathering.take_all, gathering.invert, gathering.let_go, gathering.keep, self._ask_where)
        for part, do in zip((self.all, self.invert, self.none, self.keep, self.take_away), wishes, strict=True):
            part.clicked.connect(lambda _=False, do=do: do())
        self.others = Choice()
        self.others.setObjectName("others_shown")
        self.others.setAccessibleName("How the other points show")
        self.others.setToolTip("How the points show that are not gathered (D)")
        for how, words in ((Visibility.DIMMED, "Others dim"), (Visibility.HIDDEN, "Others hidden")):
            self.others.addItem(words, how)
        self.others.addItem("Others shown", Visibility.SHOWN)
        self.others.activated.connect(lambda: gathering.show_others(self.others.currentData()))
        self.mix = MixBar()
        self.mix.setObjectName("class_mix")
        self.mix.setAccessibleName("Classes of the gathered points")
        self.mix.picked.connect(lambda label: gathering.take(of_class(session.state, label), How.BOTH))
        self.sheet = PictureGrid(EMPTY)
        self.sheet.setObjectName("gathered_sheet")
        self.sheet.setAccessibleName("Pictures of the gathered points")
        self.sheet.picked.connect(lambda place: session.select(int(self._places[place])))
        self.means = MeanPair()
        self.means.pinned.connect(self._pin_mean)
        for told in (self.means.told, self.sheet.told):
            told.connect(session.tell)
        self.groups = GroupList()
        self.groups.wanted.connect(gathering.recall)
        self.groups.renamed.connect(gathering.rename)
        self.groups.removed.connect(gathering.remove)

    def _lay_out(self) -> None:
        controls, buttons = QWidget(), QGridLayout()
        controls.setMaximumWidth(CONTROLS)
        left = QVBoxLayout(controls)
        left.setContentsMargins(0, 0, 0, 0)
        for place, part in enumerate((self.all, self.invert, self.none)):
            buttons.addWidget(part, 0, place)
        buttons.addWidget(self.others, 1, 0, 1, 2)
        buttons.addWidget(self.take_away, 1, 2)
        left.addWidget(self.told)
        left.addWidget(self.form)
        left.addLayout(buttons)
        left.addStretch()
        middle, kept = QVBoxLayout(), QVBoxLayout()
        for column in (left, buttons, middle, kept):
            column.setSpacing(4)
        middle.addWidget(self.mix)
        middle.addWidget(self.sheet, 1)
        kept.addWidget(self.groups, 1)
        kept.addWidget(self.keep)
        inside, whole = QWidget(), QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scrolling(inside, "group_scroll", "Groups"))
        self._columns = QBoxLayout(QBoxLayout.Direction.LeftToRight, inside)
        self._columns.setContentsMargins(8, 8, 8, 8)
        self._columns.setSpacing(12)
        self._columns.addWidget(controls)
        self._columns.addLayout(middle, 4)
        self._columns.addWidget(self.means, 2)
        self._columns.addLayout(kept, 1)

    # ---- what is shown

    def _show_gathered(self) -> None:
        if not self.isVisible():
            return
        state = self._session.state
        gathered, count = state.gathered, count_of(state)
        self.told.setText(f"{len(gathered):,} of {count:,} points gathered" if count else "No points yet")
        for part in (self.invert, self.none, self.keep, self.take_away, self.means.pin):
            part.setEnabled(bool(len(gathered)))
        self.all.setEnabled(bool(count))
        self._show_known()
        self._show_mix()
        self._show_sheet()
        self._draw_mean()

    def _show_known(self) -> None:
        state = self._session.state
        names = () if state.run is None else state.run.class_names
        unlabelled = state.data is not None and bool((state.data.labels < 0).any())
        classes = [*enumerate(names), *([(-1, "no label")] if names and unlabelled else [])]
        known = state.data is not None and state.data.values is not None
        self.form.set_known(classes, state.data.factors if state.data is not None and known else ())

    def _show_mix(self) -> None:
        state = self._session.state
        if state.data is None or state.run is None or not state.run.class_names:
            self.mix.set_parts(())
            return
        names = state.run.class_names
        labels = state.data.labels[state.gathered[state.gathered < len(state.data.labels)]]
        counts = np.bincount(labels + 1, minlength=len(names) + 1).tolist()
        told = ["no label", *(printable(name) for name in names)]
        self.mix.set_parts([Part(label - 1, told[label], count) for label, count in enumerate(counts[: len(told)])])

    def _show_sheet(self) -> None:
        """Some of the pictures, and the mean of many."""
        data, gathered = self._session.state.data, self._session.state.gathered
        if self._shown[0] is gathered and self._shown[1] is data:
            return
        self._shown = (gathered, data)
        known = gathered[: 0 if data is None else np.searchsorted(gathered, len(data.pictures))]
        self._places = _spread(known, SOME)
        if data is None or not len(known):
            self.sheet.set_pictures(None)
            self.means.average.set_picture(None)
            return
        self.sheet.set_pictures(data.pictures[self._places], [f"#{index:,}" for index in self._places])
        mean = data.pictures[_spread(known, AVERAGED)].mean(axis=0, dtype=np.float32)
        self.means.average.set_picture((mean + 0.5).astype(np.uint8))

    def _draw_mean(self) -> None:
        """Have the mean code drawn as it is now."""
        self._later.stop()
        if self.isVisible():
            self._session.gathering.draw_mean()
            self._show_mean()

    def _show_mean(self) -> None:
        state = self._session.state
        drawn = state.group_picture if len(state.gathered) else None
        self.means.drawn.set_picture(None if drawn is None else drawn.pictures[0])

    def _show_points(self) -> None:
        """The points have moved: their mean code moved too."""
        if len(self._session.state.gathered):
            self._later.ask()
        elif self.isVisible():
            self._show_gathered()

    def _show_groups(self) -> None:
        self.groups.set_groups(self._session.state.groups)

    def _show_others(self) -> None:
        self.others.setCurrentIndex(self.others.findData(self._session.state.others))

    def _show_sources(self) -> None:
        if self.isVisible():
            self.form.set_sources([(title, name) for name, (title, _) in sources(self._session.state).items()])

    # ---- what the person does

    def _gather_near(self, source: str, count: int, how: How) -> None:
        known = sources(self._session.state)
        if source in known:
            self._session.gathering.take_nearest(known[source][1], count, how)

    def _pin_mean(self) -> None:
        state = self._session.state
        mean, slot = mean_of(state, state.gathered), free_slot(state)
        if slot is None:
            self._session.tell("All 26 pins are taken. Let go of one first.", "warning")
        elif mean is not None:
            self._session.pin(slot, mean)

    def _ask_where(self) -> None:
        """Ask for a file; its ending says whether pictures or a table are written."""
        dialog = QFileDialog(self, "Save as", str(QSettings().value(FOLDER, str(Path.home()))), ";;".join(FILES))
        dialog.setObjectName("export_gathered_dialog")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("png")
        dialog.selectFile("gathered.png")
        dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix(FILES[chosen]))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.save)
        dialog.open()

    def save(self, path: str) -> None:
        """Write the gathered points to a file, as its ending says, and remember its folder."""
        QSettings().setValue(FOLDER, str(Path(path).parent))
        self._session.export("selection", path, {"indices": told_indices(self._session.state.gathered)})

    # ---- as a widget

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what was passed over while hidden."""
        super().showEvent(event)
        for show in (self._show_gathered, self._show_groups, self._show_others, self._show_sources):
            show()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks at the mean."""
        super().hideEvent(event)
        self._session.gathering.draw_mean(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Side by side in a low panel, one below the other in a high one."""
        super().resizeEvent(event)
        wide = event.size().width() > WIDE * event.size().height()
        direction = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        self._columns.setDirection(direction)


def _spread(indices: Indices, most: int) -> Indices:
    """At most so many of the indices, evenly spread."""
    if len(indices) <= most:
        return indices
    return indices[np.linspace(0, len(indices) - 1, most).round().astype(np.int64)]
