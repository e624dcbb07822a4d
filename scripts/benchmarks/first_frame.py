"""From the hotkey to the first captured frame: `thoth record` returns at it."""

from __future__ import annotations

import os
import time

import sounds
from figures import median, percentile, table
from rig import ROOT, Events, Rig, end

WORDS = ROOT / "Tests/Fixtures/audio/cmd_goforward.wav"


def measure(rig: Rig, rounds: int = 20) -> dict:
    """Dictate a short command `rounds` times from each microphone, in turn with arecord."""
    words = sounds.write(rig.folder / "words.wav", sounds.read(WORDS)[: 2 * sounds.RATE])
    rig.start_paced("paced", words)
    rig.start_engine()
    events = Events(rig)
    result = {}
    for name, device in (("sound server", "default"), ("paced PCM", "paced")):
        runs = [(arecord(rig, device), *thoth(rig, events, device, words)) for _ in range(rounds)]
        alone, whole, opening = zip(*runs)
        result[name] = {
            "arecord_ms": spread(alone),
            "thoth_record_ms": spread(whole),
            "open_ms": spread(opening),
        }
    rows = [
        [f"{name}: {label}", figures["median"], figures["p95"], figures["median"] / row["arecord_ms"]["median"]]
        for name, row in result.items()
        for label, figures in (
            ("`thoth record`, start to end", row["thoth_record_ms"]),
            ("of it the microphone (`timings_ms.open`)", row["open_ms"]),
            ("`arecord`, start to first byte", row["arecord_ms"]),
        )
    ]
    title = f"Hotkey to first captured frame, {rounds} runs in turn, warm daemon and sound server"
    print(table(title, ["microphone: what", "median ms", "p95 ms", "ratio to arecord"], rows))
    end(events.process)
    return {"rounds": rounds, **result}


def spread(values: tuple[float, ...]) -> dict[str, float]:
    """Median and 95th percentile."""
    return {"median": median(values), "p95": percentile(values, 0.95)}


def thoth(rig: Rig, events: Events, device: str, words: object) -> tuple[float, float]:
    """One dictation: the time of `thoth record`, and what its result says about the microphone, in ms."""
    before = len(events.list)
    elapsed = rig.time_thoth("record", "--device", device, "--output", "none")
    if device == "default":
        rig.play(words)
    else:
        time.sleep(2)  # the microphone plays by itself
    rig.thoth("stop", "--wait", check=True)
    job = next(event["job"] for event in events.list[before:] if "job" in event)
    return elapsed, events.wait(job, "result")["timings_ms"]["open"]


def arecord(rig: Rig, device: str) -> float:
    """Milliseconds from the start of arecord to the first sound from it."""
    reading, writing = os.pipe()
    start = time.monotonic_ns()
    process = rig.start("arecord", "-q", "-D", device, "-f", "S16_LE", "-r", "16000", "-c", "1", "-t", "raw",
                        stdout=writing)  # fmt: skip
    os.close(writing)
    os.read(reading, 1)
    elapsed = (time.monotonic_ns() - start) / 1e6
    end(process)
    os.close(reading)
    return elapsed
