"""Kills the daemon with SIGKILL in every state of a dictation: nothing that was said may be lost.

A window has the focus all the time. It may hold what had been typed before the kill, and nothing that came later.
"""

from __future__ import annotations

import array
import datetime
import difflib
import os
import random
import shutil
import signal
import sqlite3
import time
from dataclasses import dataclass, field
from pathlib import Path

import sounds
from engine import ask
from figures import median, table
from rig import Events, Rig, until
from windows import Window

PERIOD = 0.010  # s; what the first frames hold when they are announced
ALLOWED = 0.100  # s; what was heard in this time before the kill may be missing
SLOW = 0.15  # s; how long the microphone of the kills before the first frame takes to open
FEW = 50  # kills; up to so many are done with short recordings
LONGEST = {True: 3.0, False: 9.0}  # s; of the recordings, by whether there are few
STATES = ["idle", "recording", "transcribing", "filtering", "enhancing", "outputting", "completed"]
# What is aimed at, in turn. `again` is a second kill while the recording is taken up.
AIMS = ["recording", "first", "transcribing", "again", "outputting", "filtering", "recording", "opening", "enhancing",
        "again", "transcribing"]  # fmt: skip


@dataclass
class Kill:
    """One kill. Times in seconds; `said` is what the clock says, `held` what the library has in the end."""

    aim: str
    microphone: str
    sound: Path | None = None
    job: str | None = None
    state: str = "idle"
    again: str = ""  # the state of the second kill
    text: str | None = None  # what was stored before the kill
    spooled: array.array | None = None
    said: float = 0
    held: float = 0
    window: str = ""
    problems: list[str] = field(default_factory=list)


def prove(rig: Rig, count: int, seed: int) -> bool:
    """Kill the daemon `count` times; whether nothing was lost."""
    print(f"{count} kills, seed {seed}", flush=True)
    chance = random.Random(seed)
    rig.start_lasting_engine()
    window, longest = Window(rig), LONGEST[count <= FEW]
    chosen = [lengthened(rig, path, longest) for path in sounds.sources("") if is_short(path)]
    for number, sound in enumerate(chosen):
        rig.start_paced(f"paced{number}", sound)
        rig.start_paced(f"slow{number}", sound, open_delay_ms=int(1000 * SLOW))
    kills = []
    for number in range(count):
        which = chance.randrange(len(chosen))
        # Both microphones meet every aim.
        is_paced = (number + number // len(AIMS)) % 2 == 0
        kill = Kill(AIMS[number % len(AIMS)], f"paced{which}" if is_paced else "default", chosen[which])
        if kill.aim == "opening":
            kill.microphone = f"slow{which}"
        carry_out(rig, window, chance, kill, longest)
        kills.append(kill)
        print(f"{number + 1:4} {kill.microphone:8}{kill.aim:13}{kill.state + ' ' + kill.again:26}said {kill.said:5.2f} s, "
              f"missing {1000 * (kill.said - kill.held):6.1f} ms  {'; '.join(kill.problems) or 'ok'}",
              flush=True)  # fmt: skip
    report(kills)
    return not any(kill.problems for kill in kills) and is_library_whole(rig, kills)


def lengthened(rig: Rig, path: Path, longest: float) -> Path:
    """The recording again and again: a microphone with nothing more to say would be taken for one that is lost."""
    samples = sounds.read(path)
    times = int((longest + SLOW + 3) * sounds.RATE) // len(samples) + 1
    return sounds.write(rig.folder / path.name, samples * times)


def is_short(path: Path) -> bool:
    """Whether a recording is no longer than a dictation here could be."""
    return len(sounds.read(path)) < 20 * sounds.RATE


def report(kills: list[Kill]) -> None:
    """The table: by the state that was really hit, as the library and the events show it."""
    rows = []
    for state in STATES:
        for microphone in ("paced", "default"):
            those = [kill for kill in kills if kill.state == state and
                     (kill.microphone == "default") == (microphone == "default")]  # fmt: skip
            if not those:
                continue
            losses = [1000 * (kill.said - kill.held) for kill in those if kill.job]
            rows.append([
                state, microphone, len(those), sum(kill.said < 0.15 for kill in those),
                sum(kill.again != "" for kill in those), sum(kill.said for kill in those),
                median(losses) if losses else "", max(losses) if losses else "",
                sum(bool(kill.problems) for kill in those),
            ])  # fmt: skip
    columns = ["killed while", "microphone", "kills", "said < 150 ms", "killed again", "said s", "median missing ms",
               "most missing ms", "failed"]  # fmt: skip
    print(table("Killed with SIGKILL", columns, rows))
    again = [kill.again for kill in kills if kill.again]
    print("\nkilled again while " + ", ".join(f"{state}: {again.count(state)}" for state in sorted(set(again))))


def is_library_whole(rig: Rig, kills: list[Kill]) -> bool:
    """Whether the library holds each recording once, and is sound."""
    stored = sorted(item["id"] for item in rig.items())
    expected = sorted(kill.job for kill in kills if kill.job)
    verified = rig.thoth("doctor", "--verify").stdout
    faults = [line for line in verified.splitlines() if line.startswith("FAIL library")]
    print(f"{len(stored)} recordings in the library, {len(expected)} were made; {faults or 'it is sound'}")
    return stored == expected and not faults


# ---- One kill


def carry_out(rig: Rig, window: Window, chance: random.Random, kill: Kill, longest: float) -> None:
    """One dictation that is killed, the restart, and what it finds."""
    window.clear()
    events, identity = Events(rig), rig.daemon_id()
    try:
        (open_and_kill if kill.aim == "opening" else dictate_and_kill)(rig, window, chance, kill, events, longest)
    finally:
        os.kill(window.process.pid, signal.SIGCONT)
    rig.wait_for_end()
    events.close()
    look(rig, kill, events, identity)
    if kill.state == "completed":
        # The window may have been frozen until now.
        window.settle(kill.text)
    elif kill.state not in ("idle", "recording"):
        window.settle(None, patience=0.5)
    kill.window = window.text
    if kill.aim == "again":
        kill_again(rig, chance, kill)
    elif (named := rig.status()["recovered"]) != ([kill.job] if kill.job and kill.state != "completed" else []):
        kill.problems.append(f"what is named as recovered: {named}")
    inspect(rig, window, kill)


def open_and_kill(
    rig: Rig, _: Window, chance: random.Random, kill: Kill, events: Events, longest: float
) -> None:
    """Kill at about the first frame: before it, or just after."""
    client = rig.start(rig.programs / "thoth", "record", "--device", kill.microphone)
    time.sleep(chance.uniform(0, SLOW + 0.05))
    # One that has got no answer yet would ask the next daemon, and record in earnest.
    client.send_signal(signal.SIGSTOP)
    os.kill(rig.daemon_id(), signal.SIGKILL)
    ended = time.time()
    client.kill()
    with events.arrived:
        kill.job = next((event["job"] for event in events.list if event.get("state") == "recording"), None)
    if kill.job:
        kill.said = ended - first_sample(events, kill.job)


def dictate_and_kill(
    rig: Rig, window: Window, chance: random.Random, kill: Kill, events: Events, longest: float
) -> None:
    """Kill while it records, or at the stage after `thoth stop` that is aimed at."""
    identity = rig.daemon_id()
    kill.job = rig.thoth("record", "--device", kill.microphone, check=True).stdout.strip()
    start = first_sample(events, kill.job)
    if kill.microphone == "default":
        player = rig.start("paplay", "--device=room", kill.sound)
    is_recording = kill.aim in ("first", "recording", "again")
    time.sleep({"first": chance.uniform(0, 0.1), "recording": chance.uniform(0.1, longest)}.get(
        kill.aim, chance.uniform(1.5, longest)))  # fmt: skip
    if kill.aim == "outputting":
        os.kill(window.process.pid, signal.SIGSTOP)
    if kill.aim in ("filtering", "enhancing"):
        events.at(kill.aim, lambda: os.kill(identity, signal.SIGKILL))
    kill.said = time.time() - start
    if not is_recording:
        rig.thoth("stop")
        if kill.aim == "transcribing":
            time.sleep(chance.uniform(0, 0.5))
        elif events.reaches(kill.job, ["outputting", "completed", "discarded"]) and kill.aim == "outputting":
            time.sleep(chance.uniform(0, 0.02) if chance.random() < 0.5 else chance.uniform(0, 0.5))
    if rig.daemon_id():
        os.kill(identity, signal.SIGKILL)
    if kill.microphone == "default":
        player.terminate()


def first_sample(events: Events, job: str) -> float:
    """When the recording's first sample was taken, in seconds since 1970: a period before it was announced."""
    told = events.wait(job, "state")["ts"]
    return datetime.datetime.fromisoformat(told).timestamp() - PERIOD


def look(rig: Rig, kill: Kill, events: Events, identity: int) -> None:
    """What the killed daemon has left: the state by the library, else by the events."""
    spooled = list(rig.spool.glob("*.wav"))
    if kill.job is None and spooled:
        kill.job = spooled[0].stem if spooled[0].stat().st_size > 44 else None
    if not kill.job:
        return
    told = [event["state"] for event in events.list if event["type"] == "state" and event.get("job") == kill.job]
    kill.state = told[-1] if told else "recording"
    state, kill.text = stored(rig, kill.job)
    if state and STATES.index(state) > STATES.index(kill.state):
        kill.state = state
    if kill.state == "completed" and state != "completed":
        kill.state = "outputting"
    path = rig.spool / f"{kill.job}.wav"
    if path.exists():
        # The header may be late by what was written last.
        kill.spooled = array.array("h", path.read_bytes()[44:][: (path.stat().st_size - 44) // 2 * 2])
    if kill.state == "recording" and not kill.spooled and kill.said < ALLOWED:
        # All of it is younger than what may be missing: there is nothing to be found.
        kill.job = None


def stored(rig: Rig, job: str) -> tuple[str | None, str | None]:
    """The state and the text in the database, which is left as the killed daemon left it."""
    copy = rig.folder / "look"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for path in rig.database.parent.glob("library.db*"):
        shutil.copy(path, copy)
    if not (copy / "library.db").exists():
        return None, None
    with sqlite3.connect(copy / "library.db") as database:
        if not database.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'items'").fetchone()[0]:
            return None, None
        return database.execute("SELECT state, text FROM items WHERE id = ?", [job]).fetchone() or (None, None)


def kill_again(rig: Rig, chance: random.Random, kill: Kill) -> None:
    """Kill the next daemon while it takes the recording up."""
    if kill.job not in rig.status()["recovered"]:
        kill.problems.append("it is not named")
    time.sleep(chance.uniform(0, 0.5))
    rig.kill_daemon()
    kill.again, kill.text = stored(rig, kill.job)
    kill.again = kill.again or "taken up"


def inspect(rig: Rig, window: Window, kill: Kill) -> None:
    """Compare what the library has with what was played, said, and typed."""
    if kill.job:
        until(lambda: rig.item(kill.job).get("audio"), 60, "the recording is not in the library", step=0.02)
        check_audio(rig, kill)
        check_text(rig, kill)
    until(lambda: not rig.spool.exists() or not list(rig.spool.iterdir()), 10, "something is left in the spool")
    if window.text != kill.window:
        kill.problems.append(f"the window had {kill.window!r}, and after the restart {window.text!r}")


def check_audio(rig: Rig, kill: Kill) -> None:
    """Whether each frame is there but for the last 100 ms, and is what was played."""
    held = sounds.read(rig.recording(kill.job))
    kill.held = len(held) / sounds.RATE
    if kill.said - kill.held > ALLOWED:
        kill.problems.append(f"{1000 * (kill.said - kill.held):.0f} ms are missing")
    if kill.spooled is not None and held[: len(kill.spooled)] != kill.spooled:
        kill.problems.append("the samples are not those of the spool")
    played = sounds.read(kill.sound) + array.array("h", bytes(2 * len(held)))
    if kill.microphone != "default" and held != played[: len(held)]:
        kill.problems.append("the samples are not those that were played")


ALIKE = 0.9  # of the characters
STOCK_PHRASES = ("Thank you.", "Thanks for watching!", "Thank you for watching.", "you", "Bye.", "Okay.")


def check_text(rig: Rig, kill: Kill) -> None:
    """Whether the text is what the engine says to the recording by itself, and was typed at most once."""
    item = rig.item(kill.job)
    text = item.get("raw_text") or ""
    answer, _ = ask(rig.engine_socket, rig.recording(kill.job).read_bytes())
    # Of less than half a second an engine makes words that nobody has said, and the guard leaves them out.
    if kill.said < 0.5 and item["state"] == "discarded" and answer.strip() in STOCK_PHRASES:
        answer = ""
    if item["state"] != ("completed" if answer.strip() else "discarded"):
        kill.problems.append(f"it is {item['state']}")
    # What was there before the kill was heard in segments, at whose borders an engine may write a word otherwise.
    likeness = difflib.SequenceMatcher(None, text.strip(), answer.strip(), autojunk=False).ratio()
    if likeness < (1 if kill.text is None else ALIKE):
        kill.problems.append(f"the text differs: {text!r}, {answer!r}")
    if kill.text and item["text"] != kill.text:
        kill.problems.append(f"the text was {kill.text!r}, and is {item['text']!r}")
    whole = item.get("text") or ""
    if not whole.startswith(kill.window):
        kill.problems.append(f"the window has {kill.window!r} of {whole!r}")
    if kill.state == "completed" and kill.window != whole:
        kill.problems.append(f"it had ended, and the window has {kill.window!r} of {whole!r}")
