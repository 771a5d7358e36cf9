"""Source `mnist`: the 70,000 handwritten digits of LeCun et al. 1998, from files on disk or downloaded once.

See "Gradient-based learning applied to document recognition", Proceedings of the IEEE 86(11).
"""

from __future__ import annotations

from models.datasets.idx_set import IdxSet
from models.registry import datasets


@datasets.register("mnist")
class Mnist(IdxSet):
    """The digits that everybody starts with."""

    title = "MNIST"
    summary = "70,000 handwritten digits, 28x28 grey, in 10 classes; downloaded once (12 MB) where not on disk."
    classes = tuple("0123456789")
    places = ("MNIST/raw", "raw", ".")
    of_torchvision = "MNIST"
