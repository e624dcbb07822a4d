"""Audio files of many items: `thoth export`, against ffmpeg making the same file with the same encoder."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import sqlite3
import subprocess
import time
from pathlib import Path

from desktop import until
from figures import median, table
from history import job_id
from rig import ROOT, Rig, RigError

CLIPS = 1000
SECONDS = 3.6  # of each: an hour in all
RATE = 16_000
START = int(time.time() * 1000) - 86_400_000  # in milliseconds since 1970; what is old is not kept
# What the helper gives itself: everything else goes first.
BACKGROUND = ["nice", "-n", "10", "chrt", "-i", "0", "ionice", "-c", "3"]
CODECS = {"m4a": ["-c:a", "aac", "-b:a", "96k"], "flac": ["-c:a", "flac"], "wav": ["-c:a", "pcm_s16le"]}


def measure(rig: Rig, rounds: int = 3) -> dict:
    """Fill the library with clips of speech, and make files of them."""
    clips, whole = fill(rig)
    result = {"clips": CLIPS, "seconds": CLIPS * SECONDS, "rounds": rounds}
    result["speed"] = speed(rig, clips, whole, rounds)
    result["memory"] = memory(rig, clips)
    result["job"] = begin(rig, clips, 10 * rounds)
    return result


# The library


def fill(rig: Rig) -> tuple[list[tuple[str, Path]], tuple[str, Path]]:
    """Put an hour of speech into the library, in clips and as a whole: ids and files."""
    rig.status()
    rig.stop_daemon()
    speech = ROOT / "Tests/Fixtures/audio"
    sources = sorted(path for path in speech.glob("*.wav") if not path.name.startswith("none"))
    listing = rig.folder / "sources.txt"
    listing.write_text("".join(f"file '{path}'\n" for path in sources))
    hour = rig.folder / "hour.flac"
    # Around and around, at lengths that no two clips have the same samples.
    ffmpeg("-stream_loop", "-1", "-f", "concat", "-safe", "0", "-i", listing, "-t", CLIPS * SECONDS, "-ar", RATE, "-ac", 1,
           "-c:a", "flac", "-sample_fmt", "s16", hour)  # fmt: skip
    folder = rig.folder / "clips"
    folder.mkdir()
    ffmpeg("-i", hour, "-f", "segment", "-segment_time", SECONDS, "-c:a", "pcm_s16le", folder / "%04d.wav")
    # The segmenter does not tell in FLAC how long they are.
    for path in folder.iterdir():
        ffmpeg("-i", path, "-c:a", "flac", path.with_suffix(".flac"))
    chance = random.Random(1)
    stored = []
    with sqlite3.connect(rig.database) as database:
        for number, path in enumerate([*sorted(folder.glob("*.flac"))[:CLIPS], hour]):
            stored.append(store(rig, database, path, START + number * 60_000, chance))
    with sqlite3.connect(rig.database) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.rmtree(folder)
    return stored[:-1], stored[-1]


def store(rig: Rig, database: sqlite3.Connection, flac: Path, moment: int, chance: random.Random) -> tuple[str, Path]:
    """One item with its audio, as a dictation leaves them."""
    digits = hashlib.sha256(flac.read_bytes()).hexdigest()
    blob = rig.database.parent / "blobs" / digits[:2] / f"{digits[2:]}.flac"
    blob.parent.mkdir(parents=True, exist_ok=True)
    size, frames = flac.stat().st_size, length(flac)
    shutil.move(flac, blob)
    identity = job_id(moment, chance)
    database.execute("INSERT INTO blobs (sha256, bytes, mime_type, sample_rate, channels, frames, created_at) "
                     "VALUES (?, ?, 'audio/flac', ?, 1, ?, ?)", [digits, size, RATE, frames, moment])  # fmt: skip
    database.execute("INSERT INTO items (id, kind, created_at, modified_at, state, text, raw_text, words, duration_ms, audio) "
                     "VALUES (?, 'import', ?, ?, 'completed', ?, ?, 9, ?, ?)",
                     [identity, moment, moment, *["What was said in this part of the day, in nine words."] * 2,
                      frames * 1000 // RATE, digits])  # fmt: skip
    return identity, blob


def length(flac: Path) -> int:
    """The number of frames of a FLAC file, from its header (RFC 9639 §8.2)."""
    with flac.open("rb") as file:
        header = file.read(26)
    frames = int.from_bytes(header[18:26], "big") & (1 << 36) - 1
    if header[:4] != b"fLaC" or not frames:
        raise RigError(f"{flac.name} does not tell how long it is")
    return frames


# How long it takes


def speed(rig: Rig, clips: list[tuple[str, Path]], whole: tuple[str, Path], rounds: int) -> dict:
    """Whole processes in turn: seconds, and how many times as long ffmpeg takes."""
    ids, files = [identity for identity, _ in clips], [path for _, path in clips]
    lanes = [files[0::2], files[1::2]]
    cues = rig.folder / "lanes.txt"
    cues.write_text(two_lanes(clips))
    jobs = {
        f"{CLIPS} clips, {ending}": (ending, ids, concatenation(rig, files, ending), CODECS[ending])
        for ending in CODECS
    }
    jobs["one clip of an hour, m4a"] = ("m4a", [whole[0]], ["-i", whole[1]], CODECS["m4a"])
    mixed = [*concatenation(rig, lanes[0], "first"), *concatenation(rig, lanes[1], "second"),
             "-filter_complex", "amix=inputs=2:normalize=0"]  # fmt: skip
    jobs[f"two lanes of {CLIPS // 2} clips mixed, m4a"] = ("m4a", ["--cues", cues], mixed, CODECS["m4a"])
    result = {}
    for name, (ending, words, inputs, codec) in jobs.items():
        ours, theirs = rig.folder / f"ours.{ending}", rig.folder / f"theirs.{ending}"
        times: dict[str, list[float]] = {"thoth": [], "ffmpeg": []}
        for _ in range(rounds):
            times["thoth"].append(rig.time_thoth("export", "-o", str(ours), "--force", "--wait", *map(str, words)) / 1000)
            times["ffmpeg"].append(clocked(*inputs, *codec, theirs))
        compare(ours, theirs)
        result[name] = {f"{way}_s": median(values) for way, values in times.items()}
        seconds = duration(ours)
        result[name] |= {"ratio": result[name]["ffmpeg_s"] / result[name]["thoth_s"], "times_real": seconds / result[name]["thoth_s"]}
    print(table(f"Export of an hour of speech, {rounds} runs in turn; medians",
                ["file", "thoth s", "ffmpeg s", "ffmpeg/thoth", "× real time"],
                [[name, *row.values()] for name, row in result.items()]))  # fmt: skip
    return result


def two_lanes(clips: list[tuple[str, Path]]) -> str:
    """Cues: every second clip in a lane of its own, without gaps."""
    lines = []
    for lane in range(2):
        frames = 0
        for identity, path in clips[lane::2]:
            lines.append(f"{frames / RATE:.6f} {identity} lane{lane}")
            frames += length(path)
    return "\n".join(lines) + "\n"


def concatenation(rig: Rig, files: list[Path], name: str) -> list[object]:
    """What has ffmpeg read `files` one after the other."""
    listing = rig.folder / f"{name}.txt"
    listing.write_text("".join(f"file '{path}'\n" for path in files))
    return ["-f", "concat", "-safe", "0", "-i", listing]


def ffmpeg(*words: object) -> None:
    """Run ffmpeg to its end."""
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *map(str, words)], check=True)


def clocked(*words: object) -> float:
    """Run ffmpeg in the background, as the helper runs: seconds."""
    start = time.monotonic()
    subprocess.run([*BACKGROUND, "ffmpeg", "-nostdin", "-v", "error", "-y", *map(str, words)], check=True)
    return time.monotonic() - start


def duration(path: Path) -> float:
    """How long the file says that it is, in seconds."""
    told = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", path],
                          capture_output=True, text=True, check=True)  # fmt: skip
    return float(told.stdout)


def compare(ours: Path, theirs: Path) -> None:
    """Raise RigError unless both files are as long as each other."""
    lengths = duration(ours), duration(theirs)
    if abs(lengths[0] - lengths[1]) > 0.1:
        raise RigError(f"thoth's file has {lengths[0]} s, and ffmpeg's {lengths[1]}")


# What it takes


def memory(rig: Rig, clips: list[tuple[str, Path]]) -> dict:
    """The most memory that the helper takes, by the number of clips, in MB."""
    result = {}
    for ending in ("wav", "m4a"):
        for count in (10, CLIPS):
            result[f"{count} clips, {ending}"] = peak(rig, ending, [identity for identity, _ in clips[:count]])
    print(table("Peak memory of thoth-media", ["file", "MB"], [[name, value] for name, value in result.items()]))
    return result


def peak(rig: Rig, ending: str, ids: list[str]) -> float:
    """The high-water mark of the helper, in MB, looked at until its end."""
    daemon = rig.daemon_id()
    client = subprocess.Popen([rig.programs / "thoth", "export", "-o", rig.folder / f"memory.{ending}", "--force", "--wait", *ids],
                              env=rig.environment, stdout=subprocess.DEVNULL)  # fmt: skip
    most = 0.0
    while client.poll() is None:
        for child in children(daemon):
            status = Path(f"/proc/{child}/status")
            try:
                fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
                most = max(most, int(fields.get("VmHWM", "0 kB").split()[0]) / 1000)
            except (OSError, ProcessLookupError):
                continue
        time.sleep(0.002)
    if client.returncode or not most:
        raise RigError(f"the export for its memory ended with {client.returncode}")
    return most


def children(process: int) -> list[str]:
    """The processes that the threads of `process` have started."""
    found = []
    for task in Path(f"/proc/{process}/task").iterdir():
        try:
            found += (task / "children").read_text().split()
        except OSError:
            continue
    return found


def begin(rig: Rig, clips: list[tuple[str, Path]], rounds: int) -> dict:
    """From the command to the id of the job, and from `cancel` until nothing of the file is left; in milliseconds, with a
    warm daemon."""
    ids = [identity for identity, _ in clips]
    times, cancelled = [], []
    for number in range(rounds + 2):
        path = rig.folder / "begun.m4a"
        taken = rig.time_thoth("export", "-o", str(path), *ids)
        if number >= 2:
            times.append(taken)
        until(lambda: list(rig.folder.glob(".begun*")), 20, "the export has not begun")
        start = time.monotonic()
        rig.thoth("cancel", "--all", check=True)
        until(lambda: not list(rig.folder.glob(".begun*")), 20, "the export was not cancelled", step=0.0005)
        cancelled.append((time.monotonic() - start) * 1000)
        until(lambda: not json.loads(rig.thoth("status", "--json").stdout)["exports"], 20, "the export was not cancelled")
    result = {"median_ms": median(times), "worst_ms": max(times), "cancelled_ms": median(cancelled),
              "cancelled_worst_ms": max(cancelled)}  # fmt: skip
    print(f"\nid of the job of {CLIPS} clips: median {result['median_ms']:.1f} ms, worst of {rounds} {result['worst_ms']:.1f} ms; "
          f"cancelled: median {result['cancelled_ms']:.1f} ms, worst {result['cancelled_worst_ms']:.1f} ms")  # fmt: skip
    return result
