"""How often the class that was asked for is the class that was drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def conditional_accuracy(recognised: Tensor, asked: Tensor) -> float:
    """The share of generated pictures in which the classifier recognises the class that was asked for: two times [n].

    Classes are asked for in the shares of the training data. It says nothing of variety: one good picture a class
    has accuracy 1, which is why `diversity_within_class` stands beside it.
    """
    return float((recognised == asked).double().mean())
