"""Brings a generator from an ONNX file: looked through, tried in a process of its own, and made a run like others."""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from models.child import in_child
from models.errors import UserError, printable
from models.events import Noticed, Weights, Working
from models.graph import naming, read_file, read_graph
from models.manifest import UNKNOWN_DATA, Data, Manifest, libraries, program_version
from models.params import Params, param
from models.ports import MOST_CLASSES, RANGES, encoder_ways, generator_ways, is_encoder, width_of
from models.run import RunFolder
from models.runs import TITLE_LIMIT, free_folder, run_id, runs_root
from models.snapshot import Snapshot
from models.trial import ASKED, ENCODER, GENERATOR, Findings

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping

    from models.events import Event
    from models.graph import Graph
    from models.job import Control

FAMILY, PRESET = "onnx", "own"
MAKER = "latent_explorer."  # how the names begin of what this program writes beside the graphs that it exports
PATIENCE = 300.0  # seconds that a generator may be tried
POINTS = 2000  # made-up pictures on the map at most
PIXELS = 2**26  # numbers in all of them at most
ROUND = 2.0  # seconds that drawing them may take
FEWEST = 16
LARGE = 1e30  # no number of a code is larger
NAME_LIMIT = 60  # letters of the name of a class
SEED = 0


class Bringing(Params):
    """What a person may say about a generator that they bring."""

    file: str = param("", "An ONNX file that turns codes, and perhaps labels, into pictures.", path=True)
    encoder_file: str = param(
        "",
        "An ONNX file that turns pictures into codes, if there is one; empty for a file beside the generator's that is "
        "called like it, with -encoder at its end.",
        path=True,
    )
    title: str = param("", "What to call it; empty for the name of the file.")
    values: Literal["recognise", "unit", "signed", "bytes"] = param(
        "recognise",
        "What black and white are among the numbers that it draws: 0 and 1 (unit), -1 and 1 (signed) or 0 and 255 "
        "(bytes); recognised from some pictures.",
    )
    class_names: str = param("", "What its classes are called, with commas between; empty for what the file says.")


def bring(asked: Bringing, run: str, command: str, control: Control) -> Generator[Event, None, Path]:
    """Make a run of a generator, in the folder `run` or a new one of the runs folder; returns that folder.

    Raises UserError for a file that is none, that does not fit, or that must not be run; Stopped.
    """
    yield Working("", 0, "Looking through the file")
    path, files = _files(asked)
    told = read_graph(files[GENERATOR])
    names = _names(asked, told)
    middle, spread = _codes_of(told)
    question = {
        "values": _values(asked, told),
        "said": "as you say" if asked.values != "recognise" else "as the file says",
        "classes": len(names),
        "middle": middle.tolist(),
        "spread": spread.tolist(),
    }
    with tempfile.TemporaryDirectory(prefix="latent-explorer-") as place:
        folder = Path(place)
        for name, data in files.items():
            (folder / name).write_bytes(data)
        (folder / ASKED).write_text(json.dumps(question), encoding="utf-8")
        with naming(path):
            answer = yield from in_child("models.trial", folder, control, PATIENCE)
    found = Findings.model_validate(answer)
    for note in found.notes:
        yield Noticed("", 0, note)
    weights = {"generator": _raw(files[GENERATOR]), "encoder": _raw(files.get(ENCODER, b""))}
    weights |= {"middle": middle, "spread": spread}
    title = " ".join(asked.title.split()) or printable(path.stem)
    manifest = _manifest(title[:TITLE_LIMIT], files, told, found, names, command)
    snapshot = yield from _snapshot(manifest, weights, found, control)
    at = Path(run) if run else free_folder(runs_root(), manifest.id)
    with RunFolder.create(at, manifest if run else manifest.model_copy(update={"id": at.name})) as made:
        made.save(0, snapshot)
    return made.path


# ---- what was brought


def _files(asked: Bringing) -> tuple[Path, dict[str, bytes]]:
    """Where the generator is, its bytes, and the encoder's if there is one; two that were exchanged are put right."""
    if not asked.file.strip():
        raise UserError("No ONNX file is given.", mend="Name the file of a generator.")
    path = Path(asked.file).expanduser()
    data = read_file(path)
    beside = path.with_name(f"{path.stem}-encoder{path.suffix}")
    second = Path(asked.encoder_file).expanduser() if asked.encoder_file.strip() else beside
    if not asked.encoder_file.strip() and not beside.is_file():
        with naming(path):
            generator_ways(read_graph(data))
        return path, {GENERATOR: data}
    other = read_file(second)
    if is_encoder(read_graph(data, path)) and not is_encoder(read_graph(other, second)):
        (path, data), (second, other) = (second, other), (path, data)
    with naming(path):
        generator_ways(read_graph(data))
    with naming(second):
        encoder_ways(read_graph(other))
    return path, {GENERATOR: data, ENCODER: other}


def _names(asked: Bringing, told: Graph) -> tuple[str, ...]:
    """What its classes are called, as far as anybody says."""
    given = [name.strip() for name in asked.class_names.split(",") if name.strip()]
    return tuple(printable(name)[:NAME_LIMIT] for name in given or _listed(told.told, "class_names"))[:MOST_CLASSES]


def _values(asked: Bringing, told: Graph) -> str:
    """The range that was asked for, or that this program wrote beside the graph; empty for neither."""
    written = told.told.get(f"{MAKER}values", "")
    return asked.values if asked.values != "recognise" else written if written in RANGES else ""


def _codes_of(told: Graph) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Middle and spread of the codes that it was made to draw, float32 [d] each: as told, else those of N(0, I)."""
    width = width_of(generator_ways(told).given)
    parts = []
    for name, usual in (("code_middle", 0.0), ("code_spread", 1.0)):
        numbers = [each for each in _listed(told.told, name) if isinstance(each, int | float) and abs(each) < LARGE]
        parts.append(np.array(numbers if len(numbers) == width else [usual] * width, np.float32))
    return parts[0], parts[1]


def _listed(told: Mapping[str, str], name: str) -> Iterable[Any]:
    """A list that this program wrote beside the graph; nothing where there is none, or none that can be read."""
    try:
        value = json.loads(told.get(f"{MAKER}{name}", "[]"))
    except (ValueError, RecursionError):
        return []
    return value if isinstance(value, list) else []


# ---- the run


def _raw(data: bytes) -> np.ndarray[Any, Any]:
    return np.frombuffer(data, np.uint8)


def _manifest(
    title: str, files: Mapping[str, bytes], told: Graph, found: Findings, names: tuple[str, ...], command: str
) -> Manifest:
    """What `run.json` says of it."""
    from models.capabilities import capabilities
    from models.families.onnx import OnnxParams
    from models.family import DataSpec
    from models.job import Job
    from models.registry import build

    known = names if len(names) == found.classes else tuple(map(str, range(found.classes)))
    settings = OnnxParams(
        size=len(files[GENERATOR]),
        encoder_size=len(files.get(ENCODER, b"")),
        **found.model_dump(include={"latent_dim", "layout", "values", "batch", "encoder_layout", "encoder_batch"}),
    ).model_dump(mode="json")
    slug = re.sub(r"[^A-Za-z0-9]+", "-", title).strip("-")[:40] or "generator"
    return Manifest(
        program_version=program_version(),
        id=run_id(FAMILY, PRESET, slug),
        title=title,
        created=datetime.now().astimezone().isoformat(timespec="seconds"),
        status="finished",
        family=FAMILY,
        preset=PRESET,
        settings=settings,
        latent_dim=found.latent_dim,
        parameter_count=told.parameters,
        capabilities=tuple(sorted(capabilities(build(FAMILY, settings, DataSpec(*found.shape, found.classes))))),
        data=Data(
            name=UNKNOWN_DATA,
            hash=hashlib.sha256(files[GENERATOR]).hexdigest(),
            shape=found.shape,
            train_count=0,
            test_count=0,
            class_names=known,
        ),
        seed=SEED,
        device="cpu",
        precision="fp32",
        libraries={**libraries(), "onnxruntime": version("onnxruntime")},
        command=command,
        job=Job(family=FAMILY, preset=PRESET, dataset=UNKNOWN_DATA).model_dump(mode="json"),
    )


def _snapshot(
    manifest: Manifest, weights: Mapping[str, np.ndarray[Any, Any]], found: Findings, control: Control
) -> Generator[Event, None, Snapshot]:
    """The files as weights, a map of made-up codes, and samples."""
    from models.observer import SAMPLES
    from models.painter import Painter, drawn
    from models.projection import fit, project

    info = RunFolder(Path(), manifest).info
    shown = Weights("", 0, info, weights)
    painter = Painter.of(shown)
    size = int(np.prod(found.shape))
    count = int(max(FEWEST, min(POINTS, PIXELS / size, ROUND / max(1e-6, found.seconds))))
    codes = painter.prior(count, SEED)
    of_samples = painter.prior(SAMPLES, manifest.seed)[:count]

    def in_turn(many: int) -> np.ndarray[Any, Any] | None:
        return np.arange(many) % found.classes if found.classes else None

    samples = yield from drawn(shown, of_samples, control, in_turn(len(of_samples)))
    labels = in_turn(count)
    projection = fit(codes)
    return Snapshot(
        weights=weights,
        state={"step": 0, "seconds": 0.0},
        codes=codes,
        points=project(codes, projection),
        labels=np.full(count, -1, np.int64) if labels is None else labels,
        projection=projection,
        samples=samples,
    )
