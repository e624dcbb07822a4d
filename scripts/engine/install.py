#!/usr/bin/env python3
"""Install the embedded speech engine: a virtual environment and the weights of one Whisper model.

    python3 install.py --into DIR [--model NAME|PATH|HUB_ID]

Makes, under DIR:

    venv -> venv-KEY     packages of requirements.txt; KEY is a hash of that file and the Python version
    models/NAME/         model.bin, config.json, tokenizer.json, vocabulary.txt (a link for a PATH model)
    models/default       link to the model that is served

Can be repeated at any time: what is there and whole stays, what is missing or damaged is made again. Nothing
appears under its final name before it is complete. Needs nothing but Python's standard library.

Progress goes to standard output as "[2/5] ...", messages to standard error. Exit codes: 0 done, 1 internal
error, 2 usage, 5 a download failed or a checksum is wrong, 6 something is missing on this system, 130 cancelled.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import importlib.util
import shutil
import signal
import subprocess
import sys
import traceback
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

import weights
from weights import InstallError

HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements.txt"
OLDEST_PYTHON = (3, 11)  # what the pinned numpy supports
STEPS = 5


def main(arguments: list[str] | None = None) -> int:
    """Run the installation; the exit code."""
    options = parse(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # cleans up as Ctrl-C does
    try:
        install(Path(options.into).expanduser().absolute(), options.model)
        return 0
    except InstallError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except OSError as error:
        print(f"The engine cannot be installed: {error}. Mend that, then install again.", file=sys.stderr)
        return 6
    except KeyboardInterrupt:
        print("Cancelled; nothing half-made is left.", file=sys.stderr)
        return 130
    except Exception:
        traceback.print_exc()
        return 1


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """The command line; leaves with code 2 when it is wrong."""
    parser = argparse.ArgumentParser(description="Install the embedded speech engine.", allow_abbrev=False)
    parser.add_argument("--into", required=True, metavar="DIR", help="the engine's folder")
    parser.add_argument(
        "--model",
        metavar="NAME|PATH|HUB_ID",
        help=f"{' or '.join(weights.load_pins())}, a CTranslate2 Whisper folder, or a hub id such as"
        " Systran/faster-whisper-small; without it the present default, else base",
    )
    return parser.parse_args(arguments)


def install(folder: Path, model: str | None) -> None:
    """Bring `folder` to the state described above. Raises InstallError, OSError, KeyboardInterrupt."""
    check_system()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with exclusive(folder):
        progress(1, f"Checked Python {sys.version.split()[0]}")
        choice = weights.choose(folder / "models", model)
        with scratch(folder) as scratch_folder:
            python = make_environment(folder)
            name = weights.obtain(choice, folder / "models", scratch_folder, python, lambda text: progress(4, text))
        weights.replace_link(folder / "models" / "default", name)
        progress(5, f"Done: {name} is the default model")


def progress(step: int, text: str) -> None:
    """One progress line."""
    print(f"[{step}/{STEPS}] {text}", flush=True)


def check_system() -> None:
    """Raise InstallError with the command that mends it when Python cannot make a virtual environment."""
    if sys.version_info < OLDEST_PYTHON:
        raise InstallError(
            6, f"Python {sys.version.split()[0]} is too old: install {'.'.join(map(str, OLDEST_PYTHON))} or newer."
        )
    # Debian leaves ensurepip out of its python3 package.
    if not all(importlib.util.find_spec(module) for module in ("venv", "ensurepip")):
        raise InstallError(6, "Python's venv module is missing: run `sudo apt-get install python3-venv`, then this.")


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Hold the lock of `folder`; says so when it must wait for another installation."""
    with open(folder / ".install.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"Another installation into {folder} is running; waiting for it.", file=sys.stderr, flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """A folder for downloads, on the same file system. It outlives a failed download, so that the next run
    continues there, but neither success nor a cancellation."""
    path = folder / ".partial"
    path.mkdir(exist_ok=True)
    try:
        yield path
    except InstallError:
        raise
    except BaseException:
        shutil.rmtree(path, ignore_errors=True)
        raise
    shutil.rmtree(path)


def make_environment(folder: Path) -> Path:
    """Make DIR/venv with the packages of requirements.txt, unless it is there; its python."""
    recipe = REQUIREMENTS.read_bytes() + repr(sys.version_info[:2]).encode()
    target = folder / f"venv-{hashlib.sha256(recipe).hexdigest()[:12]}"
    complete = target / ".complete"  # written last
    python = target / "bin" / "python"
    if complete.exists() and subprocess.run([python, "-c", ""], stderr=subprocess.DEVNULL).returncode == 0:
        progress(2, "The virtual environment is there")
        progress(3, "The packages are there")
    else:
        shutil.rmtree(target, ignore_errors=True)
        try:
            fill_environment(target, python)
        except BaseException:
            shutil.rmtree(target, ignore_errors=True)
            raise
        complete.touch()
    weights.replace_link(folder / "venv", target.name)
    for old in folder.glob("venv-*"):
        if old != target:
            shutil.rmtree(old, ignore_errors=True)
    return folder / "venv" / "bin" / "python"


def fill_environment(target: Path, python: Path) -> None:
    """Create the virtual environment `target` and install the packages into it."""
    progress(2, "Making the virtual environment")
    made = subprocess.run([sys.executable, "-m", "venv", target], capture_output=True, text=True)
    if made.returncode:
        raise InstallError(
            6,
            f"The virtual environment cannot be made ({weights.last_line(made.stdout + made.stderr)}):"
            " run `sudo apt-get install python3-venv`, then this.",
        )
    progress(3, "Installing the packages (about 100 MB)")
    weights.pip(python, "install", "--no-deps", "--only-binary", ":all:", "--requirement", REQUIREMENTS)


if __name__ == "__main__":
    sys.exit(main())
