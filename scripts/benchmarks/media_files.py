"""The helper that knows media files, and ffmpeg, which makes them."""

from __future__ import annotations

import subprocess
from pathlib import Path

from rig import ROOT, RigError, install


def build(programs: Path | None) -> Path:
    """The helper: from the folder `programs`, else built now."""
    install("build run test bench", "" if programs else "check_toolchain")
    if programs:
        return programs.resolve() / "thoth-media"
    command = ["swift", "build", "-c", "release", "--static-swift-stdlib", "--product", "thoth-media"]
    if subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL).returncode:
        raise RigError("thoth-media does not build; why is said above")
    return ROOT / ".build/release/thoth-media"


def ffmpeg(*arguments: object) -> None:
    """Run it. Raises RigError when it fails."""
    done = subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        raise RigError(f"ffmpeg {' '.join(map(str, arguments))}: {done.stderr}")
