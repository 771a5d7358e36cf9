"""A form made from declared settings: one row each, checked as one types, advanced ones folded away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from explorer.widgets.fields import FIELDS, BoolField, Field
from explorer.widgets.later import Later

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from models.params import Setting, Value


class SettingsForm(QWidget):
    """Editors for `settings`, showing `values` or else the defaults; `prefix` starts the editors' object names.

    `changed` comes from a person's hand only; `set_values` never emits. A setting that its `when` does not wake is
    hidden, and what is wrong with it does not count.
    """

    changed = Signal()

    def __init__(
        self,
        settings: Sequence[Setting],
        values: Mapping[str, Value] | None = None,
        prefix: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._fields: dict[str, Field] = {}
        self._rows: dict[str, QFormLayout] = {}
        self._fold = QToolButton()
        self._settled = Later(0, self._show_wrong, self)  # when the sentences have their places
        top, self._folded = QWidget(), QWidget()
        plain, advanced = _form(top), _form(self._folded)
        for setting in settings:
            self._add(setting, advanced if setting.advanced else plain, f"{prefix}{setting.name}")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(top)
        top.setVisible(plain.rowCount() > 0)
        self._add_fold(column, prefix, advanced.rowCount() > 0)
        column.addStretch(1)
        self.set_values({setting.name: setting.default for setting in settings} | dict(values or {}))

    def _add(self, setting: Setting, rows: QFormLayout, name: str) -> None:
        field = FIELDS[setting.kind](setting, name)
        field.changed.connect(self._edited)
        self._fields[setting.name], self._rows[setting.name] = field, rows
        if isinstance(field, BoolField):
            rows.addRow(field)
            return
        label = QLabel(setting.label)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setToolTip(setting.help)
        label.setBuddy(field.editor)
        label.setFixedHeight(field.editor.sizeHint().height())  # beside the editor, not beside its sentence
        rows.addRow(label, field)

    def _add_fold(self, column: QVBoxLayout, prefix: str, needed: bool) -> None:
        self._fold.setText("More settings")
        self._fold.setObjectName(f"{prefix}more_settings")
        self._fold.setAccessibleName("More settings")
        self._fold.setToolTip("Settings that are good as they are for most")
        self._fold.setCheckable(True)
        self._fold.setAutoRaise(True)
        self._fold.setArrowType(Qt.ArrowType.RightArrow)
        self._fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._fold.toggled.connect(self._unfold)
        column.addWidget(self._fold)
        column.addWidget(self._folded)
        self._fold.setVisible(needed)
        self._folded.hide()

    def _unfold(self, unfolded: bool) -> None:
        self._fold.setArrowType(Qt.ArrowType.DownArrow if unfolded else Qt.ArrowType.RightArrow)
        self._folded.setVisible(unfolded)

    def values(self) -> dict[str, Value]:
        """What is set, by name; a setting with a problem counts as its default."""
        return {name: field.value() for name, field in self._fields.items()}

    def set_values(self, values: Mapping[str, Value]) -> None:
        """Show `values`; names that the form does not have are passed over."""
        for name, value in values.items():
            if name in self._fields:
                self._fields[name].set_value(value)
        self._wake()
        if any(field.problem() for field in self._awake() if field.setting.advanced):
            self._fold.setChecked(True)

    def problems(self) -> list[str]:
        """A sentence for each visible setting that cannot be used as it stands."""
        return [problem for field in self._awake() if (problem := field.problem())]

    def _edited(self) -> None:
        self._wake()
        self._settled.ask()
        self.changed.emit()

    def _show_wrong(self) -> None:
        for field in self._awake():
            field.come_into_sight()

    def _wake(self) -> None:
        for name, field in self._fields.items():
            self._rows[name].setRowVisible(field, self._is_awake(field))

    def _awake(self) -> list[Field]:
        return [field for field in self._fields.values() if self._is_awake(field)]

    def _is_awake(self, field: Field) -> bool:
        """Whether the settings that wake this one are themselves awake and set so."""
        if field.setting.when is None or field.setting.when[0] not in self._fields:
            return True
        name, values = field.setting.when
        waker = self._fields[name]
        return waker.value() in values and self._is_awake(waker)


def _form(parent: QWidget) -> QFormLayout:
    rows = QFormLayout(parent)
    rows.setContentsMargins(0, 0, 0, 0)
    rows.setHorizontalSpacing(8)
    rows.setVerticalSpacing(8)
    rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    rows.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
    rows.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
    return rows
