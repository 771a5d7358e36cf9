"""Shortest ways in picture space: never longer than the straight one, found in a world whose answer is known."""

from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from models.errors import Stopped, UserError
from models.geodesic import shortest
from models.job import Control
from models.path_events import Ends


class Hill(nn.Module):
    """Draws a place of the plane as one on a hill: the straight way over its top is long, the way around it short."""

    capable = ()

    def decode(self, codes, labels=None):
        top = 3 * torch.exp(-4 * codes.square().sum(1, keepdim=True))
        return torch.cat([codes, top], 1)[:, :, None, None]


class Asked(Hill):
    """Draws the class beside the place."""

    def condition(self, labels):
        return labels

    def decode(self, codes, labels=None):
        assert labels.shape[0] == codes.shape[0]
        return torch.cat([codes, labels], 1)[:, :, None, None]


class InSteps(Hill):
    def sample_steps(self, codes, labels=None):
        yield self.decode(codes)


def painter(family):
    return SimpleNamespace(family=family, device=torch.device("cpu"))


def ends(start, end, **shares):
    return Ends(np.array(start, np.float32), np.array(end, np.float32), **shares)


def found(family, between, control=None):
    return list(shortest(painter(family), between, "run", 7, control or Control()))


def test_the_way_goes_around_the_hill():
    told = found(Hill(), ends([-1, 0.05], [1, 0.05]))
    last = told[-1]
    assert last.done
    assert not any(each.done for each in told[:-1])
    assert last.straight > 5
    assert last.length < 3
    assert np.abs(last.nodes[:, 1]).max() > 0.5
    np.testing.assert_array_equal(last.nodes[[0, -1]], np.array([[-1, 0.05], [1, 0.05]], np.float32))
    lengths = [each.length for each in told]
    assert lengths == sorted(lengths, reverse=True)
    assert [each.share for each in told] == sorted(each.share for each in told)


def test_the_length_told_is_that_of_the_pictures_on_the_way():
    last = found(Hill(), ends([-1, 0.3], [1, 0.2]))[-1]
    codes = torch.tensor(last.nodes)
    fine = torch.cat([torch.lerp(a, b, torch.linspace(0, 1, 50)[:, None]) for a, b in pairwise(codes)])
    long = float(Hill().decode(fine).flatten(1).diff(dim=0).norm(dim=1).sum())
    assert last.length == pytest.approx(long, rel=0.02)


def test_never_longer_than_straight_and_the_same_each_time():
    random = np.random.default_rng(0)
    for _ in range(10):
        between = ends(*random.standard_normal((2, 2)))
        one, same = found(Hill(), between)[-1], found(Hill(), between)[-1]
        assert one.length <= one.straight
        np.testing.assert_array_equal(one.nodes, same.nodes)


def test_a_straight_world_stays_straight_and_identical_ends_have_no_length():
    torch.manual_seed(0)
    linear = nn.Linear(3, 12)
    linear.decode = lambda codes, labels=None: linear(codes)[:, :, None, None]
    last = found(linear, ends([0, 0, 0], [1, 2, 3]))[-1]
    assert last.length == pytest.approx(last.straight, rel=1e-4)
    assert found(linear, ends([1, 1, 1], [1, 1, 1]))[-1].length == pytest.approx(0, abs=1e-5)


def test_classes_blend_on_the_way():
    eye = np.eye(2, dtype=np.float32)
    last = found(Asked(), ends([0, 0], [0, 0], start_shares=eye[0], end_shares=eye[1]))[-1]
    assert last.straight == pytest.approx(2**0.5, rel=1e-4)


def test_what_cannot_be_sought_is_refused():
    with pytest.raises(UserError, match="many steps"):
        found(InSteps(), ends([0, 0], [1, 1]))
    with pytest.raises(UserError, match="no number"):
        found(Hill(), ends([np.nan, 0], [1, 1]))
    spoilt = Hill()
    spoilt.decode = lambda codes, labels=None: codes[:, :, None, None] * float("nan")
    with pytest.raises(UserError, match="spoilt"):
        found(spoilt, ends([0, 0], [1, 1]))


def test_a_stop_is_heard():
    control = Control()
    work = shortest(painter(Hill()), ends([-1, 0.05], [1, 0.05]), "run", 0, control)
    next(work)
    control.stop()
    with pytest.raises(Stopped):
        next(work)
