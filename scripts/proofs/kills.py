"""Kills the daemon with SIGKILL in the middle of dictations: nothing that was said may be lost."""

from __future__ import annotations

import array
import datetime
import json
import os
import random
import signal
import time
from dataclasses import dataclass

import sounds
from engine import ask
from figures import median, table
from rig import ROOT, Events, Rig, end, until

SOUND = ROOT / "Tests/Fixtures/audio/utt_jfk.wav"
PERIOD = 0.010  # s; what the first frames hold when they are announced
ALLOWED = 0.100  # s; what was heard in this time before the kill may be missing


@dataclass
class Outcome:
    """One kill. Times in seconds; `lost` is what the clock says less what the file holds, before any restart."""

    phase: str
    microphone: str
    state: str
    said: float
    held: float
    problems: list[str]

    @property
    def lost(self) -> float:
        """Seconds that are missing at the end."""
        return self.said - self.held


def prove(rig: Rig, count: int, seed: int) -> bool:
    """Kill the daemon `count` times; whether nothing was lost."""
    print(f"{count} kills, seed {seed}", flush=True)
    chance = random.Random(seed)
    rig.start_paced("paced", SOUND)
    outcomes = []
    for number in range(count):
        microphone = ("paced", "default")[number % 2]
        # Two of three while recording: that is where audio can be lost.
        outcome = kill(rig, chance, microphone, chance.random() < 1 / 3)
        outcomes.append(outcome)
        print(f"{number + 1:4} {outcome.microphone:8}{outcome.phase:13}{outcome.state:13}"
              f"said {outcome.said:6.2f} s, lost {1000 * outcome.lost:6.1f} ms  "
              f"{'; '.join(outcome.problems) or 'ok'}", flush=True)  # fmt: skip
    report(outcomes)
    return not any(outcome.problems for outcome in outcomes)


def report(outcomes: list[Outcome]) -> None:
    """The table."""
    rows = []
    for phase in ("recording", "transcribing"):
        for microphone in ("paced", "default"):
            those = [outcome for outcome in outcomes if (outcome.phase, outcome.microphone) == (phase, microphone)]
            if not those:
                continue
            losses = [1000 * outcome.lost for outcome in those]
            rows.append([
                phase, microphone, len(those), sum(outcome.said for outcome in those), median(losses), max(losses),
                sum(bool(outcome.problems) for outcome in those),
            ])  # fmt: skip
    columns = ["killed while", "microphone", "kills", "said s", "median loss ms", "largest loss ms", "failed"]
    print(table("Killed with SIGKILL", columns, rows))


def kill(rig: Rig, chance: random.Random, microphone: str, is_later: bool) -> Outcome:
    """One dictation that is killed, the restart, and what it found."""
    rig.start_engine()
    identity, events = rig.daemon_id(), Events(rig)
    job = rig.thoth("record", "--device", microphone, "--output", "none", check=True).stdout.strip()
    start = first_sample(events, job)
    player = rig.start("paplay", "--device=room", SOUND) if microphone == "default" else None
    time.sleep(chance.uniform(1.5, 6) if is_later else chance.uniform(0.05, 8))
    end_of_speech = time.time()
    if is_later:
        rig.thoth("stop", check=True)
        time.sleep(chance.uniform(0, 0.6))
    os.kill(identity, signal.SIGKILL)
    # Until its last thread has gone the socket still takes connections.
    until(lambda: rig.daemon_id() is None, 10, "the daemon survived SIGKILL")
    for process in filter(None, (player, events.process)):
        end(process)
    return inspect(rig, job, microphone, "transcribing" if is_later else "recording", end_of_speech - start)


def first_sample(events: Events, job: str) -> float:
    """When the recording's first sample was taken, in seconds since 1970: a period before it was announced."""
    told = events.wait(job, "state")["ts"]
    return datetime.datetime.fromisoformat(told).timestamp() - PERIOD


def inspect(rig: Rig, job: str, microphone: str, phase: str, said: float) -> Outcome:
    """Compare what is on the disk, then start again and see what the daemon makes of it."""
    problems = []
    recording, record = rig.spool / f"{job}.wav", rig.spool / f"{job}.json"
    held = sounds.read(recording)
    state = json.loads(record.read_text())["state"] if record.exists() else "none"
    seconds = len(held) / sounds.RATE
    if said - seconds > ALLOWED:
        problems.append(f"{1000 * (said - seconds):.0f} ms are missing")
    if microphone == "paced" and held != (sounds.read(SOUND) + array.array("h", bytes(2 * len(held))))[: len(held)]:
        problems.append("the samples are not those that were played")
    has_ended = state == "completed"
    found = str(recording) in rig.status()["recovered"]
    if found == has_ended:
        problems.append("it is named although it had ended" if found else "it is not named")
    until(lambda: not rig.status()["jobs"], 60, "the recovered job did not end", step=0.05)
    if sounds.read(recording)[: len(held)] != held:
        problems.append("the recording was changed")
    problems += check_text(rig, job)
    return Outcome(phase, microphone, state, said, seconds, problems)


def check_text(rig: Rig, job: str) -> list[str]:
    """The stored text, against what the engine says to the same recording by itself."""
    rig.start_engine()
    stored = json.loads((rig.spool / f"{job}.json").read_text())
    text = stored.get("result", {}).get("raw_text", "").strip()
    answer, _ = ask(rig.engine_socket, (rig.spool / f"{job}.wav").read_bytes())
    if stored["state"] not in ("completed", "discarded"):
        return [f"the recovered job is {stored['state']}"]
    return [] if text == answer.strip() else [f"the stored text differs: {text!r}, {answer!r}"]
