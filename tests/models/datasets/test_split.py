"""The split keeps every class on both sides, and repeats itself."""

from __future__ import annotations

import numpy as np
import pytest

from models.datasets.split import stratified_split


@pytest.mark.parametrize("share", [0.01, 0.2, 0.5, 0.9])
def test_parts_are_whole_disjoint_and_stratified(share):
    labels = np.repeat([0, 1, 2], [100, 30, 2])
    train, test = stratified_split(labels, share, 3)
    assert sorted([*train, *test]) == list(range(132))
    counts = np.bincount(labels[test], minlength=3)
    assert counts.tolist() == [round(100 * share), max(1, round(30 * share)), 1]
    assert (np.bincount(labels[train], minlength=3) > 0).all()


def test_same_seed_same_split_and_another_seed_another():
    labels = np.arange(200) % 5
    first, again, other = (stratified_split(labels, 0.2, seed)[1].tolist() for seed in (1, 1, 2))
    assert first == again != other


def test_order_is_shuffled():
    labels = np.repeat([0, 1], 500)
    train, test = stratified_split(labels, 0.2, 0)
    assert 0.3 < labels[train[:100]].mean() < 0.7
    assert 0.3 < labels[test[:100]].mean() < 0.7


def test_a_lone_picture_of_a_class_is_trained_on():
    train, test = stratified_split(np.array([0, 1, 1, 1]), 0.9, 0)
    assert 0 in train
    assert len(test) == 2


def test_the_split_never_changes_between_versions():
    assert stratified_split(np.arange(12) % 3, 0.25, 7)[1].tolist() == [4, 6, 8]
