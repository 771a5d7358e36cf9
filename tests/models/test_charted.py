"""Exports of the map by another projection: the same points as on the screen, and options that make them again."""

import io

import numpy as np
import pytest

from models import charts, projection
from models.charted import ChartedOptions, charted, told
from models.errors import UserError
from models.events import RunInfo
from models.export import KINDS
from models.job import Control, finished
from models.subject import Kept, Subject

CODES = np.random.default_rng(0).standard_normal((40, 6)).astype(np.float32)
QUICK = {"tsne": {"rounds": 50, "perplexity": 5}, "umap": {"rounds": 50, "neighbours": 6, "chance": 3}}


@pytest.fixture
def subject():
    info = RunInfo(
        "run", "/runs/run", "vae", "tiny", "animals", {}, frozenset({"encode"}), 6, (1, 8, 8), (), "cpu", "fp32", 0, 1
    )
    plane = projection.fit(CODES)
    points = projection.project(CODES, plane)
    return Subject(info, 9, codes=CODES, points=points, projection=plane)


def laid(subject, **wanted):
    return finished(charted(subject, ChartedOptions.read(wanted, of="map"), Control()))


def test_the_map_stays_as_it_is_shown_unless_another_is_asked_for(subject):
    assert laid(subject) is subject


@pytest.mark.parametrize(
    "wanted",
    [
        {"projection": "dimensions", "across": 3, "up": 6},
        {"projection": "pca-3d", "yaw": 40.0, "pitch": -10.0},
        {"projection": "plane", "corners": "3,17,5"},
        {"projection": "tsne", **QUICK["tsne"]},
        {"projection": "umap", **QUICK["umap"]},
    ],
)
def test_what_is_shown_tells_how_to_make_it_again(subject, wanted):
    seen = laid(subject, **wanted)
    assert seen.projection.name == wanted["projection"]
    assert not np.allclose(seen.points, subject.points, atol=0.1)
    again = laid(subject, **{**wanted, **told(seen.projection)})
    np.testing.assert_array_equal(seen.points, again.points)
    assert laid(seen, **told(seen.projection)) is seen


def test_the_plane_goes_through_the_pins_where_no_points_are_named(subject):
    pinned = Subject(**{**vars(subject), "pins": tuple(Kept(code) for code in CODES[[3, 17, 5]])})
    found = laid(pinned, projection="plane")
    np.testing.assert_allclose(found.points, laid(subject, projection="plane", corners="3, 17, 5").points, atol=1e-5)
    for corners, words in (("", "Pin three codes"), ("1,2", "through three points"), ("1,2,99", "no picture 99")):
        with pytest.raises(UserError, match=words):
            laid(subject, projection="plane", corners=corners)


def test_a_table_has_the_places_of_the_projection(subject):
    kind = KINDS["codes"]
    wanted = kind.options.read({"projection": "dimensions", "across": 2, "up": 5}, of="codes")
    table = np.load(io.BytesIO(finished(kind.make(subject, wanted, ".npz", Control()))))
    np.testing.assert_allclose(table["points"], CODES[:, [1, 4]], atol=1e-6)
    np.testing.assert_array_equal(table["codes"], CODES)


def test_every_setting_of_a_projection_can_be_told():
    for kind in charts.KINDS.values():
        fields = {{"seed": "chance"}.get(name, name) for name in kind.params.model_fields}
        assert fields <= set(ChartedOptions.model_fields)
