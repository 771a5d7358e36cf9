"""Numbers with their nouns, as all messages say them."""

from __future__ import annotations


def counted(count: float, noun: str) -> str:
    """`1 picture`, `1,000 pictures`, `1.5 epochs`; `noun` is for one, and all else gets an s."""
    number = f"{count:,}" if isinstance(count, int) else f"{count:,g}"
    return f"{number} {noun}{'' if count == 1 else 's'}"
