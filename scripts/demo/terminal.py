"""The terminal of the demonstration: lines, the microphone's level drawn as it goes by, single keys."""

from __future__ import annotations

import fcntl
import os
import struct
import termios
import tty

ENTER = b"\r\n"
BARS = " ▁▂▃▄▅▆▇█"
QUIETEST, LOUDEST = -54.0, -9.0  # dBFS of the lowest and the highest bar
LEVELS_PER_BAR = 4  # a bar is the loudest of them: 0.2 s at 20 levels a second
WIDTH = 60  # bars: the last 12 s


class Screen:
    """Standard output. Levels are drawn on terminals only, not into a file."""

    def __init__(self) -> None:
        self.terminals = [1] if os.isatty(1) else []
        self.files = [] if os.isatty(1) else [1]
        self.is_drawing = False
        self.levels: list[float] = []

    def line(self, text: str) -> None:
        """Write a line, below the levels if they are being drawn."""
        for descriptor in self.terminals:
            os.write(descriptor, f"{chr(10) if self.is_drawing else ''}{text}\n".encode())
        for descriptor in self.files:
            os.write(descriptor, f"{text}\n".encode())
        self.is_drawing = False

    def draw(self, level: dict, seconds: float) -> None:
        """Add a `level` event to the line of levels, `seconds` after the beginning."""
        self.is_drawing = True
        self.levels.append(level["rms_db"])
        groups = [self.levels[start : start + LEVELS_PER_BAR] for start in range(0, len(self.levels), LEVELS_PER_BAR)]
        bars = "".join(bar(max(group)) for group in groups[-WIDTH:])
        note = "too loud" if level["clip"] else "speech" if level["speech"] else ""
        clock = f"{int(seconds) // 60}:{int(seconds) % 60:02}"
        for descriptor in self.terminals:
            os.write(descriptor, f"\r{clock} {bars} {note}\x1b[K".encode())  # and nothing up to the line's end


def bar(decibels: float) -> str:
    """A character as high as a level is loud."""
    height = (decibels - QUIETEST) / (LOUDEST - QUIETEST)
    return BARS[max(0, min(len(BARS) - 1, round(height * (len(BARS) - 1))))]


class Keyboard:
    """The keys of the terminal one by one, unseen; without a terminal, nothing."""

    def __enter__(self) -> Keyboard:
        self.is_there = os.isatty(0) and os.tcgetpgrp(0) == os.getpgrp()
        if self.is_there:
            self.before = termios.tcgetattr(0)
            tty.setcbreak(0, termios.TCSANOW)
        return self

    def __exit__(self, *_: object) -> None:
        if self.is_there:
            # Unread keys stay for the shell: they are the text, if this terminal had the focus.
            termios.tcsetattr(0, termios.TCSADRAIN, self.before)

    def fileno(self) -> int:
        return 0

    def is_enter(self) -> bool:
        """Take the keys that were pressed; whether Enter was among them."""
        return any(key in ENTER for key in os.read(0, 1024))

    def has_input(self) -> bool:
        """Whether keys wait to be read."""
        if not self.is_there:
            return False
        return struct.unpack("i", fcntl.ioctl(0, termios.FIONREAD, b"\0" * 4))[0] > 0
