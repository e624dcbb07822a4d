"""The text rules and the dictionary under libFuzzer: no input makes them crash, hang, or change a text the second time."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from pathlib import Path

from rig import ROOT, RigError

FLAGS = ["-O", "-swift-version", "6", "-sanitize=fuzzer", "-parse-as-library"]
FEATURES = ["ExistentialAny", "MemberImportVisibility", "InternalImportsByDefault"]
LONGEST = 300  # bytes
PIECES = [
    "new line", "New paragraph", "full stop", "comma", "open quote", "scratch that", "literal", "neue Zeile",
    "à la ligne", "um", "Uh", "äh", "one", "twenty", "point", "color", "example.com", "3.14", "v1.2", "foo.Bar", "I",
    "été", "e\u0301", "👩‍👩‍👧", "日本", ",", "...", "¿", "“", '\\"', "(", "'", "—", "/", "\n", " ", "\t", "\u00a0",
    "[music]", "<|en|>", "♪", "ß", "İ", "\u200d", "\ufe0f", "post gress", "volt warden", "K8s",
]  # fmt: skip
TEXTS = [
    "So, um, I think the color of twenty two houses... is fine ,really. New line. See example.com!",
    "scratch that. Open quote, hello, close quote, volt warden and cube or netes in post gress.",
    "Er geht, äh, um das Haus, neue Zeile, ja. Écris, virgule, à la ligne, oui.",
]


def prove(seconds: int, seed: int) -> bool:
    """Search for `seconds` with libFuzzer, guided by coverage, from a few texts and the pieces that the rules know."""
    with tempfile.TemporaryDirectory(prefix="thoth-fuzz-") as name:
        folder = Path(name)
        fuzzer = build(folder)
        corpus = folder / "corpus"
        corpus.mkdir()
        for number, text in enumerate(TEXTS):
            (corpus / str(number)).write_bytes(bytes([18 * number, number]) + text.encode())
        escaped = ("".join(f"\\x{byte:02x}" for byte in piece.encode()) for piece in PIECES)
        (folder / "dictionary").write_text("".join(f'"{piece}"\n' for piece in escaped))
        options = [f"-dict={folder}/dictionary", f"-max_len={LONGEST}", "-timeout=60", f"-seed={seed}"]
        run = subprocess.run(
            [fuzzer, corpus, *options, f"-max_total_time={seconds}", f"-artifact_prefix={folder}/"],
            env=os.environ | {"SWIFT_BACKTRACE": "enable=no"}, capture_output=True, text=True, errors="replace",
        )  # fmt: skip
        done = re.search(r"Done (\d+) runs", run.stderr)
        reached = re.findall(r"cov: (\d+) ft: \d+ corp: (\d+)", run.stderr)
        if run.returncode or not done or not reached:
            print("\n".join(line for line in run.stderr.splitlines() if "Fatal error" in line or "ERROR" in line))
            return False
        print(f"{done[1]} texts, {reached[-1][0]} edges of the program reached, {reached[-1][1]} texts kept for what they reach")
        return True


def build(folder: Path) -> Path:
    """The fuzzer, in `folder`: the two modules and the harness, instrumented."""
    features = [word for feature in FEATURES for word in ("-enable-upcoming-feature", feature)]
    swiftc = ["swiftc", *FLAGS, *features, "-I", folder, "-L", folder]
    for module in ("DictationTypes", "TextFilter"):
        library = ["-emit-library", "-static", "-emit-module", "-module-name", module, "-o", folder / f"lib{module}.a"]
        compile_swift([*swiftc, *library, *(ROOT / "Sources" / module).rglob("*.swift")], folder)
    fuzzer = folder / "fuzzer"
    harness = ROOT / "Tests/Rigs/textfuzz/Harness.swift"
    compile_swift([*swiftc, "-o", fuzzer, harness, "-lTextFilter", "-lDictationTypes"], folder)
    return fuzzer


def compile_swift(command: list, folder: Path) -> None:
    if (run := subprocess.run(command, cwd=folder, capture_output=True, text=True)).returncode:
        raise RigError(f"the fuzzer does not compile: {run.stderr}")
