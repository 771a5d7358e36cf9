"""What is known of the picture that a person brought to the model on the stage."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.own_events import Found, OwnPicture


@dataclass(frozen=True)
class Own:
    """The picture whose code is sought, the newest answer about it, and whether the search goes on."""

    asked: OwnPicture | None = None
    found: Found | None = None
    working: bool = False

    def after(self, event: Found) -> Own:
        """What is known after `event`; an answer about an earlier picture comes too late."""
        return replace(self, found=event, working=not event.done) if event.own is self.asked else self
