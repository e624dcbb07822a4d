"""What an idle daemon costs: CPU time, wake-ups, memory, threads, descriptors."""

from __future__ import annotations

import os
import time
from pathlib import Path

from figures import table
from rig import ROOT, Rig, end
from windows import Window

WORDS = ROOT / "Tests/Fixtures/audio/cmd_goforward.wav"
SETTLING = 2  # s; after it a process that has nothing to do does nothing
TICK = 1000 / os.sysconf("SC_CLK_TCK")  # ms in the kernel's unit of CPU time


def measure(rig: Rig, seconds: float = 60) -> dict:
    """Look at the daemon before its first dictation, with the engine loaded, and after a dictation."""
    rig.stop_daemon()
    rig.status()
    result = {"daemon, just started": observe(rig.daemon_id(), seconds)}
    rig.start_engine()
    daemon, engine = rig.daemon_id(), rig.engine_id()
    result |= observe_both("engine loaded", daemon, engine, seconds)
    window = Window(rig)
    rig.thoth("record", check=True)
    rig.play(WORDS)
    rig.thoth("stop", "--wait", check=True)
    result |= observe_both("after a dictation", daemon, engine, seconds)
    rig.thoth("engine", "stop", check=True)
    result["daemon, engine unloaded again"] = observe(daemon, seconds)
    end(window.process)
    columns = ["process", "CPU ms", "wake-ups", "RSS MB", "PSS MB", "peak RSS MB", "threads", "descriptors"]
    print(table(f"Idle for {seconds:g} s", columns, [[name, *row.values()] for name, row in result.items()]))
    return {"seconds": seconds, **result}


def observe_both(when: str, daemon: int, engine: int, seconds: float) -> dict[str, dict]:
    """The daemon and the engine, in the same time."""
    time.sleep(SETTLING)
    before = {name: counters(identity) for name, identity in (("daemon", daemon), ("engine", engine))}
    time.sleep(seconds)
    return {
        f"{name}, {when}": difference(identity, before[name])
        for name, identity in (("daemon", daemon), ("engine", engine))
    }


def observe(identity: int, seconds: float) -> dict[str, float]:
    """One process."""
    time.sleep(SETTLING)
    before = counters(identity)
    time.sleep(seconds)
    return difference(identity, before)


def counters(identity: int) -> tuple[float, dict[str, int]]:
    """CPU time in milliseconds, and how often each thread went to sleep or was interrupted, by its id."""
    fields = Path(f"/proc/{identity}/stat").read_text().rsplit(")", 1)[1].split()
    switches = {}
    for thread in Path(f"/proc/{identity}/task").iterdir():
        lines = (thread / "status").read_text().splitlines()
        switches[thread.name] = sum(int(line.split()[1]) for line in lines if "ctxt_switches" in line)
    return (int(fields[11]) + int(fields[12])) * TICK, switches


def difference(identity: int, before: tuple[float, dict[str, int]]) -> dict[str, float]:
    """What has come since `before`, and what it holds now."""
    cpu, switches = counters(identity)
    wake_ups = sum(count - before[1].get(thread, 0) for thread, count in switches.items())
    return {"cpu_ms": cpu - before[0], "wake_ups": wake_ups, **holdings(identity)}


def holdings(identity: int) -> dict[str, float]:
    """Memory, threads and descriptors of a process."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{identity}/status").read_text().splitlines())
    rollup = Path(f"/proc/{identity}/smaps_rollup").read_text().splitlines()
    proportional = next(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
    return {
        "rss_mb": int(status["VmRSS"].split()[0]) / 1000,
        "pss_mb": proportional / 1000,
        "peak_rss_mb": int(status["VmHWM"].split()[0]) / 1000,
        "threads": int(status["Threads"]),
        "descriptors": len(os.listdir(f"/proc/{identity}/fd")),
    }
