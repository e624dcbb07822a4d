"""How fast media files are decoded, beside ffmpeg, and how much memory that takes."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path

from figures import median, table
from media_files import build, ffmpeg
from rig import ROOT, RigError

SPEECH = ROOT / "Tests/Fixtures/audio/utt_jfk.wav"
KINDS = {
    "mp3": ["-ar", "44100", "-ac", "2", "-b:a", "128k"],
    "m4a": ["-ar", "44100", "-ac", "2", "-b:a", "128k", "-c:a", "aac"],
    "flac": ["-ar", "44100", "-ac", "2"],
}
HOUR = 3600  # s


def measure(programs: Path | None, rounds: int) -> dict:
    """Decode an hour of each kind with both in turn; and ten hours once, for the memory."""
    helper = build(programs)
    result = {}
    with tempfile.TemporaryDirectory(prefix="thoth-media-") as name:
        for kind, options in KINDS.items():
            hour = Path(name, f"1.{kind}")
            ffmpeg("-stream_loop", "-1", "-i", SPEECH, "-t", HOUR, *options, hour)
            ten = Path(name, f"10.{kind}")
            ffmpeg("-stream_loop", "9", "-i", hour, "-c", "copy", ten)
            result[kind] = compare(helper, hour, ten, rounds)
    columns = ["file", "thoth-media s", "times real time", "ffmpeg s", "ratio", "MiB at 1 h", "MiB at 10 h", "ffmpeg MiB at 1 h"]
    print(table(f"Decoding of an hour, 44.1 kHz stereo to 16 kHz mono; medians of {rounds} runs in turn", columns,
                [[kind, *figures.values()] for kind, figures in result.items()]))  # fmt: skip
    return result


def compare(helper: Path, hour: Path, ten: Path, rounds: int) -> dict:
    """The figures of one kind."""
    # The helper gives way to whatever else runs: ffmpeg is to do so too.
    beside = ["nice", "-n", "10", "ffmpeg", "-nostdin", "-v", "error", "-i", str(hour), "-ac", "1", "-ar", "16000", "-f", "s16le", "-"]
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(run([str(helper), "decode"], hour))
        theirs.append(run(beside, hour))
    seconds, others = median(time for time, _ in ours), median(time for time, _ in theirs)
    return {
        "seconds": seconds, "times_real_time": HOUR / seconds, "ffmpeg_seconds": others, "ratio": seconds / others,
        "mib": max(memory for _, memory in ours), "mib_at_ten_hours": run([str(helper), "decode"], ten)[1],
        "ffmpeg_mib": max(memory for _, memory in theirs),
    }  # fmt: skip


def run(command: list[str], path: Path) -> tuple[float, float]:
    """Run a program with `path` as its standard input and nobody reading: seconds, and the most memory in MiB."""
    with path.open("rb") as source, open(os.devnull, "wb") as sink:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdin=source, stdout=sink)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RigError(f"{command[0]} ended with {process.returncode}")
    return seconds, usage.ru_maxrss / 1024
