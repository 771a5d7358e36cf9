"""All that can be trained here as plain values: for the window's forms, the command line's flags and the lists."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from models import device
from models.capabilities import capabilities
from models.errors import UserError
from models.events import Catalogued
from models.listings import DatasetInfo, FamilyInfo, PresetInfo
from models.registry import datasets, families

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.family import Family, FamilyParams


def catalog() -> Catalogued:
    """Families and data sets, those that cannot be used here with the reason, and the devices."""
    known = [_family_info(families.get(name)) for name in (*families, *families.unlisted)]
    broken = [FamilyInfo(name, name, "", missing=reason) for name, reason in families.missing.items()]
    return Catalogued(
        run="",
        step=0,
        families=(*known, *broken),
        datasets=dataset_infos(),
        devices=device.available(),
        device_name=device.name(device.pick("auto")),
    )


def dataset_infos() -> tuple[DatasetInfo, ...]:
    """The data sets alone."""
    sources = [datasets.get(name) for name in datasets]
    known = [DatasetInfo(of.name, of.title, of.summary, of.params_type.declared()) for of in sources]
    return (*known, *(DatasetInfo(name, name, "", missing=reason) for name, reason in datasets.missing.items()))


def trainable(name: str) -> type[Family]:
    """The family called `name`, to be trained. Raises UserError where there is none, or where it comes as a file."""
    family = families.get(name)
    if name in families.unlisted:
        what = f"{family.title}: this is nothing to be trained, it comes as a file."
        raise UserError(what, mend="Open one with `latent-explorer import FILE`.")
    return family


def preset_settings(family: type[Family], preset: str, settings: Mapping[str, Any]) -> FamilyParams:
    """A preset's settings with some of them replaced, checked; an empty name is the family's first preset.

    Raises UserError for an unknown preset, an unknown setting and a value out of range.
    """
    name = preset or next(iter(family.presets))
    if name not in family.presets:
        near = difflib.get_close_matches(name, family.presets, n=1, cutoff=0.5)
        hint = f"Did you mean {near[0]}? " if near else ""
        raise UserError(
            f"The family {family.name} has no preset called {name!r}.",
            mend=f"{hint}It has: {', '.join(family.presets)}.",
        )
    return family.params_type.read({**family.presets[name].values, **settings}, of=family.name)


def _family_info(family: type[Family]) -> FamilyInfo:
    return FamilyInfo(
        name=family.name,
        title=family.title,
        summary=family.summary,
        settings=family.params_type.declared(),
        presets=tuple(PresetInfo(name, preset.summary, preset.values) for name, preset in family.presets.items()),
        capabilities=capabilities(family),
        knobs=family.knobs_type.declared(),
        needs_labels=family.needs_labels,
        trains=family.name in families,
    )
