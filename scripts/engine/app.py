"""The HTTP side: OpenAI's transcription API as a Starlette application."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import AsyncGenerator

from starlette.applications import Starlette
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from audio import decode
from errors import ApiError, on_api_error, on_fault, on_http_error
from models import Models
from transcriber import LANGUAGES, Cancelled, Task, Transcript

FORMATS = ("json", "text", "verbose_json")
MOST_FIELDS = 32  # more than the API has
CLIENT_GONE = 499  # nginx's status for a client that left; nobody reads it


@dataclass(frozen=True)
class Work:
    """One accepted request: an encoded recording and what to do with it."""

    model: str
    data: bytes
    shape: str  # of FORMATS
    language: str | None
    prompt: str | None
    temperature: float


class Service:
    """The application's state: the models, and the threads in which inference runs."""

    def __init__(self, models: Models, workers: int, max_body: int) -> None:
        self.models, self.max_body = models, max_body
        self.pool = ThreadPoolExecutor(workers, "inference")  # further requests wait in its queue
        self.load = Counter(waiting=0, running=0, finished=0)
        self.load_lock = threading.Lock()

    def application(self) -> Starlette:
        """The ASGI application."""
        return Starlette(
            routes=[
                Route("/v1/audio/transcriptions", self.transcriptions, methods=["POST"]),
                Route("/v1/models", self.list_models),
                Route("/health", self.health),
            ],
            exception_handlers={ApiError: on_api_error, HTTPException: on_http_error, Exception: on_fault},
        )

    async def health(self, request: Request) -> Response:
        """Alive, with which model and how busy; never waits for inference."""
        return JSONResponse({"status": "ok", "model": self.models.served, **self.load})

    async def list_models(self, request: Request) -> Response:
        """The installed models."""
        data = [{"id": name, "object": "model", "created": 0, "owned_by": "thoth"} for name in self.models.names()]
        return JSONResponse({"object": "list", "data": data})

    async def transcriptions(self, request: Request) -> Response:
        """OpenAI's POST /v1/audio/transcriptions."""
        began = time.perf_counter()
        try:
            form = await read_form(request, self.max_body)
            work = await understand(form, self.models)
            parsed = time.perf_counter()
            transcript, times = await self.in_pool(request, work)
        except (ClientDisconnect, Cancelled):
            return Response(status_code=CLIENT_GONE)
        times = {"parse": parsed - began, "queue": times.pop("start") - parsed, **times}
        response = render(transcript, work.shape)
        response.headers["Server-Timing"] = ", ".join(f"{name};dur={1e3 * s:.1f}" for name, s in times.items())
        return response

    async def in_pool(self, request: Request, work: Work) -> tuple[Transcript, dict[str, float]]:
        """Run `work` when a thread is free. Raises Cancelled when the client has left before its end."""
        cancelled = threading.Event()
        self.count("waiting", 1)
        watch = asyncio.create_task(set_when_gone(request, cancelled))
        try:
            return await asyncio.get_running_loop().run_in_executor(self.pool, self.infer, work, cancelled)
        finally:
            watch.cancel()

    def infer(self, work: Work, cancelled: threading.Event) -> tuple[Transcript, dict[str, float]]:
        """Decode and transcribe; the result, the time of its start and how long each took in seconds. Blocks."""
        self.count("waiting", -1)
        if cancelled.is_set():
            raise Cancelled
        self.count("running", 1)
        try:
            start = time.perf_counter()
            samples = decode(work.data)
            decoded = time.perf_counter()
            task = Task(samples, work.language, work.prompt, work.temperature)
            transcript = self.models.load(work.model).transcribe(task, cancelled)
            self.count("finished", 1)
            return transcript, {"start": start, "decode": decoded - start, "infer": time.perf_counter() - decoded}
        finally:
            self.count("running", -1)

    def count(self, what: str, by: int) -> None:
        """Keep the figures that health gives."""
        with self.load_lock:
            self.load[what] += by


class InMemoryParser(MultiPartParser):
    """Starlette's multipart parser, without its temporary files: what was said stays in memory."""

    spool_max_size = 0  # bytes; 0: never goes to a file


async def read_form(request: Request, max_body: int) -> FormData:
    """The request's form. Raises ApiError 413 as soon as more than `max_body` bytes came, 400 for another body."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise ApiError("Send the recording as multipart/form-data with the fields 'file' and 'model'.")
    parser = InMemoryParser(request.headers, limited(request, max_body), max_files=1, max_fields=MOST_FIELDS)
    try:
        return await parser.parse()
    except MultiPartException as error:
        raise ApiError(f"The form cannot be read: {error.message}") from error


async def limited(request: Request, max_body: int) -> AsyncGenerator[bytes, None]:
    """The request's body, of at most `max_body` bytes."""
    too_large = ApiError(
        f"The recording is too large: at most {max_body / 1e6:.0f} MB are taken at once."
        " Send it in parts, or compressed (FLAC, Ogg Opus).",
        status=413,
        param="file",
        code="request_too_large",
    )
    if int(request.headers.get("content-length", 0)) > max_body:
        raise too_large
    received = 0
    async for chunk in request.stream():
        received += len(chunk)
        if received > max_body:
            raise too_large
        yield chunk


async def understand(form: FormData, models: Models) -> Work:
    """The request's fields, checked. Raises ApiError."""
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise ApiError("The field 'file' with the recording is missing.", param="file")
    data = await file.read()
    if not data:
        raise ApiError("The file is empty.", param="file", code="empty_file")
    shape = form.get("response_format") or "json"
    if shape not in FORMATS:
        raise ApiError(f"response_format is one of {', '.join(FORMATS)}.", param="response_format")
    return Work(
        model=models.resolve(form.get("model")),
        data=data,
        shape=shape,
        language=read_language(form.get("language")),
        prompt=form.get("prompt") or None,
        temperature=read_temperature(form.get("temperature")),
    )


def read_language(value: str | None) -> str | None:
    """A language code of Whisper's; regions are dropped (pt-BR is pt); None or "auto": detect it."""
    if not value or value == "auto":
        return None
    code = value.lower().replace("_", "-").split("-")[0]
    if code not in LANGUAGES:
        raise ApiError(
            "language is an ISO 639-1 code that Whisper knows, such as en, de or pt; leave it out to have it detected.",
            param="language",
        )
    return code


def read_temperature(value: str | None) -> float:
    """The sampling temperature, 0 to 1."""
    try:
        temperature = float(value or 0)
    except ValueError:
        temperature = -1.0
    if not 0 <= temperature <= 1:
        raise ApiError("temperature is a number from 0 to 1.", param="temperature")
    return temperature


async def set_when_gone(request: Request, cancelled: threading.Event) -> None:
    """Set the event when the client closes its connection."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    cancelled.set()


def render(transcript: Transcript, shape: str) -> Response:
    """The transcript as json, text or verbose_json."""
    if shape == "text":
        return PlainTextResponse(transcript.text)
    if shape == "json":
        return JSONResponse({"text": transcript.text})
    names = ("seek", "start", "end", "text", "tokens", "temperature", "avg_logprob", "compression_ratio")
    return JSONResponse(
        {
            "task": "transcribe",
            "language": transcript.language,
            "duration": transcript.duration,
            "text": transcript.text,
            "segments": [
                {"id": index, **{name: getattr(part, name) for name in (*names, "no_speech_prob")}}
                for index, part in enumerate(transcript.segments)
            ],
        }
    )
