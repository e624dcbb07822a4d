"""A desktop of its own to measure on: private folders, and an X display without a screen.

Nothing of it touches the user's session. Every process is ended by its id when the desktop closes.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Callable

ROOT = Path(__file__).resolve().parents[2]


class RigError(Exception):
    """What could not be set up, with the way to mend it."""


def until(condition: Callable[[], object], seconds: float, what: str, step: float = 0.005) -> object:
    """Wait until `condition` gives something true, and return it. Raise RigError after `seconds`."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > end:
            raise RigError(f"{what}: not within {seconds:.0f} s")
        time.sleep(step)
    return value


class Desktop(contextlib.ExitStack):
    """Private folders, and programs that know of no others."""

    def __init__(self) -> None:
        super().__init__()
        # Ended from outside, it still cleans up behind itself.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        self.folder = Path(tempfile.mkdtemp(prefix="thoth-rig-"))
        self.callback(shutil.rmtree, self.folder, ignore_errors=True)
        names = {"HOME": "home", "XDG_RUNTIME_DIR": "run", "XDG_DATA_HOME": "data", "XDG_STATE_HOME": "state",
                 "XDG_CONFIG_HOME": "config", "XDG_CACHE_HOME": "cache"}  # fmt: skip
        for name in names.values():
            (self.folder / name).mkdir(mode=0o700)
        self.environment = {variable: str(self.folder / name) for variable, name in names.items()}
        self.environment |= {
            "PATH": os.environ["PATH"],
            "LC_ALL": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",
            "NO_AT_BRIDGE": "1",
            "GTK_A11Y": "none",
            "GDK_BACKEND": "x11",
            "QT_QPA_PLATFORM": "xcb",
            # There is no graphics card.
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "GSK_RENDERER": "cairo",
            "GSETTINGS_BACKEND": "memory",
        }
        self.manager: str | None = None

    # Processes

    def start(self, *command: object, **options: object) -> subprocess.Popen:
        """Start a program in the rig's environment; it is ended with the rig."""
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        process = subprocess.Popen([str(word) for word in command], env=self.environment, **{**quiet, **options})
        self.callback(end, process)
        return process

    def run(
        self, *command: object, check: bool = True, seconds: float = 180, **options: object
    ) -> subprocess.CompletedProcess:
        """Run a program to its end, at most `seconds`; its output as text."""
        words = [str(word) for word in command]
        try:
            done = subprocess.run(
                words, env=self.environment, text=True, capture_output=True, timeout=seconds, **options
            )
        except subprocess.TimeoutExpired as expired:
            raise RigError(f"{' '.join(words)} did not end within {seconds:.0f} s") from expired
        if check and done.returncode:
            raise RigError(f"{' '.join(map(str, command))}: {done.returncode} {done.stderr.strip()}")
        return done

    # The display

    def start_display(self, manager: str | None = "openbox", layout: str = "us", variant: str = "") -> None:
        """Start an X server without a screen, with a keyboard layout (setxkbmap's notation) and a window manager."""
        reading, writing = os.pipe()
        self.start("Xvfb", "-displayfd", writing, "-screen", "0", "1280x900x24", "-ac", "-noreset", "-nolisten", "tcp",
                   pass_fds=[writing])  # fmt: skip
        os.close(writing)
        with open(reading) as pipe:
            number = pipe.readline().strip()
        if not number:
            raise RigError("Xvfb did not start")
        self.environment["DISPLAY"] = f":{number}"
        self.set_layout(layout, variant)
        self.manager = manager
        if manager:
            settings = self.folder / f"{manager}.conf"
            settings.write_text("font fixed\n")
            self.start(manager, *(["-c", settings] if manager == "i3" else []))
            until(lambda: "window id" in self.run("xprop", "-root", "_NET_SUPPORTING_WM_CHECK", check=False).stdout, 20,
                  f"{manager} did not start")  # fmt: skip

    def set_layout(self, layout: str, variant: str = "") -> None:
        """Set the keyboard layout: the server's map becomes a new one."""
        self.run("setxkbmap", "-layout", layout, "-variant", variant, "-option", "")


def end(process: subprocess.Popen) -> None:
    """End a process: politely, then not."""
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
