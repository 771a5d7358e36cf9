"""The catalogue tells everything that is registered, and presets answer to their names only."""

from __future__ import annotations

import pytest

from models.catalog import catalog, preset_settings
from models.errors import UserError
from models.registry import Registry, datasets, families


def test_everything_registered_is_listed_with_its_settings():
    told = catalog()
    assert [family.name for family in told.families if family.trains] == list(families)
    assert [family.name for family in told.families if not family.trains] == list(families.unlisted)
    assert [dataset.name for dataset in told.datasets] == list(datasets)
    vae = next(family for family in told.families if family.name == "vae")
    assert {"latent_dim", "batch_size", "learning_rate"} <= {setting.name for setting in vae.settings}
    assert [preset.name for preset in vae.presets][:2] == ["dense-2d", "conv-2d"]
    assert {"encode", "prior"} <= vae.capabilities
    assert told.devices[:2] == ("auto", "cpu")
    assert told.device_name


def test_a_family_that_does_not_import_is_listed_with_its_reason(tmp_path, monkeypatch):
    package = tmp_path / "broken_families"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "half_done.py").write_text("import a_library_that_nobody_has")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("models.catalog.families", Registry("family", "broken_families"))
    (family,) = catalog().families
    assert family.name == "half-done"
    assert "a_library_that_nobody_has" in family.missing


@pytest.mark.parametrize("name", list(families))
def test_every_preset_is_within_its_own_limits(name):
    family = families.get(name)
    first = next(iter(family.presets))
    for preset in family.presets:
        assert preset_settings(family, preset, {}).model_dump()
    assert preset_settings(family, "", {}) == preset_settings(family, first, {})


def test_settings_win_over_the_preset():
    vae = families.get("vae")
    assert preset_settings(vae, "conv-16", {}).latent_dim == 16
    assert preset_settings(vae, "conv-16", {"latent_dim": 3}).latent_dim == 3


def test_unknown_presets_and_bad_values_are_told():
    vae = families.get("vae")
    with pytest.raises(UserError, match=r"no preset called 'conv2d'.*Did you mean conv-2d\?.*dense-2d"):
        preset_settings(vae, "conv2d", {})
    with pytest.raises(UserError, match="vae: latent_dim must be a whole number from 1 to 4096"):
        preset_settings(vae, "", {"latent_dim": 0})
    with pytest.raises(UserError, match="vae has no setting 'depht'"):
        preset_settings(vae, "", {"depht": 1})
