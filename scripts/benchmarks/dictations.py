"""Long dictations with known words: those that there are, and some joined from short recordings."""

from __future__ import annotations

import array
import csv
import os
import random
import re
from dataclasses import dataclass
from pathlib import Path

from rig import ROOT, RigError
from sounds import RATE, read, write

LONG = 30  # s: a recording this long is a dictation by itself; what is shorter is joined
COMMAND = 2  # s: what is shorter is a command to a machine, and no part of a dictation
PAUSES = (0.4, 0.9)  # s between two joined recordings: how long a reader rests between sentences
ROOM = 10  # amplitude of the noise in those pauses, of 32768: -70 dBFS, a quiet room


@dataclass(frozen=True)
class Part:
    """Something that was said: where it is from, and its words. Dictations may share a part."""

    source: str
    reference: str


@dataclass(frozen=True)
class Dictation:
    """A recording, and what is said in it."""

    name: str
    wav: Path
    seconds: float
    parts: list[Part]


def dictations(folder: Path, seconds: float, count: int) -> list[Dictation]:
    """The long ones of the folder THOTH_SPEECH, and `count` of about `seconds`, joined in different orders."""
    known = [(path, read(path), reference) for path, reference in references()]
    long = [
        Dictation(path.stem, path, len(samples) / RATE, sentences(path.stem, reference))
        for path, samples, reference in known
        if len(samples) >= LONG * RATE
    ]
    short = [
        (samples, Part(path.stem, reference))
        for path, samples, reference in known
        if COMMAND * RATE <= len(samples) < LONG * RATE
    ]
    return long + [joined(short, seconds, folder, number) for number in range(1, count + 1)]


def references() -> list[tuple[Path, str]]:
    """English recordings and what is said in them. Names of other languages' begin with ml_."""
    return [(path, reference) for path, reference in manifest() if reference and not path.name.startswith("ml_")]


def manifest() -> list[tuple[Path, str]]:
    """Recordings and what is said in them, if anything: those of the folder THOTH_SPEECH, else the bundled ones.

    From the manifest.tsv there: columns `file` and `reference`.
    """
    folder = Path(os.environ.get("THOTH_SPEECH") or ROOT / "Tests/Fixtures/audio")
    try:
        with (folder / "manifest.tsv").open() as file:
            rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    except FileNotFoundError as error:
        raise RigError(f"{folder} has no manifest.tsv that tells what is said in its recordings") from error
    return [(folder / row["file"], row["reference"] or "") for row in rows]


def sentences(name: str, reference: str) -> list[Part]:
    """The sentences of a text as parts."""
    found = re.split(r"(?<=[.?!;:]) +", reference)
    return [Part(f"{name}-{number}", sentence) for number, sentence in enumerate(found)]


def joined(known: list[tuple[array.array, Part]], seconds: float, folder: Path, seed: int) -> Dictation:
    """Recordings in an order of chance, with pauses between them, until they last `seconds`."""
    if not known:
        raise RigError(f"there is no recording of {COMMAND} to {LONG} s to make a dictation of")
    chance = random.Random(seed)
    room = array.array("h", (round(chance.gauss(0, ROOM)) for _ in range(RATE)))  # one second, long enough for a pause
    samples, parts = array.array("h"), []
    while len(samples) < seconds * RATE:
        for recording, part in chance.sample(known, len(known)):
            samples += recording + room[: int(chance.uniform(*PAUSES) * RATE)]
            parts.append(part)
            if len(samples) >= seconds * RATE:
                break
    name = f"joined-{seed}"
    return Dictation(name, write(folder / f"{name}.wav", samples), len(samples) / RATE, parts)
