"""Whether a window can open here; asked before Qt is loaded, because Qt aborts the process where it cannot."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# What PySide6's libraries and its xcb plugin ask the system for: library -> package of Debian or Ubuntu, of Fedora.
GUI = {
    "libEGL.so.1": ("libegl1", "libglvnd-egl"),
    "libGL.so.1": ("libgl1", "libglvnd-glx"),
    "libfontconfig.so.1": ("libfontconfig1", "fontconfig"),
    "libglib-2.0.so.0": ("libglib2.0-0", "glib2"),
    "libxkbcommon.so.0": ("libxkbcommon0", "libxkbcommon"),
    "libdbus-1.so.3": ("libdbus-1-3", "dbus-libs"),
    "libX11.so.6": ("libx11-6", "libX11"),
}
XCB = {
    "libxcb.so.1": ("libxcb1", "libxcb"),
    "libX11-xcb.so.1": ("libx11-xcb1", "libX11-xcb"),
    "libxkbcommon-x11.so.0": ("libxkbcommon-x11-0", "libxkbcommon-x11"),
    "libxcb-cursor.so.0": ("libxcb-cursor0", "xcb-util-cursor"),
    "libxcb-icccm.so.4": ("libxcb-icccm4", "xcb-util-wm"),
    "libxcb-image.so.0": ("libxcb-image0", "xcb-util-image"),
    "libxcb-keysyms.so.1": ("libxcb-keysyms1", "xcb-util-keysyms"),
    "libxcb-randr.so.0": ("libxcb-randr0", "libxcb"),
    "libxcb-render-util.so.0": ("libxcb-render-util0", "xcb-util-renderutil"),
    "libxcb-shape.so.0": ("libxcb-shape0", "libxcb"),
    "libxcb-shm.so.0": ("libxcb-shm0", "libxcb"),
    "libxcb-sync.so.1": ("libxcb-sync1", "libxcb"),
    "libxcb-xfixes.so.0": ("libxcb-xfixes0", "libxcb"),
    "libxcb-xkb.so.1": ("libxcb-xkb1", "libxcb"),
}
WITHOUT_DISPLAY = ("offscreen", "minimal", "minimalegl", "vnc", "linuxfb", "eglfs", "vkkhrdisplay")
NO_DISPLAY = "Start it on a desktop, or work without a window: `latent-explorer --help`."


def require_window(environment: Mapping[str, str] = os.environ) -> None:
    """Raise UserError, with the packages to install, where Qt could not open a window."""
    if not sys.platform.startswith("linux"):
        return
    asked = environment.get("QT_QPA_PLATFORM", "").split(";")[0].split(":")[0]
    if asked in WITHOUT_DISPLAY:
        require_libraries(GUI)
        return
    wayland, x11 = environment.get("WAYLAND_DISPLAY"), environment.get("DISPLAY")
    if not (wayland or x11):
        raise UserError("There is no display to open a window on.", mend=NO_DISPLAY)
    if asked == "xcb" or not wayland:
        require_libraries({**GUI, **XCB})
        _require_x_server(x11 or "")
    else:
        require_libraries(GUI)
        _require_wayland(wayland, environment.get("XDG_RUNTIME_DIR", ""))


def require_libraries(wanted: Mapping[str, tuple[str, str]] = GUI) -> None:
    """Raise UserError that names the packages of all libraries that do not load."""
    missing = [name for name in wanted if not _loads(name)]
    if missing:
        debian, fedora = (" ".join(dict.fromkeys(wanted[name][side] for name in missing)) for side in (0, 1))
        raise UserError(
            f"The window needs {_listed(missing)}, which this system does not have.",
            mend=f"Debian or Ubuntu: sudo apt install {debian}. Fedora: sudo dnf install {fedora}.",
        )


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def _listed(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _require_x_server(display: str) -> None:
    """Knock at the X server as Qt will; a display that is named may be gone, or closed to us."""
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(display.encode() or None, None)
    refused = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    if refused:
        raise UserError(f"The display {display!r} does not answer or does not let us in.", mend=NO_DISPLAY)


def _require_wayland(display: str, runtime: str) -> None:
    if not Path(runtime, display).exists():
        raise UserError(f"The Wayland display {display!r} is not there.", mend=NO_DISPLAY)
