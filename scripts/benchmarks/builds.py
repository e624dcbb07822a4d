"""How long it takes to build, and to test."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time

from figures import table
from rig import ROOT, RigError

RELEASE = ["swift", "build", "-c", "release", "--static-swift-stdlib"]
DEBUG = ["swift", "build", "--build-tests"]


def measure(with_tests: bool = False) -> dict:
    """Build in a folder of its own, from nothing; then once more with nothing to do."""
    result = {}
    with tempfile.TemporaryDirectory(prefix="thoth-build-") as folder:
        for name, command in (("release", RELEASE), ("debug with tests", DEBUG)):
            place = ["--scratch-path", f"{folder}/{name.split()[0]}"]
            result[f"{name}, clean"] = run([*command, *place])
            result[f"{name}, nothing to do"] = run([*command, *place])
    if with_tests:
        result["scripts/test"] = run([str(ROOT / "scripts/test")])
    print(table(f"Build, {os.cpu_count()} cores", ["what", "s"], [[name, value] for name, value in result.items()]))
    return result


def run(command: list[str]) -> float:
    """Seconds that a command takes."""
    start = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise RigError(f"{' '.join(command)} ended with {done.returncode}: {done.stdout[-500:]}{done.stderr[-500:]}")
    return time.monotonic() - start
