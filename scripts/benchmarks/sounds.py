"""Recordings of a wanted length."""

from __future__ import annotations

import array
import csv
import os
import wave
from pathlib import Path

from rig import ROOT

RATE = 16_000  # Hz; all recordings are mono, 16 bit
PAUSE = RATE * 3 // 10  # samples between two joined recordings
WINDOW = RATE // 10  # samples; a cut goes through the quietest window of this length


def read(path: Path) -> array.array:
    """The samples of a 16 kHz mono 16-bit WAV file."""
    with wave.open(str(path)) as file:
        if (file.getframerate(), file.getnchannels(), file.getsampwidth()) != (RATE, 1, 2):
            raise ValueError(f"{path} is not 16 kHz mono 16-bit WAV")
        return array.array("h", file.readframes(file.getnframes()))


def write(path: Path, samples: array.array) -> Path:
    """Write a 16 kHz mono 16-bit WAV file."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, len(samples), "NONE", ""))
        file.writeframes(samples.tobytes())
    return path


def sources(licence: str = "public domain") -> list[Path]:
    """The recordings of speech: those of the folder THOTH_SPEECH, else the bundled ones.

    A manifest.tsv there (columns `file`, `license`, `reference`) restricts them to speech whose licence begins so.
    """
    folder = os.environ.get("THOTH_SPEECH")
    if not folder:
        return sorted((ROOT / "Tests/Fixtures/audio").glob("*.wav"), reverse=True)
    manifest = Path(folder) / "manifest.tsv"
    if not manifest.exists():
        return sorted(Path(folder).glob("*.wav"))
    with manifest.open() as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        free = [row["file"] for row in rows if row["license"].startswith(licence) and row["reference"]]
    return [Path(folder) / name for name in free]


def speech(seconds: float, folder: Path) -> Path:
    """A recording of about `seconds`: the one source of that length, else some joined and cut at a pause."""
    found = [(path, read(path)) for path in sources()]
    near = [path for path, samples in found if abs(len(samples) / RATE - seconds) < 0.05 * seconds]
    if near:
        return near[0]
    longest_first = sorted((samples for _, samples in found), key=len, reverse=True)
    joined = array.array("h")
    while len(joined) < 1.1 * seconds * RATE:
        for samples in longest_first:
            joined += samples + array.array("h", bytes(2 * PAUSE))
    return write(folder / f"speech-{seconds:g}.wav", joined[: pause_near(joined, seconds)])


def ending(seconds: float, pause: float, folder: Path) -> Path:
    """A recording of about `seconds` that ends `pause` seconds after its last word: with its own room's silence."""
    samples = read(speech(seconds, folder))
    step = RATE // 100
    loudness = [max(map(abs, samples[start : start + step])) for start in range(0, len(samples) - step, step)]
    last = max(index for index, level in enumerate(loudness) if level > max(loudness) / 50)
    quietest = min(range(len(loudness) - 9), key=lambda index: sum(loudness[index : index + 10]))
    room = samples[quietest * step : (quietest + 10) * step]
    silence = (room * (1 + int(pause * RATE) // len(room)))[: int(pause * RATE)]
    return write(folder / f"speech-{seconds:g}-{pause:g}.wav", samples[: (last + 1) * step] + silence)


def pause_near(samples: array.array, seconds: float) -> int:
    """The middle of the quietest moment within a tenth of `seconds`."""
    starts = range(int(0.9 * seconds * RATE), int(1.1 * seconds * RATE) - WINDOW, WINDOW // 4)
    quietest = min(starts, key=lambda start: sum(map(abs, samples[start : start + WINDOW])))
    return quietest + WINDOW // 2
