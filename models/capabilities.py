"""What a family can do beyond drawing from codes, read from the optional methods that it implements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.family import (
    CanComplete,
    CanDiagnose,
    CanEncode,
    CanPrepare,
    CanTranslate,
    HasField,
    HasLikelihood,
    HasLikelihoodMap,
    HasPrior,
    HasStyles,
    HoldsFiles,
    SamplesInSteps,
    TakesLabels,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.family import Family

CAPABILITIES: Mapping[str, type] = {
    "encode": CanEncode,
    "prior": HasPrior,
    "prepare": CanPrepare,
    "sample_steps": SamplesInSteps,
    "complete": CanComplete,
    "log_likelihood_map": HasLikelihoodMap,
    "translate": CanTranslate,
    "condition": TakesLabels,
    "log_weights": HasLikelihood,
    "field": HasField,
    "diagnoses": CanDiagnose,
    "synthesize": HasStyles,
    "files": HoldsFiles,
}


def capabilities(family: type[Family] | Family) -> frozenset[str]:
    """What a family, or one model of it, can do beyond `decode`: the optional methods it implements."""
    return frozenset(name for name in CAPABILITIES if callable(getattr(family, name, None)))
