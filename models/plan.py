"""From a job to everything decided: settings, device, precision, batches, length, and the manifest that tells them."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from models import device as devices
from models.capabilities import capabilities
from models.catalog import preset_settings, trainable
from models.datasets.subset import load_part
from models.errors import UserError
from models.family import HasStyles
from models.job import Control, Job
from models.manifest import Data, Manifest, libraries, program_version
from models.pacing import Length
from models.registry import build, datasets, families, source
from models.run import RunFolder
from models.runs import free_folder, run_id, runs_root

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from models.datasets import Dataset, Source
    from models.events import Event
    from models.family import Family, FamilyParams, Preset


@dataclass(frozen=True)
class Plan:
    """A job with its names looked up and its defaults filled in."""

    job: Job
    source: Source
    preset: str
    settings: FamilyParams
    device: torch.device
    precision: str

    @classmethod
    def of(cls, job: Job) -> Plan:
        """The plan of a new run. Raises UserError for names and values that do not exist here."""
        family = trainable(job.family)
        preset = job.preset or next(iter(family.presets))
        settings = preset_settings(family, preset, job.settings)
        device = devices.pick(job.device)
        data = source(job.dataset, _absolute(job.dataset, job.dataset_settings))
        return cls(job, data, preset, settings, device, devices.precision(job.precision, device))

    @classmethod
    def again(cls, told: Manifest, lengths: dict[str, float]) -> Plan:
        """The plan of a run that goes on, to its own end or to that of `lengths` ("epochs", "steps", "minutes")."""
        job = Job.read(told.job, of="The run's job")
        if lengths:
            job = job.changed(**{"epochs": None, "steps": None, "minutes": None, **lengths})
        settings = families.get(told.family).params_type.read(told.settings, of=told.family)
        device = devices.pick(job.device)
        same = device.type == told.device
        precision = told.precision if same else devices.precision(job.precision, device)
        return cls(job, source(told.data.name, told.data.settings), told.preset, settings, device, precision)

    def load(self, control: Control) -> Generator[Event, None, Dataset]:
        """The data set, or the part of it that the job wants. Raises UserError and Stopped."""
        return load_part(self.source, self.job, control)

    def suited(self, data: Dataset) -> Plan:
        """The plan for these data: fp32 for points if left to us, for one would see the lattice of bf16 numbers."""
        fine = data.spec.kind == "points" and self.job.precision == "auto"
        return replace(self, precision="fp32") if fine else self

    def batches(self, count: int) -> Batches:
        """How an epoch of `count` training pictures is cut. Raises UserError when there are none."""
        if count == 0:
            raise UserError("The data set has no training pictures.", mend="Choose another, or a smaller test share.")
        size = min(self.settings.batch_size, count)
        rest = count % size
        return Batches(size, count // size + (rest >= max(2, size / 4)))

    def length(self, batches: Batches) -> Length:
        """When training ends."""
        presets = families.get(self.job.family).presets
        preset: Preset = presets.get(self.preset) or next(iter(presets.values()))
        return Length.of(self.job, preset, batches.per_epoch)

    def build(self, data: Dataset) -> Family:
        """A family with fresh weights on the plan's device; needs the global generator seeded. Raises UserError."""
        family = build(self.job.family, self.settings.model_dump(), data.spec)
        if data.spec.kind == "points" and _convolves(family):
            what = f"{family.title} slides filters over pictures here, but {data.name} holds points of the plane."
            raise UserError(what, mend="Choose a dense preset, or a data set of pictures.")
        size = self.batches(len(data.train_images)).size
        if size == 1 and any(isinstance(part, nn.modules.batchnorm._BatchNorm) for part in family.modules()):
            mend = "Set the batch size to 2 or more."
            raise UserError("Batch normalisation needs more than one picture a step.", mend=mend)
        return family.to(self.device).to(memory_format=self.layout(family))

    def layout(self, family: Family) -> torch.memory_format:
        """How pictures and filters lie in memory: the fastest way for families that convolve, else as usual."""
        return devices.layout(self.device) if _convolves(family) else torch.contiguous_format


def _convolves(family: Family) -> bool:
    """Whether it slides filters over pictures."""
    return any(weight.dim() == 4 for weight in family.parameters())


def _absolute(dataset: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a data set with paths that mean the same from every folder, as a run is resumed from any."""
    paths = {setting.name for setting in datasets.get(dataset).params_type.declared() if setting.kind == "path"}
    return {
        name: os.path.abspath(os.path.expanduser(value)) if name in paths and value else value
        for name, value in values.items()
    }


@dataclass(frozen=True)
class Batches:
    """`size` pictures a step, `per_epoch` steps an epoch.

    A rest smaller than a quarter of a batch is left out of its epoch, as its gradient would be mostly noise; every
    epoch draws a new order, so that it is other pictures each time.
    """

    size: int
    per_epoch: int


def new_run(plan: Plan, data: Dataset, family: Family, command: str) -> RunFolder:
    """The folder of a new run, with its manifest written. Raises UserError when it cannot be made."""
    name = run_id(plan.job.family, plan.preset, plan.job.dataset)
    folder = Path(plan.job.run) if plan.job.run else free_folder(runs_root(), name)
    return RunFolder.create(folder, _manifest(plan, data, family, command, name if plan.job.run else folder.name))


def _manifest(plan: Plan, data: Dataset, family: Family, command: str, name: str) -> Manifest:
    return Manifest(
        program_version=program_version(),
        id=name,
        title=f"{plan.job.family} {plan.preset} on {plan.job.dataset}",
        created=datetime.now().astimezone().isoformat(timespec="seconds"),
        family=plan.job.family,
        preset=plan.preset,
        settings=plan.settings.model_dump(mode="json"),
        latent_dim=family.latent_dim,
        parameter_count=sum(weight.numel() for weight in family.parameters() if weight.requires_grad),
        capabilities=tuple(sorted(capabilities(type(family)))),
        layers=family.layers if isinstance(family, HasStyles) else (),
        data=Data(
            name=plan.job.dataset,
            settings=plan.source.params.model_dump(mode="json"),
            hash=data.content_hash(),
            shape=data.spec.shape,
            train_count=len(data.train_images),
            test_count=len(data.test_images),
            class_names=data.class_names,
        ),
        seed=plan.job.seed,
        device=plan.device.type,
        device_name=devices.name(plan.device),
        precision=plan.precision,
        total_steps=plan.length(plan.batches(len(data.train_images))).steps,
        libraries=libraries(),
        command=command,
        job=plan.job.model_dump(mode="json"),
    )
