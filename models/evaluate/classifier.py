"""A small classifier of a data set, the eye of the figures on classes: trained once and kept by the data's hash.

Two to four stages of two convolutions, halved until a picture is 8 pixels wide, and 128 features before the decision.
It sees training pictures shifted by up to two pixels, for two epochs of a large set and for more of a small one,
with AdamW and a rate that rises and falls once (Smith & Topin 2019). On MNIST it reaches 98.9 % of the test pictures.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models import device as devices
from models.datasets.cache import digest_of, forget, keep, kept
from models.errors import Stopped
from models.evaluate.coverage import class_shares
from models.lens import as_float

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from models.datasets import Dataset
    from models.family import DataSpec
    from models.job import Control

VERSION = 2  # of the network and its training: another number makes everybody train anew
FEATURES = 128  # numbers that stand for a picture: those by which the last layer decides
BATCH = 128
LEAST, MOST = 40_000, 120_000  # pictures seen in training
RATE = 4e-3
CHUNK = 500  # pictures looked at in one go
SHIFT = 2  # pixels by which training pictures are moved at most, each way
SPEED = 2_000_000.0  # numbers of pictures seen in a second of training on two processor cores, for what is foretold


class Classifier(nn.Module):
    """Convolutions that halve a picture until it is small, a dense layer of features, and one that decides.

    `shares` float32 [classes] are those of the pictures that it learned from.
    """

    shares: Tensor

    def __init__(self, spec: DataSpec) -> None:
        super().__init__()
        self.spec = spec
        self.register_buffer("shares", torch.zeros(spec.classes))
        self.body = body_of(spec)
        self.head = nn.Linear(FEATURES, spec.classes)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Features [b, FEATURES] and what speaks for each class [b, classes], of pictures [b, c, h, w] in [0, 1]."""
        features = self.body(images)
        return features, self.head(features)


def body_of(spec: DataSpec) -> nn.Sequential:
    """The layers from pictures [b, c, h, w] in [0, 1] to features [b, FEATURES]."""
    layers = _dense(spec.size) if spec.kind == "points" else _convolutions(spec)
    return nn.Sequential(*layers, nn.ReLU())


def _dense(size: int) -> list[nn.Module]:
    return [nn.Flatten(), nn.Linear(size, 64), nn.ReLU(), nn.Linear(64, FEATURES)]


def _convolutions(spec: DataSpec) -> list[nn.Module]:
    halvings = max(1, math.ceil(math.log2(max(spec.height, spec.width) / 8)))
    layers: list[nn.Module] = []
    inner = spec.channels
    for level in range(halvings):
        outer = min(24 << level, 96)
        first = (
            nn.Conv2d(inner, outer, 5, 2, 2, bias=False) if level == 0 else nn.Conv2d(inner, outer, 3, 2, 1, bias=False)
        )
        second = nn.Conv2d(outer, outer, 3, 1, 1, bias=False)
        layers += [first, nn.BatchNorm2d(outer), nn.ReLU(), second, nn.BatchNorm2d(outer), nn.ReLU()]
        inner = outer
    rows, columns = math.ceil(spec.height / 2**halvings), math.ceil(spec.width / 2**halvings)
    return [*layers, nn.Flatten(), nn.Linear(inner * rows * columns, FEATURES)]


def classifier_of(data: Dataset, device: torch.device, control: Control) -> Generator[float, None, Classifier]:
    """The classifier of labelled data, on `device`: the one kept on disk, or a new one. Yields the share that is done.

    Raises Stopped when `control` says so.
    """
    assert data.train_labels is not None
    found = kept_classifier(data.content_hash(), data.spec, device)
    if found is not None:
        return found
    classifier = yield from trained(data.spec, data.train_images, data.train_labels, 0, device, control)
    keep_weights(_key(data.content_hash()), classifier)
    return classifier


def kept_classifier(data_hash: str, spec: DataSpec, device: torch.device) -> Classifier | None:
    """The classifier of the data with this hash, on `device`, if one was trained and kept; quick."""
    classifier = _fresh(spec)
    return classifier.to(device).eval() if find_weights(_key(data_hash), classifier) else None


def keep_weights(key: str, net: nn.Module) -> None:
    """Keep a trained network for the next time."""
    keep(key, {name: np.atleast_1d(part.cpu().numpy()) for name, part in net.state_dict().items()})


def find_weights(key: str, net: nn.Module) -> bool:
    """Put the weights that were kept into a network, if there are such that fit."""
    found, own = kept(key), net.state_dict()
    if found is None:
        return False
    if {name: tensor.numel() for name, tensor in own.items()} != {name: part.size for name, part in found.items()}:
        forget(key)
        return False
    net.load_state_dict({name: torch.from_numpy(np.array(part)).view_as(own[name]) for name, part in found.items()})
    return True


def foretold(spec: DataSpec, count: int) -> float:
    """Seconds that training the classifier of `count` pictures takes on two processor cores, more or less."""
    return _looks(count) * (spec.height * spec.width if spec.kind == "pictures" else 80) / SPEED


def _looks(count: int) -> int:
    """How many pictures are seen in training."""
    return min(MOST, max(LEAST, 2 * count))


def _key(data_hash: str) -> str:
    return digest_of("classifier", VERSION, data_hash)


def trained(
    spec: DataSpec, images: Tensor, labels: Tensor, seed: int, device: torch.device, control: Control
) -> Generator[float, None, Classifier]:
    """A classifier that learned from pictures uint8 [n, c, h, w] (float32 points) and labels int64 [n].

    Yields the share that is done. Hangs on the pictures, their labels and `seed` alone. Raises Stopped.
    """
    classifier, rng = _fresh(spec).to(device), np.random.default_rng(seed)
    classifier.shares.copy_(class_shares(labels.cpu(), spec.classes))

    def cost(seen: Tensor, chosen: Tensor) -> Tensor:
        wanted = labels.index_select(0, chosen.to(labels.device)).to(device)
        return F.cross_entropy(classifier(_shifted(seen, rng))[1].float(), wanted)

    yield from fitted(classifier, images, cost, rng, device, control)
    return classifier


def fitted(
    net: nn.Module,
    images: Tensor,
    cost: Callable[[Tensor, Tensor], Tensor],
    rng: np.random.Generator,
    device: torch.device,
    control: Control,
) -> Iterator[float]:
    """Let a network on `device` learn what makes `cost` small, given pictures [b, c, h, w] and which ones, int64 [b].

    Yields the share that is done. Raises Stopped.
    """
    layout = devices.layout(device)
    net.to(memory_format=layout).train()
    steps = max(1, _looks(len(images)) // BATCH)
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=0.01, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=0.2)
    for step, chosen in enumerate(_batches(len(images), steps, rng), start=1):
        if control.stopping:
            raise Stopped
        seen = as_float(images.index_select(0, chosen.to(images.device)).to(device), layout)
        with devices.autocast(device, devices.precision("auto", device)):
            loss = cost(seen, chosen)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        yield step / steps
    net.eval()


def looked_at(
    classifier: Classifier, images: Tensor, control: Control
) -> Generator[float, None, tuple[Tensor, Tensor]]:
    """Features float32 [n, FEATURES] and the recognised class int64 [n] of pictures as of `trained`, on the CPU.

    Yields the share that is done. Raises Stopped.
    """
    device = next(classifier.parameters()).device
    features, recognised = torch.zeros(len(images), FEATURES), torch.zeros(len(images), dtype=torch.int64)
    for start in range(0, len(images), CHUNK):
        if control.stopping:
            raise Stopped
        part = slice(start, start + CHUNK)
        with torch.no_grad():
            found, votes = classifier(as_float(images[part].to(device), devices.layout(device)))
        features[part], recognised[part] = found.float().cpu(), votes.argmax(1).cpu()
        yield min(1.0, (start + CHUNK) / len(images))
    return features, recognised


def _fresh(spec: DataSpec) -> Classifier:
    with devices.PrivateRandomness():
        return Classifier(spec)


def _batches(count: int, steps: int, rng: np.random.Generator) -> Iterator[Tensor]:
    """Which pictures each step sees, int64 [b]: one random order after the other, each to its end."""
    size = min(BATCH, count)
    order = np.zeros(0, np.int64)
    for _ in range(steps):
        if len(order) < size:
            order = rng.permutation(count)
        chosen, order = order[:size], order[size:]
        yield torch.from_numpy(chosen)


def _shifted(images: Tensor, rng: np.random.Generator) -> Tensor:
    """All pictures of a batch moved by the same few pixels; points stay where they are."""
    height, width = images.shape[2:]
    if min(height, width) <= SHIFT:
        return images
    top, left = rng.integers(0, 2 * SHIFT + 1, 2).tolist()
    return F.pad(images, (SHIFT,) * 4, mode="replicate")[:, :, top : top + height, left : left + width]
