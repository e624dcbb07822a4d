"""What the guard on a language model's answers takes and throws away, through `thoth enhance`.

The dictations of Tests/Fixtures/text/adversarial.jsonl come with answers that a correction may be and answers that it may
not. A scripted server gives each of them; then real models answer, and what would be inserted is looked through for
words that must be there and words that must never be.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

from chat import ChatServer
from desktop import ROOT
from figures import median, percentile, table
from rig import Rig, RigError

DICTATIONS = ROOT / "Tests/Fixtures/text/adversarial.jsonl"
CHAT_MODEL = ROOT / "scripts/chat-model"
PATIENCE = 600  # s for one answer


@dataclass
class Edit:
    """What became of one answer."""

    id: str
    kind: str  # "good", the kind of a bad answer, or the model's name
    answer: str
    text: str  # what would be inserted
    enhanced: bool
    reason: str | None
    seconds: float
    answer_breaches: list[str]
    text_breaches: list[str]


def measure(rig: Rig, models: Path | None) -> dict:
    """Try the scripted answers, then the real models in the folder `models`; the test's own when it is None."""
    dictations = [json.loads(line) for line in DICTATIONS.read_text().splitlines()]
    scripted = try_script(rig, dictations)
    show_script(scripted)
    folder = models or Path(
        os.environ.get("THOTH_TEST_CHAT_MODEL") or Path.home() / ".cache/thoth-test/chat-model"
    )
    answered = try_models(rig, folder, dictations)
    show_models(answered)
    return {
        "scripted": [asdict(edit) for edit in scripted],
        "models": {name: {**run, "edits": [asdict(edit) for edit in run["edits"]]} for name, run in answered.items()},
    }


def enhance(rig: Rig, server: ChatServer, dictation: dict, kind: str) -> Edit:
    """Give one dictation to `thoth enhance`, which asks `server`."""
    command = [rig.programs / "thoth", "enhance", "-", "--prompt", "fix-grammar", "--json"]
    start = time.monotonic()
    done = rig.run(*command, check=False, seconds=PATIENCE, input=dictation["said"])
    seconds = time.monotonic() - start
    if done.returncode not in (0, 5):
        raise RigError(f"thoth enhance: {done.returncode} {done.stderr.strip()}")
    line, answer = json.loads(done.stdout), server.last_answer()
    return Edit(
        dictation["id"], kind, answer, line["text"], line["enhanced"], line.get("reason"), seconds,
        breaches(answer, dictation), breaches(line["text"], dictation),
    )  # fmt: skip


def breaches(text: str, dictation: dict) -> list[str]:
    """Words that are missing in a text, and words that must not be in it."""
    text = text.casefold()
    missing = [f"-{word}" for word in dictation["must"] if word.casefold() not in text]
    return missing + [f"+{word}" for word in dictation["never"] if word.casefold() in text]


# The scripted answers


def try_script(rig: Rig, dictations: list[dict]) -> list[Edit]:
    """Have a server give every answer of the dictations."""
    server = ChatServer()
    use_server(rig, server.address, "scripted")
    edits = []
    for dictation in dictations:
        answers = [("good", text) for text in dictation["good"]]
        answers += [(bad["kind"], bad["answer"]) for bad in dictation["bad"]]
        for kind, server.answer in answers:
            edits.append(enhance(rig, server, dictation, kind))
    server.shutdown()
    return edits


def is_caught(edit: Edit, said: str, good: list[str]) -> bool:
    """Whether a bad answer does no harm: it is not taken, or what was bad about it is taken off."""
    return not edit.enhanced or plain(edit.text) in {plain(text) for text in (said, *good)}


def plain(text: str) -> str:
    """The words of a text, for comparison."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def show_script(edits: list[Edit]) -> None:
    """Print what the guard made of the scripted answers."""
    dictations = {row["id"]: row for row in map(json.loads, DICTATIONS.read_text().splitlines())}
    good = [edit for edit in edits if edit.kind == "good"]
    missed = [
        edit
        for edit in edits
        if edit.kind != "good" and not is_caught(edit, dictations[edit.id]["said"], dictations[edit.id]["good"])
    ]
    rows = [["good answers, taken", len(good), sum(edit.enhanced for edit in good)]]
    for kind, count in Counter(edit.kind for edit in edits if edit.kind != "good").most_common():
        rows.append([f"bad, kept out: {kind}", count, count - sum(edit.kind == kind for edit in missed)])
    rows.append(["bad, kept out: all", len(edits) - len(good), len(edits) - len(good) - len(missed)])
    cells = [[*row, f"{100 * row[2] / row[1]:.1f}"] for row in rows]
    print(table(f"Guard: scripted answers to {len(dictations)} dictations", ["answers", "number", "right", "%"], cells))
    for edit in good:
        if not edit.enhanced:
            print(f"  good, not taken ({edit.reason}): {edit.id}: {edit.answer!r}")
    for edit in missed:
        print(f"  bad, taken ({edit.kind}): {edit.id}: {edit.text!r}")


# The real models


def try_models(rig: Rig, folder: Path, dictations: list[dict]) -> dict:
    """Have every model of scripts/chat-model, installed in `folder`, answer the dictations."""
    if subprocess.run(["/usr/bin/python3", CHAT_MODEL / "install.py", "--into", folder], stdout=sys.stderr).returncode:
        raise RigError("the language models cannot be installed; why is said above")
    relay = ChatServer()
    result = {}
    for name in json.loads((CHAT_MODEL / "models.json").read_text()):
        server = rig.start(
            folder / "venv/bin/python", CHAT_MODEL / "serve.py", "--from", folder, "--model", name,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        relay.model = server.stdout.readline().strip()
        if not relay.model:
            raise RigError(f"{name} cannot be served: run scripts/chat-model/serve.py --from {folder} --model {name}")
        use_server(rig, relay.address, name)
        edits = [enhance(rig, relay, dictation, name) for dictation in dictations]
        result[name] = {"edits": edits, "tokens_per_second": speed(relay.model)}
        server.stdin.close()
        server.wait()
        print(f"  {name}: {len(edits)} dictations", flush=True)
    return result


def use_server(rig: Rig, address: str, model: str) -> None:
    """Have thoth ask `model` at `address`."""
    rig.stop_daemon()
    rig.write_settings(f'[enhance]\nurl = "{address}"\nmodel = "{model}"\ntimeout = "60s"\n')
    rig.status()


def speed(address: str) -> float:
    """Tokens that the server has generated in each second of its work."""
    with urllib.request.urlopen(f"{address.removesuffix('/v1')}/metrics") as answer:
        return float(re.search(r"^llamacpp:predicted_tokens_seconds (\S+)", answer.read().decode(), re.M)[1])


def show_models(runs: dict) -> None:
    """Print what became of the real models' answers."""
    rows = []
    for name, run in runs.items():
        edits = run["edits"]
        rejected = Counter(edit.reason for edit in edits if not edit.enhanced)
        seconds = [edit.seconds for edit in edits]
        rows.append([
            name, len(edits), sum(edit.enhanced for edit in edits),
            ", ".join(f"{reason} {count}" for reason, count in rejected.most_common()),
            sum(bool(edit.answer_breaches) for edit in edits), sum(bool(edit.text_breaches) for edit in edits),
            median(seconds), percentile(seconds, 0.95), run["tokens_per_second"],
        ])  # fmt: skip
    columns = ["model", "dictations", "taken", "not taken", "breaches: answers", "breaches: texts", "median s", "p95 s", "tokens/s"]
    print(table("Guard: answers of real models, one thread", columns, rows))
    for run in runs.values():
        for edit in run["edits"]:
            if edit.text_breaches:
                print(f"  {edit.kind}: {edit.id}: {edit.text!r}: {', '.join(edit.text_breaches)}")
