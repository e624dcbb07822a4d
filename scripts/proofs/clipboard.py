"""Pastes while something else is on the clipboard: the text arrives, and what was there is there again.

The owners of the clipboard are real programs, and so is what reads it: every format, byte by byte. PRIMARY is looked at too.
"""

from __future__ import annotations

import hashlib
import json
import random
import struct
import subprocess
import time
import zlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from desktop import ROOT, Desktop, RigError, end, until
from figures import table
from inserter import Inserter
from texts import LANGUAGES, TEXTS, arriving, difference
from windows import PYTHON, Window

APPLICATIONS = ["gtk3", "qt5", "xterm", "chromium"]
LARGE = 4_000_000  # bytes; far more than fits into one property
MOST = 20  # s until the clipboard has to be what it was
READING = 60  # s for a look at all formats; GTK gives up one that is not answered after 30
SECRET = "x-kde-passwordManagerHint"  # with the value "secret" nobody may keep the content


@dataclass
class Content:
    """What is put on the clipboard, by which program: xclip (one format), gtk3, gtk4, qt5, or nobody."""

    kind: str
    owner: str
    formats: dict[str, bytes] = field(default_factory=dict)


def contents(chance: random.Random) -> list[Content]:
    """One of each kind, with random bytes in it."""
    text = "".join(chance.choices("".join(LANGUAGES) + "\n\t", k=chance.randrange(1, 3000)))
    words = text.encode()
    markup = f"<p>{text}</p>"
    anything = chance.randbytes(chance.randrange(1, 300_000))
    picture = png(chance, 120, 90)
    many = {"text/plain;charset=utf-8": words, "text/html": markup.encode(), "image/png": picture,
            "application/x-thing": anything}  # fmt: skip
    return [
        Content("UTF-8", "xclip", {"UTF8_STRING": words}),
        Content("Latin 1", "xclip", {"STRING": text.encode("latin-1", "ignore") + b"\xe9"}),
        Content("HTML in UTF-16", "xclip", {"text/html": markup.encode("utf-16")}),
        Content("PNG", "xclip", {"image/png": picture}),
        Content("bytes", "xclip", {"application/octet-stream": anything}),
        Content("4 MB", "xclip", {"application/octet-stream": chance.randbytes(LARGE)}),
        Content("text by GTK 3", "gtk3", {"text/plain": words}),
        Content("picture by GTK 3", "gtk3", {"image/png": picture}),
        Content("formats by GTK 4", "gtk4", many),
        Content("formats by Qt 5", "qt5", many),
        Content("4 MB by Qt 5", "qt5", {"text/plain": words, "image/x-raw": chance.randbytes(LARGE)}),
        Content("secret by Qt 5", "qt5", {"text/plain": words, SECRET: b"secret"}),
        Content("nothing", "nobody"),
    ]


def png(chance: random.Random, width: int, height: int) -> bytes:
    """A picture of noise."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b"".join(b"\0" + chance.randbytes(3 * width) for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def prove(program: Path, count: int, seed: int) -> bool:
    """Paste `count` times; whether every text arrived and every clipboard was given back."""
    chance = random.Random(seed)
    seen: dict[str, Counter] = {}
    with Desktop() as desktop:
        desktop.start_display()
        inserter = Inserter(desktop, program)
        windows = {name: Window(desktop, name) for name in APPLICATIONS}
        order: list[int] = []
        for number in range(count):
            kinds = contents(chance)
            order = order or chance.sample(range(len(kinds)), len(kinds))
            content, name = kinds[order.pop()], chance.choice(APPLICATIONS)
            run = Run(desktop, content, chance)
            try:
                run.carry_out(inserter, windows[name], chance)
            except RigError as error:
                run.problems.append(str(error))
            finally:
                run.close()
            seen.setdefault(content.kind, Counter()).update(
                runs=1, arrived=int(run.has_arrived), given_back=int(run.is_given_back), **{run.method or "none": 1}
            )
            for problem in run.problems:
                print(f"{number + 1}, {content.kind}, {name}: {problem}", flush=True)
    columns = ["runs", "paste", "type", "arrived", "given_back"]
    print(table("Clipboards", ["content", *columns[:3], "text exact", "byte-identical"],
                [[kind, *(counts[column] for column in columns)] for kind, counts in sorted(seen.items())]))  # fmt: skip
    total = sum(seen.values(), Counter())
    print(f"\n{total['arrived']} of {count} pasted, {total['given_back']} of {count} byte-identical")
    return total["arrived"] == total["given_back"] == count


class Run:
    """One paste with one content."""

    def __init__(self, desktop: Desktop, content: Content, chance: random.Random) -> None:
        self.desktop = desktop
        self.content = content
        self.chance = chance
        self.owners: list[subprocess.Popen] = []
        self.method = ""
        self.has_arrived = self.is_given_back = False
        self.problems: list[str] = []

    def carry_out(self, inserter: Inserter, window: Window, chance: random.Random) -> None:
        """Own, paste, look."""
        window.focus()
        window.clear()
        self.own_primary()
        self.own_clipboard()
        before = {selection: self.read(selection) for selection in ("CLIPBOARD", "PRIMARY")}
        text = chance.choice(list(TEXTS.values())) * chance.randrange(1, 8)
        answer = inserter.insert(text, "paste")
        self.method = answer.get("method", "")
        expected = arriving(text, window.application)
        arrived = window.settle(expected)[1]
        self.has_arrived = arrived == expected and self.method == self.expected_method
        if arrived != expected:
            self.problems.append(difference(expected, arrived))
        if self.method != self.expected_method:
            self.problems.append(answer.get("error") or f"the method was {self.method}, and not {self.expected_method}")
        self.is_given_back = all([self.is_back(selection, formats) for selection, formats in before.items()])

    @property
    def expected_method(self) -> str:
        """What is secret is not taken into memory to be given back: the text is typed."""
        return "type" if SECRET in self.content.formats else "paste"

    def close(self) -> None:
        """End the owners."""
        for owner in self.owners:
            end(owner)

    # The owners

    def own_primary(self) -> None:
        """A selection that the user has made with the mouse."""
        text = f"selected {self.chance.random()}".encode()
        self.own_by_xclip("PRIMARY", "UTF8_STRING", text)

    def own_clipboard(self) -> None:
        """What the user has copied."""
        if self.content.owner == "nobody":
            self.own_by_xclip("CLIPBOARD", "UTF8_STRING", b"gone")
            end(self.owners.pop())
        elif self.content.owner == "xclip":
            ((name, data),) = self.content.formats.items()
            self.own_by_xclip("CLIPBOARD", name, data)
        else:
            words = [f"{name}={self.file(data)}" for name, data in self.content.formats.items()]
            program = ROOT / "Tests/Rigs/clipboard_owner.py"
            owner = self.desktop.start(PYTHON, program, self.content.owner, *words, stdout=subprocess.PIPE)
            self.owners.append(owner)
            if owner.stdout.readline() != b"owned\n":
                raise RigError(f"{self.content.owner} did not take the clipboard")

    def own_by_xclip(self, selection: str, name: str, data: bytes) -> None:
        """xclip offers one format."""
        words = ["-selection", selection.lower(), "-t", name, self.file(data)]
        self.owners.append(self.desktop.start("xclip", "-i", "-quiet", *words))
        digest = hashlib.sha256(data).hexdigest()
        until(lambda: digest in (self.read(selection).get(name) or []), 20, f"xclip did not take {selection}")

    def file(self, data: bytes) -> Path:
        """A file with `data`."""
        path = self.desktop.folder / f"content-{time.monotonic_ns()}"
        path.write_bytes(data)
        return path

    # Another program's view

    def read(self, selection: str) -> dict[str, list]:
        """Every format of a selection: type, unit, size and digest."""
        program = ROOT / "Tests/Rigs/clipboard_reader.py"
        return json.loads(self.desktop.run(PYTHON, program, selection, seconds=READING).stdout)

    def is_back(self, selection: str, formats: dict[str, list]) -> bool:
        """Whether a selection comes to hold `formats` and nothing else."""
        deadline = time.monotonic() + MOST
        while (found := self.read(selection)) != formats and time.monotonic() < deadline:
            time.sleep(0.02)
        for name in sorted(formats.keys() | found.keys()):
            if formats.get(name) != found.get(name):
                self.problems.append(f"{selection}, {name}: {found.get(name)} for {formats.get(name)}")
        return found == formats
