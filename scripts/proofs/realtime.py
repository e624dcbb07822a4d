"""What the daemon's capture thread does in a real minute: nothing of its own that may make it wait.

The counting library of the tests is preloaded into the daemon; what alsa-lib and its plugins do is shown beside.
"""

from __future__ import annotations

import array
import contextlib
import json
import subprocess
import tempfile
import time
from pathlib import Path

import sounds
from capture import watched, with_watch
from figures import table
from rig import Rig, RigError, end, until

ACTS = ["allocations", "frees", "maps", "locks", "waits", "writes", "prints"]


def prove(rig: Rig, seconds: int, seed: int) -> bool:
    """Capture `seconds` from each microphone, with readers of levels and the engine at work."""
    del seed
    rig.start_paced("paced", sounds.write(rig.folder / "silence.wav", array.array("h", bytes(2 * sounds.RATE))))
    microphones = {"paced PCM": "paced", "PulseAudio": "default"}
    with contextlib.ExitStack() as stack:
        try:
            microphones["PipeWire"] = start_pipewire(rig, stack)
        except RigError as error:
            print(f"PipeWire is left out: {error}")
        rows, is_clean = [], True
        for name, device in microphones.items():
            report = capture(rig, device, seconds)
            own = sum(report["own"][act] for act in ACTS)
            is_clean &= own == 0
            for offence in report["offences"]:
                print(offence)
            for whose in ("own", "alsa"):
                rows.append([name, {"own": "thoth", "alsa": "alsa-lib and plugin"}[whose], report["reads"],
                             *(report[whose][act] for act in ACTS)])  # fmt: skip
    print(table(f"On the capture thread in {seconds} s", ["microphone", "code of", "reads", *ACTS], rows))
    return is_clean


def capture(rig: Rig, device: str, seconds: int) -> dict:
    """One recording, with the engine working on another one: what was counted."""
    rig.stop_daemon()
    with_watch(rig, watched(rig), lambda: rig.thoth("engine", "start", check=True))
    followers = [rig.start(rig.programs / "thoth", "events", "--levels", stdout=subprocess.DEVNULL) for _ in range(2)]
    rig.thoth("record", "--output", "none", check=True)
    rig.play(sounds.speech(10, rig.folder))
    rig.thoth("stop", check=True)
    rig.thoth("record", "--device", device, "--output", "none", check=True)
    time.sleep(seconds)
    rig.thoth("cancel", check=True)
    path = rig.folder / "watch.reports"

    def total() -> dict:
        # A microphone that stalls, or gives only zeros, is opened anew: all captures count.
        reports = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        return {
            "reads": sum(report["reads"] for report in reports),
            "frames": sum(report["frames"] for report in reports),
            "offences": [offence for report in reports for offence in report["offences"]],
            **{
                whose: {act: sum(report[whose][act] for report in reports) for act in ACTS}
                for whose in ("own", "alsa")
            },
        }

    until(lambda: total()["frames"] > 0.9 * seconds * 16_000, 10, "the capture was not watched")
    for follower in followers:
        end(follower)
    return total()


def start_pipewire(rig: Rig, stack: contextlib.ExitStack) -> str:
    """Start a PipeWire with a microphone that is silent, and define it for ALSA: its name."""
    home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    plugin = alsa_plugin(rig, home)
    settings = home / "config/pipewire/pipewire.conf.d"
    settings.mkdir(parents=True)
    (settings / "microphone.conf").write_text(
        "context.objects = [ { factory = adapter args = { factory.name = support.null-audio-sink node.name = mic "
        "media.class = Audio/Source/Virtual audio.position = [ MONO ] object.linger = true } } ]\n"
    )
    variables = {"XDG_RUNTIME_DIR": str(home), "XDG_CONFIG_HOME": str(home / "config"), "HOME": str(home)}
    before = rig.environment
    rig.environment = before | variables
    try:
        server = rig.start("dbus-run-session", "sh", "-c", "pipewire & exec wireplumber")
        stack.callback(end, server)
        until(lambda: "mic" in rig.run("wpctl", "status", check=False).stdout, 20, "PipeWire did not start")
    except FileNotFoundError as error:
        raise RigError(f"{error.filename} is missing") from error
    finally:
        rig.environment = before
    rig.environment["PIPEWIRE_REMOTE"] = str(home / "pipewire-0")
    rig.add_definition(f'pcm_type.pipewire {{ lib "{plugin}" }}')
    rig.define("wire", 'type pipewire\n  capture_node "mic"')
    return "wire"


def alsa_plugin(rig: Rig, folder: Path) -> Path:
    """The plugin, which Debian's package cannot bring beside PulseAudio's: unpacked from it."""
    name = "libasound_module_pcm_pipewire.so"
    if rig.run("sh", "-c", "apt-get download pipewire-alsa && dpkg -x *.deb root", check=False, cwd=folder).returncode:
        raise RigError("pipewire-alsa cannot be had from Debian")
    return next(folder.rglob(name))
