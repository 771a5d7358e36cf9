"""What `run.json` says of a run: enough to understand it without this program, and to repeat it with it."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from platform import machine, python_version, system
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.errors import UserError, printable

SCHEMA = 1  # counts up when an older program could no longer go on with a run
UNKNOWN = ("unknown", "not installed")  # versions of programs that were never installed; the second in older runs
UNKNOWN_DATA = "unknown data"  # what a model learned from that was brought from elsewhere
LIBRARIES = ("torch", "numpy", "safetensors", "pydantic")


class Data(BaseModel):
    """The data set of a run; `hash` is its content's SHA-256."""

    model_config = ConfigDict(frozen=True)

    name: str
    settings: dict[str, Any] = {}
    hash: str
    shape: tuple[int, int, int]  # channels, height, width
    train_count: int = Field(ge=0)
    test_count: int = Field(ge=0)
    class_names: tuple[str, ...] = ()


class Seen(BaseModel):
    """An illness of the training, at the step when it was seen."""

    model_config = ConfigDict(frozen=True)

    step: int = Field(ge=0)
    illness: str
    message: str


class Manifest(BaseModel):
    """Everything in run.json, with plain values."""

    model_config = ConfigDict(frozen=True)

    schema_version: int = SCHEMA
    program_version: str
    id: str
    title: str
    created: str  # local time as ISO 8601 with its zone
    status: str = "running"  # running, finished, stopped or failed
    step: int = Field(0, ge=0)
    seconds: float = 0.0
    figures: dict[str, float] = {}
    spreads: dict[str, float] = {}  # of some figures: the standard deviation over seeds
    judged: dict[str, dict[str, Any]] = {}  # of figures that judge the run: how they were measured
    seen: tuple[Seen, ...] = ()  # what went wrong in training
    message: str = ""
    family: str
    preset: str
    settings: dict[str, Any]  # all parameters of the family
    latent_dim: int = Field(ge=1)
    parameter_count: int = Field(ge=0)  # of those that are trained, without running means of them
    capabilities: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()  # coarse to fine, of a family that has styles by layer
    data: Data
    seed: int
    device: str
    device_name: str = ""
    precision: str
    total_steps: int | None = None
    libraries: dict[str, str] = {}
    command: str = ""
    job: dict[str, Any]  # as it was asked for, for `resume`

    @property
    def newer(self) -> bool:
        """Whether a newer version of the program made this run."""
        return self.schema_version > SCHEMA

    @classmethod
    def parse(cls, values: dict[str, Any], path: object) -> Manifest:
        """Check what was read from `path`; unknown fields are ignored. Raises UserError."""
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            what = f"This is not a run that this program understands: {where}: {first['msg']}."
            mend = f"It was made by {_told(values.get('program_version'))}; this is {_told(program_version())}."
            raise UserError(what, mend=mend, path=str(path)) from None

    def notice(self, values: dict[str, Any]) -> str:
        """What to tell about a run of a newer version, given all that its file holds; empty for others."""
        if not self.newer:
            return ""
        ignored = [printable(name)[:40] for name in values if name not in type(self).model_fields][:8]
        fields = f" Ignored: {', '.join(ignored)}." if ignored else ""
        made_by = "" if self.program_version in UNKNOWN else f" ({printable(self.program_version)[:40]})"
        return f"This run was made by a newer version{made_by}; it is shown but not changed.{fields}"


def program_version() -> str:
    """The version of this program as installed."""
    try:
        return version("latent-explorer")
    except PackageNotFoundError:
        return UNKNOWN[0]


def _told(made_by: object) -> str:
    return "an unknown version" if made_by in (None, *UNKNOWN) else f"version {printable(made_by)[:40]}"


def libraries() -> dict[str, str]:
    """Versions of what the figures of a run depend on."""
    system_name = f"{system()} {machine()}"
    return {"python": python_version(), "platform": system_name, **{name: version(name) for name in LIBRARIES}}
