"""Speech to text with Moonshine, a small model for English whose work grows with the speech and not in steps of 30 s.

It is asked through the C interface of its library, which comes with the weights. The Python package around it is not
used: it wants four more packages, and turns every sample into a Python object.
"""

from __future__ import annotations

import ctypes
import os
from contextlib import contextmanager
from pathlib import Path
from typing import Callable, Iterator

import numpy as np

from audio import SAMPLE_RATE, Samples
from backend import Segment, Task, Transcript, Unsupported, nobody_cancels, speech_in, stop_if

WEIGHTS = "decoder_model_merged.ort"
LIBRARY = "libmoonshine.so"

# From moonshine-c-api.h of version 0.1.0.
HEADER_VERSION = 30000
TINY = 0  # the kind of model

# The library's own search for speech is switched off: it cuts sentences at short pauses, which costs words and
# puts full stops into them.
OPTIONS = {b"vad_threshold": b"0", b"return_audio_data": b"false"}
LONGEST = 15.0  # s of speech at once
# Behind all that is heard: with less, the model takes the end of a sentence for its middle, and mishears what is before
# it (docs/benchmarks.md).
SILENCE = np.zeros(round(0.35 * SAMPLE_RATE), np.float32)
# Moonshine has no figure of its own that tells that nobody spoke. In music that passes for speech Silero's probability
# stays below; in the shortest of words it comes to 0.96, and only of more than a second of a bad recording it may not.
SURE = 0.9


class Line(ctypes.Structure):
    """transcript_line_t."""

    _fields_ = [
        ("text", ctypes.c_char_p),
        ("audio_data", ctypes.c_void_p),
        ("audio_data_count", ctypes.c_size_t),
        ("start_time", ctypes.c_float),
        ("duration", ctypes.c_float),
        ("id", ctypes.c_uint64),
        ("flags", ctypes.c_int8 * 5),
        ("speaker_spans", ctypes.c_void_p),
        ("speaker_span_count", ctypes.c_uint64),
        ("last_transcription_latency_ms", ctypes.c_uint32),
        ("words", ctypes.c_void_p),  # none: the model that tells their times is not in the package
        ("word_count", ctypes.c_uint64),
    ]


class Lines(ctypes.Structure):
    """transcript_t."""

    _fields_ = [("lines", ctypes.POINTER(Line)), ("count", ctypes.c_uint64)]


class Option(ctypes.Structure):
    """moonshine_option_t."""

    _fields_ = [("name", ctypes.c_char_p), ("value", ctypes.c_char_p)]


class MoonshineBackend:
    """One loaded Moonshine model."""

    def __init__(self, folder: Path, _workers: int) -> None:
        """Raises RuntimeError when the files cannot be used."""
        os.environ["MOONSHINE_ORT_SINGLE_THREAD"] = "1"  # as with Whisper: a core for each request
        self._library = load_library(folder / LIBRARY)
        self._folder = folder
        # A result belongs to its transcriber until that is asked again: each request needs one of its own.
        self._idle = [self._make_transcriber()]

    def warm_up(self) -> None:
        """See Backend."""
        second = np.zeros(SAMPLE_RATE, np.float32)
        speech_in(second)
        with self._transcriber() as transcriber:
            self._recognize(transcriber, second)

    def transcribe(self, task: Task, cancelled: Callable[[], bool] = nobody_cancels) -> Transcript:
        """See Backend."""
        if task.language not in (None, "en"):
            raise Unsupported("This model knows only English: leave language out, or use another model.", "language")
        segments = []
        samples = np.concatenate([task.samples, SILENCE])
        with self._transcriber() as transcriber:
            for part in speech_in(samples, LONGEST, SURE):
                stop_if(cancelled)
                text = self._recognize(transcriber, samples[part["start"] : part["end"]])
                if text:
                    end = min(part["end"], len(task.samples))
                    segments.append(Segment(part["start"] / SAMPLE_RATE, end / SAMPLE_RATE, f" {text}"))
        text = "".join(segment.text for segment in segments).strip()
        return Transcript(text, "en", len(task.samples) / SAMPLE_RATE, segments)

    def _make_transcriber(self) -> int:
        options = (Option * len(OPTIONS))(*OPTIONS.items())
        path = os.fsencode(self._folder)
        handle = self._library.moonshine_load_transcriber_from_files(path, TINY, options, len(OPTIONS), HEADER_VERSION)
        return self._checked(handle)

    @contextmanager
    def _transcriber(self) -> Iterator[int]:
        """A transcriber that nobody else has; another is made when all are at work."""
        try:
            transcriber = self._idle.pop()
        except IndexError:
            transcriber = self._make_transcriber()
        try:
            yield transcriber
        finally:
            self._idle.append(transcriber)

    def _recognize(self, transcriber: int, samples: Samples) -> str:
        """The text of some speech."""
        samples = np.ascontiguousarray(samples, np.float32)
        lines = ctypes.POINTER(Lines)()
        self._checked(
            self._library.moonshine_transcribe_without_streaming(
                transcriber, samples.ctypes.data, len(samples), SAMPLE_RATE, 0, ctypes.byref(lines)
            )
        )
        found = (lines.contents.lines[index].text for index in range(lines.contents.count))
        return " ".join(text.decode(errors="replace").strip() for text in found if text)

    def _checked(self, result: int) -> int:
        """A result of the library that is no error. Raises RuntimeError."""
        if result < 0:
            raise RuntimeError(self._library.moonshine_error_to_string(result).decode(errors="replace"))
        return result


def load_library(path: Path) -> ctypes.CDLL:
    """Moonshine's library, with its functions declared. Raises RuntimeError."""
    try:
        library = ctypes.CDLL(str(path))
    except OSError as error:
        raise RuntimeError(str(error)) from error
    library.moonshine_error_to_string.restype = ctypes.c_char_p
    library.moonshine_error_to_string.argtypes = [ctypes.c_int32]
    library.moonshine_load_transcriber_from_files.argtypes = [
        ctypes.c_char_p, ctypes.c_uint32, ctypes.POINTER(Option), ctypes.c_uint64, ctypes.c_int32,
    ]  # fmt: skip
    library.moonshine_transcribe_without_streaming.argtypes = [
        ctypes.c_int32, ctypes.c_void_p, ctypes.c_uint64, ctypes.c_int32, ctypes.c_uint32,
        ctypes.POINTER(ctypes.POINTER(Lines)),
    ]  # fmt: skip
    return library
