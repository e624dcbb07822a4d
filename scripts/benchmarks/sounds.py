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
    """The recordings of speech: those of the folder THOTH_SPEECH, else the bundled ones in English.

    A manifest.tsv there (columns `file`, `license`, `reference`) restricts them to speech whose licence begins so.
    """
    folder = os.environ.get("THOTH_SPEECH")
    if not folder:
        bundled = sorted((ROOT / "Tests/Fixtures/audio").glob("*.wav"), reverse=True)
        return [path for path in bundled if not path.name.startswith(("ml_", "none_", "name_"))]
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


def dictation(seconds: float, pause: float, folder: Path, last: Path | None = None) -> Path:
    """A recording of about `seconds` that ends with the sentence `last` (the shortest one), `pause` seconds after it.

    Before it are other recordings and 0.7 s of silence, unless it is as long by itself. The silence is the room's own.
    """
    last = last or min(sources(), key=lambda path: abs(len(read(path)) / RATE - 3))
    sentence = trimmed(read(last))
    room = quietest(read(last))
    before = seconds - len(sentence) / RATE
    body = trimmed(read(speech(before, folder))) + silence(room, 0.7) if before > 1 else array.array("h")
    name = f"dictation-{seconds:g}-{pause:g}-{last.stem}.wav"
    return write(folder / name, body + sentence + silence(room, pause))


def trimmed(samples: array.array) -> array.array:
    """The samples from the first word to the end of the last."""
    step = RATE // 100
    loudness = [max(map(abs, samples[start : start + step])) for start in range(0, len(samples) - step, step)]
    loud = [index for index, level in enumerate(loudness) if level > max(loudness) / 50]
    return samples[loud[0] * step : (loud[-1] + 1) * step]


def quietest(samples: array.array) -> array.array:
    """The quietest 100 ms: what the room sounds like."""
    starts = range(0, len(samples) - WINDOW, WINDOW // 4)
    start = min(starts, key=lambda start: sum(map(abs, samples[start : start + WINDOW])))
    return samples[start : start + WINDOW]


def silence(room: array.array, seconds: float) -> array.array:
    """So much of a room's silence."""
    count = int(seconds * RATE)
    return (room * (1 + count // len(room)))[:count]


def pause_near(samples: array.array, seconds: float) -> int:
    """The middle of the quietest moment within a tenth of `seconds`."""
    starts = range(int(0.9 * seconds * RATE), int(1.1 * seconds * RATE) - WINDOW, WINDOW // 4)
    quietest = min(starts, key=lambda start: sum(map(abs, samples[start : start + WINDOW])))
    return quietest + WINDOW // 2
