"""Without words the window opens, with words the command line runs; missing ground is told in one sentence."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; returns the exit code: 0, 1 (failed), 2 (bad input or ground), 130 (interrupted)."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        from models.commandline import run

        return run(words or ["open"])
    except (ImportError, RuntimeError) as error:
        sentence = missing_ground(error)
        if sentence is None:
            raise
        print(sentence, file=sys.stderr)
        return 2


def missing_ground(error: Exception) -> str | None:
    """What is missing beneath the program, and the mend, in one sentence; None for an error of another kind."""
    text = str(error)
    if "torchvision::" in text or (isinstance(error, ImportError) and (error.name or "").startswith("torchvision.")):
        return f"{_versions('torch', 'torchvision')} do not fit each other: python -m pip install -U torch torchvision"
    if isinstance(error, ModuleNotFoundError) and error.name and error.name.split(".")[0] not in ("models", "explorer"):
        return f"The library {error.name} is not installed: python -m pip install -e . (in this program's folder)"
    if isinstance(error, ImportError) and "cannot open shared object file" in text:
        return f"The library {text.split(':')[0]} is missing from this system; install the package that holds it."
    return None


def _versions(*names: str) -> str:
    from importlib.metadata import version

    return " and ".join(f"{name} {version(name)}" for name in names)


if __name__ == "__main__":
    sys.exit(main())
