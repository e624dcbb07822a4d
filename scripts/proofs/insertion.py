"""Every text into every application, layout and window manager: what arrives is what was given, character by character.

Beside it the same by `xdotool type`. A cell is one text, put into one application in one way.
"""

from __future__ import annotations

import argparse
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from desktop import Desktop, RigError, until
from figures import table
from inserter import Inserter
from keyboard import Keyboard
from texts import LENGTHS, TEXTS, arriving, difference, named
from windows import APPLICATIONS, TERMINALS, Window

METHODS = ["type", "paste", "auto", "xdotool"]
VARIED = ["gtk3", "qt5", "xterm", "chromium"]  # the applications of the variations
PATIENCE = 3.0  # s without a change, after which nothing more is expected of a short text
XDOTOOL_PATIENCE = 2.0  # s; it returns when it has sent everything
LONG_PATIENCE = 60.0  # s; the same of a long one: a busy browser shows nothing until the end
QUIET = 0.15  # s without a change, after which an exact text is left alone


@dataclass
class Variation:
    """A display. `group` is locked, from 0."""

    layout: str = "us"
    variant: str = ""
    group: int = 0
    is_caps_lock_on: bool = False
    manager: str | None = "openbox"


VARIATIONS = {
    "us": Variation(),
    "de": Variation("de"),
    "fr": Variation("fr"),
    "ru,us": Variation("ru,us"),
    "gr,us": Variation("gr,us"),
    "dvorak": Variation("us", "dvorak"),
    "third-group": Variation("us,de,ru", group=2),
    "caps-lock": Variation(is_caps_lock_on=True),
    "no-manager": Variation(manager=None),
    "i3": Variation(manager="i3"),
}

# Cells that cannot be exact: application, method, text (a regular expression for all three), and the reason.
EXPLAINED: list[tuple[str, str, str, str]] = [
    ("libreoffice", "type", ".*", "Writer corrects what is typed; auto pastes there"),
    ("libreoffice", "paste|auto", "50,000", "Writer ends a pasted paragraph after some 10,000 characters"),
]


@dataclass
class Cell:
    """One text in one application. `fault` is what is wrong with it, nothing when it is exact."""

    variation: str
    application: str
    method: str
    text: str
    fault: str = ""

    @property
    def is_exact(self) -> bool:
        """Whether it is."""
        return not self.fault

    @property
    def reason(self) -> str:
        """Why it need not be exact; nothing when it need."""
        names = (self.application, self.method, self.text)
        return next((row[3] for row in EXPLAINED if all(map(re.fullmatch, row[:3], names))), "")


def add_options(parser: argparse.ArgumentParser) -> None:
    """The part of the matrix that is to be run."""
    group = parser.add_argument_group("of insertion (all when left out)")
    texts = [*TEXTS, *LENGTHS]
    group.add_argument("--applications", nargs="+", choices=APPLICATIONS, metavar="NAME", help=", ".join(APPLICATIONS))
    group.add_argument("--variations", nargs="+", choices=VARIATIONS, metavar="NAME", help="; ".join(VARIATIONS))
    group.add_argument("--methods", nargs="+", choices=METHODS, metavar="NAME", help=", ".join(METHODS))
    group.add_argument("--texts", nargs="+", choices=texts, metavar="NAME", help="; ".join(texts))


def prove(program: Path, options: argparse.Namespace) -> bool:
    """Fill the matrix, naming every cell that is not exact, and print the counts; whether every cell is exact or explained."""
    cells: list[Cell] = []
    for name in options.variations or VARIATIONS:
        applications = options.applications or (APPLICATIONS if name == "us" else VARIED)
        cells += run_variation(program, name, applications, options)
    print_tables(cells)
    ours = [cell for cell in cells if cell.method != "xdotool"]
    theirs = [cell for cell in cells if cell.method == "xdotool"]
    exact = sum(cell.is_exact for cell in ours)
    explained = sum(not cell.is_exact and bool(cell.reason) for cell in ours)
    print(f"\n{exact} of {len(ours)} cells exact, {explained} explained; "
          f"by xdotool {sum(cell.is_exact for cell in theirs)} of {len(theirs)}")  # fmt: skip
    return bool(ours) and exact + explained == len(ours)


def run_variation(program: Path, name: str, applications: list[str], options: argparse.Namespace) -> list[Cell]:
    """The cells on one display."""
    variation, cells = VARIATIONS[name], []
    with Desktop() as desktop:
        desktop.start_display(variation.manager, variation.layout, variation.variant)
        keyboard = Keyboard(desktop.environment["DISPLAY"])
        keyboard.lock(variation.group, variation.is_caps_lock_on)
        bench = Bench(desktop, keyboard, Inserter(desktop, program), name, variation)
        for application in applications:
            wanted = [
                (method, text)
                for method in options.methods or METHODS
                for text in options.texts or [*TEXTS, *LENGTHS]
                if is_wanted(name, application, method, text)
            ]
            cells += bench.fill(application, wanted)
        keyboard.close()
    return cells


def is_wanted(variation: str, application: str, method: str, text: str) -> bool:
    """Whether a cell belongs to the matrix: it would say nothing new, or take minutes, otherwise."""
    if variation != "us" and (method not in ("type", "xdotool") or text in LENGTHS):
        return False
    if method == "xdotool":
        return text not in LENGTHS
    is_typed = method == "type" or application == "gvim"  # which has no key to paste
    return not is_typed or text != "50,000" or application in TERMINALS


class Bench:
    """A display with one application after the other."""

    def __init__(self, desktop: Desktop, keyboard: Keyboard, inserter: Inserter, name: str, variation: Variation):
        self.desktop = desktop
        self.keyboard = keyboard
        self.inserter = inserter
        self.name = name
        self.variation = variation
        self.window: Window | None = None

    def fill(self, application: str, wanted: list[tuple[str, str]]) -> list[Cell]:
        """The cells of one application. One that does not start or hangs fails them, and is started anew."""
        cells = []
        for method, text in wanted:
            cell = Cell(self.name, application, method, text)
            try:
                self.window = self.window or Window(self.desktop, application)
                cell.fault = self.fault(cell)
            except RigError as error:
                cell.fault = str(error)
                self.close()
            cells.append(cell)
            if not cell.is_exact:
                reason = f" [{cell.reason}]" if cell.reason and method != "xdotool" else ""
                print(f"- {self.name}, {application}, {method}, {text}: {cell.fault}{reason}", flush=True)
        self.close()
        counts = [f"{method} {shown([cell for cell in cells if cell.method == method])}" for method in METHODS]
        print(f"{self.name}, {application}: {', '.join(counts)}", file=sys.stderr, flush=True)
        return cells

    def close(self) -> None:
        """End the application, if one runs."""
        if self.window:
            self.window.close()
        self.window = None

    def fault(self, cell: Cell) -> str:
        """Insert one text: what is wrong with what came of it."""
        window, text, before = self.window, named(cell.text), self.keyboard.state
        window.clear()
        if cell.method == "xdotool":
            expected, error = text, self.xdotool(text)
        else:
            expected = arriving(text, cell.application)
            error = self.inserter.insert(text, cell.method).get("error", "")
        patience = LONG_PATIENCE if cell.text in LENGTHS else PATIENCE
        arrived = window.settle(expected, XDOTOOL_PATIENCE if cell.method == "xdotool" else patience)[1]
        if arrived == expected:
            arrived = window.settle(None, QUIET)[1]
        if arrived != expected and cell.method != "xdotool":
            # What is still on its way shall not be taken for a part of the next text.
            self.close()
        if cell.method != "xdotool":
            until(lambda: self.keyboard.state == before, 10, f"the keyboard, which was {before}, was not given back")
        return "; ".join(filter(None, [error, arrived != expected and difference(expected, arrived)]))

    def xdotool(self, text: str) -> str:
        """Type with xdotool, on a fresh keyboard map: it leaves others behind. What it said against it."""
        self.desktop.set_layout(self.variation.layout, self.variation.variant)
        self.keyboard.lock(self.variation.group, self.variation.is_caps_lock_on)
        done = self.desktop.run("xdotool", "type", "--file", "-", input=text, check=False)
        return done.stderr.strip()


def shown(cells: list[Cell]) -> str:
    """How many are exact."""
    explained = sum(not cell.is_exact and bool(cell.reason) for cell in cells)
    count = f"{sum(cell.is_exact for cell in cells)}/{len(cells)}" if cells else "–"
    return f"{count} ({explained} explained)" if explained else count


def print_tables(cells: list[Cell]) -> None:
    """The counts."""

    def counts(rows: str, names: list[str], title: str, chosen: list[Cell]) -> None:
        present = [name for name in names if any(getattr(cell, rows) == name for cell in chosen)]
        lines = [
            [name, *(shown([c for c in chosen if getattr(c, rows) == name and c.method == way]) for way in METHODS)]
            for name in present
        ]
        if lines:
            print(table(title, [rows, *METHODS], lines))

    counts("application", APPLICATIONS, "Exact cells, layout us, openbox", [c for c in cells if c.variation == "us"])
    counts("variation", list(VARIATIONS), f"Exact cells, {', '.join(VARIED)}", [c for c in cells if c.variation != "us"])
    counts("text", [*TEXTS, *LENGTHS], "Exact cells, all", cells)
