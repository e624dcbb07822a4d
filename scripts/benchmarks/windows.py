"""Windows of real applications, which tell what text stands in them."""

from __future__ import annotations

import contextlib
import threading
import time

from desktop import ROOT, Desktop, RigError, end, until

TARGETS = ROOT / "Tests/Rigs/targets"
PYTHON = "/usr/bin/python3"  # Debian's, which has the bindings
# How a terminal is told its title, and what to run.
TERMINALS = {
    "xterm": ["xterm", "-u8", "-T", "TITLE", "-e"],
    "urxvt": ["urxvt", "-T", "TITLE", "-e"],
    "vte": ["xfce4-terminal", "--disable-server", "-T", "TITLE", "-x"],
    "kitty": ["kitty", "-T", "TITLE", "-o", "confirm_os_window_close=0", "-o", "update_check_interval=0"],
    "alacritty": ["alacritty", "-t", "TITLE", "-e"],
}
BROWSERS = ["chromium", "firefox"]
PROGRAMS = {"vte": "xfce4-terminal", "firefox": "firefox-esr", "chromium": "chromium"}  # of those that may be missing
APPLICATIONS = ["gtk3", "gtk4", "qt5", "qt6", "tk", *BROWSERS, "libreoffice", "emacs", "gvim", *TERMINALS]


class Window:
    """A real application with the focus, and the text in it."""

    def __init__(self, desktop: Desktop, application: str = "gtk3") -> None:
        self.desktop = desktop
        self.application = application
        self.title = f"target {application}"
        self.file = desktop.folder / f"window-{application}-{time.monotonic_ns()}"
        errors = self.file.with_suffix(".errors")
        with errors.open("w") as stream:
            self.process = desktop.start(*self.command(), stderr=stream)
        self.latest: tuple[int, str] | None = None
        self.changed = threading.Condition()
        until(lambda: self.file.exists() or self.process.poll() is not None, 60, f"{application} did not start")
        if not self.file.exists():
            raise RigError(f"{application} did not start (its package is in scripts/packages): {errors.read_text()}")
        threading.Thread(target=self.watch, daemon=True).start()
        search = ["xdotool", "search", "--onlyvisible", "--name", f"^{self.title}"]
        found = until(lambda: desktop.run(*search, check=False).stdout.split(), 60, f"{application} shows no window", 0.02)
        self.id = found[-1]
        self.focus()

    def command(self) -> list[object]:
        """How the application is started."""
        if terminal := TERMINALS.get(self.application):
            words = [self.title if word == "TITLE" else word for word in terminal]
            return [*words, PYTHON, TARGETS / "terminal.py", self.file]
        return [PYTHON, TARGETS / f"{self.application}.py", self.file, self.title]

    def focus(self) -> None:
        """Give it the focus."""
        run = self.desktop.run
        run("xdotool", "windowactivate" if self.desktop.manager else "windowfocus", self.id)
        until(lambda: run("xdotool", "getwindowfocus", "getwindowname", check=False).stdout.startswith(self.title), 20,
              f"{self.application} did not get the focus")  # fmt: skip
        if self.application in BROWSERS and not self.desktop.manager:
            # A browser gives its page the focus when a manager says that the window is active, or at a click.
            run("xdotool", "mousemove", "--window", self.id, "200", "250", "click", "1")

    def watch(self) -> None:
        """Note the text whenever it changes, with the time; a look every millisecond."""
        seen = None
        while self.process.poll() is None:
            with contextlib.suppress(FileNotFoundError):
                found = self.file.stat()
                if (found.st_ino, found.st_mtime_ns) != seen:
                    text = self.file.read_bytes().decode(errors="replace")
                    seen = (found.st_ino, found.st_mtime_ns)
                    with self.changed:
                        self.latest = (time.monotonic_ns(), text)
                        self.changed.notify_all()
            time.sleep(0.001)

    @property
    def text(self) -> str:
        """What stands in it."""
        return self.latest[1] if self.latest else ""

    def clear(self) -> None:
        """Empty it."""
        if self.text:
            (self.file.parent / f"{self.file.name}.clear").write_bytes(b"\1")
            until(lambda: not self.text, 10, "the window did not empty itself")
        self.latest = None

    def settle(self, expected: str | None, patience: float = 2.0) -> tuple[int, str]:
        """Wait for `expected`, or until nothing has changed for `patience` seconds: when it stood, and what stands.

        None: nothing is expected, and the time is waited for.
        """
        with self.changed:
            while self.text != expected and self.changed.wait(patience):
                pass
            return self.latest or (time.monotonic_ns(), "")

    def close(self) -> None:
        """End the application."""
        end(self.process)
