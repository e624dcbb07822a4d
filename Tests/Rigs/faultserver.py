#!/usr/bin/env python3
"""A transcription server that misbehaves as its address says: http://127.0.0.1:PORT/MODE/v1/audio/transcriptions.
At /MODE/v1/chat/completions it is a language model: chatmodes.py says what that answers.

    faultserver.py [--ipv6] [--tls CERTIFICATE KEY]

Prints its port once it listens, then a line for each POST: the mode, and `gone` when the client went away before the
answer. GET /MODE/asked answers how often the mode was asked, GET /connections how many connections there were; any other
GET is answered well, unless the mode is a status.

Modes: a status such as 401 or 500; html, empty, no-speech, wrong-json; never (takes the request, and says nothing),
stall (sends the head of an answer and no more), close (in the middle of the answer), hang-up (before it), huge (an
answer without end), slow (reads the upload a few bytes a second), deaf (does not read it at all), once (answers, closes the
connection without having said so, and writes `closed`); ok answers the text "all is well"; echo answers the form's text fields, prompt
one of them; say-TEXT answers TEXT, which is percent-encoded.
MODEx2 misbehaves twice and answers well then; 2-then-MODE answers well twice, and misbehaves then. 429-after-2 sends `Retry-After: 2`, 429-date-2 a date in 2 seconds.
"""

import argparse
import asyncio
import collections
import email.utils
import json
import re
import ssl
import time
import urllib.parse

import chatmodes

asked = collections.Counter()
connections = 0


class Request:
    """One request: its head, and the way to read its body and to answer."""

    def __init__(self, head, reader, writer):
        first, *lines = head.decode("latin-1").split("\r\n")
        self.method, self.path, _ = first.split(" ", 2)
        self.headers = {name.strip().lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
        self.mode = self.path.split("/")[1]
        self.reader, self.writer = reader, writer

    async def body(self):
        return await self.reader.readexactly(int(self.headers.get("content-length", 0)))

    async def answer(self, status, kind, body, **headers):
        lines = [f"HTTP/1.1 {status} status", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        head = "\r\n".join([*lines, "\r\n"]).encode()
        self.writer.write(head + body)
        await self.writer.drain()

    async def send(self, text):
        self.writer.write(text)
        await self.writer.drain()

    async def wait_for_client_to_go(self):
        try:
            await self.reader.read()
        except OSError:
            pass
        say("gone")


def say(line):
    print(line, flush=True)


def fields(request, body):
    """The form's text fields as one line, with the key."""
    found = re.findall(rb'name="(\w+)"\r\n\r\n(.*?)\r\n', body, re.S)
    text = " ".join(f"{name.decode()}={value.decode()}" for name, value in found)
    return f"{text} key={request.headers.get('authorization', 'none')}"


def mode_now(mode):
    """What a mode with a count is by now: itself, or ok."""
    asked[mode] += 1
    if later := re.fullmatch(r"(\d+)-then-(.+)", mode):
        return "ok" if asked[mode] <= int(later[1]) else later[2]
    base, _, times = mode.rpartition("x")
    if not (base and times.isdigit()):
        return mode
    return base if asked[mode] <= int(times) else "ok"


async def post(request):
    """Misbehaves. False when the connection is not to be used again."""
    mode = mode_now(request.mode)
    if mode not in ("slow", "deaf"):
        body = await request.body()
    say(request.mode)
    if request.path.endswith("/chat/completions"):
        keeps = await chatmodes.answer(request, mode, body, say)
        if keeps is not None:
            return keeps
    status = re.fullmatch(r"(\d{3})(?:-(after|date)-(\d+))?", mode)
    if status:
        code, form, seconds = status.groups()
        after = {}
        if form == "after":
            after["Retry_After"] = seconds
        elif form == "date":
            after["Retry_After"] = email.utils.formatdate(time.time() + int(seconds), usegmt=True)
        await request.answer(code, "application/json", b'{"error":{"message":"the server\\nsays %s"}}' % code.encode(), **after)
    elif mode == "html":
        await request.answer(200, "text/html; charset=utf-8", b"<h1>Welcome</h1>")
    elif mode == "empty":
        await request.answer(200, "application/json", b"")
    elif mode == "no-speech":
        await request.answer(200, "application/json", b'{"text":""}')
    elif mode == "wrong-json":
        await request.answer(200, "application/json", b'{"words":[]}')
    elif mode == "echo":
        await request.answer(200, "application/json", json.dumps({"text": fields(request, body)}).encode())
    elif mode == "prompt":
        told = re.search(rb'name="prompt"\r\n\r\n(.*?)\r\n', body, re.S)
        await request.answer(200, "application/json", json.dumps({"text": told[1].decode() if told else ""}).encode())
    elif mode.startswith("say-"):
        text = urllib.parse.unquote(mode[len("say-") :])
        await request.answer(200, "application/json", json.dumps({"text": text}).encode())
    elif mode in BROKEN:
        await BROKEN[mode](request)
        return False
    else:
        await request.answer(200, "application/json", b'{"text":"all is well"}')
    return True


async def never(request):
    await request.wait_for_client_to_go()


async def stall(request):
    await request.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
    await request.wait_for_client_to_go()


async def close(request):
    await request.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")


async def hang_up(request):
    pass


async def huge(request):
    await request.send(b"HTTP/1.1 200 OK\r\n\r\n")
    try:
        while True:
            await request.send(b"x" * 65536)
    except OSError:
        say("gone")


async def slow(request):
    try:
        while await request.reader.read(16):
            await asyncio.sleep(0.5)
    except OSError:
        pass
    say("gone")


async def once(request):
    await request.answer(200, "application/json", b'{"text":"all is well"}')
    request.writer.close()
    await request.writer.wait_closed()
    say("closed")


async def deaf(request):
    await asyncio.Event().wait()


BROKEN = {"never": never, "stall": stall, "close": close, "hang-up": hang_up, "huge": huge}
BROKEN |= {"slow": slow, "deaf": deaf, "once": once}


async def look(request):
    """Answers a GET."""
    if request.path == "/connections":
        return await request.answer(200, "text/plain", b"%d" % connections)
    if request.path == "/later/release":
        chatmodes.released.set()
    if request.path.endswith("/asked"):
        return await request.answer(200, "text/plain", b"%d" % asked[request.mode])
    status = request.mode if re.fullmatch(r"\d{3}", request.mode) else 200
    await request.answer(status, "application/json", b'{"data":[]}')


async def serve(reader, writer):
    """One connection."""
    global connections
    connections += 1
    try:
        while True:
            request = Request((await reader.readuntil(b"\r\n\r\n"))[:-4], reader, writer)
            if request.method != "POST":
                await look(request)
            elif not await post(request):
                break
    except (asyncio.IncompleteReadError, OSError):
        pass
    finally:
        writer.close()


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ipv6", action="store_true")
    parser.add_argument("--tls", nargs=2)
    options = parser.parse_args()
    context = None
    if options.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*options.tls)
    # The small limit is what a slow reader leaves in the buffers.
    server = await asyncio.start_server(
        serve, "::1" if options.ipv6 else "127.0.0.1", 0, backlog=512, limit=65536, ssl=context)
    say(server.sockets[0].getsockname()[1])
    await server.serve_forever()


try:
    asyncio.run(main())
except KeyboardInterrupt:
    pass
