"""Source `kmnist`: 70,000 cursive Japanese characters in the format of MNIST, from disk or downloaded once.

See Clanuwat et al. 2018, "Deep learning for classical Japanese literature".
"""

from __future__ import annotations

from models.datasets.idx_set import IdxSet
from models.registry import datasets


@datasets.register("kmnist")
class Kmnist(IdxSet):
    """Kuzushiji: one character for each row of the syllabary."""

    title = "Kuzushiji-MNIST"
    summary = (
        "70,000 cursive Japanese characters, 28x28 grey, in 10 classes; downloaded once (21 MB) where not on disk."
    )
    classes = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")
    places = ("KMNIST/raw", "raw", ".")
    of_torchvision = "KMNIST"
