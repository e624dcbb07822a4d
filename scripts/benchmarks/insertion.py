"""From stop to the text in the window, against the shell line that people use instead."""

from __future__ import annotations

import subprocess
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import sounds
from engine import ask
from figures import median, table
from rig import Events, Rig, Window, end, until

# Reads one line as the key that ends the recording. Prints the text before it types it.
SHELL_LINE = """
arecord -q -f S16_LE -r 16000 -c 1 -t wav "$2" & read -r _; kill -INT $!; wait $!
text=$(curl -s --unix-socket "$1" -F file=@"$2" -F model=default -F response_format=text \\
  http://engine/v1/audio/transcriptions)
printf '%s\\n' "$text"
xdotool type -- "$text"
"""


@dataclass
class Run:
    """One dictation. Times in milliseconds from stop; `played` and `recorded` in seconds."""

    text_ms: float
    window_ms: float
    engine_ms: float
    played: float
    recorded: float
    characters: int
    is_exact: bool
    parts: dict[str, float] = field(default_factory=dict)


def parts(timings: dict[str, float]) -> dict[str, float]:
    """Where thoth's time went, one after the other, in milliseconds."""
    return {
        "until the engine is asked": timings["stop_to_text"] - timings["transcribe"] - timings["filter"],
        "engine, as seen from thoth": timings["transcribe"],
        "filter": timings["filter"],
        "stored, turn taken": timings["stop_to_output"] - timings["stop_to_text"] - timings["output"],
        "output": timings["output"],
    }


def measure(rig: Rig, lengths: list[float], pairs: int = 5, application: str = "gtk3") -> dict:
    """Dictate each length `pairs` times with both, in turn."""
    rig.start_engine()
    window, events = Window(rig, application), Events(rig)
    with_thoth(rig, window, events, sounds.speech(3, rig.folder))  # connections and display are warm after it
    result, rows, details = {}, [], []
    for length in lengths:
        wav = sounds.speech(length, rig.folder)
        runs = {"thoth": [], "shell": []}
        for _ in range(pairs):
            runs["thoth"].append(with_thoth(rig, window, events, wav))
            runs["shell"].append(with_shell(rig, window, wav))
        result[f"{length:g}"] = {name: [asdict(run) for run in list_] for name, list_ in runs.items()}
        seconds = len(sounds.read(wav)) / sounds.RATE
        rows += summarise(seconds, runs)
        names = list(runs["thoth"][0].parts)
        details.append([seconds, *(median(run.parts[name] for run in runs["thoth"]) for name in names)])
    columns = ["speech s", "with", "text ms", "in window ms", "engine itself ms", "text/engine", "ratio in window",
               "characters", "exact", "recorded s"]  # fmt: skip
    print(table(f"Stop to text, {pairs} pairs in turn, {application}, same engine; medians", columns, rows))
    print(table("Where thoth's time goes between stop and text, medians in ms", ["speech s", *names], details))
    end(events.process)
    end(window.process)
    return {"pairs": pairs, "application": application, "runs": result}


def summarise(seconds: float, runs: dict[str, list[Run]]) -> list[list[object]]:
    """Two rows of the table."""
    base = median(run.window_ms for run in runs["shell"])
    rows = []
    for name, those in runs.items():
        text, inserted, engine, recorded = (
            median(getattr(run, what) for run in those) for what in ("text_ms", "window_ms", "engine_ms", "recorded")
        )
        exact = f"{sum(run.is_exact for run in those)} of {len(those)}"
        characters = those[0].characters
        times = [text, inserted, engine, text / engine, inserted / base]
        rows.append([seconds, name, *times, characters, exact, recorded])
    return rows


def with_thoth(rig: Rig, window: Window, events: Events, wav: Path) -> Run:
    """One dictation with thoth."""
    window.clear()
    job = rig.thoth("record", check=True).stdout.strip()
    played = rig.play(wav)
    start = time.monotonic_ns()
    rig.time_thoth("stop")
    result = events.wait(job, "result")
    moment, text = window.settle(result["text"])
    answer, engine_ms = ask(rig.engine_socket, rig.recording(job).read_bytes())
    return Run(
        text_ms=result["timings_ms"]["stop_to_text"],
        window_ms=(moment - start) / 1e6,
        engine_ms=engine_ms,
        played=played,
        recorded=result["duration_ms"] / 1000,
        characters=len(result["text"]),
        is_exact=text == answer.strip(),
        parts=parts(result["timings_ms"]),
    )


def with_shell(rig: Rig, window: Window, wav: Path) -> Run:
    """One dictation with arecord, curl and xdotool."""
    window.clear()
    recording = rig.folder / "shell.wav"
    recording.unlink(missing_ok=True)
    shell = rig.start("sh", "-c", SHELL_LINE, "sh", rig.engine_socket, recording, stdin=subprocess.PIPE,
                      stdout=subprocess.PIPE)  # fmt: skip
    until(lambda: recording.exists() and recording.stat().st_size > 44, 10, "arecord recorded nothing")
    played = rig.play(wav)
    start = time.monotonic_ns()
    shell.stdin.write(b"\n")
    shell.stdin.flush()
    answer = shell.stdout.readline().decode().rstrip("\n")
    answered = time.monotonic_ns()
    shell.wait()
    moment, text = window.settle(answer)
    _, engine_ms = ask(rig.engine_socket, recording.read_bytes())
    return Run(
        text_ms=(answered - start) / 1e6,
        window_ms=(moment - start) / 1e6,
        engine_ms=engine_ms,
        played=played,
        recorded=(recording.stat().st_size - 44) / 2 / sounds.RATE,
        characters=len(answer),
        is_exact=text == answer,
    )
