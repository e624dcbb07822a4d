"""Stops at random moments while numbered clicks are heard: the click at the moment of the stop is in the recording.

There is one click every 5 ms, and its height is its number. The moment of the stop is taken before the client
starts, and the moment of the first click is bounded from above: a recording is found short only when it is.
"""

from __future__ import annotations

import array
import random
import time

import sounds
from figures import median, percentile, table
from rig import Rig

SPACING = 80  # samples: 5 ms
HEIGHTS = 400  # how many heights there are; they are quiet, so that no engine is asked
LOWEST = 50
FIRST_PERIOD = 160  # frames that are there when the first frames are announced


def prove(rig: Rig, count: int, seed: int) -> bool:
    """Stop `count` times; whether each recording has all clicks, up to the last."""
    chance = random.Random(seed)
    clicks = array.array("h", bytes(2 * 8 * sounds.RATE))
    for number in range(len(clicks) // SPACING):
        clicks[number * SPACING] = height(number)
    rig.start_paced("clicks", sounds.write(rig.folder / "clicks.wav", clicks))
    rig.status()
    margins, failures = [], 0
    for number in range(count):
        margin, problem = stop(rig, chance.uniform(0.1, 1.5))
        margins.append(margin)
        if problem:
            failures += 1
            print(f"{number + 1}: {problem}", flush=True)
    columns = ["stops", "least ms", "median ms", "p95 ms", "failed"]
    row = [count, min(margins), median(margins), percentile(margins, 0.95), failures]
    print(table("Audio after the moment of the stop (below 0: lost)", columns, [row]))
    return not failures


def height(number: int) -> int:
    """The sample of a click."""
    return LOWEST + number % HEIGHTS


def stop(rig: Rig, seconds: float) -> tuple[float, str]:
    """One recording of about `seconds`: how far it goes beyond the stop in milliseconds, and what is wrong."""
    job = rig.thoth("record", "--device", "clicks", "--output", "none", check=True).stdout.strip()
    first = time.monotonic()
    time.sleep(seconds)
    moment = time.monotonic()
    rig.thoth("stop", "--wait")
    held = sounds.read(rig.recording(job))
    due = FIRST_PERIOD + int((moment - first) * sounds.RATE)
    for number in range(len(held) // SPACING):
        if held[number * SPACING] != height(number):
            return 0, f"click {number} of {len(held) // SPACING} is missing"
    last = due // SPACING * SPACING
    problem = "" if len(held) > last else f"the click at {last / sounds.RATE:.3f} s, before the stop, is missing"
    return 1000 * (len(held) - due) / sounds.RATE, problem
