"""Source `fashion-mnist`: 70,000 pieces of clothing in the format of MNIST, from disk or downloaded once.

See Xiao, Rasul and Vollgraf 2017, "Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms".
"""

from __future__ import annotations

from models.datasets.idx_set import IdxSet
from models.registry import datasets


@datasets.register("fashion-mnist")
class FashionMnist(IdxSet):
    """Shirts, shoes and bags."""

    title = "Fashion-MNIST"
    summary = "70,000 pieces of clothing, 28x28 grey, in 10 classes; downloaded once (31 MB) where not on disk."
    classes = (
        "T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    )  # fmt: skip
    places = ("FashionMNIST/raw", "raw", ".")
    of_torchvision = "FashionMNIST"
