"""From the request to the last character in the window, against `xdotool type`, and xclip with `xdotool key`."""

from __future__ import annotations

import shutil
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from desktop import Desktop, RigError
from figures import median, table
from inserter import Inserter
from texts import ENGLISH, LANGUAGES, text_of
from windows import PROGRAMS, TERMINALS, Window

APPLICATIONS = ["gtk3", "qt5", "xterm", "chromium", "vte", "firefox"]
LENGTHS = [10, 100, 1_000, 5_000, 50_000]
KINDS = {"ASCII": [ENGLISH], "mixed": LANGUAGES}
OURS = ["type", "paste", "auto"]
THEIRS = ["xdotool", "xclip"]  # xclip, and Shift+Insert by xdotool
MOST = 60  # s; what would take longer is left out
MOST_XDOTOOL = 1_000  # characters; it takes about 8 ms for each
PATIENCE = 5.0  # s without a change, after which nothing more is expected of a short text
LONG = 1_000  # characters; longer texts get more, since a busy browser shows nothing until the end
LONG_PATIENCE = 60.0  # s
GOALS = [("type", "ASCII", 1_000, 5), ("auto", "mixed", 1_000, 50)]  # so many times as fast as xdotool type


@dataclass
class Times:
    """What one way took for one text, in milliseconds: all of it, and until the inserter had done its part."""

    whole: list[float] = field(default_factory=list)
    injection: list[float] = field(default_factory=list)
    wrong: int = 0  # texts that did not arrive as they were

    def shown(self) -> str:
        """The median, with what is wrong."""
        if not self.whole:
            return "–"
        return f"{median(self.whole):.0f}" + (" (wrong)" if self.wrong else "")


def measure(program: Path, rounds: int, applications: list[str], lengths: list[int]) -> list[dict]:
    """Each application by itself; the ways take turns."""
    rows = []
    for application in applications:
        if not shutil.which(PROGRAMS.get(application, "python3")):
            print(f"  {application} is not installed", flush=True)
            continue
        with Desktop() as desktop:
            desktop.start_display()
            stand = Stand(desktop, application, program)
            for kind, sentences in KINDS.items():
                rows += stand.rows(kind, [text_of(length, sentences) for length in lengths], rounds)
    print_tables(rows, rounds)
    return [
        {**row, "times": {way: vars(times) for way, times in row["times"].items()}} for row in rows
    ]


class Stand:
    """One application on a display."""

    def __init__(self, desktop: Desktop, application: str, program: Path) -> None:
        self.desktop = desktop
        self.window = Window(desktop, application)
        self.inserter = Inserter(desktop, program)

    def rows(self, kind: str, texts: list[str], rounds: int) -> list[dict]:
        """The times of every text, from the shortest to the longest."""
        for way in [*OURS, *THEIRS]:
            self.insert(way, texts[0], Times())  # connections are warm
        rows: list[dict] = []
        for text in texts:
            ways = [way for way in [*OURS, *THEIRS] if self.is_bearable(way, text, rows)]
            times = {way: Times() for way in ways}
            for _ in range(rounds):
                for way in ways:
                    self.insert(way, text, times[way])
            rows.append({"application": self.window.application, "text": kind, "characters": len(text), "times": times})
            print(f"  {self.window.application}, {kind}, {len(text)}: "
                  + ", ".join(f"{way} {took.shown()}" for way, took in times.items()), flush=True)  # fmt: skip
        return rows

    def is_bearable(self, way: str, text: str, rows: list[dict]) -> bool:
        """Whether it would end in reasonable time, by the shorter text before."""
        if way == "xdotool" and len(text) > MOST_XDOTOOL:
            return False
        if not rows:
            return True
        before = rows[-1]["times"].get(way)
        if not before or not before.whole:
            return False
        return median(before.whole) / 1000 * len(text) / rows[-1]["characters"] < MOST

    def insert(self, way: str, text: str, times: Times) -> None:
        """Insert once. What fails counts as wrong, without a time."""
        try:
            self.window.clear()
            begin = time.monotonic_ns()
            error = self.run(way, text, times)
            ended, arrived = self.window.settle(text, LONG_PATIENCE if len(text) > LONG else PATIENCE)
        except RigError as failure:
            error, arrived = str(failure), ""
        if error:
            print(f"  {self.window.application}, {way}, {len(text)} characters: {error}", flush=True)
        if arrived != text:
            times.wrong += 1
            # What is still on its way shall not be taken for a part of the next text.
            self.window.close()
            self.window = Window(self.desktop, self.window.application)
        if arrived:
            times.whole.append((ended - begin) / 1e6)
        if way == "xdotool":
            # It leaves characters of its own on the keyboard map.
            self.desktop.set_layout("us")

    def run(self, way: str, text: str, times: Times) -> str:
        """The insertion itself: what was said against it."""
        if way in OURS:
            answer = self.inserter.insert(text, way)
            times.injection.append(answer["milliseconds"])
            return answer.get("error", "")
        if way == "xdotool":
            return self.desktop.run("xdotool", "type", "--file", "-", input=text, check=False).stderr.strip()
        # Terminals paste what is selected at Shift+Insert.
        selection = "primary" if self.window.application in TERMINALS else "clipboard"
        # It goes on in the background, and would hold a pipe open.
        subprocess.run(["xclip", "-i", "-selection", selection], env=self.desktop.environment, input=text.encode(),
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)  # fmt: skip
        self.desktop.run("xdotool", "key", "shift+Insert")
        return ""


def print_tables(rows: list[dict], rounds: int) -> None:
    """Times, what of them is the injection, and the ratios."""
    whole = [[row["application"], row["text"], row["characters"],
              *(row["times"][way].shown() if way in row["times"] else "–" for way in [*OURS, *THEIRS]),
              *(shown(ratio(row, way)) for way in OURS), shown(ratio(row, "paste", "xclip"))] for row in rows]  # fmt: skip
    columns = ["application", "text", "characters"]
    print(table(f"From the request to the last character, ms; medians of {rounds} in turn", [
        *columns, *OURS, "xdotool type", "xclip, xdotool key", *(f"xdotool/{way}" for way in OURS), "xclip/paste"],
        whole))  # fmt: skip
    injected = [[row["application"], row["text"], row["characters"],
                 *(shown(injection(row, way)) for way in OURS)] for row in rows]  # fmt: skip
    print(table("Of that until thoth says that it is done, ms", [*columns, *OURS], injected))
    print("\n–: left out. xdotool types up to 1,000 characters only; what would take more than a minute is left out too.\n"
          "wrong: the text did not arrive as it was; the time is that of the last change.")  # fmt: skip
    for way, kind, characters, goal in GOALS:
        ratios = {row["application"]: ratio(row, way) for row in rows
                  if (row["text"], row["characters"]) == (kind, characters)}  # fmt: skip
        reached = ", ".join(f"{name} {shown(value)}" for name, value in ratios.items())
        print(f"\nGoal: {kind}, {characters} characters, {way} at least {goal} times as fast as xdotool type. "
              f"{reached or 'Not measured.'}")  # fmt: skip


def ratio(row: dict, way: str, other: str = "xdotool") -> float | None:
    """How many times as fast as another way."""
    ours, theirs = row["times"].get(way), row["times"].get(other)
    return median(theirs.whole) / median(ours.whole) if ours and theirs and ours.whole and theirs.whole else None


def injection(row: dict, way: str) -> float | None:
    """The median of what the inserter told."""
    times = row["times"].get(way)
    return median(times.injection) if times and times.injection else None


def shown(value: float | None) -> object:
    """A figure for a table."""
    return "–" if value is None else float(f"{value:.3g}")
