"""Files: `thoth transcribe`, against the same engine driven directly; its memory, and dictation beside it."""

from __future__ import annotations

import array
import io
import json
import os
import subprocess
import time
import wave
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import transcribe_load
from accuracy import install_normalizer
from dictations import COMMAND, LONG, references
from engine import ask
from figures import median, table
from rig import Rig, RigError
from sounds import RATE, read, write

PAUSES = (0.4, 0.9, 2.5)  # s between two recordings, in turn: within a paragraph, and after it
PIECE = 28  # s; what thoth sends at most at a time
FORM = {"model": "default", "language": "en"}


@dataclass(frozen=True)
class Archive:
    """A file of speech, as it is kept and decoded, and what is said in it."""

    mp3: Path
    wav: Path
    seconds: float
    reference: str


def measure(rig: Rig, minutes: float, rounds: int) -> dict:
    """All tables: `minutes` of speech, each way `rounds` times."""
    install_normalizer(rig)
    rig.start_lasting_engine()
    archive = speech(rig, minutes)
    result = {"minutes": archive.seconds / 60, "rounds": rounds, "speed": speed(rig, archive, rounds)}
    result["dictation"] = transcribe_load.dictation(rig, archive.mp3, max(12, 4 * rounds))
    result["memory"] = transcribe_load.memory(rig, archive.mp3, archive.seconds)
    return result


def speech(rig: Rig, minutes: float) -> Archive:
    """Recordings with known words one after the other until they last so long, as MP3."""
    known = [(read(path), reference) for path, reference in references() if not path.name.startswith("name_")]
    known = [(samples, reference) for samples, reference in known if len(samples) >= COMMAND * RATE]
    samples, words = array.array("h"), []
    while len(samples) < minutes * 60 * RATE:
        recording, reference = known[len(words) % len(known)]
        pause = PAUSES[-1] if len(recording) >= LONG * RATE else PAUSES[len(words) % len(PAUSES)]
        samples += recording + array.array("h", bytes(2 * int(pause * RATE)))
        words.append(reference)
    mp3, wav = rig.folder / "archive.mp3", rig.folder / "archive.wav"
    rig.run("ffmpeg", "-nostdin", "-v", "error", "-y", "-i", write(wav, samples), "-ar", 44100, "-b:a", "64k", mp3)
    decode(rig, mp3, wav)
    return Archive(mp3, wav, len(samples) / RATE, " ".join(words))


def decode(rig: Rig, mp3: Path, wav: Path) -> None:
    """What people do before they cut a file."""
    rig.run("ffmpeg", "-nostdin", "-v", "error", "-y", "-i", mp3, "-ar", RATE, "-ac", 1, wav, seconds=600)


# Speed


def speed(rig: Rig, archive: Archive, rounds: int) -> dict:
    """Seconds and word errors of each way, in turn."""
    options = {"txt, not stored": ["--no-save"], "txt, stored": [], "json, not stored": ["--no-save", "--format", "json"]}
    ways: dict[str, Callable[[], str]] = {
        f"engine, pieces of {PIECE} s": lambda: directly(rig, archive, {}),
        "the same with times of words": lambda: directly(rig, archive, {"timestamp_granularities[]": "word"}),
        **{f"thoth, {name}": lambda words=words: thoth(rig, archive, words) for name, words in options.items()},
        "ffmpeg and one curl": lambda: whole(rig, archive),
    }
    seconds, texts = defaultdict(list), {}
    warm = write(rig.folder / "warm.wav", read(archive.wav)[: PIECE * RATE])
    rig.thoth("transcribe", "--no-save", "--language", "en", warm, check=True)
    for number in range(rounds):
        for name, way in ways.items() if number % 2 == 0 else reversed(ways.items()):
            start = time.perf_counter()
            texts[name] = way()
            seconds[name].append(time.perf_counter() - start)
            print(f"  {name}: {seconds[name][-1]:.1f} s", flush=True)
    base = next(iter(ways))
    result = {
        name: {"seconds": median(seconds[name]), "times_real_time": archive.seconds / median(seconds[name]),
               "ratio": median(own / other for own, other in zip(seconds[name], seconds[base])),
               "word_errors_percent": errors(archive.reference, texts[name])}
        for name in ways
    }  # fmt: skip
    print(table(f"{archive.seconds / 60:.0f} minutes of speech, MP3, {rounds} rounds in turn; medians",
                ["way", "s", "times real time", "to the engine alone", "word errors %"],
                [[name, *row.values()] for name, row in result.items()]))  # fmt: skip
    return result


def thoth(rig: Rig, archive: Archive, words: list[str]) -> str:
    """The text that `thoth transcribe` makes."""
    done = rig.run(rig.programs / "thoth", "transcribe", "--quiet", "--language", "en", *words, archive.mp3, seconds=7200)
    return json.loads(done.stdout)["text"] if "json" in words else done.stdout


def directly(rig: Rig, archive: Archive, more: dict[str, str]) -> str:
    """Pieces of one length, as many on their way as the engine has places. The file is decoded already."""
    samples = read(archive.wav)
    pieces = [samples[start : start + PIECE * RATE] for start in range(0, len(samples), PIECE * RATE)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return " ".join(pool.map(lambda piece: ask(rig.engine_socket, wav(piece), FORM | more)[0], pieces))


def wav(samples: array.array) -> bytes:
    """A WAV file in memory."""
    memory = io.BytesIO()
    with wave.open(memory, "wb") as file:
        file.setparams((1, 2, RATE, len(samples), "NONE", ""))
        file.writeframes(samples.tobytes())
    return memory.getvalue()


def whole(rig: Rig, archive: Archive) -> str:
    """The file sent at once, as a line of shell does it: as Opus, since engines take 25 MB at most."""
    sent = archive.wav.with_name("whole.ogg")
    rig.run("ffmpeg", "-nostdin", "-v", "error", "-y", "-i", archive.mp3, "-ac", 1, "-c:a", "libopus", "-b:a", "32k", sent, seconds=600)
    form = [word for name, value in FORM.items() for word in ("-F", f"{name}={value}")]
    done = subprocess.run(["curl", "-sS", "--fail-with-body", "--unix-socket", rig.engine_socket, "-F", f"file=@{sent}", *form,
                           "-F", "response_format=text", "http://engine/v1/audio/transcriptions"],
                          text=True, capture_output=True)  # fmt: skip
    if done.returncode:
        raise RigError(f"the engine does not take the whole file: {done.stdout}{done.stderr}")
    return done.stdout


def errors(reference: str, text: str) -> float:
    """The word error rate in percent."""
    from scoring import comparable

    expected, heard = comparable(reference), comparable(text)
    # scoring.distance keeps the whole table, which an hour of words has no room for.
    row = list(range(len(heard) + 1))
    for count, word in enumerate(expected, 1):
        above, row = row, [count]
        for j, other in enumerate(heard):
            row.append(min(above[j] + (word != other), above[j + 1] + 1, row[j] + 1))
    return 100 * row[-1] / len(expected)
