"""A desktop of its own to measure on: private folders, a sound server, an X display with a window, a daemon.

Nothing of it touches the user's session. Every process is ended by its id when the rig closes.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Callable

ROOT = Path(__file__).resolve().parents[2]


class RigError(Exception):
    """What could not be set up, with the way to mend it."""


def prepare(programs: Path | None) -> Path:
    """Install the packages that are missing, and build thoth unless `programs` has it; the folder of the programs."""
    build = "" if programs else "check_toolchain; build_release"
    steps = f'source "{ROOT}/scripts/common.sh"; install_packages build run demo test bench; {build}'
    if subprocess.run(["bash", "-euo", "pipefail", "-c", steps], stdin=subprocess.DEVNULL).returncode:
        raise RigError("thoth cannot be measured here; why is said above")
    return (programs or ROOT / ".build/release").resolve()


def until(condition: Callable[[], object], seconds: float, what: str, step: float = 0.005) -> object:
    """Wait until `condition` gives something true, and return it. Raise RigError after `seconds`."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > end:
            raise RigError(f"{what}: not within {seconds:.0f} s")
        time.sleep(step)
    return value


def engine_folder(given: str | None) -> Path | None:
    """Where the engine is installed: as given, else in the user's own data folder; None when nowhere."""
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share")
    folder = Path(given) if given else data / "thoth/engine"
    return folder.resolve() if (folder / "venv").exists() else None


class Rig(contextlib.ExitStack):
    """The private desktop. `programs` is the folder of thoth and thothd."""

    def __init__(self, programs: Path, engine: str | None = None) -> None:
        super().__init__()
        # Ended from outside, it still cleans up behind itself.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        self.programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="thoth-rig-"))
        self.callback(shutil.rmtree, self.folder, ignore_errors=True)
        names = {"HOME": "home", "XDG_RUNTIME_DIR": "run", "XDG_DATA_HOME": "data", "XDG_STATE_HOME": "state",
                 "XDG_CONFIG_HOME": "config", "XDG_CACHE_HOME": "cache"}  # fmt: skip
        for name in names.values():
            (self.folder / name).mkdir(mode=0o700)
        self.environment = {variable: str(self.folder / name) for variable, name in names.items()}
        self.environment |= {
            "PATH": os.environ["PATH"],
            "THOTH_ENGINE_APP": str(ROOT / "scripts/engine"),
            "LC_ALL": "C.UTF-8",
            "NO_AT_BRIDGE": "1",
            "GTK_A11Y": "none",
            "GDK_BACKEND": "x11",
            "QT_QPA_PLATFORM": "xcb",
        }
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

    # Processes

    def start(self, *command: object, **options: object) -> subprocess.Popen:
        """Start a program in the rig's environment; it is ended with the rig."""
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        process = subprocess.Popen([str(word) for word in command], env=self.environment, **{**quiet, **options})
        self.callback(end, process)
        return process

    def run(
        self, *command: object, check: bool = True, seconds: float = 180, **options: object
    ) -> subprocess.CompletedProcess:
        """Run a program to its end, at most `seconds`; its output as text."""
        words = [str(word) for word in command]
        try:
            done = subprocess.run(
                words, env=self.environment, text=True, capture_output=True, timeout=seconds, **options
            )
        except subprocess.TimeoutExpired as expired:
            raise RigError(f"{' '.join(words)} did not end within {seconds:.0f} s") from expired
        if check and done.returncode:
            raise RigError(f"{' '.join(map(str, command))}: {done.returncode} {done.stderr.strip()}")
        return done

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

    # The display

    def start_display(self) -> None:
        """Start an X server without a screen, and a window manager."""
        reading, writing = os.pipe()
        self.start("Xvfb", "-displayfd", writing, "-screen", "0", "1280x900x24", "-ac", "-noreset", "-nolisten", "tcp",
                   pass_fds=[writing])  # fmt: skip
        os.close(writing)
        with open(reading) as pipe:
            number = pipe.readline().strip()
        if not number:
            raise RigError("Xvfb did not start")
        self.environment["DISPLAY"] = f":{number}"
        self.start("openbox")
        until(lambda: "window id" in self.run("xprop", "-root", "_NET_SUPPORTING_WM_CHECK", check=False).stdout, 20,
              "openbox did not start")  # fmt: skip


def end(process: subprocess.Popen) -> None:
    """End a process: politely, then not."""
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


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


class Window:
    """A real application with the focus, and when which text stood in it."""

    def __init__(self, rig: Rig, application: str = "gtk3") -> None:
        self.rig = rig
        self.file = rig.folder / f"window-{application}-{time.monotonic_ns()}"
        targets = ROOT / "Tests/Rigs/targets"
        program = ["/usr/bin/python3", targets / f"{application}.py", self.file, "target"]
        if application == "xterm":
            program = ["xterm", "-u8", "-T", "target", "-e", "/usr/bin/python3", targets / "terminal.py", self.file]
        self.process = rig.start(*program, stderr=None)
        until(self.file.exists, 30, f"the {application} window did not start (python3-gi gir1.2-gtk-3.0)")
        window = rig.run("xdotool", "search", "--sync", "--onlyvisible", "--name", "^target$").stdout.split()[-1]
        rig.run("xdotool", "windowactivate", "--sync", window)
        until(lambda: rig.run("xdotool", "getwindowfocus", check=False).stdout.strip() == window, 10, "no focus")
        self.history: list[tuple[int, str]] = []
        self.changed = threading.Condition()
        threading.Thread(target=self.watch, daemon=True).start()

    def watch(self) -> None:
        """Note each change of the text with its time; a look every millisecond."""
        seen = None
        while self.process.poll() is None:
            with contextlib.suppress(FileNotFoundError):
                found = self.file.stat()
                if (found.st_ino, found.st_mtime_ns) != seen:
                    text = self.file.read_text()
                    seen = (found.st_ino, found.st_mtime_ns)
                    with self.changed:
                        self.history.append((time.monotonic_ns(), text))
                        self.changed.notify_all()
            time.sleep(0.001)

    @property
    def text(self) -> str:
        """What stands in it."""
        return self.history[-1][1] if self.history else ""

    def clear(self) -> None:
        """Empty it."""
        if self.text:
            (self.file.parent / f"{self.file.name}.clear").write_bytes(b"\1")
            until(lambda: not self.text, 10, "the window did not empty itself")
        self.history.clear()

    def settle(self, expected: str | None, patience: float = 2.0) -> tuple[int, str]:
        """Wait for `expected`, or until nothing has changed for `patience` seconds: when it stood, and what stands.

        None: nothing is expected, and the time is waited for.
        """
        with self.changed:
            while self.text != expected and self.changed.wait(patience):
                pass
            return self.history[-1] if self.history else (time.monotonic_ns(), "")


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
