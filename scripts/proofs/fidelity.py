"""Audio fidelity: minutes of noise through a real sound server, and what the daemon recorded of it.

No two places of noise look alike: a frame that is lost or doubled shifts all that follows. It ends below the edge of
the resampler's filter, where SoX's differs. The server runs at 48 kHz; what was played is brought to 16 kHz by SoX, for
each of the three ways in which three frames become one.
"""

from __future__ import annotations

import array
import random
import subprocess
import time
import wave
from pathlib import Path

import sounds
from figures import table
from rig import Rig

PLAYED_RATE = 48_000
HEIGHT = 12_000  # of the noise; what a filter adds stays below full scale
TOLERANCE = 8  # steps of 65,536: the server mixes in integers, and SoX rounds by itself
SEARCH = 4_800  # samples, to either side, in which the place of a shifted sample is looked for
BEYOND = 2_000  # samples after a deviation, which may have been lost with it
PATTERN = 200  # samples that tell a place
EDGE = 100  # samples at both ends that the filter smears
DRIFT_PPM = 300


def prove(rig: Rig, minutes: int, seed: int) -> bool:
    """Whether `minutes` of sound came through whole, and a minute from a device whose clock is fast."""
    chance = random.Random(seed)
    count = minutes * 60 * PLAYED_RATE
    noise = array.array("h", (chance.randrange(-HEIGHT, HEIGHT) for _ in range(count)))
    noise = filtered(rig, noise)
    path = write(rig.folder / "noise.wav", array.array("h", bytes(PLAYED_RATE)) + noise)
    job = rig.thoth("record", "--output", "none", check=True).stdout.strip()
    start = time.monotonic()
    # With two seconds in the player's hands: a busy computer does not make it late.
    rig.run("paplay", "--device=room", "--latency-msec=2000", path, seconds=60 * minutes + 60)
    time.sleep(1)
    seconds, held = stop(rig, job, start)
    shifts, worst = compare(held, [reference(rig, noise, phase) for phase in range(3)])
    drift = drifting(rig)
    columns = ["microphone", "min", "samples compared", "lost or doubled", "largest deviation", "clock ppm"]
    clock = (len(held) / sounds.RATE / seconds - 1) * 1e6
    rows = [["PulseAudio", minutes, len(held), sum(map(abs, shifts)), worst, f"{clock:.0f}"],
            [f"device, {DRIFT_PPM} ppm fast", 1, drift[0], drift[1], 0, f"{drift[2]:.0f}"]]  # fmt: skip
    print(table("What was recorded of what was played", columns, rows))
    return not shifts and worst <= TOLERANCE and drift[1] == 0 and abs(drift[2] - DRIFT_PPM) < 500


def stop(rig: Rig, job: str, start: float) -> tuple[float, array.array]:
    """End the recording without asking an engine: how long it was by the clock, and what it holds."""
    path = rig.spool / f"{job}.wav"
    seconds = time.monotonic() - start
    held = array.array("h", path.read_bytes()[44:])
    rig.thoth("cancel", check=True)
    return seconds, held


def write(path: Path, samples: array.array) -> Path:
    """Write a 48 kHz mono WAV file."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, PLAYED_RATE, len(samples), "NONE", ""))
        file.writeframes(samples.tobytes())
    return path


def filtered(rig: Rig, noise: array.array) -> array.array:
    """The noise without what is above 6.8 kHz."""
    path = write(rig.folder / "white.wav", noise)
    command = ["sox", "-D", path, "-t", "raw", "-", "sinc", "-6800"]
    return array.array("h", subprocess.run(command, check=True, capture_output=True).stdout)


def reference(rig: Rig, noise: array.array, phase: int) -> array.array:
    """The noise at 16 kHz, with its first sample at `phase` of three frames."""
    path = write(rig.folder / "phase.wav", array.array("h", bytes(2 * phase)) + noise)
    command = ["sox", "-D", path, "-t", "raw", "-", "rate", "-h", str(sounds.RATE)]
    return array.array("h", subprocess.run(command, check=True, capture_output=True).stdout)


def compare(held: array.array, references: list[array.array]) -> tuple[list[int], int]:
    """The shifts of `held` against the reference that fits it, and the largest deviation besides."""
    first = next(index for index, sample in enumerate(held) if abs(sample) > 100)
    fits = [(place(held, first - 50, played, EDGE), played) for played in references]
    begin, played = min(fits, key=lambda fit: fit[0][0])
    (_, at), shifts, worst, offset = begin, [], 0, begin[1] - EDGE
    index = EDGE
    while index < len(played) - EDGE and index + offset < len(held):
        deviation = abs(held[index + offset] - played[index])
        if deviation > TOLERANCE:
            index += BEYOND
            _, at = place(held, index + offset - SEARCH, played, index, 2 * SEARCH)
            shifts.append(at - index - offset)
            if not shifts[-1] or len(shifts) > 20:
                return shifts + [len(played)], deviation
            offset += shifts[-1]
            continue
        worst = max(worst, deviation)
        index += 1
    return shifts, worst


def place(held: array.array, start: int, played: array.array, index: int, width: int = 400) -> tuple[int, int]:
    """Where in `held`, from `start` on, the pattern of `played` at `index` stands best, after how far it is off."""
    pattern = played[index : index + PATTERN]
    places = range(max(0, start), min(len(held) - PATTERN, start + width))
    return min((sum(abs(a - b) for a, b in zip(held[at : at + PATTERN], pattern)), at) for at in places)


def drifting(rig: Rig) -> tuple[int, int, float]:
    """A minute from a device that counts, on a clock that is fast: samples, wrong ones, how fast it was in ppm."""
    rig.start_paced("paced", sounds.write(rig.folder / "none.wav", array.array("h", [0])))
    rig.define("drifting", f"type fault\n  drift_ppm {DRIFT_PPM}")
    job = rig.thoth("record", "--device", "drifting", "--output", "none", check=True).stdout.strip()
    path = rig.spool / f"{job}.wav"
    began, before = time.monotonic(), path.stat().st_size
    time.sleep(60)
    seconds, frames = time.monotonic() - began, (path.stat().st_size - before) // 2
    _, held = stop(rig, job, began)
    wrong = sum((after - sample) % 65536 != 1 for sample, after in zip(held, held[1:]))
    return len(held), wrong, (frames / sounds.RATE / seconds - 1) * 1e6
