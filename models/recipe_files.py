"""Recipes in the files that people take away, where other programs leave them alone: written, and found again."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from typing import IO, TYPE_CHECKING

import numpy as np

from models.atomic import read_json, readable, write, write_json
from models.errors import UserError
from models.notes import KEY, PUT, XMP_BEGIN, Unreadable, text_in, with_text
from models.recipe import LIMIT, Recipe

if TYPE_CHECKING:
    from pathlib import Path

SESSION = ".session.json"  # how a recipe without a picture ends
MEMBER = {".npz": "recipe.npy", ".zip": "recipe.json"}
LEAF = "latent-explorer:recipe"  # of the description that lies beside a CSV file
MARKS = (KEY, XMP_BEGIN, *(name.encode() for name in MEMBER.values()))
PEEK = 2**16  # bytes at the start of a file in which a mark may stand; at its end all that a recipe may take
DAMAGES = (zipfile.BadZipFile, zlib.error, ValueError, KeyError, EOFError, NotImplementedError, RuntimeError)


def write_with_recipe(path: Path, file: bytes, recipe: Recipe) -> None:
    """Write the content of a file with its recipe, whole or not at all. Raises UserError.

    A table of text keeps its own beside it, in a file of the name that "CSV on the Web" gives such descriptions.
    """
    suffix = path.suffix.lower()
    write(path, with_recipe(file, suffix, recipe))
    if suffix in (".csv", ".tsv"):
        told = {"@context": "http://www.w3.org/ns/csvw", "url": path.name, LEAF: json.loads(recipe.text())}
        write_json(beside(path), told)


def with_recipe(file: bytes, suffix: str, recipe: Recipe) -> bytes:
    """The content of a file that ends in `suffix` with the recipe in it; unchanged where there is no place for it."""
    if suffix in PUT:
        return with_text(file, suffix, recipe.text())
    if suffix in MEMBER:
        return _zip_with(file, MEMBER[suffix], recipe.text())
    return _parquet_with(file, recipe.text()) if suffix == ".parquet" else file


def read_recipe(path: Path) -> Recipe | None:
    """The recipe in a file, of whatever kind it is; None where it has none.

    Raises UserError for a recipe that is damaged, cut, too large or of a newer program. Nothing in a file is run.
    """
    if beside(path).is_file() and path.suffix.lower() in (".csv", ".tsv"):
        told = read_json(beside(path)).get(LEAF)
        return None if told is None else Recipe.parse(json.dumps(told), path)
    with readable(path), path.open("rb") as file:
        try:
            text = _text(file, path)
        except DAMAGES as error:
            why = str(error) if isinstance(error, Unreadable) else "it is damaged"
            raise UserError(f"The recipe in this file cannot be read: {why}.", path=path) from None
    return None if text is None else Recipe.parse(text, path)


def may_carry(path: Path) -> bool:
    """Whether a file looks as if it had a recipe: a short look, before it is read."""
    if path.name.endswith(SESSION) or (beside(path).is_file() and path.suffix.lower() in (".csv", ".tsv")):
        return True
    try:
        with path.open("rb") as file:
            start = file.read(PEEK)
            size = file.seek(0, io.SEEK_END)
            file.seek(max(0, size - 2 * LIMIT))
            return any(mark in part for part in (start, file.read()) for mark in MARKS)
    except OSError:  # who opens it will be told
        return False


def beside(path: Path) -> Path:
    """Where the description of a table of text lies."""
    return path.with_name(f"{path.name}-metadata.json")


def _text(file: IO[bytes], path: Path) -> bytes | None:
    head = file.read(4)
    if head.startswith(b"{") and path.name.endswith(SESSION):
        file.seek(0)
        return file.read(LIMIT + 1)
    if head == b"PK\x03\x04":
        return _zip_text(file)
    if head == b"PAR1":
        return _parquet_text(path)
    return text_in(file, LIMIT)


def _zip_with(file: bytes, name: str, text: str) -> bytes:
    """One more member, of no date; `numpy.load` gives it as a text."""
    target = io.BytesIO(file)
    content = io.BytesIO()
    if name.endswith(".npy"):
        np.save(content, np.array(text))
    else:
        content.write(text.encode())
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name), content.getvalue(), zipfile.ZIP_DEFLATED)
    return target.getvalue()


def _zip_text(file: IO[bytes]) -> bytes | None:
    with zipfile.ZipFile(file) as archive:
        name = next((name for name in MEMBER.values() if name in archive.namelist()), None)
        if name is None:
            return None
        most = 4 * LIMIT + 256 if name.endswith(".npy") else LIMIT  # a text of NumPy has four bytes a letter
        with archive.open(name) as member:
            content = member.read(most + 1)
    if len(content) > most:
        raise Unreadable("it is too long")
    return str(np.load(io.BytesIO(content), allow_pickle=False)).encode() if name.endswith(".npy") else content


def _parquet_with(file: bytes, text: str) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(pa.BufferReader(file))
    target = pa.BufferOutputStream()
    pq.write_table(table.replace_schema_metadata({**(table.schema.metadata or {}), KEY: text.encode()}), target)
    content: bytes = target.getvalue().to_pybytes()
    return content


def _parquet_text(path: Path) -> bytes | None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        told: bytes | None = (pq.read_schema(path).metadata or {}).get(KEY)
    except (pa.ArrowException, OSError) as error:
        raise Unreadable("the table is damaged") from error
    return told
