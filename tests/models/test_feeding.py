"""How training pictures reach the model, all at once or in shuffled blocks."""

import numpy as np
import pytest
import torch
from tiny_runs import job, until

from models import feeding
from models.datasets import Dataset
from models.feeding import epoch_order, feed, settled
from models.job import Control
from models.trainer import train

CPU = torch.device("cpu")


def numbered(count, labelled=True):
    """Pictures of one pixel that are their own numbers."""
    numbers = torch.arange(count, dtype=torch.int64)
    images = numbers.to(torch.uint8).view(count, 1, 1, 1)
    labels = numbers if labelled else None
    return Dataset("numbers", images, labels, images[:2], None if labels is None else labels[:2])


@pytest.fixture(params=[1.0, 0.0], ids=["in memory", "streamed"])
def share(request, monkeypatch):
    monkeypatch.setattr(feeding, "SHARE", request.param)
    monkeypatch.setattr(feeding, "BLOCK", 8)
    monkeypatch.setattr(feeding, "POOL", 3)
    return request.param


def epoch_of(pictures, epoch, count, size):
    parts = [pictures.batch(epoch, start, size) for start in range(0, count, size)]
    images = torch.cat([images for images, _ in parts]).flatten().tolist()
    return images, [labels for _, labels in parts], [len(images) for images, _ in parts]


@pytest.mark.parametrize(("count", "size"), [(100, 4), (97, 5), (7, 4), (24, 24), (250, 16)])
def test_every_epoch_sees_every_picture_once_with_its_label_in_another_order(share, count, size):
    data = settled(numbered(count), CPU)
    seen = [epoch_of(feed(data, CPU, 0, size), epoch, count, size) for epoch in range(3)]
    for images, labels, sizes in seen:
        assert sorted(images) == list(range(count))
        assert torch.cat(labels).tolist() == images
        assert set(sizes[:-1]) <= {size}
    assert len({tuple(images) for images, _, _ in seen}) == 3


def test_the_order_hangs_on_seed_and_epoch_alone(share):
    data = settled(numbered(100), CPU)
    whole = epoch_of(feed(data, CPU, 3, 4), 2, 100, 4)[0]
    late, _ = feed(data, CPU, 3, 4).batch(2, 60, 4)  # as a run that goes on in the middle of an epoch
    assert late.flatten().tolist() == whole[60:64]
    assert epoch_of(feed(data, CPU, 4, 4), 2, 100, 4)[0] != whole


def test_pictures_without_labels_come_without(share):
    assert feed(settled(numbered(20, labelled=False), CPU), CPU, 0, 4).batch(0, 0, 4)[1] is None


def test_streaming_reads_one_pool_of_whole_blocks_at_a_time(monkeypatch):
    monkeypatch.setattr(feeding, "SHARE", 0.0)
    monkeypatch.setattr(feeding, "BLOCK", 8)
    monkeypatch.setattr(feeding, "POOL", 3)
    first = epoch_of(feed(settled(numbered(96), CPU), CPU, 0, 4), 0, 24, 4)[0]
    blocks = {number // 8 for number in first}
    assert len(blocks) == 3
    assert sorted(first) == sorted(number for block in blocks for number in range(block * 8, block * 8 + 8))
    assert first != sorted(first)


def test_an_order_is_a_permutation_of_its_own():
    orders = [epoch_order(0, epoch, 100).tolist() for epoch in range(3)] + [epoch_order(1, 0, 100).tolist()]
    assert all(sorted(order) == list(range(100)) for order in orders)
    assert len({tuple(order) for order in orders}) == 4
    assert epoch_order(0, 2, 100).tolist() == orders[2]


def test_only_what_fits_moves(monkeypatch):
    data = numbered(50)
    moved = settled(data, torch.device("meta"))
    assert moved.train_images.device.type == "meta"
    monkeypatch.setattr(feeding, "SHARE", 0.0)
    kept = settled(data, torch.device("meta"))
    assert kept.train_images is data.train_images
    assert kept.test_images is data.test_images
    assert kept.train_labels.device.type == "meta"


def test_a_streamed_training_goes_on_as_if_never_broken(share, tmp_path):
    from models.run import RunFolder
    from models.trainer import resume

    def weights(folder):
        with RunFolder.open(folder) as run:
            return run.load().weights

    whole, broken = tmp_path / "whole", tmp_path / "broken"
    list(train(job(whole, steps=400), Control()))
    control = Control()
    until(train(job(broken, steps=400), control), lambda event: event.step >= 3, control)
    with RunFolder.open(broken) as run:
        assert 0 < run.manifest.step < 400
    list(resume(broken, Control()))
    for name, array in weights(whole).items():
        np.testing.assert_array_equal(array, weights(broken)[name])
