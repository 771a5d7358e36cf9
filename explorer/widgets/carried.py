"""What is dragged within the window: a pin, or a point of the map, in the words that sums understand."""

from __future__ import annotations

import string

from PySide6.QtCore import QByteArray, QMimeData

from explorer.widgets.pin_strip import dragged_pin

POINT_FORMAT = "application/x-latent-explorer-point"  # of a point that is dragged: its index, in figures


def point_data(index: int) -> QMimeData:
    """What is carried while a point is dragged."""
    data = QMimeData()
    data.setData(POINT_FORMAT, QByteArray(str(index).encode()))
    return data


def dragged_words(data: QMimeData) -> str:
    """What is dragged, as `pin A` or `point 12`; empty for all else."""
    slot = dragged_pin(data)
    if slot is not None:
        return f"pin {string.ascii_uppercase[slot]}"
    words = bytes(data.data(POINT_FORMAT).data()) if data.hasFormat(POINT_FORMAT) else b""
    return f"point {int(words)}" if words.isdigit() else ""
