"""The HTTP side: OpenAI's transcription API as a Starlette application."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import AsyncGenerator, Iterator

from starlette.applications import Starlette
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from audio import decode
from backend import Cancelled, Segment, Task, Transcript, Unsupported
from errors import ApiError, on_api_error, on_fault, on_http_error
from models import Models
from whisper import LANGUAGES

FORMATS = ("json", "text", "verbose_json")
GRANULARITIES = ("word", "segment")
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
    granularities: frozenset[str]  # of GRANULARITIES


class Service:
    """The application's state: the models, and the threads in which inference runs."""

    def __init__(self, models: Models, workers: int, max_body: int) -> None:
        """At most `workers` requests are served at once; further ones wait."""
        self.models, self.max_body = models, max_body
        self.places = asyncio.Semaphore(workers)
        # What a client has left behind runs on to its next step, and nobody shall wait for that.
        self.pool = ThreadPoolExecutor(models.threads, "inference")
        self.load = Counter(waiting=0, running=0, abandoned=0, finished=0)  # of the event loop's thread alone

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
            transcript, times = await self.unless_gone(request, work)
        except (ClientDisconnect, Cancelled):
            return Response(status_code=CLIENT_GONE)
        except Unsupported as error:
            raise ApiError(str(error), param=error.param) from error
        times = {"parse": parsed - began, "queue": times.pop("start") - parsed, **times}
        response = render(transcript, work)
        response.headers["Server-Timing"] = ", ".join(f"{name};dur={1e3 * s:.1f}" for name, s in times.items())
        return response

    async def unless_gone(self, request: Request, work: Work) -> tuple[Transcript, dict[str, float]]:
        """What `infer` gives. Raises Cancelled as soon as the client has left."""
        cancelled = threading.Event()
        serving = asyncio.create_task(self.serve(work, cancelled))
        leaving = asyncio.create_task(client_left(request))
        try:
            await asyncio.wait((serving, leaving), return_when=asyncio.FIRST_COMPLETED)
            if not serving.done():
                raise Cancelled
            return serving.result()
        finally:
            cancelled.set()
            serving.cancel()
            leaving.cancel()

    async def serve(self, work: Work, cancelled: threading.Event) -> tuple[Transcript, dict[str, float]]:
        """Run `work` when there is a place. When this task is cancelled the place is free at once."""
        with self.counted("waiting"):
            await self.places.acquire()
        try:
            with self.counted("running"):
                inference = self.pool.submit(self.infer, work, cancelled)
                try:
                    result = await asyncio.wrap_future(inference)
                except asyncio.CancelledError:
                    if not inference.cancelled():
                        self.load["abandoned"] += 1
                        loop = asyncio.get_running_loop()
                        inference.add_done_callback(lambda _: loop.call_soon_threadsafe(self.forget_abandoned))
                    raise
            self.load["finished"] += 1
            return result
        finally:
            self.places.release()

    def infer(self, work: Work, cancelled: threading.Event) -> tuple[Transcript, dict[str, float]]:
        """Decode and transcribe; the result, the time of its start and how long each took in seconds. Blocks."""
        start = time.perf_counter()
        samples = decode(work.data)
        decoded = time.perf_counter()
        task = Task(samples, work.language, work.prompt, work.temperature, "word" in work.granularities)
        transcript = self.models.load(work.model).transcribe(task, cancelled.is_set)
        return transcript, {"start": start, "decode": decoded - start, "infer": time.perf_counter() - decoded}

    @contextmanager
    def counted(self, what: str) -> Iterator[None]:
        """Keep a figure that health gives."""
        self.load[what] += 1
        try:
            yield
        finally:
            self.load[what] -= 1

    def forget_abandoned(self) -> None:
        """An inference that nobody waits for has ended."""
        self.load["abandoned"] -= 1


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
        granularities=read_granularities(form.getlist("timestamp_granularities[]"), shape),
    )


def read_language(value: str | None) -> str | None:
    """A language code of Whisper's; regions are dropped (pt-BR is pt); None or "auto": detect it."""
    if not value or value == "auto":
        return None
    code = value.lower().replace("_", "-").split("-")[0]
    code = "jw" if code == "jv" else code  # Whisper has Javanese by the code that ISO 639-1 withdrew
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


def read_granularities(values: list, shape: str) -> frozenset[str]:
    """What verbose_json is to give times of; segments when nothing is said."""
    if not set(values) <= set(GRANULARITIES):
        message = f"timestamp_granularities[] is one of {', '.join(GRANULARITIES)}; send the field twice for both."
        raise ApiError(message, param="timestamp_granularities[]")
    if values and shape != "verbose_json":
        raise ApiError("Times are given by response_format verbose_json only.", param="timestamp_granularities[]")
    return frozenset(values or ["segment"])


async def client_left(request: Request) -> None:
    """Return when the client has closed its connection."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def render(transcript: Transcript, work: Work) -> Response:
    """The transcript as json, text or verbose_json."""
    if work.shape == "text":
        return PlainTextResponse(transcript.text)
    if work.shape == "json":
        return JSONResponse({"text": transcript.text})
    body = {
        "task": "transcribe",
        "language": transcript.language,
        "duration": transcript.duration,
        "text": transcript.text,
    }
    if "segment" in work.granularities:
        body["segments"] = [segment_body(index, part) for index, part in enumerate(transcript.segments)]
    if transcript.words is not None:
        body["words"] = [asdict(word) for word in transcript.words]
    return JSONResponse(body)


def segment_body(index: int, part: Segment) -> dict:
    """A segment in OpenAI's shape."""
    return {"id": index, "start": part.start, "end": part.end, "text": part.text, **part.figures}
