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
        from explorer.commands import COMMANDS
        from models.commandline import run

        return run(words or ["open"], COMMANDS)
    except (ImportError, RuntimeError) as error:
        from models.ground import missing_ground

        sentence = missing_ground(error)
        if sentence is None:
            raise
        print(f"latent-explorer: {sentence}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:  # before the work took the handling of Ctrl-C over
        return 130


if __name__ == "__main__":
    sys.exit(main())
