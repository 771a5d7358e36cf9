"""Numbers with their nouns, as all messages say them."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """`1 picture`, `2 pictures`, `1,000 pictures`; `noun` is for one, and several get an s."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
