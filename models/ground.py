"""What the program stands on: which library is missing or does not fit, in a sentence with the mend."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from models.errors import UserError

NEEDED = ("PySide6", "pyqtgraph", "numpy", "pydantic", "torch", "torchvision")
INSTALL = "Run `python -m pip install -e .` in this program's folder."


def require_libraries() -> None:
    """Raise UserError where a library of the window is not installed; nothing is imported, so that it takes no time."""
    missing = next((name for name in NEEDED if find_spec(name) is None), None)
    if missing is not None:
        raise _not_installed(missing)


def missing_ground(error: BaseException) -> UserError | None:
    """What an error while importing means for a person; None for an error of another kind."""
    text = str(error)
    name = (error.name or "").split(".")[0] if isinstance(error, ImportError) else ""
    if "torchvision::" in text or (name == "torchvision" and not isinstance(error, ModuleNotFoundError)):
        return UserError(
            f"{_told('torch')} and {_told('torchvision')} do not fit each other.",
            mend="Run `python -m pip install --upgrade --force-reinstall torch torchvision`.",
        )
    if isinstance(error, ModuleNotFoundError) and name and name not in ("models", "explorer"):
        return _not_installed(name)
    if isinstance(error, ImportError) and "cannot open shared object file" in text:
        what = f"The library {text.split(':')[0]} is missing from this system."
        return UserError(what, mend="Install the package that holds it.")
    return None


def _not_installed(name: str) -> UserError:
    return UserError(f"The library {name} is not installed.", mend=INSTALL)


def _told(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return name
