"""What the server of faultserver.py answers at /MODE/v1/chat/completions, besides its other modes:

say-TEXT streams TEXT, which is percent-encoded, in pieces of three bytes whatever stands in them; json-TEXT answers it in one
piece, as servers do that do not stream; parts-TEXT does that with a list of parts. edit streams the dictation with a capital
and a full stop, think the same behind some reasoning. endless streams until the client goes, and writes `gone`.
half streams the half of an answer and ends, freeze the half and then nothing. broken fails in the middle, leak too, telling the key; length and filter end as
models do that ran out of room or were stopped. no-temperature refuses requests that name one. later answers as edit does, but
only when GET /later/release was asked. For each request a line is written: `chat` and its key and body as JSON.
"""

import asyncio
import json
import re
import urllib.parse

released = asyncio.Event()


def event(text=None, ending=None):
    choice = {"index": 0, "delta": {"content": text} if text is not None else {}, "finish_reason": ending}
    return b"data: " + json.dumps({"object": "chat.completion.chunk", "choices": [choice]}).encode() + b"\n\n"


def words(text, ending="stop"):
    start = [b": a comment\n\n", event(""), *[event(piece) for piece in re.findall(r"\S+\s*|\s+", text)]]
    return b"".join(start + [event(ending=ending), b"data: [DONE]\n\n"])


def whole(content):
    choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
    return json.dumps({"object": "chat.completion", "choices": [choice]}).encode()


def edited(body):
    """The dictation in the last message with a capital and a full stop."""
    text = re.search(r"<(dictation[-\d]*)>\n(.*)\n</\1>", body["messages"][-1]["content"], re.S)[2]
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")


async def stream(request, data, size=3):
    await request.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
    for start in range(0, len(data), size):
        await request.send(data[start : start + size])


async def endless(request, say):
    try:
        await stream(request, b"")
        while True:
            await request.send(event("and on and on "))
            await asyncio.sleep(0.001)
    except OSError:
        say("gone")


async def answer(request, mode, raw, say):
    """Answers as `mode` says. None when it is no mode of these; else False: the connection is not to be used again."""
    body = json.loads(raw)
    say("chat " + json.dumps({"key": request.headers.get("authorization"), **body}))
    name, _, text = mode.partition("-")
    text = urllib.parse.unquote(text)
    if mode == "no-temperature":
        if "temperature" in body:
            message = b'{"error":{"message":"Unsupported value: \'temperature\' does not support 0.2 with this model."}}'
            await request.answer(400, "application/json", message)
            return True
        await stream(request, words(edited(body)))
    elif name == "say":
        await stream(request, words(text))
    elif name in ("json", "parts"):
        content = text if name == "json" else [{"type": "text", "text": text[:3]}, {"type": "text", "text": text[3:]}]
        await request.answer(200, "application/json", whole(content))
        return True
    elif mode == "edit":
        await stream(request, words(edited(body)), 1000)
    elif mode == "think":
        await stream(request, words("<think>\n" + "What would they say? " * 99 + "\n</think>\n\n" + edited(body)), 1000)
    elif mode == "later":
        await released.wait()
        await stream(request, words(edited(body)), 1000)
    elif mode == "endless":
        await endless(request, say)
    elif mode in ("half", "freeze"):
        await stream(request, event("All is"))
        if mode == "freeze":
            await request.wait_for_client_to_go()
    elif mode == "broken":
        await stream(request, event("All is") + b'data: {"error":{"message":"out of memory"}}\n\n')
    elif mode == "leak":
        await stream(request, event("All is") + b'data: {"choices":[{"delta":{},"finish_reason":"error"}],"error":{"message":"wrong key ' + (request.headers.get("authorization") or "").encode() + b'"}}\n\n')
    elif mode in ("length", "filter"):
        await stream(request, words("All is", {"length": "length", "filter": "content_filter"}[mode]))
    else:
        return None
    return False
