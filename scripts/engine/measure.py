#!/usr/bin/env python3
"""Measure the engine: word error rate and time. Whisper is measured three times: with the encoder's context full,
trimmed, and trimmed with retry.

    python measure.py --models DIR/models [--model NAME] [--language en] [--files 'utt_*'] RECORDINGS

RECORDINGS holds WAV files and a manifest.tsv with the columns file and reference; files whose reference is empty
hold no speech, and must give no text. Run it with the engine's virtual environment and whisper-normalizer, which
OpenAI's figures are made with: pip install --target X whisper-normalizer; PYTHONPATH=X DIR/venv/bin/python measure.py
"""

from __future__ import annotations

import argparse
import csv
import os
import statistics
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from unittest import mock

os.environ.update(HF_HUB_OFFLINE="1", OPENBLAS_NUM_THREADS="1")

import whisper
from audio import SAMPLE_RATE, Samples, decode
from backend import Backend, Task, nobody_cancels
from models import backend_of
from scoring import comparable, distance

BINS = ((0, 3), (3, 8), (8, 20), (20, 1e9))  # s of audio
MODES: dict[str, AbstractContextManager] = {
    "full context": mock.patch.object(whisper, "least_context", lambda language: whisper.FULL_CONTEXT),
    "trimmed": mock.patch.object(whisper, "plausible", lambda *_: True),
    "trimmed, retry": nullcontext(),
}


@dataclass(frozen=True)
class Recording:
    """A recording and what is said in it, "" for none."""

    name: str
    samples: Samples
    reference: str


def main() -> None:
    """Print one row for each mode."""
    parser = argparse.ArgumentParser(description="Measure the engine.")
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--model", default="default")
    parser.add_argument("--language", help="given with every request; without it, it is detected")
    parser.add_argument("--files", default="*", metavar="GLOB", help="only recordings with such names")
    parser.add_argument("--verbose", action="store_true", help="print what differs from the reference")
    parser.add_argument("recordings", type=Path)
    options = parser.parse_args()
    recordings = load(options.recordings, options.files)
    folder = options.models / options.model
    engine = backend_of(folder)(folder, 1)
    modes = MODES if isinstance(engine, whisper.WhisperBackend) else {options.model: nullcontext()}
    engine.warm_up()
    print("Median seconds for recordings of less than 3, 8 and 20 s, and more, stand last.")
    print("mode              WER      errors   words  retries  text for no speech")
    for mode, patched in modes.items():
        with patched:
            print(f"{mode:17s} {row(engine, recordings, options)}", flush=True)


def load(folder: Path, names: str) -> list[Recording]:
    """The recordings that the manifest has and whose names match."""
    with open(folder / "manifest.tsv") as manifest:
        table = csv.DictReader(manifest, delimiter="\t", quoting=csv.QUOTE_NONE)
        rows = [row for row in table if fnmatch(row["file"], names)]
    return [Recording(row["file"], decode((folder / row["file"]).read_bytes()), row["reference"]) for row in rows]


def row(engine: Backend, recordings: list[Recording], options: argparse.Namespace) -> str:
    """Transcribe all; the figures."""
    errors = words = retries = invented = 0
    times: list[list[float]] = [[] for _ in BINS]
    for recording in recordings:
        began = time.perf_counter()
        result = engine.transcribe(Task(recording.samples, options.language), nobody_cancels)
        took = time.perf_counter() - began
        if not recording.reference:
            invented += bool(result.text)
            continue
        seconds = len(recording.samples) / SAMPLE_RATE
        times[next(i for i, (low, high) in enumerate(BINS) if low <= seconds < high)].append(took)
        expected, heard = comparable(recording.reference), comparable(result.text)
        wrong = distance(expected, heard)
        if wrong and options.verbose:
            print(f"{wrong}/{len(expected)} {recording.name}: {result.text}")
        errors, words, retries = errors + wrong, words + len(expected), retries + result.retries
    medians = "  ".join(f"{statistics.median(part):5.2f}" if part else "    –" for part in times)
    return f"{100 * errors / words:5.2f} %  {errors:5d}  {words:6d}  {retries:6d}  {invented:14d}       {medians}"


if __name__ == "__main__":
    main()
