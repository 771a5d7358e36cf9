"""What a person chooses before a training, as plain values that are remembered and make a `Job`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import BaseModel

from models.job import Job
from models.params import Setting, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.events import Catalogued

LENGTHS = ("epochs", "steps", "minutes")
USUAL = {"epochs": 10, "steps": 4000, "minutes": 1.0}


class Choices(BaseModel):
    """What a person chose last, and for every family and data set what differs from its preset or defaults."""

    family: str = Job().family
    dataset: str = Job().dataset
    presets: dict[str, str] = {}
    settings: dict[str, dict[str, Value]] = {}
    dataset_settings: dict[str, dict[str, Value]] = {}
    parts: dict[str, dict[str, Value]] = {}  # which pictures of each data set
    training: dict[str, Value] = {}

    def job(self, training: Mapping[str, Value]) -> Job:
        """The training that was chosen, as long as `training` says. Raises UserError when a setting cannot be used."""
        others = dict(training)
        length, values = others.pop("length"), {name: others.pop(name) for name in LENGTHS}
        chosen = {
            "family": self.family,
            "preset": self.presets.get(self.family, ""),
            "settings": self.settings.get(self.family, {}),
            "dataset": self.dataset,
            "dataset_settings": self.dataset_settings.get(self.dataset, {}),
            **self.parts.get(self.dataset, {}),
            **others,
        }
        if length in LENGTHS:
            chosen[str(length)] = values[str(length)]
        return Job.read(chosen, of="The training")


def training_settings(catalog: Catalogued) -> list[Setting]:
    """Length, seed, device and precision; of the lengths only the one chosen is awake."""
    declared = {setting.name: setting for setting in Job.declared()}
    how = Setting("length", "choice", "preset", "How long to train.", choices=("preset", *LENGTHS))
    lengths = [
        replace(declared[name], optional=False, default=USUAL[name], when=("length", (name,))) for name in LENGTHS
    ]
    device = replace(declared["device"], choices=catalog.devices)
    return [how, *lengths, declared["seed"], device, declared["precision"]]


def part_settings() -> list[Setting]:
    """Which pictures of a data set are taken."""
    return [setting for setting in Job.declared() if setting.name in ("classes", "limit")]


def difference(values: dict[str, Value], base: dict[str, Value]) -> dict[str, Value]:
    """Those of `values` that `base` does not have, or has otherwise."""
    return {name: value for name, value in values.items() if name not in base or value != base[name]}
