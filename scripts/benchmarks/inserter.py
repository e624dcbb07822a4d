"""thoth's text output as a program that stays: Tests/Rigs/inserter."""

from __future__ import annotations

import json
import select
import subprocess
from pathlib import Path

from desktop import ROOT, Desktop, RigError, end

PATIENCE = 60  # s for one answer; the output itself gives up earlier


def build(programs: Path | None) -> Path:
    """The program: from the folder `programs`, else built now, and not installed by anybody."""
    if programs:
        return programs.resolve() / "inserter"
    command = ["swift", "build", "--configuration", "release", "--product", "inserter"]
    if subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL).returncode:
        raise RigError("inserter does not build; why is said above")
    return ROOT / ".build/release/inserter"


class Inserter:
    """It runs on the display of `desktop`."""

    def __init__(self, desktop: Desktop, program: Path) -> None:
        self.desktop = desktop
        self.program = program
        self.begin()

    def begin(self) -> None:
        """Start it."""
        self.process = self.desktop.start(self.program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=None)

    def insert(self, text: str, method: str) -> dict:
        """Insert `text` into the window with the focus; the answer. One that does not answer is replaced."""
        try:
            self.process.stdin.write(json.dumps({"text": text, "method": method}).encode() + b"\n")
            self.process.stdin.flush()
            if select.select([self.process.stdout], [], [], PATIENCE)[0]:
                if line := self.process.stdout.readline():
                    return json.loads(line)
        except BrokenPipeError:
            pass
        how = f"ended with {self.process.returncode}" if self.process.poll() is not None else "did not answer"
        end(self.process)
        self.begin()
        return {"error": f"the inserter {how}", "milliseconds": PATIENCE * 1000.0}
