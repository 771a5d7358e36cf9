"""The settings of the map's projection, in a small panel over the map."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from explorer.charts import kind_of
from explorer.forms import SettingsForm
from explorer.widgets.parts import Choice, Quiet
from models.charts import KINDS, refused

if TYPE_CHECKING:
    from explorer.session import Session

WIDTH = 320  # px


class ChartPanel(QFrame):
    """Closes when a person clicks beside it; what is changed in it holds at once, but for layouts, which are work."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._session = session
        self.setObjectName("chart_panel")
        self.setAccessibleName("Settings of the projection")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setFixedWidth(WIDTH)
        self._choice, self._summary = Choice(self), Quiet()
        self._choice.setObjectName("chart_kind")
        self._choice.setAccessibleName("Projection")
        self._choice.setToolTip("How the map shows the codes")
        self._lay_button = QPushButton("Lay out")
        self._lay_button.setObjectName("chart_lay_button")
        self._lay_button.setAccessibleName("Lay out")
        self._lay_button.setToolTip("Lay the points by these settings (Return)")
        self._lay_button.setDefault(True)
        self._lay_button.clicked.connect(self._lay)
        self._form: SettingsForm | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 12, 12, 12)
        self._column.setSpacing(8)
        for part in (self._choice, self._summary, self._lay_button):
            self._column.addWidget(part)
        self._fill()
        self._choice.activated.connect(self._take)
        self._show_kind(kind_of(session.state))

    @property
    def kind(self) -> str:
        """The kind that is looked at."""
        return str(self._choice.currentData())

    @property
    def form(self) -> SettingsForm | None:
        """The settings of this kind, if it has any."""
        return self._form

    def _fill(self) -> None:
        """Those that can be for the codes of this model."""
        state = self._session.state
        width = 2 if state.run is None else state.run.latent_dim
        for name, kind in KINDS.items():
            if not refused(name, width):
                self._choice.addItem(kind.title, name)

    def _show_kind(self, kind: str) -> None:
        self._choice.setCurrentIndex(self._choice.findData(kind))
        self._summary.setText(KINDS[kind].summary)
        if self._form is not None:
            self._column.removeWidget(self._form)
            self._form.deleteLater()
            self._form = None
        declared = KINDS[kind].params.declared()
        if declared:
            chart = self._session.state.chart
            values = chart.settings if chart.kind == kind else {}
            self._form = SettingsForm(declared, values, prefix="chart_")
            self._form.changed.connect(self._change)
            self._column.insertWidget(2, self._form)
        self._lay_button.setVisible(KINDS[kind].lays)
        self.adjustSize()

    def _take(self) -> None:
        """Another kind: seen at once, but one that is work waits for the button."""
        self._show_kind(self.kind)
        if not KINDS[self.kind].lays:
            self._apply()

    def _change(self) -> None:
        if not KINDS[self.kind].lays:
            self._apply()
        self._lay_button.setEnabled(self._form is not None and not self._form.problems())

    def _apply(self) -> None:
        if self._form is None:
            self._session.projecting.choose(self.kind)
        elif not self._form.problems():
            self._session.projecting.choose(self.kind, self._form.values())

    def _lay(self) -> None:
        self._apply()
        self.close()
