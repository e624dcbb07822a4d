#!/usr/bin/env python3
"""A transcription server that misbehaves as its address says: http://127.0.0.1:PORT/MODE/v1/audio/transcriptions.

Prints its port once it listens, then a line for each request: the mode, and `gone` when the client went away before
the answer. Modes: a status such as 401, 429, 500; html, empty, no-speech, wrong-json, never, close, huge; ok answers
the text "all is well"; echo answers the form's text fields.
"""

import json
import re
import select
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        mode = self.path.split("/")[1]
        print(mode, flush=True)
        if mode.isdigit():
            self.answer(int(mode), "application/json", b'{"error":{"message":"the server\\nsays %s"}}' % mode.encode())
        elif mode == "html":
            self.answer(200, "text/html; charset=utf-8", b"<h1>Welcome</h1>")
        elif mode == "empty":
            self.answer(200, "application/json", b"")
        elif mode == "no-speech":
            self.answer(200, "application/json", b'{"text":""}')
        elif mode == "wrong-json":
            self.answer(200, "application/json", b'{"words":[]}')
        elif mode == "never":
            self.wait_for_client_to_go()
        elif mode == "close":
            self.close_connection = True
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
        elif mode == "huge":
            self.send_response(200)
            self.end_headers()
            self.write_until_refused()
        elif mode == "echo":
            fields = re.findall(rb'name="(\w+)"\r\n\r\n(.*?)\r\n', body, re.S)
            text = " ".join(f"{name.decode()}={value.decode()}" for name, value in fields)
            key = self.headers.get("Authorization", "none")
            self.answer(200, "application/json", json.dumps({"text": f"{text} key={key}"}).encode())
        else:
            self.answer(200, "application/json", b'{"text":"all is well"}')

    def do_GET(self):
        status = 401 if self.path.startswith("/401") else 200
        self.answer(status, "application/json", b'{"data":[]}')

    def answer(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def wait_for_client_to_go(self):
        select.select([self.connection], [], [])
        print("gone", flush=True)
        self.close_connection = True

    def write_until_refused(self):
        self.close_connection = True
        try:
            while True:
                self.wfile.write(b"x" * 65536)
        except OSError:
            print("gone", flush=True)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


server = Server(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
try:
    server.serve_forever()
except KeyboardInterrupt:
    sys.exit(0)
