"""What the engine's tests share: the installed engine, a running server, an HTTP client on its Unix socket."""

from __future__ import annotations

import http.client
import json
import os
import select
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import wave
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Callable

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "scripts" / "engine"
AUDIO = ROOT / "Tests" / "Fixtures" / "audio"
DEADLINE = 600  # s; only reached when something hangs
TRANSCRIPTIONS = "/v1/audio/transcriptions"


def engine_home() -> Path:
    """The installed engine that the tests run on."""
    home = os.environ.get("THOTH_ENGINE_HOME")
    if not home:
        raise unittest.SkipTest("THOTH_ENGINE_HOME does not name an installed engine")
    return Path(home).absolute()


def recording(name: str) -> bytes:
    """A fixture's bytes."""
    return (AUDIO / f"{name}.wav").read_bytes()


def wav(frames: bytes, channels: int = 1) -> bytes:
    """A 16 kHz 16-bit WAV file of these frames."""
    out = BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(frames)
    return out.getvalue()


def repeated(name: str, times: int) -> bytes:
    """A fixture, `times` in a row: work for a while."""
    with wave.open(str(AUDIO / f"{name}.wav")) as file:
        return wav(file.readframes(file.getnframes()) * times)


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for a condition that no descriptor announces."""
    end = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited in vain for {what}")
        time.sleep(0.005)


@dataclass(frozen=True)
class Answer:
    """An HTTP response."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self) -> dict:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.json()["text"]

    @property
    def error(self) -> dict:
        return self.json()["error"]


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=DEADLINE)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


def multipart(fields: dict[str, str | bytes]) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a form; bytes are sent as a file."""
    boundary = "a-boundary-of-the-tests"
    body = b""
    for name, value in fields.items():
        extra = '; filename="recording"' if isinstance(value, bytes) else ""
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n'.encode()
        body += (value if isinstance(value, bytes) else value.encode()) + b"\r\n"
    return body + f"--{boundary}--\r\n".encode(), {"Content-Type": f"multipart/form-data; boundary={boundary}"}


class Server:
    """server.py as a process of its own, with a ready pipe and a lifeline."""

    def __init__(self, *options: str, models: Path | None = None, uds: Path | None = None) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="engine-test-")
        self.uds = uds or Path(self.folder.name) / "engine.sock"
        place = [] if "--port" in options else ["--uds", str(self.uds)]
        ready, ready_writer = os.pipe()
        lifeline, self.lifeline = os.pipe()
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [engine_home() / "venv/bin/python", SCRIPTS / "server.py", *place, *options]
            + ["--models", str(models or engine_home() / "models")]
            + ["--ready-fd", str(ready_writer), "--lifeline-fd", str(lifeline)],
            pass_fds=(ready_writer, lifeline), stdin=subprocess.DEVNULL, stdout=sys.stderr, stderr=self.log,
        )  # fmt: skip
        os.close(ready_writer)
        os.close(lifeline)
        with open(ready) as pipe:
            self.first_line = pipe.readline().rstrip("\n") if select.select([pipe], [], [], DEADLINE)[0] else "silence"

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.lifeline is not None:
            os.close(self.lifeline)
        self.log.close()
        self.folder.cleanup()

    def cut_lifeline(self) -> None:
        """What the death of the parent does."""
        os.close(self.lifeline)
        self.lifeline = None

    def logged(self) -> str:
        """What the process wrote to standard error."""
        self.log.seek(0)
        return self.log.read().decode()

    def request(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] = {}) -> Answer:
        """One request on a connection of its own."""
        connection = UnixConnection(self.uds)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def transcribe(self, audio: bytes, **fields: str) -> Answer:
        """POST a recording."""
        return self.request("POST", TRANSCRIPTIONS, *multipart({"file": audio, "model": "default", **fields}))

    def start_and_leave_open(self, audio: bytes) -> UnixConnection:
        """POST a recording without waiting for the answer."""
        connection = UnixConnection(self.uds)
        connection.request("POST", TRANSCRIPTIONS, *multipart({"file": audio, "model": "default"}))
        return connection

    def health(self) -> dict:
        return self.request("GET", "/health").json()
