"""What transcribing files takes of the machine: memory, and nothing of a dictation."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Iterator

import sounds
from engine import UnixConnection
from export import children
from figures import median, percentile, table
from latency import NATURAL_PAUSE, ONE_LENGTH, dictate
from rig import ROOT, Events, Rig, RigError, end, until
from windows import Window

SAID = "say-And%20so%20it%20is%20said%20in%20a%20sentence%20of%20a%20few%20words."
HOURS = (1, 10)


# Dictation beside it


def dictation(rig: Rig, file: Path, rounds: int) -> dict:
    """Dictations with and without a transcription and an export at the same time, in turn."""
    window, events = Window(rig, "gtk3"), Events(rig)
    item = next(item["id"] for item in rig.items() if item["kind"] == "import")
    sound = sounds.dictation(ONE_LENGTH, NATURAL_PAUSE, rig.folder)
    dictate(rig, window, events, sound)  # connections and display are warm
    runs: dict[str, list] = {"alone": [], "beside both": []}
    for _ in range(rounds):
        runs["alone"].append(dictate(rig, window, events, sound))
        with work(rig, file, item):
            runs["beside both"].append(dictate(rig, window, events, sound))
    leaving = [time_to_leave(rig, file) for _ in range(rounds)]
    overruns = sum(event.get("what") == "overrun" for event in events.list)
    result = {
        name: {"runs": len(some), "text_ms": median(run.text for run in some), "p95": percentile([run.text for run in some], 0.95),
               "window_ms": median(run.window for run in some), "hits": sum(run.guess == "hit" for run in some)}
        for name, some in runs.items()
    }  # fmt: skip
    end(events.process)
    end(window.process)
    print(table(f"Dictations of {ONE_LENGTH} s alone, and beside a transcription and an export, in turn; medians",
                ["dictation", "runs", "text ms", "p95", "in window ms", "guess hit"],
                [[name, *row.values()] for name, row in result.items()]))  # fmt: skip
    print(f"\nOverruns: {overruns}. From the key until the engine works on no file any more: median {median(leaving):.0f} ms, "
          f"at most {max(leaving):.0f} ms.")  # fmt: skip
    return {"dictations": result, "overruns": overruns, "until_engine_is_free_ms": leaving}


@contextlib.contextmanager
def work(rig: Rig, file: Path, item: str | None) -> Iterator[None]:
    """A transcription on its way, and exports one after the other."""
    program = rig.programs / "thoth"
    programs = [rig.start(program, "transcribe", "--no-save", "--quiet", "--language", "en", file)]
    if item:
        line = 'while "$0" export -o "$1" --force --wait "$2"; do :; done'
        programs.append(rig.start("sh", "-c", line, program, rig.folder / "beside.m4a", item, start_new_session=True))
    until(lambda: health(rig)["running"], 60, "the engine was not asked for a file")
    try:
        yield
    finally:
        for process in programs:
            process.send_signal(signal.SIGINT if process is programs[0] else signal.SIGTERM)
            process.wait()
        rig.thoth("cancel", "--all")
        until(lambda: not busy(rig), 60, "the engine works on for nobody")


def time_to_leave(rig: Rig, file: Path) -> float:
    """Milliseconds from the key of a dictation until the engine works on no segment of a file."""
    with work(rig, file, None):
        time.sleep(1)  # in the middle of a segment
        job = rig.thoth("record", check=True).stdout.strip()
        start = time.monotonic_ns()
        until(lambda: not busy(rig), 60, "the engine went on with the file")
        elapsed = (time.monotonic_ns() - start) / 1e6
        rig.thoth("cancel", job, check=True)
    return elapsed


def health(rig: Rig) -> dict:
    """How busy the engine is."""
    connection = UnixConnection(rig.engine_socket)
    connection.request("GET", "/health")
    return json.load(connection.getresponse())


def busy(rig: Rig) -> int:
    """How many segments it works on, also where nobody waits for them."""
    load = health(rig)
    return load["running"] + load["abandoned"] + load["waiting"]


# Memory


def memory(rig: Rig, file: Path, seconds: float) -> dict:
    """The most memory of the daemon and its helper at some lengths, with an engine that answers at once."""
    server = rig.start(sys.executable, ROOT / "Tests/Rigs/faultserver.py", stdout=subprocess.PIPE)
    port = server.stdout.readline().decode().strip()
    rig.write_settings(f'[[engine]]\nname = "quick"\nurl = "http://127.0.0.1:{port}/{SAID}/v1"\nmanaged = false\n')
    sink = subprocess.Popen(["cat"], stdin=server.stdout, stdout=subprocess.DEVNULL)
    result = {}
    for hours in HOURS:
        long = rig.folder / f"hours-{hours}.mp3"
        rig.run("ffmpeg", "-nostdin", "-v", "error", "-y", "-stream_loop", int(hours * 3600 / seconds), "-i", file,
                "-t", hours * 3600, "-c", "copy", long)  # fmt: skip
        for name, words in {"txt, not stored": ["--no-save"], "txt, stored": [], "srt, stored": ["--format", "srt"]}.items():
            result[f"{hours} h, {name}"] = peaks(rig, long, words)
    end(server)
    sink.wait()
    print(table("The most memory while a file is transcribed, MB; an engine that answers at once",
                ["file", "thothd before", "thothd", "thoth-media", "s"], [[name, *row.values()] for name, row in result.items()]))  # fmt: skip
    return result


def peaks(rig: Rig, file: Path, words: list[str]) -> dict:
    """The high-water marks of a daemon that has done nothing else."""
    rig.stop_daemon()
    rig.status()
    daemon = rig.daemon_id()
    before, helper, start = high_water(str(daemon)), 0.0, time.monotonic()
    client = subprocess.Popen([rig.programs / "thoth", "transcribe", "--quiet", *words, file], env=rig.environment,
                              stdout=subprocess.DEVNULL)  # fmt: skip
    while client.poll() is None:
        helper = max([helper, *(high_water(child) for child in children(daemon) if is_helper(child))])
        time.sleep(0.01)
    if client.returncode:
        raise RigError(f"thoth transcribe ended with {client.returncode}")
    return {"before": before, "thothd": high_water(str(daemon)), "thoth-media": helper, "seconds": time.monotonic() - start}


def is_helper(process: str) -> bool:
    """Whether a child is the helper by now: until it has called exec(2) its memory is the daemon's."""
    try:
        return Path(f"/proc/{process}/comm").read_text().strip() == "thoth-media"
    except OSError:
        return False


def high_water(process: str) -> float:
    """The most that was resident of a process so far, in MB; 0 when it is gone."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    fields = dict(line.split(":", 1) for line in lines)
    return int(fields.get("VmHWM", "0 kB").split()[0]) / 1000
