#!/usr/bin/env python3
"""Where the time of a request goes: milliseconds of processor time for each stage, by the length of the speech.

    DIR/venv/bin/python stages.py --models DIR/models [--model NAME] [--runs N] RECORDING

The least of N runs is given. Processor time, unlike time on the clock, is nearly the same on a busy machine.
"""

from __future__ import annotations

import argparse
import os
import time
from collections import defaultdict
from pathlib import Path
from typing import Callable
from unittest import mock

os.environ.update(HF_HUB_OFFLINE="1", OPENBLAS_NUM_THREADS="1")

from faster_whisper.feature_extractor import FeatureExtractor

import moonshine
import whisper
from audio import SAMPLE_RATE, decode
from backend import Task, nobody_cancels
from models import backend_of

LENGTHS = (1, 3, 6, 10, 13)  # s
# The functions whose time is taken, by stage.
STAGES = {
    "speech": ((whisper, "speech_in"), (moonshine, "speech_in")),
    "features": ((FeatureExtractor, "__call__"),),
    "encode": ((whisper.WhisperModel, "encode"),),
    "decode": ((whisper.WhisperModel, "generate_with_fallback"),),
    "words": ((whisper.WhisperModel, "add_word_timestamps"),),
    "recognize": ((moonshine.MoonshineBackend, "_recognize"),),
}


def main() -> None:
    """Print one row for each length, without and with the times of words."""
    parser = argparse.ArgumentParser(description="Measure the stages of a request.")
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--model", default="default")
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("recording", type=Path, help="at least 13 s of English speech")
    options = parser.parse_args()
    samples = decode(options.recording.read_bytes())
    folder = options.models / options.model
    engine = backend_of(folder)(folder, 1)
    engine.warm_up()
    print("audio  words  whole  " + "  ".join(f"{stage:>9s}" for stage in STAGES))
    for seconds in LENGTHS:
        for words in (False, True):
            task = Task(samples[: seconds * SAMPLE_RATE], "en", words=words)
            spent = [stages(lambda: engine.transcribe(task, nobody_cancels)) for _ in range(options.runs)]
            least = {stage: 1e3 * min(run[stage] for run in spent) for stage in ("whole", *STAGES)}
            figures = "  ".join(f"{least[stage]:9.1f}" for stage in STAGES)
            print(f"{seconds:3d} s  {'yes' if words else 'no':>5s}  {least['whole']:5.0f}  {figures}", flush=True)


def stages(work: Callable[[], object]) -> dict[str, float]:
    """Seconds of processor time of the whole, and of what each stage took of it."""
    spent: dict[str, float] = defaultdict(float)

    def timed(stage: str, function: Callable) -> Callable:
        def run(*arguments, **named):
            began = time.process_time()
            try:
                return function(*arguments, **named)
            finally:
                spent[stage] += time.process_time() - began

        return run

    places = [(stage, owner, name) for stage, functions in STAGES.items() for owner, name in functions]
    patches = [mock.patch.object(owner, name, timed(stage, getattr(owner, name))) for stage, owner, name in places]
    for patch in patches:
        patch.start()
    try:
        timed("whole", work)()
    finally:
        mock.patch.stopall()
    return spent


if __name__ == "__main__":
    main()
