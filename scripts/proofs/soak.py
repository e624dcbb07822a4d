"""Many dictations in one daemon, each 20 times as fast as it was said: the texts are right, and nothing grows."""

from __future__ import annotations

import re
from pathlib import Path

import history
import sounds
from engine import ask
from figures import median, table
from idle import holdings
from rig import Events, Rig, until
from windows import Window

SPEED = 20  # seconds of sound in a second
SHORT = 6.0  # s; longer recordings would only wait for the engine
WARM_UP = 100  # dictations before the first look: caches, pools and connections fill
EXACTLY = 10  # of so many dictations one is compared with the engine's answer letter by letter
FILLED = 20_000  # items in the library from the start: SQLite's caches, of a fixed size, are full then
HEADER = 44  # bytes before the frames of a spool file
LOOKS = 10  # rows of the table
GROWTH = 0.04  # by how much of itself the memory may grow in the last half: a busy machine needs more at a time, and a leak
# of one recording in each dictation is 3 MB in fifty, 6 %


def prove(rig: Rig, count: int, seed: int) -> bool:
    """Dictate `count` times; whether each text was right, and nothing grew."""
    chosen = [path for path in sounds.sources("") if len(sounds.read(path)) < SHORT * sounds.RATE]
    for number, sound in enumerate(chosen):
        # It waits for a late reader: a busy machine must not cost sound at this speed.
        rig.start_paced(f"fast{number}", sound, speed=SPEED, patient=1)
    fill_library(rig)
    rig.start_engine()
    expected = [words(ask(rig.engine_socket, sound.read_bytes())[0]) for sound in chosen]
    chosen = [(f"fast{number}", sound, text) for number, (sound, text) in enumerate(zip(chosen, expected)) if text]
    events, window, daemon = Events(rig), Window(rig), rig.daemon_id()
    looks, times, problems, jobs = [], [], [], []
    for number in range(WARM_UP + count):
        device, sound, text = chosen[number % len(chosen)]
        job, elapsed, problem = dictate(rig, events, window, device, sound, text)
        times.append(elapsed)
        jobs.append(job)
        if not problem and number % EXACTLY == 0:
            problem = compare(rig, job)
        if problem:
            problems.append(problem)
            print(f"{number + 1 - WARM_UP}: {problem}", flush=True)
        events.list.clear()
        if number >= WARM_UP:
            looks.append((holdings(daemon), holdings(rig.engine_id())))
    report(count, looks, times)
    return daemon == rig.daemon_id() and not problems + leftovers(rig, jobs) + growth(looks)


def fill_library(rig: Rig) -> None:
    """Put items into the library, and search it."""
    row = history.example(rig)
    rig.stop_daemon()
    history.fill(rig.database, row, FILLED, rig.folder / "texts.txt")
    for word in ("the", "of", "and", "country"):
        rig.thoth("history", word, check=True)


def dictate(
    rig: Rig, events: Events, window: Window, device: str, sound: Path, expected: str
) -> tuple[str, float, str]:
    """One dictation: its id, the milliseconds from the stop to its end, and what is wrong with it."""
    window.clear()
    job = rig.thoth("record", "--device", device, check=True).stdout.strip()
    size = HEADER + 2 * len(sounds.read(sound))
    spooled = rig.spool / f"{job}.wav"
    until(lambda: spooled.exists() and spooled.stat().st_size >= size, 20, "the recording does not get on")
    elapsed = rig.time_thoth("stop", "--wait")
    result = events.wait(job, "result")
    _, text = window.settle(result["text"])
    if text != result["text"]:
        return job, elapsed, f"the window has {text!r} of {result['text']!r}"
    problem = "" if words(text) == expected else f"{sound.stem}: {text!r}, and the engine alone says {expected!r}"
    return job, elapsed, problem


def compare(rig: Rig, job: str) -> str:
    """Whether what the library has is what the engine says to its audio."""
    until(lambda: rig.item(job).get("audio"), 20, "the audio is not in the library")
    stored, (answer, _) = rig.item(job)["raw_text"], ask(rig.engine_socket, rig.recording(job).read_bytes())
    return "" if stored.strip() == answer.strip() else f"stored is {stored!r}, the engine says {answer!r}"


def words(text: str) -> str:
    """The words alone: silence at the end may change a comma."""
    return " ".join(re.findall(r"\w+", text.lower()))


def leftovers(rig: Rig, jobs: list[str]) -> list[str]:
    """What is wrong with the library and the spool in the end."""
    until(lambda: not list(rig.spool.iterdir()), 20, "something is left in the spool")
    items = {item["id"]: item for item in rig.items()}
    stored = sum(bool(items[job].get("text") and items[job].get("audio")) for job in jobs if job in items)
    print(f"\n{stored} of {len(jobs)} dictations are in the library with text and audio; the spool is empty")
    # One more gave the others their form.
    return [] if stored == len(jobs) == len(items) - FILLED - 1 else ["the library's count is wrong"]


def report(count: int, looks: list[tuple[dict, dict]], times: list[float]) -> None:
    """The table."""
    rows = []
    for look in range(LOOKS + 1):
        number = max(1, look * count // LOOKS)
        for name, figures in zip(("daemon", "engine"), looks[number - 1]):
            rows.append([number, name, *figures.values()])
    columns = ["after", "process", "RSS MB", "PSS MB", "peak RSS MB", "threads", "descriptors"]
    print(table(f"{count} dictations in one daemon", columns, rows))
    half = len(times) // 2
    print(f"\nstop to end {median(times):.0f} ms (median), first half {median(times[:half]):.0f}, "
          f"second half {median(times[half:]):.0f}")  # fmt: skip


def growth(looks: list[tuple[dict, dict]]) -> list[str]:
    """What grows: memory by the slope of its last half, descriptors and threads by the fewest.

    How many there are at a look depends on what has just ended. What is never given back is there at every look.
    """
    problems = []
    half, last = len(looks) // 2, len(looks) // 4
    for which, name in enumerate(("daemon", "engine")):
        figures = [look[which] for look in looks]
        for kind in ("rss_mb", "pss_mb"):
            values = [look[kind] for look in figures]
            grown = slope(values[-half:]) * half
            print(f"{name}: {kind} changes by {1000 * grown:+.0f} kB in the last {half} dictations")
            if grown > GROWTH * values[-half]:
                problems.append(f"{name}: {kind} grows")
        for kind in ("threads", "descriptors"):
            values = [look[kind] for look in figures]
            before, now = min(values[last:-last]), min(values[-last:])
            print(f"{name}: at least {before} {kind}, in the last quarter {now}; at most {max(values)}")
            if now > before:
                problems.append(f"{name}: {kind} grow")
    print("\n".join(problems))
    return problems


def slope(values: list[float]) -> float:
    """How much is added from one to the next (least squares)."""
    middle, mean = (len(values) - 1) / 2, sum(values) / len(values)
    spread = sum((number - middle) ** 2 for number in range(len(values)))
    return sum((number - middle) * (value - mean) for number, value in enumerate(values)) / spread
