"""What a period of capture costs and how evenly the thread wakes up, idle and with every core loaded; thoth's own
capture thread, and arecord's, at the same period.
"""

from __future__ import annotations

import array
import os
import random
import struct
import time
from pathlib import Path
from typing import Callable

import sounds
from figures import median, percentile, table
from rig import ROOT, Events, Rig, end, until

PERIODS_MS = [2.5, 5, 10, 20, 40]
DEVICES = {"paced PCM": ("paced", 16_000), "PulseAudio": ("default", 48_000)}
PRIORITY = 10  # as in thoth
SKIPPED = 20  # wake-ups at the start, while the sound server finds its pace
WITHOUT = "-sys_nice,-ipc_lock"  # what makes root exceed the limits


def measure(rig: Rig, seconds: float) -> dict:
    """Each period `seconds` long."""
    start_noise(rig, 6 * seconds)
    program = rig.folder / "capture"
    rig.run("gcc", "-O2", "-Wall", Path(__file__).with_name("capture.c"), "-o", program, "-lasound", "-lpthread")
    can_be_fast = not rig.run(program, "paced", 16_000, 10, 0.1, PRIORITY, check=False).returncode
    priorities = [0, PRIORITY] if can_be_fast else [0]
    conditions = [(load, priority) for load in (False, True) for priority in priorities]
    rows = []
    for label, (device, rate) in DEVICES.items():
        for period in PERIODS_MS:
            for load, priority in conditions:
                found = loaded(rig, load, lambda: alone(rig, program, device, rate, period, seconds, priority))
                rows.append([label, f"{period:g}", *words(load, priority), *found])
    columns = ["microphone", "period ms", "cores", "priority", "wake-ups", "CPU ms/min", "jitter median ms", "p99 ms",
               "max ms", "overruns"]  # fmt: skip
    print(table(f"A small C program with thoth's parameters and other periods, {seconds:g} s each", columns, rows))
    own = []
    for label, (device, rate) in DEVICES.items():
        for load, priority in conditions:
            found = loaded(rig, load, lambda: thoth(rig, device, rate, 3 * seconds, priority))
            own.append(["thoth", label, *words(load, priority), *found])
            found = loaded(rig, load, lambda: arecord(rig, device, rate, 3 * seconds, priority))
            own.append(["arecord", label, *words(load, priority), *found])
    print(table(f"thoth's capture thread and arecord, period 10 ms, {3 * seconds:g} s each",
                ["program", *columns[:1], *columns[2:]], own))  # fmt: skip
    return {"periods": rows, "programs": own}


def start_noise(rig: Rig, seconds: float) -> None:
    """Give both microphones something to hear: thoth opens one that gives zeros a second time now and then."""
    samples = array.array("h", random.Random(0).choices(range(-99, 100), k=int(seconds * sounds.RATE)))
    noise = sounds.write(rig.folder / "noise.wav", samples)
    rig.start_paced("paced", noise)
    rig.start("sh", "-c", f"while :; do paplay --device=room {noise}; done")


def words(load: bool, priority: int) -> list[str]:
    """How a row names its condition."""
    return ["loaded" if load else "idle", f"real time {priority}" if priority else "normal"]


def loaded(rig: Rig, load: bool, run: Callable[[], list]) -> list:
    """Run it while every core is busy, or not."""
    loops = [rig.start("sh", "-c", "while :; do :; done") for _ in range(os.cpu_count() or 1)] if load else []
    try:
        return run()
    finally:
        for loop in loops:
            end(loop)


def jitter(times: list[int], period_ns: float) -> list[float]:
    """How far the times between wake-ups are from the period: median, 99th percentile and maximum, in ms."""
    gaps = [abs(after - before - period_ns) / 1e6 for before, after in zip(times[SKIPPED:], times[SKIPPED + 1 :])]
    return [median(gaps), percentile(gaps, 0.99), max(gaps)]


def alone(rig: Rig, program: Path, device: str, rate: int, period: float, seconds: float, priority: int) -> list:
    """The small program: wake-ups, CPU time a minute, jitter, overruns."""
    lines = rig.run(program, device, rate, period, seconds, priority).stdout.split("\n")
    frames, _, cpu_ns, overruns, _ = map(int, lines[0].split())
    times = [int(line) for line in lines[1:] if line]
    return [len(times), cpu_ns / 1e6 * 60 / seconds, *jitter(times, frames / rate * 1e9), overruns]


def watched(rig: Rig) -> dict[str, str]:
    """The variables that make a program note the time of each read."""
    library = rig.folder / "libcapturewatch.so"
    if not library.exists():
        sources = sorted((ROOT / "Tests/Rigs/capturewatch").glob("*.c"))
        rig.run("gcc", "-O1", "-fno-builtin", "-shared", "-fPIC", *sources, "-o", library)
    return {
        "LD_PRELOAD": str(library),
        "CAPTURE_WATCH": str(rig.folder / "watch.reports"),
        "CAPTURE_WATCH_TIMES": str(rig.folder / "watch.times"),
    }


def thoth(rig: Rig, device: str, rate: int, seconds: float, priority: int) -> list:
    """thoth's own capture thread in a recording."""
    rig.stop_daemon()
    with_watch(rig, watched(rig), lambda: rig.run(*limited(priority), rig.programs / "thoth", "status"))
    events = Events(rig)
    rig.thoth("record", "--device", device, "--output", "none", check=True)
    daemon = rig.daemon_id()
    tasks = Path(f"/proc/{daemon}/task")
    thread = next(task for task in tasks.iterdir() if (task / "comm").read_text().strip() == "thoth-capture")
    before = cpu_ns(thread)
    time.sleep(seconds)
    used = cpu_ns(thread) - before
    rig.thoth("cancel", check=True)
    end(events.process)
    overruns = max((event.get("overruns", 0) for event in events.list), default=0)
    return [*times_of(rig, rate, seconds, used), overruns]


def arecord(rig: Rig, device: str, rate: int, seconds: float, priority: int) -> list:
    """arecord with the same period."""
    chrt = ["chrt", "--fifo", str(priority)] if priority else []
    process = None

    def run() -> None:
        nonlocal process
        process = rig.start(*chrt, "arecord", "-q", "-D", device, "-f", "S16_LE", "-c", 1, "-r", rate, "-t", "raw",
                            f"--period-size={rate // 100}", f"--buffer-size={rate}", "/dev/null")  # fmt: skip

    with_watch(rig, watched(rig) | {"CAPTURE_WATCH_THREAD": "arecord"}, run)
    time.sleep(0.5)
    before = cpu_ns(Path(f"/proc/{process.pid}/task/{process.pid}"))
    time.sleep(seconds)
    used = cpu_ns(Path(f"/proc/{process.pid}/task/{process.pid}")) - before
    process.send_signal(2)
    process.wait(10)
    return [*times_of(rig, rate, seconds, used), "-"]


def with_watch(rig: Rig, variables: dict[str, str], run: Callable[[], object]) -> None:
    """Run it with these variables besides the rig's."""
    for name in ("reports", "times"):
        (rig.folder / f"watch.{name}").unlink(missing_ok=True)
    before = rig.environment
    rig.environment = before | variables
    try:
        run()
    finally:
        rig.environment = before


def limited(priority: int) -> list[str]:
    """The words before a command that may not have real-time priority; none for one that may."""
    without = ["setpriv", "--bounding-set", WITHOUT, "--inh-caps", WITHOUT] if os.geteuid() == 0 else []
    return [] if priority else ["prlimit", "--rtprio=0", *without]


def cpu_ns(task: Path) -> int:
    """How long a thread has run, in ns."""
    return int((task / "schedstat").read_text().split()[0])


def times_of(rig: Rig, rate: int, seconds: float, used_ns: int) -> list:
    """Wake-ups, CPU time a minute and jitter, from the times of the reads."""
    path = rig.folder / "watch.times"
    until(lambda: path.exists() and path.stat().st_size, 10, "the capture was not watched")
    pairs = list(struct.iter_unpack("qq", path.read_bytes()))
    return [len(pairs), used_ns / 1e6 * 60 / seconds, *jitter([moment for moment, _ in pairs], 1e7)]
