"""The state of an X keyboard that a person sets by keys of their own: the locked group, Caps Lock."""

from __future__ import annotations

import ctypes

CORE_KEYBOARD = 0x100
CAPS_LOCK = 2  # the modifier Lock


class State(ctypes.Structure):
    """XkbStateRec."""

    _fields_ = [
        ("group", ctypes.c_ubyte), ("locked_group", ctypes.c_ubyte), ("base_group", ctypes.c_ushort),
        ("latched_group", ctypes.c_ushort), ("mods", ctypes.c_ubyte), ("base_mods", ctypes.c_ubyte),
        ("latched_mods", ctypes.c_ubyte), ("locked_mods", ctypes.c_ubyte), ("compat_state", ctypes.c_ubyte),
        ("grab_mods", ctypes.c_ubyte), ("compat_grab_mods", ctypes.c_ubyte), ("lookup_mods", ctypes.c_ubyte),
        ("compat_lookup_mods", ctypes.c_ubyte), ("ptr_buttons", ctypes.c_ushort),
    ]  # fmt: skip


class Keyboard:
    """The keyboard of the display `name`."""

    def __init__(self, name: str) -> None:
        self.xlib = ctypes.CDLL("libX11.so.6")
        self.xlib.XOpenDisplay.restype = ctypes.c_void_p
        self.display = ctypes.c_void_p(self.xlib.XOpenDisplay(name.encode()))

    def lock(self, group: int, is_caps_lock_on: bool) -> None:
        """Lock the group (from 0), and Caps Lock or not."""
        self.xlib.XkbLockGroup(self.display, CORE_KEYBOARD, group)
        self.xlib.XkbLockModifiers(self.display, CORE_KEYBOARD, CAPS_LOCK, CAPS_LOCK * is_caps_lock_on)
        self.xlib.XSync(self.display, 0)

    @property
    def state(self) -> dict[str, int]:
        """What is locked, and which modifiers are down."""
        state = State()
        self.xlib.XkbGetState(self.display, CORE_KEYBOARD, ctypes.byref(state))
        return {name: getattr(state, name) for name in ("locked_group", "base_mods", "latched_mods", "locked_mods")}

    def close(self) -> None:
        """Leave the display."""
        self.xlib.XCloseDisplay(self.display)
