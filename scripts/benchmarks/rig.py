"""The desktop to measure on with a sound server, a daemon and an engine."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import struct
import subprocess
import threading
import time
from pathlib import Path
from typing import Callable

from desktop import ROOT, Desktop, RigError, end, until


def prepare(programs: Path | None) -> Path:
    """Install the packages that are missing, and build thoth unless `programs` has it; the folder of the programs."""
    install("build run demo test bench", "" if programs else "check_toolchain; build_release")
    return (programs or ROOT / ".build/release").resolve()


def install(groups: str, build: str = "") -> None:
    """Install the packages of the groups that are missing, and run more of scripts/common.sh."""
    steps = f'source "{ROOT}/scripts/common.sh"; install_packages {groups}; {build}'
    if subprocess.run(["bash", "-euo", "pipefail", "-c", steps], stdin=subprocess.DEVNULL).returncode:
        raise RigError("thoth cannot be measured here; why is said above")


def engine_folder(given: str | None) -> Path | None:
    """Where the engine is installed: as given, else in the user's own data folder; None when nowhere."""
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share")
    folder = Path(given) if given else data / "thoth/engine"
    return folder.resolve() if (folder / "venv").exists() else None


class Rig(Desktop):
    """The private desktop. `programs` is the folder of thoth and thothd."""

    def __init__(self, programs: Path, engine: str | None = None) -> None:
        super().__init__()
        self.programs = programs
        self.environment["THOTH_ENGINE_APP"] = str(ROOT / "scripts/engine")
        # One text after the other goes into the same window, which is emptied without a key: they do not go on.
        self.environment["THOTH_OUTPUT_APPEND"] = "none"
        self.asoundrc = self.folder / "asoundrc"
        self.asoundrc.touch()
        self.environment["ALSA_CONFIG_PATH"] = f"/usr/share/alsa/alsa.conf:{self.asoundrc}"
        self.runtime = self.folder / "run"
        self.engine_socket = self.runtime / "thoth/engine.sock"
        self.callback(self.stop_daemon)
        self.install_engine(engine)

    def install_engine(self, given: str | None) -> None:
        """Lend the engine that is installed, else install one here (a minute, from the package index)."""
        installed = engine_folder(given)
        place = self.folder / "data/thoth"
        place.mkdir(mode=0o700)
        if installed:
            (place / "engine").symlink_to(installed)
        else:
            self.run(self.programs / "thoth", "engine", "install", seconds=1800)

    def thoth(self, *words: object, check: bool = False) -> subprocess.CompletedProcess:
        """Run the client."""
        return self.run(self.programs / "thoth", *words, check=check)

    def time_thoth(self, *words: str) -> float:
        """Run the client without its output: milliseconds from its start to its end. Raises RigError when it fails."""
        return self.time_program(self.programs / "thoth", *words)

    def time_program(self, program: Path, *words: str) -> float:
        """The same for any program."""
        errors = self.folder / "errors"
        files = [("/dev/null", os.O_RDONLY), ("/dev/null", os.O_WRONLY), (errors, os.O_RDWR | os.O_CREAT | os.O_TRUNC)]
        actions = [(os.POSIX_SPAWN_OPEN, number, path, flags, 0o600) for number, (path, flags) in enumerate(files)]
        start = time.monotonic_ns()
        child = os.posix_spawn(program, [str(program), *words], self.environment, file_actions=actions)
        status = os.waitpid(child, 0)[1]
        elapsed = (time.monotonic_ns() - start) / 1e6
        if code := os.waitstatus_to_exitcode(status):
            raise RigError(f"{program.name} {' '.join(words)} ended with {code}: {errors.read_text().strip()}")
        return elapsed

    # The daemon and the engine

    def status(self) -> dict:
        """What `thoth status --json` tells. It starts the daemon when none runs."""
        return json.loads(self.thoth("status", "--json", check=True).stdout)

    def daemon_id(self) -> int | None:
        """The process id of the daemon: of whoever listens on the control socket."""
        with socket.socket(socket.AF_UNIX) as client:
            if client.connect_ex(f"{self.runtime}/thoth/control.sock"):
                return None
            return struct.unpack("3i", client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]

    def engine_id(self) -> int | None:
        """The process id of the embedded engine, when it is ready."""
        engine = self.status()["engine"]
        return int(engine["message"].split()[-1]) if engine["state"] == "ready" else None

    def start_engine(self) -> None:
        """Start the engine and wait until it is ready."""
        self.thoth("engine", "start", check=True)

    def start_lasting_engine(self) -> None:
        """Start the engine beside the daemon, which it outlasts, and have thoth ask it."""
        engine = self.folder / "data/thoth/engine"
        self.engine_socket = self.runtime / "lasting.sock"
        self.start(engine / "venv/bin/python", ROOT / "scripts/engine/server.py", "--models", engine / "models",
                   "--uds", self.engine_socket, stderr=None)  # fmt: skip
        until(lambda: answers(self.engine_socket), 120, "the engine did not start")
        self.write_settings(f'[[engine]]\nname = "lasting"\nurl = "unix:{self.engine_socket}"\nmanaged = false\n')

    def write_settings(self, text: str) -> None:
        """Write the settings file."""
        path = Path(self.environment["XDG_CONFIG_HOME"]) / "thoth/config.toml"
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.write_text(text)

    def stop_daemon(self) -> None:
        """End the daemon, and with it the engine."""
        identity = self.daemon_id()
        if not identity:
            return
        with contextlib.suppress(RigError):
            self.run(self.programs / "thoth", "daemon", "--stop", check=False, seconds=20)
        if is_alive(identity):
            os.kill(identity, signal.SIGKILL)

    def kill_daemon(self) -> None:
        """End the daemon with SIGKILL."""
        os.kill(self.daemon_id(), signal.SIGKILL)
        self.wait_for_end()

    def wait_for_end(self) -> None:
        """Wait until the daemon has ended: until its last thread has gone the socket still takes connections."""
        until(lambda: self.daemon_id() is None, 10, "the daemon survived SIGKILL")

    # What it keeps

    @property
    def spool(self) -> Path:
        """The folder of recordings on their way."""
        return Path(self.environment["XDG_STATE_HOME"]) / "thoth/spool"

    @property
    def database(self) -> Path:
        """The library's."""
        return Path(self.environment["XDG_DATA_HOME"]) / "thoth/library.db"

    def item(self, job: str) -> dict:
        """What the library has of a job; nothing when it does not know it."""
        return json.loads(self.thoth("history", "show", job, "--json").stdout or "{}")

    def items(self) -> list[dict]:
        """Everything that the library has."""
        found = self.thoth("history", "--all", "--limit", "0", "--format", "json", check=True).stdout
        return [json.loads(line) for line in found.splitlines()]

    def recording(self, job: str) -> Path:
        """The audio of a job as the WAV file that `thoth history export` makes of it."""
        path = self.folder / "recording.wav"
        self.thoth("history", "export", job, "-o", path, "--force", check=True)
        return path

    # Sound

    def start_sound(self) -> None:
        """Start a PulseAudio whose default microphone hears what `play` plays."""
        native = self.folder / "run/native"
        self.environment |= {"PULSE_SERVER": f"unix:{native}", "PULSE_RUNTIME_PATH": str(self.folder / "run/pulse"),
                             "PULSE_COOKIE": str(self.folder / "run/cookie")}  # fmt: skip
        self.start("pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1",
                   "--high-priority=no", "-L", f"module-native-protocol-unix auth-anonymous=1 socket={native}",
                   "-L", "module-null-sink sink_name=room rate=48000 channels=1")  # fmt: skip
        until(lambda: not self.run("pactl", "info", check=False).returncode, 20, "PulseAudio did not start")
        self.run("pactl", "set-default-source", "room.monitor")
        # A sink without a stream sleeps, and takes seconds to wake up. This stream never gets a sample.
        self.start("pacat", "--playback", "--raw", "--latency-msec=10", "--device=room", stdin=subprocess.PIPE)
        for name in ("default", "pulse"):
            self.define(name, f'type pulse\n  server "unix:{native}"')
        self.run("arecord", "-q", "-d", "1", "/dev/null")  # until the first frames flow

    def play(self, sound: Path) -> float:
        """Play a WAV file into the microphone; returns when it is over, with the seconds that it took."""
        start = time.monotonic()
        self.run("paplay", "--device=room", "--latency-msec=20", sound, seconds=3600)
        return time.monotonic() - start

    def start_paced(self, name: str, sound: Path, **settings: object) -> None:
        """Define the microphone `name`: an ALSA PCM that plays `sound` in real time from the moment it is opened.

        `settings` are those of Tests/Rigs/faultpcm.
        """
        library = self.folder / "libasound_module_pcm_fault.so"
        if not library.exists():
            sources = sorted((ROOT / "Tests/Rigs/faultpcm").glob("*.c"))
            self.run("gcc", "-O1", "-shared", "-fPIC", "-Wl,-z,defs", *sources, "-o", library, "-lasound")
            self.add_definition(f'pcm_type.!fault {{ lib "{library}" }}')
        more = "".join(f"\n  {key} {value}" for key, value in settings.items())
        self.define(name, f'type fault\n  file "{sound}"{more}')

    def define(self, name: str, body: str) -> None:
        """Define an ALSA PCM."""
        self.add_definition(f"pcm.!{name} {{ {body} }}")

    def add_definition(self, lines: str) -> None:
        """Add to ALSA's configuration."""
        self.asoundrc.write_text(f"{self.asoundrc.read_text()}{lines}\n")

def answers(path: Path) -> bool:
    """Whether somebody listens on a Unix socket."""
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(str(path)) == 0


def is_alive(identity: int) -> bool:
    """Whether the process `identity` runs."""
    try:
        state = Path(f"/proc/{identity}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


class Events:
    """A reader of `thoth events`."""

    def __init__(self, rig: Rig) -> None:
        self.list: list[dict] = []
        self.arrived = threading.Condition()
        self.is_open = True
        self.reactions: dict[str, Callable[[], None]] = {}
        rig.status()
        self.process = rig.start(rig.programs / "thoth", "events", stdout=subprocess.PIPE)
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self) -> None:
        """Collect the events as they come."""
        for line in self.process.stdout:
            event = json.loads(line)
            if reaction := self.reactions.get(event.get("state", "")):
                reaction()
            with self.arrived:
                self.list.append(event)
                self.arrived.notify_all()
        with self.arrived:
            self.is_open = False
            self.arrived.notify_all()

    def at(self, state: str, reaction: Callable[[], None]) -> None:
        """Call `reaction` the moment a job is told to be in `state`."""
        self.reactions[state] = reaction

    def close(self) -> None:
        """End, when all that was told has been read."""
        end(self.process)
        self.thread.join()

    def reaches(self, job: str, states: list[str], seconds: float = 60) -> bool:
        """Wait until the job is told to be in one of `states`, or the daemon has ended: whether it was."""

        def has() -> bool:
            return any(event.get("job") == job and event.get("state") in states for event in self.list)

        with self.arrived:
            self.arrived.wait_for(lambda: has() or not self.is_open, seconds)
            return has()

    def wait(self, job: str, kind: str, seconds: float = 60) -> dict:
        """The event of `kind` for `job`; `end` stands for a terminal state."""
        ends = ("completed", "failed", "cancelled", "discarded")

        def fits(event: dict) -> bool:
            if event.get("job") != job:
                return False
            return event.get("state") in ends if kind == "end" else event["type"] == kind

        with self.arrived:
            if not self.arrived.wait_for(lambda: any(map(fits, self.list)), seconds):
                raise RigError(f"no {kind} event for {job} within {seconds:.0f} s")
            return next(filter(fits, self.list))
