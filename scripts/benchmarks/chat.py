"""A chat server between thoth and a language model: it says what it is told to, or passes on what the model says."""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Iterator
from urllib.parse import urlsplit

PATIENCE = 300  # s that a model may say nothing


class ChatServer(ThreadingHTTPServer):
    """An OpenAI-compatible server on loopback."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Chat)
        self.model = ""  # the address whose answers it passes on; none: it gives its own
        self.answer = ""  # its own
        self.heard: list[str] = []  # of the last answer that it has passed on
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def last_answer(self) -> str:
        """What the client was told last."""
        return "".join(self.heard) if self.model else self.answer

    @property
    def address(self) -> str:
        """What thoth is told."""
        return f"http://127.0.0.1:{self.server_port}/v1"


class Chat(BaseHTTPRequestHandler):
    """One question to it."""

    def do_POST(self) -> None:
        """Stream an answer as server-sent events. The client may leave when it has had enough."""
        question = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for line in self.passed_on(question) if self.server.model else scripted(self.server.answer):
                self.wfile.write(line)

    def passed_on(self, question: bytes) -> Iterator[bytes]:
        """The lines of the model's answer, as they come."""
        heard = self.server.heard = []  # a question that the client has left may still hear the rest of its answer
        place = urlsplit(self.server.model)
        with contextlib.closing(http.client.HTTPConnection(place.hostname, place.port, timeout=PATIENCE)) as model:
            model.request("POST", f"{place.path}/chat/completions", question, {"Content-Type": "application/json"})
            for line in model.getresponse():
                if line.startswith(b"data: {"):
                    for choice in json.loads(line[6:])["choices"]:
                        heard.append(choice["delta"].get("content") or "")
                yield line

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def scripted(answer: str) -> Iterator[bytes]:
    """An answer in one piece."""
    choice = {"index": 0, "delta": {"content": answer}, "finish_reason": "stop"}
    yield f"data: {json.dumps({'choices': [choice]})}\n\ndata: [DONE]\n\n".encode()
