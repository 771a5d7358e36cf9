"""What each figure of a judged run says in plain words, how it is measured, and which way is better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from models.errors import UserError

Better = Literal["higher", "lower", "near one"]
LIKELIHOOD = "nll"  # as it is asked for; measured, it carries its k


@dataclass(frozen=True)
class Measure:
    """One figure: `title` for panels, what it means, its protocol, and where the best value lies."""

    name: str
    title: str
    meaning: str
    protocol: str
    better: Better

    @property
    def direction(self) -> str:
        """Which way is better, in words."""
        return {"higher": "higher is better", "lower": "lower is better", "near one": "1 is as varied as the data"}[
            self.better
        ]

    @property
    def told(self) -> str:
        """Meaning, protocol and direction, one below the other."""
        return f"{self.title}: {self.direction}.\n\n{self.meaning}\n\n{self.protocol}"

    def distance(self, value: float) -> float:
        """How far a value is from the best one: of two values the smaller distance is the better one."""
        return {"higher": -value, "lower": value, "near one": abs(value - 1)}[self.better]


DRAWN = "Of drawn pictures, looked at by a small classifier that learned the data's own classes."

MEASURES = (
    Measure(
        "conditional_accuracy", "accuracy",
        "The share of drawn pictures in which the class is recognised that was asked for. It says nothing of variety: "
        "one good picture a class is enough for 100 %.",
        f"{DRAWN} Classes are asked for as often as they are in the training data.", "higher",
    ),
    Measure(
        "train_on_generated", "trained on drawn, tested on real",
        "How many real test pictures a classifier gets right that has seen drawn pictures only. It needs both: "
        "the right class, and as much variety as the real ones have.",
        "A fresh classifier learns the drawn pictures by the classes they were asked to show (Ravuri & Vinyals 2019).",
        "higher",
    ),
    Measure(
        "classes_covered", "classes drawn",
        "How many classes the model draws at all. Few of many is mode collapse.",
        f"{DRAWN} A class counts with at least a tenth of its share in the data.", "higher",
    ),
    Measure(
        "class_kl", "KL of the classes",
        "How far the shares in which classes are drawn are from those of the data, in nats: 0 for the same shares, "
        "the logarithm of the number of classes (2.3 for ten) if only one is drawn.",
        f"{DRAWN} Chance alone makes it about half the number of classes over the number of pictures.", "lower",
    ),
    Measure(
        "diversity_within_class", "variety within a class",
        "How different two drawn pictures of a class are, beside two real ones: 0 if every picture of a class is the "
        "same, 1 if they differ as much as the real ones; more than 1 can be noise.",
        f"{DRAWN} The mean distance of two in its features, over that of test pictures; classes count alike.",
        "near one",
    ),
    Measure(
        "precision", "precision",
        "The share of drawn pictures that lie among the real ones: how many could pass as real.",
        f"{DRAWN} Among is within the third neighbour's distance of a test picture (Kynkaanniemi 2019).", "higher",
    ),
    Measure(
        "recall", "recall",
        "The share of real test pictures that lie among the drawn ones: how much of the data the model can draw.",
        f"{DRAWN} Among is within the third neighbour's distance of a drawn picture (Kynkaanniemi 2019).", "higher",
    ),
    Measure(
        "classifier_frechet_distance", "Frechet distance",
        "How far the cloud of drawn pictures is from the cloud of real ones, in middle and in shape. No FID: compare "
        "it only with runs of the same data and the same number of pictures.",
        f"{DRAWN} In its features, against the test pictures.", "lower",
    ),
    Measure(
        "near_copies", "near copies",
        "The share of drawn pictures that may be copies: closer to a training picture, and closer to it than to others "
        "like it, than 99 of 100 held-out pictures are. One in a hundred is chance; much more is learning by heart.",
        "Pixel by pixel against all training pictures; what is usual is told by 2,000 held-out ones (after Carlini et "
        "al. 2023).", "lower",
    ),
    Measure(
        LIKELIHOOD, "NLL",
        "How surprised the model is by a real test picture it has never seen, in nats: the cost of writing it down "
        "with this model.",
        "Exact where the model knows it (autoregressive); else an upper bound that sinks as k grows, the codes weighed "
        "for every picture (Burda 2016).", "lower",
    ),
    Measure(
        "style_leakage", "style leakage",
        "How much of what moves a known factor comes from other layers than those it belongs to: 0 if coarse, middle "
        "and fine layers each have factors of their own, two thirds if it makes no difference whose style is changed.",
        "Of drawn pictures, restyled by thirds of their layers and looked at by a small network that learned to read "
        "the data's own factors; only factors that it reads well count.", "lower",
    ),
    Measure(
        "nll_bound", "NLL, at most",
        "How surprised the model is by a real test picture it has never seen, in nats, or less than that.",
        "The variational bound that the model trains on, with chance drawn anew for every seed.", "lower",
    ),
)  # fmt: skip
BY_NAME = {measure.name: measure for measure in MEASURES}

TESTED = (
    Measure(
        "neg_elbo", "neg ELBO",
        "The bound that a variational autoencoder trains on: what the picture costs given its code, and what the code "
        "costs, in nats.", "On the whole test set.", "lower",
    ),
    Measure(
        "kl", "KL",
        "What the code of a picture costs in nats: how much it tells of the picture. 0 means that the code says "
        "nothing.", "On the whole test set.", "lower",
    ),
    Measure(
        "recon_mse", "recon MSE",
        "How far reconstructions are from their pictures: the mean squared difference of two pixels from 0 to 1.",
        "On the whole test set.", "lower",
    ),
    Measure(
        "recon_bce", "recon BCE",
        "What a picture costs given its code, in nats, when pixels are taken for shares of white.",
        "On the whole test set.", "lower",
    ),
    Measure(
        "bits_per_dim", "bits per dim", "What each number of a picture costs with this model, in bits.",
        "On the whole test set.", "lower",
    ),
)  # fmt: skip
BY_NAME_TESTED = {measure.name: measure for measure in TESTED}


def measure_of(name: str) -> Measure | None:
    """What a figure of a run says: one that judges it, or one of the test set; None for a family's own figures."""
    kind = LIKELIHOOD if name.startswith(f"{LIKELIHOOD}_k") else name
    return BY_NAME.get(kind) or BY_NAME_TESTED.get(name)


def judges(name: str) -> bool:
    """Whether a figure comes from judging a run, not from its training's own end."""
    return name in BY_NAME or name.startswith(f"{LIKELIHOOD}_k")


def chosen(text: str) -> frozenset[str]:
    """The figures named in `text` with commas between; all for an empty one. Raises UserError for others."""
    names = [name.strip().lower().replace("-", "_") for name in text.split(",") if name.strip()]
    short = {"diversity": "diversity_within_class", "frechet": "classifier_frechet_distance"}
    found = frozenset(short.get(name, name) for name in names)
    unknown = sorted(found - set(BY_NAME))
    if unknown:
        raise UserError(f"There is no figure {unknown[0]!r}.", mend=f"There are: {', '.join(BY_NAME)}.")
    return found or frozenset(BY_NAME)
