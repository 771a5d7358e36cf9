"""One declaration gives the check, the message, the flag and the form, and refuses what is wrong."""

from __future__ import annotations

from typing import Literal

import pytest
from pydantic import Field, ValidationError

from models.errors import UserError
from models.params import Params, Setting, param


class Oven(Params):
    """A class with a setting of every kind."""

    heat: float = param(180.0, "How hot.", low=0.0, high=250.0, unit="C", logarithmic=True)
    eggs: int = param(3, "How many.", low=1)
    fan: bool = param(False, "Whether it blows.", advanced=True)
    mode: Literal["bake", "grill"] = param("bake", "How.")
    name: str = param("", "What.")
    recipe: str = param("", "Where it stands.", path=True)
    minutes: float | None = param(None, "How long.", high=90.5, when=("mode", ("bake",)))
    notes: dict[str, int] = Field(default_factory=dict)


def test_settings_as_forms_see_them():
    assert Oven.declared() == (
        Setting("heat", "float", 180.0, "How hot.", "C", 0.0, 250.0, logarithmic=True),
        Setting("eggs", "int", 3, "How many.", low=1),
        Setting("fan", "bool", False, "Whether it blows.", advanced=True),
        Setting("mode", "choice", "bake", "How.", choices=("bake", "grill")),
        Setting("name", "text", "", "What."),
        Setting("recipe", "path", "", "Where it stands."),
        Setting("minutes", "float", None, "How long.", high=90.5, optional=True, when=("mode", ("bake",))),
    )


def test_names_for_people_and_flags():
    setting = Setting("latent_dim", "int", 2, "")
    assert setting.label == "Latent dim"
    assert setting.flag == "--latent-dim"


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [("heat", "1e2", 100.0), ("eggs", "7", 7), ("mode", "grill", "grill"), ("name", "x", "x"), ("minutes", "-4", -4.0)],
)
def test_what_is_typed_becomes_a_value(name, text, value):
    read = {setting.name: setting for setting in Oven.declared()}[name].read(text)
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("heat", "251", "must be a number from 0 to 250 C, not '251'"), ("heat", "nan", "not 'nan'"),
        ("eggs", "1.5", "must be a whole number of at least 1, not '1.5'"), ("eggs", "9" * 5000, "whole number"),
        ("minutes", "-inf", "at most 90.5, not '-inf'"), ("mode", "fry", "must be one of bake, grill, not 'fry'"),
        ("heat", "", "must be a number"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_value_is_refused_in_words(name, text, words):
    with pytest.raises(ValueError, match=words):
        {setting.name: setting for setting in Oven.declared()}[name].read(text)


def test_small_bounds_are_written_without_exponents():
    assert Setting("rate", "float", 1e-3, "", low=1e-6, high=100).allowed == "a number from 0.000001 to 100"
    assert Setting("rate", "float", 1e-3, "", low=0, high=0.5).allowed == "a number from 0 to 0.5"


@pytest.mark.parametrize("heat", [0, 0.0, 250, "12.5", 1e-300])
def test_bounds_are_inside(heat):
    assert Oven.read({"heat": heat}, of="oven").heat == float(heat)


REFUSED = [
    ({"heat": 250.001}, "oven: heat must be a number from 0 to 250 C, not 250.001."),
    ({"heat": -1e-9}, "oven: heat must be a number from 0 to 250 C, not -1e-09."),
    ({"heat": float("nan")}, "oven: heat must be a number from 0 to 250 C, not nan."),
    ({"heat": "inf"}, "oven: heat must be a number from 0 to 250 C, not 'inf'."),
    ({"heat": "warm"}, "oven: heat must be a number from 0 to 250 C, not 'warm'."),
    ({"heat": None}, "oven: heat must be a number from 0 to 250 C, not None."),
    ({"eggs": 0}, "oven: eggs must be a whole number of at least 1, not 0."),
    ({"eggs": 2.5}, "oven: eggs must be a whole number of at least 1, not 2.5."),
    ({"eggs": [1]}, "oven: eggs must be a whole number of at least 1, not [1]."),
    ({"eggs": "x" * 5000}, "oven: eggs must be a whole number of at least 1, not 'xxxxxxxxxxxx...xxxxxxxxxxxxx'."),
    ({"fan": "perhaps"}, "oven: fan must be true or false, not 'perhaps'."),
    ({"mode": "Bake"}, "oven: mode must be one of bake, grill, not 'Bake'."),
    ({"name": 3}, "oven: name must be text, not 3."),
    ({"recipe": b"a"[0]}, "oven: recipe must be a path, not 97."),
    ({"minutes": 90.6}, "oven: minutes must be a number of at most 90.5, not 90.6."),
    ({"minutes": float("-inf")}, "oven: minutes must be a number of at most 90.5, not -inf."),
    ({"colour": 1}, "oven has no setting 'colour'. It has: heat, eggs, fan, mode, name, recipe, minutes."),
    ({"notes": 7}, "oven: notes: Input should be a valid dictionary."),
]


@pytest.mark.parametrize(("values", "sentence"), REFUSED, ids=[sentence[:40] for _, sentence in REFUSED])
def test_wrong_values_are_one_sentence(values, sentence):
    with pytest.raises(UserError) as caught:
        Oven.read(values, of="oven")
    assert str(caught.value) == sentence


def test_optional_may_be_empty_and_defaults_hold():
    oven = Oven.read({}, of="oven")
    assert oven.minutes is None
    assert oven.heat == 180.0
    assert Oven.read({"minutes": None}, of="oven") == oven


def test_changed_is_checked_and_leaves_the_old_one():
    oven = Oven()
    assert oven.changed(eggs=5).eggs == 5
    assert oven.eggs == 3
    with pytest.raises(UserError, match="Oven: eggs must be"):
        oven.changed(eggs=-1)


def test_frozen_and_through_json_and_back():
    oven = Oven(heat=12.5, notes={"a": 1})
    with pytest.raises(ValidationError, match="frozen"):
        oven.heat = 1.0
    assert Oven.model_validate_json(oven.model_dump_json()) == oven


def test_a_default_out_of_range_is_found_at_once():
    class Wrong(Params):
        """Not even its default holds."""

        share: float = param(2.0, "Too much.", low=0.0, high=1.0)

    with pytest.raises(UserError, match="share must be a number from 0 to 1, not 2"):
        Wrong.read({}, of="wrong")
