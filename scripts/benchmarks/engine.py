"""Asks the engine itself, as a check on what thoth makes of its answers."""

from __future__ import annotations

import http.client
import json
import socket
from pathlib import Path
from typing import Mapping


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("engine")
        self.path = path

    def connect(self) -> None:
        """Connect to the socket."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self.path))


def models(path: Path) -> list[str]:
    """The models that the engine has."""
    connection = UnixConnection(path)
    connection.request("GET", "/v1/models")
    return sorted(model["id"] for model in json.load(connection.getresponse())["data"])


def ask(path: Path, wav: bytes, fields: Mapping[str, str] = {}) -> tuple[str, float]:
    """The engine's text for a recording, and how long it worked on it in milliseconds, by its own account.

    `fields`: of the form, beside the file; without `model` the engine's default model is asked.
    """
    boundary = "thoth-boundary-4e1f"
    part = f'--{boundary}\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n'
    body = (part % ("file", '; filename="speech.wav"')).encode() + wav + b"\r\n"
    for name, value in {"model": "default", "response_format": "verbose_json", **fields}.items():
        body += (part % (name, "") + value + "\r\n").encode()
    connection = UnixConnection(path)
    kind = f"multipart/form-data; boundary={boundary}"
    connection.request("POST", "/v1/audio/transcriptions", body + f"--{boundary}--\r\n".encode(),
                       {"Content-Type": kind})  # fmt: skip
    answer = connection.getresponse()
    told = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"the engine answered {answer.status}: {told[:300]!r}")
    times = answer.getheader("Server-Timing", "").split(",")
    return json.loads(told)["text"], sum(float(part.split("dur=")[1]) for part in times if "dur=" in part)
