"""What the contract servers share: a transcription server that takes a request only as its documentation has it.

It prints its port once it listens, then one line of JSON for each request: path, key, fields, file, and the connection
(the client's port). What it answers is
what is said in a recording of people, with the shapes of its documentation.
"""

import email
import email.policy
import io
import json
import sys
import wave
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TEXT = "Go forward, ten metres."
# Word, beginning and end in seconds.
WORDS = [("Go", 0.5, 0.74), ("forward,", 0.74, 1.2), ("ten", 1.32, 1.6), ("metres.", 1.6, 2.1)]


class Refusal(Exception):
    """An answer other than 200."""

    def __init__(self, status, body):
        self.status, self.body = status, body


class Form:
    """A parsed multipart form: text fields by name, in their order, and the file."""

    def __init__(self, headers, body):
        head = f"Content-Type: {headers['Content-Type']}\r\n\r\n".encode()
        message = email.message_from_bytes(head + body, policy=email.policy.HTTP)
        self.size, self.fields, self.file = len(body), {}, None
        for part in message.iter_parts():
            name, filename = part.get_param("name", header="content-disposition"), part.get_filename()
            data = part.get_payload(decode=True)
            if filename is None:
                self.fields.setdefault(name, []).append(data.decode())
            else:
                self.file = File(filename, part.get_content_type(), data)

    def get(self, name, default=None):
        return self.fields.get(name, [default])[-1]


class File:
    """An uploaded recording: what it says it is, and what it is."""

    def __init__(self, name, kind, data):
        self.field, self.name, self.kind, self.data = "file", name, kind, data
        self.extension = name.rsplit(".", 1)[-1]

    def seconds(self):
        """The length of a whole WAV or FLAC file of 16 kHz mono 16-bit samples, by what is in it."""
        if self.data[:4] == b"fLaC":
            # STREAMINFO, RFC 9639 section 8.2: 20 bits rate, 3 bits channels, 5 bits depth, 36 bits samples.
            packed = int.from_bytes(self.data[18:26], "big")
            rate, channels, bits = packed >> 44, (packed >> 41 & 7) + 1, (packed >> 36 & 31) + 1
            samples = packed & (1 << 36) - 1
        else:
            with wave.open(io.BytesIO(self.data)) as sound:
                rate, channels, bits = sound.getframerate(), sound.getnchannels(), 8 * sound.getsampwidth()
                samples = len(sound.readframes(sound.getnframes())) // 2
        assert (rate, channels, bits) == (16000, 1, 16), (rate, channels, bits)
        return samples / rate


class Contract(BaseHTTPRequestHandler):
    """A server of one kind: subclasses say what it takes and what it answers."""

    protocol_version = "HTTP/1.1"
    path_of_transcriptions = "/v1/audio/transcriptions"

    def log_message(self, *arguments):
        pass

    def transcribe(self, form):
        """The answer to `form`, or a Refusal."""
        raise NotImplementedError

    def not_found(self):
        """The body for an address that is not there."""
        return {"error": "not found"}

    def key(self):
        kind, _, key = self.headers.get("Authorization", "").partition(" ")
        return key if kind == "Bearer" else None

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            if self.path != self.path_of_transcriptions:
                raise Refusal(404, self.not_found())
            form = Form(self.headers, body)
            self.tell(form)
            self.answer(200, self.transcribe(form))
        except Refusal as refusal:
            self.answer(refusal.status, refusal.body)

    def do_GET(self):
        """The models, or the health: for those who ask whether it is there."""
        self.tell()
        self.answer(200, {"object": "list", "data": []})

    def tell(self, form=None):
        seen = {"path": self.path, "key": self.key(), "connection": self.client_address[1]}
        seen["fields"] = form.fields if form else {}
        if form and form.file:
            seen |= {"filename": form.file.name, "type": form.file.kind, "seconds": form.file.seconds()}
        print(json.dumps(seen, sort_keys=True), flush=True)

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def segment(**more):
    """A segment as Whisper's decoder tells it, in the shape that OpenAI documents."""
    return {
        "id": 0,
        "seek": 0,
        "start": 0.5,
        "end": 2.1,
        "text": " " + TEXT,
        "tokens": [50364, 1037, 2128, 11, 2064, 30534, 13, 50464],
        "temperature": 0.0,
        "avg_logprob": -0.28,
        "compression_ratio": 1.23,
        "no_speech_prob": 0.009,
    } | more


def serve(contract):
    class Server(ThreadingHTTPServer):
        daemon_threads = True

    server = Server(("127.0.0.1", 0), contract)
    print(server.server_address[1], flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.exit(0)
