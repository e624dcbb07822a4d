"""Many dictations in one daemon: the text is right each time, and nothing grows."""

from __future__ import annotations

import time
from pathlib import Path

from engine import ask
from figures import median, table
from idle import holdings
from rig import ROOT, Events, Rig, Window

SOUNDS = [ROOT / f"Tests/Fixtures/audio/{name}.wav" for name in ("cmd_goforward", "utt_austen0880")]
WARM_UP = 3  # dictations before the first look: caches and connections fill


def prove(rig: Rig, count: int, seed: int) -> bool:
    """Dictate `count` times; whether each text stood in the window as the engine gave it."""
    rig.start_engine()
    events, window = Events(rig), Window(rig)
    daemon, engine = rig.daemon_id(), rig.engine_id()
    looks, times, wrong = [], [], 0
    for number in range(WARM_UP + count):
        if number == WARM_UP:
            looks.append(("at the start", holdings(daemon), holdings(engine)))
        elapsed, problem = dictate(rig, events, window, SOUNDS[number % len(SOUNDS)])
        times.append(elapsed)
        if problem:
            wrong += 1
            print(f"{number + 1 - WARM_UP}: {problem}", flush=True)
        if number >= WARM_UP and (number - WARM_UP + 1) in (count // 2, count):
            looks.append((f"after {number - WARM_UP + 1}", holdings(daemon), holdings(engine)))
    columns = ["when", "process", "RSS MB", "PSS MB", "peak RSS MB", "threads", "descriptors"]
    rows = [[when, name, *figures.values()] for when, one, other in looks
            for name, figures in (("daemon", one), ("engine", other))]  # fmt: skip
    print(table(f"{count} dictations in one daemon", columns, rows))
    print(f"\n{count + WARM_UP - wrong} of {count + WARM_UP} texts exact; stop to window "
          f"{median(times[WARM_UP:]):.0f} ms (median), first half {median(times[WARM_UP : WARM_UP + count // 2]):.0f}, "
          f"second half {median(times[WARM_UP + count // 2 :]):.0f}")  # fmt: skip
    return not wrong and rig.daemon_id() == daemon


def dictate(rig: Rig, events: Events, window: Window, wav: Path) -> tuple[float, str]:
    """One dictation: milliseconds from stop to the text in the window, and what is wrong with it."""
    window.clear()
    job = rig.thoth("record", check=True).stdout.strip()
    rig.play(wav)
    start = time.monotonic_ns()
    stopped = rig.thoth("stop", "--wait")
    if stopped.returncode:
        return 0, f"thoth stop ended with {stopped.returncode}: {stopped.stderr.strip()}"
    moment, text = window.settle(events.wait(job, "result")["text"])
    answer, _ = ask(rig.engine_socket, (rig.spool / f"{job}.wav").read_bytes())
    problem = "" if text == answer.strip() else f"the window holds {text!r}, the engine says {answer!r}"
    return (moment - start) / 1e6, problem
