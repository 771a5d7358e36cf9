"""What a file that was taken away says of itself: the model, the codes and the gesture, enough to make it again."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Annotated, Any, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from models.errors import UserError, printable
from models.manifest import program_version
from models.params import Value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from models.scene import Scene
    from models.subject import Subject

VERSION = 1  # counts up when an older program could no longer understand a recipe
LIMIT = 4 * 2**20  # bytes of a recipe as text
PINS = 26  # that there can be
MOST = 2**18  # numbers of codes that one carries; of more, it tells only how they were drawn
EXACT = np.dtype("<f4")

Name = Annotated[str, Field(max_length=400)]
Text = Annotated[str, Field(max_length=4096)]
Word = Annotated[str, Field(pattern="^[a-z][a-z0-9_-]{0,63}$")]  # scripts are written with them


class Part(BaseModel):
    """A frozen part of a recipe; what it does not know is left aside, so that newer programs may say more."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)


class Numbers(Part):
    """Float32 numbers to the bit: `data` is the base64 of their little-endian bytes, row by row."""

    shape: tuple[Annotated[int, Field(ge=0, le=MOST)], ...] = Field(min_length=1, max_length=3)
    data: str = Field(max_length=LIMIT)

    @classmethod
    def of(cls, numbers: NDArray[Any]) -> Self:
        """Numbers of any shape with one to three dimensions."""
        exact = np.ascontiguousarray(numbers, EXACT)
        return cls(shape=exact.shape, data=base64.b64encode(exact.tobytes()).decode())

    @property
    def array(self) -> NDArray[np.float32]:
        """The numbers, read-only."""
        stored = np.frombuffer(base64.b64decode(self.data, validate=True), EXACT)
        return stored.astype(np.float32, copy=False).reshape(self.shape)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        try:
            finite = bool(np.isfinite(self.array).all())
        except ValueError:
            raise ValueError("these numbers are cut or damaged") from None
        if not finite:
            raise ValueError("these numbers are not all finite")
        return self


Label = int | Numbers | None


class Placed(Part):
    """A code [latent_dim] that lay on the desk, the class or shares it is drawn as, and the point it was taken from."""

    code: Numbers
    label: Label = None
    index: Annotated[int, Field(ge=0)] | None = None


class Origin(Part):
    """The model: a run at one step. `hash` is the SHA-256 of its weights, see `model_hash`."""

    id: Name
    title: Name
    folder: Text
    family: Name
    preset: Name
    dataset: Name
    latent_dim: int = Field(ge=1, le=MOST)
    step: int = Field(ge=0)
    seed: int
    hash: str = Field(pattern="^([0-9a-f]{64})?$")  # empty where nothing was drawn from weights


class Drawn(Part):
    """Pictures of codes [n, latent_dim] side by side, as a `Scene` has them."""

    codes: Numbers
    labels: tuple[int, ...] | Numbers | None = None
    fine: Numbers | None = None
    crossing: int = Field(0, ge=0, le=1000)
    columns: int = Field(1, ge=1, le=1000)
    spacing: int = Field(0, ge=0, le=1000)
    scale: int = Field(1, ge=1, le=1000)
    corner: bool = False


class Recipe(Part):
    """How a picture, film or table was made: `gesture` names the export, `options` are its settings.

    `label`, `knobs`, `code` and `pins` lay on the desk then; `desk` is what else the window knows of it. `drawn` has
    the codes of the pictures themselves, unless they were too many: then they follow from options and seed.
    """

    version: int = VERSION
    program: Name = ""
    gesture: Word
    options: dict[Word, Value] = {}
    origin: Origin
    label: Label = None
    knobs: dict[Word, Value] = {}
    code: Numbers | None = None
    pins: tuple[Placed | None, ...] = Field((), max_length=PINS)
    drawn: Drawn | None = None
    desk: dict[Name, Any] = {}

    @model_validator(mode="after")
    def _wide(self) -> Self:
        codes = [self.code, *(pin.code for pin in self.pins if pin is not None)]
        codes += [self.drawn.codes, self.drawn.fine] if self.drawn is not None else []
        widths = {numbers.shape[-1] for numbers in codes if numbers is not None}
        wide = self.origin.latent_dim
        if wrong := widths - {wide}:
            raise ValueError(f"codes of {min(wrong)} numbers do not fit a model whose codes have {wide}")
        return self

    @classmethod
    def parse(cls, text: str | bytes, path: Path | str | None = None) -> Self:
        """A recipe as text, whoever wrote it. Raises UserError, which names `path`; nothing in it is ever run."""
        if len(text) > LIMIT:
            raise _bad(f"it is larger than {LIMIT // 2**20} MB, which none is", path)
        try:
            values = json.loads(text)
        except (ValueError, RecursionError):
            raise _bad("it is cut or damaged", path) from None
        version = values.get("version") if isinstance(values, dict) else None
        if isinstance(version, int) and version > VERSION:
            made_by = printable(values.get("program"))[:40]
            mend = "Update this program to open it."
            raise UserError(f"A newer version ({made_by}) made the recipe in this file.", mend=mend, path=path)
        try:
            return cls.model_validate(values)
        except (ValidationError, RecursionError) as error:
            raise _bad(_first(error), path) from None

    def text(self) -> str:
        """The recipe as one line of plain ASCII, the same for the same recipe."""
        told = self.model_dump(mode="json", exclude_defaults=True)
        return json.dumps({"version": self.version, **told}, separators=(",", ":"))


def recipe_of(subject: Subject, gesture: str, options: Mapping[str, Value], scene: Scene | None = None) -> Recipe:
    """The recipe of what is made of a subject by `gesture` with these options, as the pictures of `scene` if given."""
    info = subject.info
    return Recipe(
        program=program_version(),
        gesture=gesture,
        options=dict(options),
        origin=Origin(
            id=info.id[:400],
            title=info.title[:400],
            folder=info.folder,
            family=info.family,
            preset=info.preset,
            dataset=info.dataset,
            latent_dim=info.latent_dim,
            step=subject.step,
            seed=info.seed,
            hash="" if subject.weights is None else model_hash(info.family, subject.weights.state),
        ),
        label=_label(subject.label),
        knobs=dict(subject.knobs or {}),
        code=None if subject.code is None else Numbers.of(subject.code),
        pins=tuple(None if pin is None else placed(pin.code, pin.label, pin.index) for pin in subject.pins),
        drawn=None if scene is None else _drawn(scene),
        desk=dict(subject.desk or {}),
    )


def placed(code: NDArray[np.float32], label: int | NDArray[np.float32] | None, index: int | None) -> Placed:
    """A code [latent_dim] as a recipe holds it."""
    return Placed(code=Numbers.of(code), label=_label(label), index=index)


def plain(label: Label) -> int | NDArray[np.float32] | None:
    """A label as a subject holds it: a class, or shares [classes]."""
    return label.array if isinstance(label, Numbers) else label


def model_hash(family: str, weights: Mapping[str, Any]) -> str:
    """The SHA-256 of a state dict: every array's name, shape and bytes, by name; fractions as float32.

    What only training needs is left out, so that a run has the same hash with it and without.
    """
    from models.registry import families

    found, spared = hashlib.sha256(), families.get(family).practice
    for name in sorted(weights):
        if not name.startswith(spared):
            value = weights[name]
            array = np.asarray(value.detach().cpu() if hasattr(value, "detach") else value)
            array = np.asarray(array, np.float32 if array.dtype.kind == "f" else array.dtype, order="C")
            found.update(f"{name}{array.dtype.str}{array.shape}".encode())
            found.update(array.reshape(-1).view(np.uint8).data)
    return found.hexdigest()


def _label(label: int | NDArray[np.float32] | None) -> Label:
    return Numbers.of(label) if isinstance(label, np.ndarray) else None if label is None else int(label)


def _drawn(scene: Scene) -> Drawn | None:
    """The scene as a recipe holds it; None where its codes are too many."""
    many = scene.codes.size + (0 if scene.fine is None else scene.fine.size)
    if many > MOST:
        return None
    shares = scene.labels is not None and scene.labels.dtype.kind == "f"
    classes = None if scene.labels is None else tuple(map(int, scene.labels)) if not shares else None
    return Drawn(
        codes=Numbers.of(scene.codes),
        labels=Numbers.of(scene.labels) if scene.labels is not None and shares else classes,
        fine=None if scene.fine is None else Numbers.of(scene.fine),
        crossing=scene.crossing,
        columns=scene.columns,
        spacing=scene.spacing,
        scale=scene.scale,
        corner=scene.corner,
    )


def _bad(why: str, path: Path | str | None) -> UserError:
    mend = "The picture can still be brought to the model as your own: paste it."
    return UserError(f"The recipe in this file cannot be used: {why}.", mend=mend, path=path)


def _first(error: ValidationError | RecursionError) -> str:
    """The first complaint, in a few words."""
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    first = error.errors()[0]
    told = str(first["ctx"]["error"]) if first["type"] == "value_error" else first["msg"]
    where = ".".join(str(part) for part in first["loc"])
    return printable(f"{where}: {told}" if where and first["type"] != "value_error" else told)[:200]
