"""Sums and traversals as sheets, by the command line's options and with the recipe of every export."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tiny_runs import trained

from models.desk_sheets import ArithmeticOptions, TraversalOptions, arithmetic, traversal, with_factors
from models.errors import UserError
from models.job import Control, finished
from models.recipe_files import read_recipe
from models.scene import Scene
from models.subject import Kept, Subject
from models.traversals import ranges_of


@pytest.fixture(scope="module")
def subject(tmp_path_factory, session_home):
    folder = tmp_path_factory.mktemp("runs") / "tiny"
    trained(folder, settings={"latent_dim": 3})
    return Subject.of_run(folder)


def test_terms_stand_beside_their_sum(subject):
    scene = arithmetic(subject, ArithmeticOptions(sum="point 3 - class 7 + 0.5*point 12"))
    codes, mean = subject.codes, subject.codes[subject.labels == 7].mean(0)
    np.testing.assert_allclose(scene.codes[1], mean, atol=1e-5)
    np.testing.assert_allclose(scene.codes[-1], codes[3] - mean + 0.5 * codes[12], atol=1e-5)
    assert scene.columns == 4
    assert scene.labels is None


def test_the_sum_on_the_desk_is_taken_and_pins_and_groups_are_known(subject):
    desk = replace(subject, terms="pin B + group mine", groups={"mine": np.array([0, 2])},
                   pins=(None, Kept(np.ones(3, np.float32))))  # fmt: skip
    scene = arithmetic(desk, ArithmeticOptions())
    np.testing.assert_allclose(scene.codes[-1], 1 + subject.codes[[0, 2]].mean(0), atol=1e-6)
    with pytest.raises(UserError, match="no sum on the desk"):
        arithmetic(subject, ArithmeticOptions())


def test_factors_are_looked_for_only_where_they_are_named(subject):
    assert finished(with_factors(subject, ArithmeticOptions(sum="point 1"), Control())) is subject
    named = finished(with_factors(subject, ArithmeticOptions(sum="smile=high"), Control()))
    with pytest.raises(UserError, match="No factor 'smile'"):
        arithmetic(named, ArithmeticOptions(sum="smile=high"))


def test_walks_go_over_the_ranges_from_the_point(subject):
    scene = traversal(subject, TraversalOptions(point=5, first=1, rows=9, columns=4))
    codes = scene.codes.reshape(2, 4, 3)
    np.testing.assert_allclose(codes[0, :, 1], np.linspace(*ranges_of(subject.codes, True)[1], 4), atol=1e-5)
    np.testing.assert_array_equal(codes[1, :, 0], np.full(4, subject.codes[5, 0]))
    assert scene.columns == 4
    with pytest.raises(UserError, match="no dimension 3"):
        traversal(subject, TraversalOptions(first=3))
    with pytest.raises(UserError, match="no point"):
        traversal(subject, TraversalOptions(point=10**9))


def test_both_are_exports_with_a_recipe(subject, tmp_path):
    from models.export import KINDS, export

    for kind, options in (("arithmetic", {"sum": "point 3 - point 4"}), ("traversal", {"rows": 2, "columns": 3})):
        out = tmp_path / f"{kind}.png"
        list(export(kind, subject, out, options, Control()))
        scene = KINDS[kind].scene(subject, KINDS[kind].options(**options))
        recipe = read_recipe(out)
        assert recipe.gesture == kind
        np.testing.assert_array_equal(Scene.of(recipe).codes, scene.codes)
