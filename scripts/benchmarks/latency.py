"""From stop to the text, and to the text in the window, against the shell line that people use instead."""

from __future__ import annotations

import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import curve
import sounds
from figures import median, percentile, table
from rig import Events, Rig, end, until
from windows import Window

# Reads one line as the key that ends the recording. Prints the text before it types it.
SHELL_LINE = """
arecord -q -f S16_LE -r 16000 -c 1 -t wav "$2" & read -r _; kill -INT $!; wait $!
text=$(curl -s --unix-socket "$1" -F file=@"$2" -F model=default -F response_format=text \\
  http://engine/v1/audio/transcriptions)
printf '%s\\n' "$text"
xdotool type -- "$text"
"""
NATURAL_PAUSE = 0.4  # s between the last word and the key
MOST_LAST = 12  # s; of the sentences that are dictated by themselves
ONE_LENGTH = 10  # s; of the recordings that pauses are compared on
QUIET_ENGINE = 3  # s without work, after which nothing of the last dictation is left in the engine


@dataclass
class Run:
    """One dictation with thoth, and with the shell line on the same sound. Milliseconds from the last frame's arrival."""

    length: float  # s of sound
    text: float
    window: float
    engine: float  # what was waited for the engine
    guess: str
    is_exact: bool
    shell_text: float | None = None
    shell_window: float | None = None


def measure(rig: Rig, lengths: list[float], rounds: int, application: str, picture: Path | None) -> dict:
    """All tables; `rounds` dictations of 10 s each, fewer of longer ones. What guesses cost the engine is in `accuracy`."""
    rig.start_engine()
    window, events = Window(rig, application), Events(rig)
    dictate(rig, window, events, sounds.dictation(3, NATURAL_PAUSE, rig.folder))  # connections and display are warm
    result: dict = {"rounds": rounds, "application": application}
    by_length: dict[float, list[Run]] = {}
    for length in lengths:
        sound = sounds.dictation(length, NATURAL_PAUSE, rig.folder)
        times = max(1, min(rounds, round(rounds * 2 * ONE_LENGTH / length)))
        by_length[length] = [dictate(rig, window, events, sound, with_shell=True) for _ in range(times)]
        print(f"  {length:g} s: {[round(run.text) for run in by_length[length]]}", flush=True)
    result["lengths"] = {f"{length:g}": [asdict(run) for run in runs] for length, runs in by_length.items()}
    print(length_table(by_length, application))
    by_pause = {}
    for pause in (0.0, 0.3, 0.4, 0.6, 0.8):
        sound = sounds.dictation(ONE_LENGTH, pause, rig.folder)
        by_pause[pause] = [dictate(rig, window, events, sound) for _ in range(rounds)]
    by_last = {}
    for last in sorted(sounds.sources(), key=lambda path: path.stat().st_size):
        length = len(sounds.read(last)) / sounds.RATE
        if length < MOST_LAST:
            sound = sounds.dictation(length, NATURAL_PAUSE, rig.folder, last)
            by_last[length] = [dictate(rig, window, events, sound) for _ in range(max(2, rounds // 2))]
    result["last segments"] = {f"{length:g}": [asdict(run) for run in runs] for length, runs in by_last.items()}
    print(pause_table(by_last, "one sentence s", f"The length of what is said without a longer pause, {NATURAL_PAUSE:g} s of pause before the stop; medians"))
    result["pauses"] = {f"{pause:g}": [asdict(run) for run in runs] for pause, runs in by_pause.items()}
    print(pause_table(by_pause, "pause s", f"The pause before the stop, {ONE_LENGTH} s of speech; medians"))
    result["partials"] = partials(events)
    if picture:
        picture.write_text(curve.draw(by_length))
    end(events.process)
    end(window.process)
    return result


def length_table(by_length: dict[float, list[Run]], application: str) -> str:
    """Stop to text by length, and how many times as long the shell line takes."""
    rows = []
    for runs in by_length.values():
        inserted, shell = median(run.window for run in runs), median(run.shell_window for run in runs)
        rows.append(
            [median(run.length for run in runs), len(runs), *spread(run.text for run in runs),
             *spread(run.window for run in runs), median(run.engine for run in runs),
             *(f"{sum(run.guess == what for run in runs)}" for what in ("hit", "late", "missed")),
             median(run.shell_text for run in runs), shell, shell / inserted,
             f"{sum(run.is_exact for run in runs)} of {len(runs)}"]
        )  # fmt: skip
    columns = ["speech s", "runs", "text ms", "p95", "in window ms", "p95", "waited for the engine ms", "hit", "late",
               "missed", "shell: text ms", "in window ms", "shell/thoth", "exact"]  # fmt: skip
    title = f"Last frame to text, {NATURAL_PAUSE:g} s of pause before the stop, {application}, same engine and sound; medians"
    return table(title, columns, rows)


def pause_table(by_what: dict[float, list[Run]], what: str, title: str) -> str:
    """How often the end was guessed, by a length in seconds; and what thoth adds to the engine's time."""
    rows = []
    for value, runs in by_what.items():
        hits, late = (sum(run.guess == outcome for run in runs) for outcome in ("hit", "late"))
        rest = [run.text - run.engine for run in runs]
        rows.append(
            [value, len(runs), *spread(run.text for run in runs), f"{100 * hits / len(runs):.0f} %",
             f"{100 * late / len(runs):.0f} %", median(run.engine for run in runs), *spread(rest)]
        )  # fmt: skip
    columns = [what, "runs", "text ms", "p95", "hit", "late", "waited for the engine ms", "beyond it ms", "p95"]
    return table(title, columns, rows)


def spread(values: object) -> tuple[float, float]:
    """Median and 95th percentile."""
    ordered = list(values)
    return median(ordered), percentile(ordered, 0.95)


def dictate(rig: Rig, window: Window, events: Events, sound: Path, with_shell: bool = False) -> Run:
    """One dictation of `sound`: with thoth, and from the same loudspeaker with the shell line."""
    window.clear()
    recording = rig.folder / "shell.wav"
    recording.unlink(missing_ok=True)
    if with_shell:
        shell = rig.start("sh", "-c", SHELL_LINE, "sh", rig.engine_socket, recording, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE)  # fmt: skip
        until(lambda: recording.exists() and recording.stat().st_size > 44, 10, "arecord recorded nothing")
    job = rig.thoth("record", check=True).stdout.strip()
    length = rig.play(sound)
    start = time.monotonic_ns()
    rig.time_thoth("stop")
    result = events.wait(job, "result", 120)
    moment, text = window.settle(result["text"])
    times = result["timings_ms"]
    last_frame = times["stop_to_last_frame"]
    run = Run(
        length=length,
        text=times["stop_to_text"] - last_frame,
        window=(moment - start) / 1e6 - last_frame,
        engine=times["transcribe"],
        guess=result.get("guess", "none"),
        is_exact=text.strip() == result["text"].strip(),
    )
    if with_shell:
        run.shell_text, run.shell_window = end_shell(shell, window)
    time.sleep(QUIET_ENGINE)
    return run


def end_shell(shell: subprocess.Popen, window: Window) -> tuple[float, float]:
    """Press the shell line's key: milliseconds until it had the text, and until that stood in the window."""
    window.clear()
    start = time.monotonic_ns()
    shell.stdin.write(b"\n")
    shell.stdin.flush()
    answer = shell.stdout.readline().decode().rstrip("\n")
    answered = time.monotonic_ns()
    shell.wait()
    moment, _ = window.settle(answer)
    return (answered - start) / 1e6, (moment - start) / 1e6


def partials(events: Events) -> dict[str, float]:
    """From the moment up to which was heard to the text of it, over all that were told."""
    begins = {event["job"]: event["ts"] for event in events.list if event.get("state") == "recording"}
    late = [
        seconds(begins[event["job"]], event["ts"]) * 1000 - event["heard_ms"]
        for event in events.list
        if event["type"] == "partial" and event["job"] in begins
    ]
    if not late:
        return {}
    middle, most = spread(late)
    print(table("From the pause (150 ms after the last word) to the partial text, ms", ["texts", "median", "p95"],
                [[len(late), middle, most]]))  # fmt: skip
    return {"texts": len(late), "median": middle, "p95": most}


def seconds(first: str, second: str) -> float:
    """Between two time stamps of events."""
    from datetime import datetime

    return (datetime.fromisoformat(second) - datetime.fromisoformat(first)).total_seconds()
