"""Everything one chooses before a training: the model, the data and how long, as one form that makes a `Job`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from explorer.choices import Choices, difference, part_settings, training_settings
from explorer.forms import SettingsForm
from explorer.icons import icon
from explorer.widgets.parts import Choice, Quiet, heading, labelled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QRect
    from PySide6.QtGui import QStandardItemModel

    from models.events import Catalogued
    from models.job import Job
    from models.listings import DatasetInfo, FamilyInfo, PresetInfo
    from models.params import Value

NO_LABELS = "It learns from labelled pictures only, and these have no labels. Choose labelled data, or another model."


class JobForm(QWidget):
    """The choices as controls; `changed` comes from a person's hand only."""

    changed = Signal()

    def __init__(self, catalog: Catalogued, choices: Choices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._catalog, self._choices = catalog, choices.model_copy(deep=True)
        self._families = tuple(info for info in catalog.families if info.trains)
        self._family = _choice("family", "Model", self._families, self._family_chosen)
        self._preset = _choice("preset", "Preset", (), self._preset_chosen)
        self._dataset = _choice("dataset", "Data set", catalog.datasets, self._dataset_chosen)
        self._family_words, self._preset_words, self._dataset_words = Quiet(), Quiet(), Quiet()
        self._reset, self._bare = QToolButton(), False
        self._family_form, self._dataset_form, self._part_form = (SettingsForm(()) for _ in range(3))
        self._training_form = SettingsForm(training_settings(catalog), choices.training, "training_")
        self._training_form.changed.connect(self._edited)
        self._lay_out()
        self._select(self._family, choices.family)
        self._select(self._dataset, choices.dataset)
        self._show_family()
        self._show_dataset()

    # ---- what is chosen

    def job(self) -> Job:
        """The training that was chosen. Raises UserError when a setting cannot be used."""
        return self._choices.job(self._training_form.values())

    def choices(self) -> Choices:
        """What to remember until the next time."""
        return self._choices.model_copy(deep=True)

    def problems(self) -> list[str]:
        """A sentence for each setting that cannot be used as it stands."""
        missing = [info.missing for info in (self._family_info(), self._dataset_info()) if info and info.missing]
        forms = (self._family_form, self._dataset_form, self._part_form, self._training_form)
        return missing + [problem for form in forms for problem in form.problems()]

    def set_labelled(self, labelled: bool | None) -> None:
        """Whether the chosen data have labels, None while unknown: models that need them are grey without."""
        self._bare = labelled is False
        model: Any = self._family.model()
        for place, info in enumerate(self._families):
            why = info.missing or (NO_LABELS if self._bare and info.needs_labels else "")
            model.item(place).setEnabled(not why)
            self._family.setItemData(place, why or info.summary, Qt.ItemDataRole.ToolTipRole)

    def label_problem(self) -> str:
        """Why the chosen model cannot learn from the chosen data; empty when it can."""
        info = self._family_info()
        return f"{info.title}: {NO_LABELS}" if info is not None and info.needs_labels and self._bare else ""

    def choose(self, dataset: str, folder: str) -> None:
        """Select a data set, and set the first of its settings that is a path to `folder`, if one is given."""
        self._choices.dataset = dataset
        self._select(self._dataset, dataset)
        self._show_dataset()
        info = self._dataset_info()
        paths = [setting.name for setting in info.settings if setting.kind == "path"] if info else []
        if folder and paths:
            self._dataset_form.set_values({paths[0]: folder})
        self._edited()

    def data_area(self) -> QRect:
        """Where the data set and its own settings stand in the form."""
        parts = (self._dataset, self._dataset_words, self._dataset_form)
        area = self._dataset.geometry()
        for part in parts:
            area = area.united(part.geometry())
        return area.adjusted(-4, -4, 4, 4)

    # ---- the hand of the person

    def _family_chosen(self) -> None:
        self._choices.family = self._family.currentData()
        self._show_family()
        self.changed.emit()

    def _preset_chosen(self) -> None:
        self._choices.presets[self._choices.family] = self._preset.currentData()
        self._choices.settings.pop(self._choices.family, None)
        self._show_family()
        self.changed.emit()

    def _dataset_chosen(self) -> None:
        self._choices.dataset = self._dataset.currentData()
        self._show_dataset()
        self.changed.emit()

    def _edited(self) -> None:
        """Keep what differs from the preset and from the data set's defaults."""
        choices = self._choices
        choices.settings[choices.family] = difference(self._family_form.values(), self._preset_values())
        info = self._dataset_info()
        defaults = {setting.name: setting.default for setting in info.settings} if info else {}
        choices.dataset_settings[choices.dataset] = difference(self._dataset_form.values(), defaults)
        defaults = {setting.name: setting.default for setting in part_settings()}
        choices.parts[choices.dataset] = difference(self._part_form.values(), defaults)
        choices.training = self._training_form.values()
        self._reset.setEnabled(bool(choices.settings[choices.family]))
        self.changed.emit()

    # ---- what stands in the form

    def _family_info(self) -> FamilyInfo | None:
        return next((info for info in self._families if info.name == self._choices.family), None)

    def _dataset_info(self) -> DatasetInfo | None:
        return next((info for info in self._catalog.datasets if info.name == self._choices.dataset), None)

    def _preset_info(self) -> PresetInfo | None:
        info = self._family_info()
        return (
            next((preset for preset in info.presets if preset.name == self._preset.currentData()), None)
            if info
            else None
        )

    def _preset_values(self) -> dict[str, Value]:
        info, preset = self._family_info(), self._preset_info()
        defaults = {setting.name: setting.default for setting in info.settings} if info else {}
        return {**defaults, **preset.values} if preset else defaults

    def _show_family(self) -> None:
        info = self._family_info()
        self._preset.clear()
        for preset in info.presets if info else ():
            self._preset.addItem(preset.name, preset.name)
            self._preset.setItemData(self._preset.count() - 1, preset.summary, Qt.ItemDataRole.ToolTipRole)
        self._select(self._preset, self._choices.presets.get(self._choices.family, ""))
        preset_now = self._preset_info()
        self._family_words.setText(info.summary if info else "")
        self._preset_words.setText(preset_now.summary if preset_now else "")
        changed = self._choices.settings.get(self._choices.family, {})
        self._reset.setEnabled(bool(changed))
        form = SettingsForm(info.settings if info else (), {**self._preset_values(), **changed}, "family_")
        self._family_form = self._exchanged(self._family_form, form)

    def _show_dataset(self) -> None:
        info = self._dataset_info()
        self._dataset_words.setText(info.summary if info else "")
        values = self._choices.dataset_settings.get(self._choices.dataset, {})
        form = SettingsForm(info.settings if info else (), values, "dataset_")
        self._dataset_form = self._exchanged(self._dataset_form, form)
        part = SettingsForm(part_settings(), self._choices.parts.get(self._choices.dataset, {}), "part_")
        self._part_form = self._exchanged(self._part_form, part)

    def _exchanged(self, old: SettingsForm, new: SettingsForm) -> SettingsForm:
        """Put `new` where `old` stood."""
        new.changed.connect(self._edited)
        self._column.replaceWidget(old, new)
        old.setParent(None)  # at once, so that no two editors answer to one name
        old.deleteLater()
        return new

    def _select(self, combo: Choice, name: str) -> None:
        """Show the entry `name`, or the first that can be used."""
        model: Any = combo.model()
        usable = [row for row in range(combo.count()) if model.item(row).isEnabled()]
        place = combo.findData(name)
        combo.setCurrentIndex(place if place >= 0 else usable[0] if usable else -1)
        if combo is self._family:
            self._choices.family = combo.currentData() or ""
        elif combo is self._dataset:
            self._choices.dataset = combo.currentData() or ""
        elif combo.count():
            self._choices.presets[self._choices.family] = combo.currentData()

    # ---- how it is laid out

    def _lay_out(self) -> None:
        self._reset.setIcon(icon("reset"))
        self._reset.setObjectName("preset_reset")
        self._reset.setAccessibleName("Back to the preset")
        self._reset.setToolTip("Set everything as the preset has it")
        self._reset.clicked.connect(self._preset_chosen)
        preset = QHBoxLayout()
        preset.setSpacing(4)
        preset.addWidget(self._preset, 1)
        preset.addWidget(self._reset)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(heading("Model"))
        column.addWidget(self._family)
        column.addWidget(self._family_words)
        column.addWidget(labelled("Preset", self._preset))
        column.addLayout(preset)
        column.addWidget(self._preset_words)
        column.addWidget(self._family_form)
        column.addSpacing(8)
        column.addWidget(heading("Data"))
        column.addWidget(self._dataset)
        column.addWidget(self._dataset_words)
        column.addWidget(self._dataset_form)
        column.addWidget(self._part_form)
        column.addSpacing(8)
        column.addWidget(heading("Training"))
        column.addWidget(self._training_form)
        column.addStretch(1)


def _choice(name: str, title: str, infos: Sequence[FamilyInfo | DatasetInfo], chosen: Any) -> Choice:
    """A combo box of what there is; what cannot be used here is grey and says why."""
    combo = Choice()
    combo.setObjectName(name)
    combo.setAccessibleName(title)
    model: QStandardItemModel = combo.model()  # type: ignore[assignment]
    for place, info in enumerate(infos):
        combo.addItem(info.title or info.name, info.name)
        combo.setItemData(place, info.missing or info.summary, Qt.ItemDataRole.ToolTipRole)
        model.item(place).setEnabled(not info.missing)
    combo.activated.connect(chosen)
    return combo
