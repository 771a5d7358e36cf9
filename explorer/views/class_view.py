"""Classes: ask the model for one, see many of it, see one code in all of them, and go from one to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from explorer.asked import classes_of, mixed
from explorer.asking import SIDES, text_of
from explorer.widgets.class_buttons import ClassButtons
from explorer.widgets.elided import Elided
from explorer.widgets.knob_list import KnobList
from explorer.widgets.parts import Choice, scrolled
from explorer.widgets.picture import Picture
from explorer.widgets.picture_grid import PictureGrid
from explorer.widgets.sheet_head import SheetHead
from explorer.widgets.track_slider import TrackSlider
from explorer.widgets.writing_row import WritingRow
from models.errors import printable
from models.spelling import spelt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent, QShowEvent

    from explorer.session import Session

EMPTY = "Ask a model for a class here, and see it drawn at once. Train a model that learns from labels, or open a run."
NO_CLASSES = "This run saw no labels, so there is no class to ask it for."
SHEET_HIGH = 280  # px, at least where there is the width
NOT_ASKED = "This model cannot be asked for a class."


class ClassView(QWidget):
    """Reads label, sheet and row of classes of the session; the digits choose a class while the focus is in here."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._from = 0  # the class at the slider's left end
        self.setObjectName("classes_view")
        self.setAccessibleName("Classes")
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._make_parts()
        self._lay_out()
        session.run_changed.connect(self._show_run)
        session.catalog_changed.connect(self._show_words)
        session.label_changed.connect(self._show_label)
        session.sheet_changed.connect(self._show_sheet)
        session.class_row_changed.connect(self._show_row)
        session.asking_changed.connect(self._show_asking)
        session.written_changed.connect(self._show_written)
        session.knobs_changed.connect(lambda: self.knobs.set_values(session.state.knobs))
        self._show_run()

    def _make_parts(self) -> None:
        self.buttons = ClassButtons()
        self.buttons.setObjectName("class_buttons")
        self.buttons.chosen.connect(self._choose)
        self.sheet = PictureGrid("Pictures of the class come with the model's samples.")
        self.sheet.setObjectName("class_sheet_grid")
        self.sheet.setAccessibleName("Pictures of the class")
        self.sheet.picked.connect(self._take_code)
        self.row = PictureGrid("The probe's code appears here in every class.")
        self.row.setObjectName("class_row_grid")
        self.row.setAccessibleName("One code in every class")
        self.row.picked.connect(self._choose)
        self.origin = QLabel()
        self.origin.setObjectName("class_blend_from")
        self.origin.setTextFormat(Qt.TextFormat.PlainText)
        self.blend = TrackSlider()
        self.blend.setObjectName("class_blend")
        self.blend.setAccessibleName("Blend of two classes")
        self.blend.setToolTip("Go from one class to the other: the model is asked for some of both")
        self.blend.moved.connect(self._mix)
        self.goal = Choice()
        self.goal.setObjectName("class_blend_to")
        self.goal.setAccessibleName("Class to blend towards")
        self.goal.activated.connect(lambda: self._mix(self.blend.real()))
        self._make_looking()

    def _make_looking(self) -> None:
        """How large the sheet is and of what, the knobs of the drawing, and the line to write in."""
        session = self._session
        self.head = SheetHead(*SIDES)
        self.head.sized.connect(session.asks.set_side)
        self.head.chosen.connect(session.asks.show_every)
        self.about_row = Elided("This code, in every class", quiet=True)
        self.knobs = KnobList("class_knob")
        self.knobs.setObjectName("class_knobs")
        self.knobs.setAccessibleName("Knobs of the drawing")
        self.knobs.moved.connect(session.set_knob)
        self.writing = WritingRow()
        self.writing.setObjectName("class_writing")
        self.writing.typed.connect(session.asks.write)
        self.writing.shared.connect(session.asks.share)
        self.writing.again.connect(session.asks.deal)
        self.writing.saved.connect(self._ask_where)
        self.writing.picked.connect(self._take_letter)
        for part in (self.sheet, self.row, self.writing):
            part.told.connect(session.tell)

    def _lay_out(self) -> None:
        self.empty = Picture(EMPTY)
        self.empty.setObjectName("classes_empty")
        self.empty.setContentsMargins(8, 8, 8, 8)
        mixing = QHBoxLayout()
        mixing.setSpacing(8)
        mixing.addWidget(self.origin)
        mixing.addWidget(self.blend, 2)
        mixing.addWidget(self.goal, 1)
        asked = QWidget()
        column = QVBoxLayout(asked)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(4)
        column.addWidget(self.buttons)
        column.addLayout(mixing)
        column.addWidget(self.knobs)
        column.addWidget(self.writing)
        column.addWidget(self.head)
        column.addWidget(self.sheet, 3)
        column.addWidget(self.about_row)
        column.addWidget(self.row, 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(scrolled(asked, "classes_scroll", "Classes"))

    # ---- the hand of the person

    def _choose(self, label: int) -> None:
        """A whole class, which is also where a blend begins."""
        self._from = label
        self.blend.set_real(0.0)
        self._session.set_label(label)

    def _mix(self, share: float) -> None:
        """Some of the class at the slider's left end, some of that at its right."""
        goal = self.goal.currentData()
        if goal is not None:
            self._session.set_label(mixed(self._from, int(goal), share, classes_of(self._session.state.run)))

    def _take_code(self, place: int) -> None:
        """A code of the sheet, in the column of which class it stands."""
        sheet, asking = self._session.state.sheet, self._session.state.asking
        if sheet is not None and place < len(sheet.codes):
            self._session.set_code(sheet.codes[place])
            if asking.every:
                self._choose(place % classes_of(self._session.state.run))

    def _take_letter(self, place: int) -> None:
        """The code and the class of a picture of what is written."""
        codes, labels = text_of(self._session.state)
        if place < len(codes):
            self._session.set_code(codes[place])
            self._session.set_label(labels[place])

    def _ask_where(self) -> None:
        dialog = QFileDialog(self, "Save what is written", "written.png", "Pictures (*.png *.svg *.pdf)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("png")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._session.asks.save)
        dialog.open()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The digits choose the first ten classes."""
        text = event.text()
        if text.isdecimal() and text.isascii() and int(text) < classes_of(self._session.state.run):
            self._choose(int(text))
        else:
            super().keyPressEvent(event)

    # ---- hearing

    def _show_run(self) -> None:
        run = self._session.state.run
        names = run.class_names if run is not None and classes_of(run) else ()
        self.buttons.set_names(names)
        self.goal.clear()
        for label, name in enumerate(names):
            self.goal.addItem(printable(name), label)
        self.goal.setCurrentIndex(min(1, len(names) - 1))
        self._stack.setCurrentIndex(1 if names else 0)
        self.writing.set_example(f"Write in pictures: {_example(names)}")
        self._show_words()
        self._show_label()
        self._show_asking()
        self._show_sheet()
        self._show_row()
        self._show_written()

    def _show_words(self) -> None:
        """Why nothing can be asked, and which models can be."""
        state = self._session.state
        families = state.catalog.families if state.catalog is not None else ()
        known = next((info for info in families if state.run is not None and info.name == state.run.family), None)
        self.knobs.set_knobs(known.knobs if known is not None else ())
        self.knobs.set_values(state.knobs)
        able = [info.title for info in families if info.trains and "condition" in info.capabilities]
        who = f" These can: {', '.join(able)}." if able else ""
        if state.run is None:
            self.empty.set_empty(EMPTY + who)
        else:
            asked = "condition" in state.run.capabilities
            self.empty.set_empty(NO_CLASSES if asked else NOT_ASKED + who)

    def _show_label(self) -> None:
        """A whole class is the slider's left end, unless the slider itself went to one of its ends."""
        state = self._session.state
        label = state.label if isinstance(state.label, int) else None
        self.buttons.set_chosen(label)
        if label is not None and not (self.blend.isSliderDown() or self.blend.hasFocus()):
            self._from = label
            self.blend.set_real(0.0)
        names = () if state.run is None else state.run.class_names
        self.origin.setText(printable(names[self._from]) if self._from < len(names) else "")

    def _show_asking(self) -> None:
        """What the sheet shows, and what is written."""
        asking, run = self._session.state.asking, self._session.state.run
        self.head.set_sheet(asking.side, asking.every)
        for part in (self.about_row, self.row):
            part.setVisible(not asking.every)
        _, unknown = spelt(asking.text, run.class_names if run is not None else ())
        self.writing.set_text(asking.text, [*map(printable, unknown)])
        self.writing.set_shared(asking.shared)
        self._show_written()

    def _show_written(self) -> None:
        """What is written, once all of it is drawn."""
        state = self._session.state
        if not self.isVisible() or state.run is None:
            return
        labels, _ = spelt(state.asking.text, state.run.class_names)
        drawn = state.written
        fits = drawn is not None and len(drawn.pictures) == len(labels) > 0
        tips = [f"{printable(state.run.class_names[label])}: click to take its code" for label in labels]
        self.writing.set_pictures(drawn.pictures if fits and drawn is not None else None, tips)

    def _show_sheet(self) -> None:
        state = self._session.state
        if self.isVisible():
            pictures = None if state.sheet is None else state.sheet.pictures
            across = classes_of(state.run) if state.asking.every else state.asking.side
            whole = pictures is not None and across > 0 and len(pictures) % across == 0
            self.sheet.set_columns(across if whole else None)
            self.sheet.set_pictures(pictures)

    def _show_row(self) -> None:
        row, run = self._session.state.class_row, self._session.state.run
        if self.isVisible():
            names = [printable(name) for name in run.class_names] if run is not None else []
            self.row.set_pictures(None if row is None else row.pictures, names)

    # ---- being seen

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A sheet as high as it is wide can be read; what is higher than the panel scrolls."""
        super().resizeEvent(event)
        self.sheet.setMinimumHeight(min(event.size().width() - 24, SHEET_HIGH))

    def showEvent(self, event: QShowEvent) -> None:
        """Only who is seen has pictures drawn."""
        super().showEvent(event)
        self._session.drawings.show_classes(True)
        self._show_sheet()
        self._show_row()
        self._show_written()

    def hideEvent(self, event: QHideEvent) -> None:
        """Let the renderer rest."""
        super().hideEvent(event)
        self._session.drawings.show_classes(False)

    def sizeHint(self) -> QSize:
        """Room for a sheet that can be read."""
        return QSize(320, 340)

    def minimumSizeHint(self) -> QSize:
        """As small as a small screen makes it."""
        return QSize(200, 160)


def _example(names: Sequence[str]) -> str:
    """A text that can be written with these classes."""
    if all(len(name) == 1 for name in names):
        return "2026" if set("206") <= set(names) else "".join(names[:4])
    return ", ".join(map(printable, names[:3]))
