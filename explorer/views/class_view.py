"""Classes: ask the model for one, see many of it, see one code in all of them, and go from one to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from explorer.asked import classes_of, mixed
from explorer.widgets.class_buttons import ClassButtons
from explorer.widgets.elided import Elided
from explorer.widgets.parts import Choice
from explorer.widgets.picture import Picture
from explorer.widgets.picture_grid import PictureGrid
from explorer.widgets.track_slider import TrackSlider
from models.errors import printable

if TYPE_CHECKING:
    from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent

    from explorer.session import Session

EMPTY = "Ask a model for a class here, and see it drawn at once. Train a model that learns from labels, or open a run."
NO_CLASSES = "This run saw no labels, so there is no class to ask it for."
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
        self._show_run()

    def _make_parts(self) -> None:
        session = self._session
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
        for grid in (self.sheet, self.row):
            grid.told.connect(session.tell)
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
        column.addWidget(Elided("This class, from other codes", quiet=True))
        column.addWidget(self.sheet, 3)
        column.addWidget(Elided("This code, in every class", quiet=True))
        column.addWidget(self.row, 1)
        scroll = QScrollArea()
        scroll.setObjectName("classes_scroll")
        scroll.setAccessibleName("Classes")
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(asked)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(scroll)

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
        sheet = self._session.state.sheet
        if sheet is not None:
            self._session.set_code(sheet.codes[place])

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
        self._show_words()
        self._show_label()
        self._show_sheet()
        self._show_row()

    def _show_words(self) -> None:
        """Why nothing can be asked, and which models can be."""
        state = self._session.state
        families = state.catalog.families if state.catalog is not None else ()
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
        run = state.run
        named = run is not None and self._from < len(run.class_names)
        self.origin.setText(printable(run.class_names[self._from]) if run is not None and named else "")

    def _show_sheet(self) -> None:
        sheet = self._session.state.sheet
        if self.isVisible():
            self.sheet.set_pictures(None if sheet is None else sheet.pictures)

    def _show_row(self) -> None:
        row, run = self._session.state.class_row, self._session.state.run
        if self.isVisible():
            names = [printable(name) for name in run.class_names] if run is not None else []
            self.row.set_pictures(None if row is None else row.pictures, names)

    # ---- being seen

    def showEvent(self, event: QShowEvent) -> None:
        """Only who is seen has pictures drawn."""
        super().showEvent(event)
        self._session.drawings.show_classes(True)
        self._show_sheet()
        self._show_row()

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
