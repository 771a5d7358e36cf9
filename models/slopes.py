"""Slopes of drawings by forward-mode derivatives, where most layers are their own slope."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch.func import jvp
from torch.overrides import TorchFunctionMode

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

LINEAR = {F.linear, F.conv2d, F.conv_transpose2d}

with warnings.catch_warnings():  # the first derivative loads rules of torch's, which warn of themselves
    warnings.simplefilter("ignore", FutureWarning)
    jvp(torch.sin, (torch.zeros(1),), (torch.ones(1),))


def slope(draw: Callable[[Tensor], Tensor], codes: Tensor, way: Tensor) -> Tensor:
    """How the drawing of codes [n, d] changes as each goes along its way [n, d]; shaped as the drawing."""
    with _Layers():
        changed: Tensor = jvp(draw, (codes,), (way,))[1]
    return changed


class _Layer(torch.autograd.Function):
    """A layer that is linear in what comes in, in its weights and in its bias, by the product rule.

    Weights that are the same for all codes have no slope; by torch's own rule they have one of zeros, which is
    multiplied in vain.
    """

    @staticmethod
    def forward(layer: Callable[..., Tensor], came: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        return layer(came, weight, bias)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        ctx.layer, came, weight, _ = inputs
        ctx.save_for_forward(came, weight)
        ctx.set_materialize_grads(False)

    @staticmethod
    def jvp(ctx: Any, _: None, came: Tensor | None, weight: Tensor | None, bias: Tensor | None) -> Tensor | None:
        then_came, then_weight = ctx.saved_tensors
        parts = [] if came is None else [ctx.layer(came, then_weight, None)]
        if weight is not None:
            parts.append(ctx.layer(then_came, weight, None))
        if bias is not None:
            parts.append(ctx.layer(torch.zeros_like(then_came), then_weight, bias))
        return sum(parts[1:], start=parts[0]) if parts else None


class _Layers(TorchFunctionMode):
    """A context in which linear layers and convolutions go by the rule of `_Layer`."""

    def __torch_function__(
        self, func: Callable[..., Any], types: object, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Run the operation, by that rule if it is one of them."""
        kwargs = dict(kwargs or {})
        if func not in LINEAR:
            return func(*args, **kwargs)
        bias = args[2] if len(args) > 2 else kwargs.pop("bias", None)

        def layer(came: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
            applied: Tensor = func(came, weight, bias, *args[3:], **kwargs)
            return applied

        return _Layer.apply(layer, args[0], args[1], bias)
