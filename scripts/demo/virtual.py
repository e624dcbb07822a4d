#!/usr/bin/env python3
"""Dictate without a microphone and without a display: `virtual.py THOTH ENGINE PICTURE`.

THOTH is the client, ENGINE the folder of the installed engine, PICTURE the PNG file to write. A sound server of its
own plays a recording into a microphone of its own; an X server without a screen shows a text editor that has the
focus, and the terminal beside it. All folders are private, so that the user's daemon and settings stay out of it.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from dictate import CANCELLED, Dictation, heed_signals, tell
from terminal import Screen

HERE = Path(__file__).resolve().parent
RECORDING = HERE.parents[1] / "Tests" / "Fixtures" / "audio" / "utt_jfk.wav"
DEADLINE = 60.0  # s; only reached when something hangs
OUTPUT_FAILED = 7
# What would lead back to the user's own sound, display, settings and input methods.
FOREIGN = ("PULSE_", "PIPEWIRE_", "ALSA_", "XDG_", "THOTH_", "WAYLAND_", "XAUTHORITY", "DBUS_", "GTK_", "XMODIFIERS")


class Failure(Exception):
    """A part that does not work: one sentence."""


class Program:
    """A program that runs beside this one, and ends with the block. Its standard input stays open and empty; its
    standard output can be read."""

    def __init__(self, *command: str | Path, environment: dict[str, str], log: Path) -> None:
        self.name = str(command[0])
        self.log = log
        with open(log, "ab") as errors:
            # setpriv: it ends with this script too when this script is killed.
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", *command], env=environment, stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=errors, start_new_session=True,
            )  # fmt: skip
        self.unread = b""

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.stdout.close()
        self.process.stdin.close()
        try:
            self.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def line(self, deadline: float = DEADLINE) -> str:
        """The next line of its output. Raises Failure when it ends, or is silent, instead."""
        while b"\n" not in self.unread:
            self.unread += self.read(deadline)
        line, self.unread = self.unread.split(b"\n", 1)
        return line.decode()

    def read(self, deadline: float = DEADLINE) -> bytes:
        """Some of its output. Raises Failure when it ends, or is silent, instead."""
        ready, _, _ = select.select([self.process.stdout], [], [], deadline)
        if not (data := os.read(self.process.stdout.fileno(), 65536) if ready else b""):
            raise Failure(f"{self.name} did not do its part: {self.log.read_text(errors='replace').strip()}")
        return data


class Desktop:
    """The virtual microphone, display, editor and terminal, in a folder that goes with the block."""

    def __init__(self, engine: Path, screen: Screen) -> None:
        self.engine = engine
        self.screen = screen
        self.parts = ExitStack()

    def __enter__(self) -> Desktop:
        with self.parts:  # so that a part that fails takes the others with it
            self.folder = Path(self.parts.enter_context(tempfile.TemporaryDirectory(prefix="thoth-demo-")))
            self.environment = self.private_environment()
            self.start_sound()
            self.start_display()
            self.parts = self.parts.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self.parts.close()

    def private_environment(self) -> dict[str, str]:
        for name in ("run", "data", "state", "config"):
            (self.folder / name).mkdir(mode=0o700)
        (self.folder / "data/thoth").mkdir()
        (self.folder / "data/thoth/engine").symlink_to(self.engine)
        socket = self.folder / "sound"
        (self.folder / "asoundrc").write_text(f'pcm.!default {{ type pulse; server "unix:{socket}" }}\n')
        return {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)} | {
            "XDG_RUNTIME_DIR": str(self.folder / "run"),
            "XDG_DATA_HOME": str(self.folder / "data"),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "ALSA_CONFIG_PATH": f"/usr/share/alsa/alsa.conf:{self.folder / 'asoundrc'}",
            "PULSE_SERVER": f"unix:{socket}",
            "LC_ALL": "C.UTF-8",
            "NO_AT_BRIDGE": "1",
            "GDK_BACKEND": "x11",
            "GSETTINGS_BACKEND": "memory",
        }

    def program(self, *command: str | Path) -> Program:
        return Program(*command, environment=self.environment, log=self.folder / f"{command[0]}.log")

    def start(self, *command: str | Path) -> Program:
        return self.parts.enter_context(self.program(*command))

    def start_sound(self) -> None:
        """PulseAudio with a sink that is no loudspeaker: its monitor, a microphone, hears what is played."""
        server = self.start(
            "pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", "--high-priority=no",
            "--log-target=file:/dev/stdout", "--log-level=info",
            "-L", f"module-native-protocol-unix auth-anonymous=1 socket={self.folder / 'sound'}",
            "-L", "module-null-sink sink_name=room rate=48000 channels=1",
        )  # fmt: skip
        while "startup complete" not in server.line().lower():
            pass
        server.process.stdout.close()  # the rest is of no interest
        # An idle sink takes seconds to wake up. This stream, which never gets a sample, keeps it awake.
        self.start("pacat", "--playback", "--raw", "--latency-msec=10", "--device=room")
        with self.program("pacat", "--record", "--raw", "--latency-msec=10", "--device=room.monitor") as listener:
            listener.read()

    def start_display(self) -> None:
        server = self.start("Xvfb", "-displayfd", "1", "-screen", "0", "900x412x24", "-wr", "-noreset", "-nolisten", "tcp")
        self.environment["DISPLAY"] = f":{server.line()}"
        shutil.copytree(HERE / "openbox", self.folder / "config/openbox")
        # The window manager starts the editor when it is ready to manage it; standard output is the editor's.
        self.editor = self.start("openbox", "--startup", f"{sys.executable} -B {HERE}/editor.py")
        self.editor.line()  # it is there, has the focus, and is empty
        pipe = self.folder / "terminal"
        os.mkfifo(pipe)
        self.start(
            "xterm", "-T", "thoth", "-fa", "DejaVu Sans Mono", "-fs", "10", "-geometry", "108x10", "-b", "6",
            "-bg", "#20242c", "-fg", "#e4e6ea", "-e", "cat", pipe,
        )  # fmt: skip
        terminal = os.open(pipe, os.O_RDWR)  # both ways: opening waits for nobody
        self.parts.callback(os.close, terminal)
        self.screen.terminals.append(terminal)
        self.parts.callback(self.screen.terminals.remove, terminal)

    def play(self) -> None:
        """Speak."""
        self.screen.line("Playing a recording to it.")
        self.start("paplay", "--device=room", RECORDING)

    def text(self, expected: str) -> str:
        """What the editor holds, once that is what is expected or nothing arrives any more."""
        text = ""
        try:
            while text != expected:
                text = json.loads(self.editor.line(deadline=5))
        except Failure:
            pass
        return text

    def photograph(self, picture: Path) -> None:
        picture.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-B", HERE / "screenshot.py", picture]
        made = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        if made.returncode:
            raise Failure(f"The picture {picture} cannot be made: {made.stderr.strip()}")


def show(thoth: Path, engine: Path, picture: Path) -> int:
    """The whole demonstration; the exit code of `thoth record`, or 7 when the editor holds something else."""
    screen = Screen()
    with Desktop(engine, screen) as desktop:
        desktop.parts.callback(subprocess.run, [thoth, "daemon", "--stop"], env=desktop.environment)
        dictation = Dictation(thoth, desktop.environment, screen)
        dictation.started = desktop.play
        code = dictation.run()
        if not dictation.result:
            return code
        tell(dictation.result, screen)
        arrived = desktop.text(dictation.result["text"])
        desktop.photograph(picture)
    is_same = arrived == dictation.result["text"]
    screen.line("The editor holds the same text." if is_same else f'The editor holds something else: "{arrived}"')
    screen.line(f"A picture of it: {picture}")
    return code or (0 if is_same else OUTPUT_FAILED)


def main() -> int:
    heed_signals()
    try:
        return show(*map(Path, sys.argv[1:4]))
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return CANCELLED


if __name__ == "__main__":
    sys.exit(main())
