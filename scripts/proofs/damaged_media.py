"""Damaged media files: whatever is in one, the helper that decodes it ends by itself, in time, and says why."""

from __future__ import annotations

import json
import random
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from figures import table
from media_files import build, ffmpeg
from rig import ROOT

SPEECH = ROOT / "Tests/Fixtures/audio/cmd_goforward.wav"
PICTURE = ["-f", "lavfi", "-i", "testsrc=duration=3:size=160x120", "-shortest", "-c:v", "mpeg4"]
FILES = {
    "pcm.wav": [], "float.wav": ["-c:a", "pcm_f32le"], "adpcm.wav": ["-c:a", "adpcm_ima_wav"], "a.flac": [],
    "a.mp3": ["-ar", "44100"], "a.m4a": ["-c:a", "aac"], "start.m4a": ["-c:a", "aac", "-movflags", "+faststart"],
    "parts.mp4": ["-c:a", "aac", "-movflags", "frag_keyframe+empty_moov", "-frag_duration", "500000"],
    "alac.m4a": ["-c:a", "alac"], "a.ogg": ["-c:a", "libvorbis"], "a.opus": ["-c:a", "libopus"],
    "a.webm": ["-c:a", "libopus"], "film.mkv": [*PICTURE, "-c:a", "libvorbis"], "film.mp4": [*PICTURE, "-c:a", "aac"],
    "film.avi": [*PICTURE, "-c:a", "libmp3lame"], "a.aac": ["-c:a", "aac"], "a.aiff": [], "a.wma": ["-c:a", "wmav2"],
    "a.wv": ["-c:a", "wavpack"], "a.ts": ["-c:a", "aac"], "a.caf": [], "a.ac3": ["-c:a", "ac3", "-ar", "48000"],
}  # fmt: skip
PATIENCE = 60  # s, for a file of 3 s


def prove(programs: Path | None, count: int, seed: int) -> bool:
    """Damage each of the files `count` times, and decode it from a file and from a pipe in turn."""
    helper = build(programs)
    rows, failures = [], []
    with tempfile.TemporaryDirectory(prefix="thoth-media-") as name, ThreadPoolExecutor(2) as pool:
        folder = Path(name)
        for place, (file, options) in enumerate(FILES.items()):
            ffmpeg("-i", SPEECH, *options, folder / file)
            whole = (folder / file).read_bytes()
            cases = [(helper, folder, file, whole, seed * 1_000_000 + place * 10_000 + number) for number in range(count)]
            results = list(pool.map(lambda case: decode(*case), cases))
            failures += [f"{file}, seed {case[4]}: {what}" for case, (what, _) in zip(cases, results) if what not in ENDS]
            ends = [what for what, _ in results]
            rows.append([file, count, *(ends.count(end) for end in ENDS), sum(end not in ENDS for end in ends),
                         max(seconds for _, seconds in results)])  # fmt: skip
    total = [sum(row[column] for row in rows) for column in range(1, len(ENDS) + 3)]
    rows.append(["all", *total, max(row[-1] for row in rows)])
    columns = ["file", "damaged", *ENDS, "signal, hang or nothing said", "longest s"]
    print(table("Damaged files", columns, rows))
    print("\n".join(failures))
    return not failures


ENDS = ["decoded", "decoded with a warning", "refused"]


def decode(helper: Path, folder: Path, file: str, whole: bytes, seed: int) -> tuple[str, float]:
    """How the helper ends over what `seed` makes of a file, and after how long."""
    path = folder / f"{seed}-{file}"
    path.write_bytes(damage(bytearray(whole), random.Random(seed)))
    start = time.monotonic()
    try:
        with path.open("rb") as stream:
            source = {"input": path.read_bytes()} if seed % 2 else {"stdin": stream}
            done = subprocess.run([helper, "decode"], **source, capture_output=True, timeout=PATIENCE, env={"TMPDIR": str(folder)})
    except subprocess.TimeoutExpired:
        return f"nothing for {PATIENCE} s", PATIENCE
    finally:
        path.unlink()
    return ending(done), time.monotonic() - start


def ending(done: subprocess.CompletedProcess) -> str:
    """One of ENDS, or what is wrong."""
    try:
        lines = [json.loads(line) for line in done.stderr.splitlines()]
    except ValueError:
        return f"wrote {done.stderr[:200]!r}"
    samples = len(done.stdout) - done.stdout.find(b"\n") - 1
    if done.returncode == 0 and samples > 0 and all("warning" in line for line in lines):
        return ENDS[1] if lines else ENDS[0]
    if done.returncode == 1 and lines and lines[-1].get("kind") == "format" and lines[-1].get("message"):
        return ENDS[2]
    return f"ended with {done.returncode}, {samples} bytes of samples and {lines}"


def damage(data: bytearray, chance: random.Random) -> bytes:
    """Do one or two of the things that happen to files, or that someone does to them."""
    for _ in range(chance.randint(1, 2)):
        start = chance.randrange(len(data))
        end = min(len(data), start + chance.randint(1, 4000))
        match chance.randrange(6):
            case 0:
                for _ in range(chance.randint(1, 100)):
                    data[chance.randrange(len(data))] = chance.randrange(256)
            case 1:  # where formats describe themselves
                for _ in range(chance.randint(1, 8)):
                    data[chance.randrange(min(len(data), 400))] = chance.choice([0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)])
            case 2:
                del data[start:end]
            case 3:
                data[start:end] = bytes(end - start)
            case 4:
                data[start:end] = chance.randbytes(end - start)
            case _:
                del data[max(start, 16) :]
    return bytes(data)
