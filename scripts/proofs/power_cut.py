"""Cuts the power at random moments: at most about the last second of the recording is missing, and no text.

The state and data folders are on a disk in a file (see `disk.Disk`). At a random moment of a dictation the file is
copied, the daemon is killed, and the next one starts on the copy. Two files tell whether that stands for a power cut:
one that was written just before and not synced must be missing from the copy, one that was synced must be there.
"""

from __future__ import annotations

import array
import os
import random
import sqlite3
import time
from dataclasses import dataclass, field
from pathlib import Path

import sounds
from disk import BLOCK, Disk, SyncWatch
from engine import ask
from figures import median, percentile, table
from idle import counters
from kills import first_sample, is_short, stored
from rig import Events, Rig, until

HEADER = 44  # bytes before the frames of a spool file
SYNC_INTERVAL = 1.0  # s of sound between two syncs
SLACK = 0.1  # s; a period of the microphone, and threads that wait for a processor
UNSYNCED_AGE = 0.2  # s; how long before the copy the file that is not synced is written
LONGEST = 6.0  # s; of the recordings
SPEED = 20  # of the dictation that ends before each cut
MARK = 1 << 16  # bytes of a file that tells what reaches the disk
# When the power is cut, in turn: at any time, while the spool is being synced, after `thoth stop`, and when the job
# has just ended, with its text saved but not yet synced.
AIMS = ["recording", "syncing", "recording", "stopped", "completed"]


@dataclass
class Cut:
    """One power cut. Times in seconds."""

    aim: str
    sound: Path
    job: str = ""
    ended: dict[str, str] = field(default_factory=dict)  # the texts of the jobs that had ended before the cut
    present: int = 0  # of them in the library as they were
    recovered: int = 0  # of them made from their audio again
    said: float = 0  # by the clock
    recorded: int = 0  # bytes of sound in the spool as the daemon saw it
    held: int = 0  # bytes of sound in the end, as it was played
    zeros: int = 0  # samples after it that are 0
    is_unsynced_there: bool = False
    is_synced_there: bool = False
    is_syncing: bool = False
    longest_sync: float = 0
    torn: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def lost(self) -> int:
        """The bytes of sound that are missing."""
        return max(0, self.recorded - self.held)


def prove(rig: Rig, count: int, seed: int) -> bool:
    """Cut the power `count` times; whether nothing was lost but what may be."""
    print(f"{count} power cuts, seed {seed}", flush=True)
    chance, disk = random.Random(seed), Disk(rig)
    for variable in ("XDG_STATE_HOME", "XDG_DATA_HOME"):
        rig.environment[variable] = str(disk.folder / variable)
        (disk.folder / variable).mkdir(mode=0o700)
    rig.start_lasting_engine()
    # Longer than any recording here: a microphone that gives digital silence is opened once more.
    rig.start_paced("paced", speech := sounds.speech(70, rig.folder))
    chosen = [path for path in sounds.sources("") if is_short(path)]
    for number, sound in enumerate(chosen):
        rig.start_paced(f"fast{number}", sound, speed=SPEED, patient=1)
    cuts, syncs = [], []
    for number in range(count):
        which = chance.randrange(len(chosen))
        cut = Cut(AIMS[number % len(AIMS)], speech)
        earlier = f"fast{which}", len(sounds.read(chosen[which])) / sounds.RATE / SPEED
        syncs += carry_out(rig, disk, chance, cut, earlier)
        cuts.append(cut)
        print(f"{number + 1:4} {cut.aim:10}{'in a sync' if cut.is_syncing else '':10}said {cut.said:5.2f} s, recorded "
              f"{seconds(cut.recorded):5.2f} s, lost {1000 * seconds(cut.lost):6.1f} ms  "
              f"{f'({cut.zeros} zeros) ' if cut.zeros else ''}"
              f"{'; '.join(cut.problems) or 'ok'}", flush=True)  # fmt: skip
    report(cuts)
    cost(rig, 60 if count >= 30 else 10, syncs)
    return not any(cut.problems for cut in cuts)


def seconds(size: int) -> float:
    """The length of so many bytes of sound."""
    return size / 2 / sounds.RATE


def report(cuts: list[Cut]) -> None:
    """The tables."""
    rows = []
    for aim in dict.fromkeys(AIMS):
        if not (those := [cut for cut in cuts if cut.aim == aim]):
            continue
        lost = [1000 * seconds(cut.lost) for cut in those]
        rows.append([aim, len(those), sum(cut.is_syncing for cut in those), sum(seconds(cut.recorded) for cut in those),
                     median(lost), max(lost), max(cut.lost for cut in those), sum(len(cut.ended) for cut in those),
                     sum(cut.present for cut in those), sum(cut.recovered for cut in those),
                     sum(bool(cut.problems) for cut in those)])  # fmt: skip
    columns = ["cut while", "cuts", "in a sync", "recorded s", "median lost ms", "most lost ms", "most lost bytes",
               "texts before", "in the library", "from the audio", "failed"]  # fmt: skip
    print(table("The power was cut", columns, rows))
    print(f"\ncontrol: {sum(cut.is_unsynced_there for cut in cuts)} of {len(cuts)} files that were not synced were "
          f"there, {sum(cut.is_synced_there for cut in cuts)} of {len(cuts)} that were; "
          f"{sum(cut.torn for cut in cuts)} copies were made again\n"
          f"{sum(cut.zeros > 0 for cut in cuts)} recordings end with zeros instead of sound, "
          f"{max(cut.zeros for cut in cuts) / sounds.RATE * 1000:.0f} ms at most: they count as lost")  # fmt: skip


def cost(rig: Rig, length: int, syncs: list[float]) -> None:
    """What the syncs of a recording of `length` seconds cost."""
    rig.thoth("record", "--device", "paced", "--output", "none", check=True)
    daemon, end = rig.daemon_id(), time.monotonic() + length
    watch, before = SyncWatch(daemon), counters(daemon)[0]
    while time.monotonic() < end:
        watch.look()
        time.sleep(0.001)
    spent = counters(daemon)[0] - before
    rig.thoth("cancel", check=True)
    rows = []
    for name, times in (("this one", watch.times), ("with the cuts", watch.times + syncs)):
        milliseconds = [1000 * value for value in times]
        rows.append([name, len(times), median(milliseconds), percentile(milliseconds, 0.95), max(milliseconds)])
    print(table(f"Syncs of a recording of {length} s", ["recording", "syncs", "median ms", "p95 ms", "max ms"], rows))
    print(f"\nCPU of the thread spool-sync {60000 * watch.cpu / length:.1f} ms in a minute of recording, "
          f"of the whole daemon {60 * spent / length:.0f} ms")  # fmt: skip


# ---- One cut


def carry_out(rig: Rig, disk: Disk, chance: random.Random, cut: Cut, earlier: tuple[str, float]) -> list[float]:
    """A dictation that ends, one that is cut, and what the next daemon finds; how long the syncs took."""
    synced = disk.folder / "synced"
    synced_mark = write_mark(synced, is_synced=True)
    events = Events(rig)
    rig.thoth("record", "--device", earlier[0], "--output", "none", check=True)
    time.sleep(earlier[1] + 0.1)
    rig.thoth("stop", "--wait")
    start, watch, mark = dictate(rig, disk, chance, cut, events)
    image = copy(rig, disk, cut, events, watch)
    cut.said = cut.said - start if cut.aim in ("recording", "syncing") else 0
    rig.kill_daemon()
    events.close()
    disk.restart(image)
    cut.is_unsynced_there, cut.is_synced_there = mark in image, synced.read_bytes() == synced_mark
    inspect(rig, cut)
    return watch.times


def dictate(
    rig: Rig, disk: Disk, chance: random.Random, cut: Cut, events: Events
) -> tuple[float, SyncWatch, bytes]:
    """Dictate up to the moment that is aimed at; when it began, its syncs, and what was written without one."""
    cut.job = rig.thoth("record", "--device", "paced", "--output", "none", check=True).stdout.strip()
    start, watch = first_sample(events, cut.job), SyncWatch(rig.daemon_id())
    is_recording = cut.aim in ("recording", "syncing")
    delay = chance.uniform(UNSYNCED_AGE if is_recording else 1.5, LONGEST)
    wait(watch, max(0, start + delay - UNSYNCED_AGE - time.time()))
    mark = write_mark(disk.folder / "unsynced", is_synced=False)
    wait(watch, UNSYNCED_AGE)
    if not is_recording:
        cut.recorded = spooled(rig, cut.job)
        rig.thoth("stop")
    if cut.aim == "stopped":
        time.sleep(chance.uniform(0, 0.6))
    elif cut.aim == "completed":
        events.reaches(cut.job, ["completed"])
        time.sleep(chance.uniform(0, 0.005))
    return start, watch, mark


def write_mark(path: Path, is_synced: bool) -> bytes:
    """Write random bytes to a new file. ext4 syncs one that was emptied to be written again."""
    path.unlink(missing_ok=True)
    mark = os.urandom(MARK)
    with path.open("wb", buffering=0) as file:
        file.write(mark)
        if is_synced:
            os.fsync(file.fileno())
    return mark


def wait(watch: SyncWatch, seconds: float) -> None:
    """Let time pass, with an eye on the syncs."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        watch.look()
        time.sleep(0.001)


def spooled(rig: Rig, job: str) -> int:
    """The bytes of sound in the spool."""
    try:
        return max(0, (rig.spool / f"{job}.wav").stat().st_size - HEADER)
    except FileNotFoundError:
        return 0


def copy(rig: Rig, disk: Disk, cut: Cut, events: Events, watch: SyncWatch) -> bytes:
    """Copy the disk, and note what the daemon had done by then."""
    jobs: list[str] = []

    def note() -> None:
        if cut.aim == "syncing":
            until(watch.look, 5, "there was no sync", step=0.0002)
        cut.is_syncing, cut.said = watch.look(), time.time()
        cut.recorded = max(cut.recorded, spooled(rig, cut.job))
        jobs[:] = [event["job"] for event in list(events.list) if event.get("state") == "completed"]

    image, cut.torn = disk.copy(note)
    cut.longest_sync = watch.longest
    texts = {event["job"]: event["text"] for event in events.list if event["type"] == "result"}
    cut.ended = {job: texts[job] for job in jobs}
    return image


def inspect(rig: Rig, cut: Cut) -> None:
    """Compare what the disk holds, and what the next daemon makes of it, with what was said and written."""
    if cut.is_unsynced_there or not cut.is_synced_there:
        cut.problems.append("the copy is not what a power cut leaves")
    survived = spooled(rig, cut.job)
    try:
        before = {job: stored(rig, job)[1] for job in cut.ended}
    except sqlite3.DatabaseError as error:
        before = dict.fromkeys(cut.ended)
        cut.problems.append(f"the library is damaged: {error}")
    rig.status()
    until(lambda: not list(rig.spool.iterdir()), 60, "something is left in the spool")
    for job, text in cut.ended.items():
        check_text(rig, cut, job, text, before[job])
    check_audio(rig, cut, survived)
    verified = rig.thoth("doctor", "--verify").stdout
    cut.problems += [line for line in verified.splitlines() if line.startswith("FAIL library")]


def check_text(rig: Rig, cut: Cut, job: str, text: str, before: str | None) -> None:
    """Whether the text of a job that had ended is there as it was, or was made from its audio again."""
    item = rig.item(job)
    if before == text == item.get("text"):
        cut.present += 1
    elif not item.get("audio"):
        cut.problems.append(f"{text!r} is lost")
    else:
        cut.recovered += 1
        answer, _ = ask(rig.engine_socket, rig.recording(job).read_bytes())
        if (item.get("raw_text") or "").strip() != answer.strip():
            cut.problems.append(f"the text differs: {item.get('raw_text')!r}, {answer!r}")


def check_audio(rig: Rig, cut: Cut, survived: int) -> None:
    """Whether no more is missing than was said since the last sync, and the rest is what was played."""
    held = array.array("h")
    if rig.item(cut.job).get("audio"):
        held = sounds.read(rig.recording(cut.job))
    elif survived > 0:
        cut.problems.append(f"{survived} bytes survived the cut, and are not in the library")
    played = sounds.read(cut.sound)
    # ext4 may write a file's new size before the last sound of its last block: zeros stand there then.
    right = next((place for place, sample in enumerate(held) if sample != played[place]), len(held))
    cut.zeros = len(held) - right
    if cut.zeros > BLOCK // 2 or any(held[right:]):
        cut.problems.append(f"sample {right} of {len(held)} is not the one that was played")
    cut.held = 2 * right
    allowed = SYNC_INTERVAL + SLACK + cut.longest_sync
    missing = max(cut.said - seconds(cut.held), seconds(cut.lost))
    if missing > allowed:
        cut.problems.append(f"{missing:.2f} s are missing, of at most {allowed:.2f}")
