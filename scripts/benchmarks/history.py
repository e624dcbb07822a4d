"""Searching what was said: `thoth history` in a full library, against what people would use on a file of texts."""

from __future__ import annotations

import itertools
import random
import re
import shlex
import sqlite3
import time
from pathlib import Path
from typing import Iterator

from figures import median, percentile, table
from idle import holdings
from rig import ROOT, Rig, RigError

WORDS = ROOT / "Tests/Fixtures/audio/cmd_goforward.wav"
TERMS = 20_000  # numbered words in the vocabulary, after those of the fixtures' transcripts
LENGTHS = (5, 60)  # words in a text
YEARS = 2  # over which the texts were said
WARM_UP = 2  # rounds that are not counted
COLUMNS = ("id", "kind", "created_at", "modified_at", "state", "text", "raw_text", "words", "duration_ms", "result",
           "device")  # fmt: skip
QUERIES = {
    "a rare word": ["term15034"],
    "the most common word": ["and"],
    "two words": ["country", "term00100"],
    "a prefix": ["term150"],
    "nothing: the newest": [],
}


def measure(rig: Rig, rounds: int = 30, count: int = 100_000) -> dict:
    """Fill the library with `count` texts, and search them `rounds` times each way, in turn."""
    row = example(rig)
    rig.stop_daemon()
    file = rig.folder / "texts.txt"
    fill(rig.database, row, count, file)
    rig.status()
    before = holdings(rig.daemon_id())["rss_mb"]
    with sqlite3.connect(f"file:{rig.database}?mode=ro", uri=True) as database:
        result = {name: search(rig, database, file, words, rounds) for name, words in QUERIES.items()}
    rows = [[name, *columns.values()] for name, columns in result.items()]
    columns = ["searched", "texts that match", "thoth ms", "p95 ms", "grep ms", "p95 ms", "sqlite3 ms", "p95 ms",
               "grep/thoth", "sqlite3/thoth"]  # fmt: skip
    print(table(f"History of {count:,} texts, {rounds} runs in turn; medians, the best or newest 20", columns, rows))
    sizes = {
        "texts_mb": file.stat().st_size / 1e6,
        "database_mb": sum(path.stat().st_size for path in rig.database.parent.glob("library.db*")) / 1e6,
        "daemon_rss_before_mb": before,
        "daemon_rss_after_mb": holdings(rig.daemon_id())["rss_mb"],
    }
    print("\ntexts {:.1f} MB, database {:.1f} MB; daemon's RSS {:.1f} MB before the searches, {:.1f} MB after".format(
          *sizes.values()))  # fmt: skip
    return {"rounds": rounds, "items": count, **sizes, "queries": result}


def example(rig: Rig) -> dict[str, object]:
    """The row of a real dictation: what the others look like."""
    rig.start_engine()
    job = rig.thoth("record", "--output", "none", check=True).stdout.strip()
    rig.play(WORDS)
    rig.thoth("stop", "--wait", check=True)
    with sqlite3.connect(f"file:{rig.database}?mode=ro", uri=True) as database:
        found = database.execute(f"SELECT {', '.join(COLUMNS)} FROM items WHERE id = ?", [job]).fetchone()
    if not found or not found[COLUMNS.index("text")]:
        raise RigError("the library has no text of the dictation that the others are made from")
    return dict(zip(COLUMNS, found))


def fill(path: Path, example: dict[str, object], count: int, file: Path) -> None:
    """Insert `count` items into the library, and write their texts into `file`, a line each, oldest first."""
    chance = random.Random(count)
    step = YEARS * 365 * 86_400_000 // count
    start = int(time.time() * 1000) - count * step
    with sqlite3.connect(path) as database, file.open("w") as lines:
        marks = ", ".join(f":{name}" for name in COLUMNS)
        for number, text in zip(range(count), texts(chance)):
            moment, words = start + number * step, text.count(" ") + 1
            database.execute(f"INSERT INTO items ({', '.join(COLUMNS)}) VALUES ({marks})", {
                **example, "id": job_id(moment, chance), "created_at": moment, "modified_at": moment,
                "text": text, "raw_text": text, "words": words, "duration_ms": 400 * words,
            })  # fmt: skip
            lines.write(text + "\n")
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def texts(chance: random.Random) -> Iterator[str]:
    """Texts whose words are as frequent as in speech: the n-th by 1/n (Zipf)."""
    manual = (ROOT / "Tests/Fixtures/README.md").read_text()
    said = " ".join(re.findall(r"^\| `(?:utt|cmd)_\w+\.wav` \| ([^|]*)", manual, re.MULTILINE)).lower()
    vocabulary = list(dict.fromkeys(re.findall(r"[a-z]+", said))) + [f"term{number:05}" for number in range(TERMS)]
    weights = list(itertools.accumulate(1 / rank for rank in range(1, len(vocabulary) + 1)))
    while True:
        yield " ".join(chance.choices(vocabulary, cum_weights=weights, k=chance.randint(*LENGTHS))).capitalize() + "."


def job_id(moment: int, chance: random.Random) -> str:
    """A UUIDv7 (RFC 9562 §5.7) of `moment`, in milliseconds since 1970."""
    digits = f"{moment:012x}7{chance.getrandbits(12):03x}{8 + chance.getrandbits(2):x}{chance.getrandbits(60):015x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def search(rig: Rig, database: sqlite3.Connection, file: Path, words: list[str], rounds: int) -> dict[str, object]:
    """One query all three ways, whole processes."""
    steps = [f"grep -i {shlex.quote(word)}" for word in words]
    line = " | ".join([f"{steps[0]} {file}", *steps[1:], "tail -n 20"]) if steps else f"tail -n 20 {file}"
    matching = check(rig, database, words)
    times: dict[str, list[float]] = {"thoth": [], "grep": [], "sqlite3": []}
    for number in range(WARM_UP + rounds):
        taken = {
            "thoth": rig.time_thoth("history", *words),
            "grep": rig.time_program(Path("/bin/sh"), "-c", line),
            "sqlite3": rig.time_program(Path("/usr/bin/sqlite3"), "-readonly", str(rig.database), sql(words)),
        }
        for name in times if number >= WARM_UP else ():
            times[name].append(taken[name])
    result: dict[str, object] = {"matching": matching}
    for name, values in times.items():
        result |= {f"{name}_ms": median(values), f"{name}_p95_ms": percentile(values, 0.95)}
    return result | {f"{name}_ratio": result[f"{name}_ms"] / result["thoth_ms"] for name in ("grep", "sqlite3")}


def check(rig: Rig, database: sqlite3.Connection, words: list[str]) -> int:
    """How many texts match, when thoth has found as many as it was to show, and each of them does."""
    counted, values = "SELECT count(*) FROM items", []
    if words:
        counted = "SELECT count(*) FROM items_text WHERE items_text MATCH ?"
        values = [" AND ".join(f'"{word}"*' for word in words)]
    matching = database.execute(counted, values).fetchone()[0]
    found = rig.thoth("history", *words, "--format", "json", check=True).stdout.lower().splitlines()
    if len(found) != min(20, matching) or not all(word in item for item in found for word in words):
        raise RigError(f"thoth history {' '.join(words)} found {len(found)} of {matching}")
    return matching


def sql(words: list[str]) -> str:
    """The same search without an index of words."""
    condition = " AND ".join(f"text LIKE '%{word}%'" for word in words) or "1"
    return f"SELECT created_at, text FROM items WHERE {condition} ORDER BY created_at DESC LIMIT 20"
