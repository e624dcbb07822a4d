"""What the engine asks of a back end, and what all of them share: the task, its result, and where somebody speaks."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Callable, Protocol

from faster_whisper.vad import VadOptions, get_speech_timestamps

from audio import Samples


SPEECH = 0.5  # Silero's probability from which on it counts as speech, as its authors advise


class Cancelled(Exception):
    """Nobody waits for the transcript any more."""


class Unsupported(Exception):
    """The model cannot do what was asked for: one sentence for the user, the field at fault."""

    def __init__(self, message: str, param: str) -> None:
        super().__init__(message)
        self.param = param


@dataclass(frozen=True)
class Task:
    """What to transcribe and how. `language` None means: detect it. `temperature` 0 to 1. `words`: their times are
    wanted. A model that takes no prompt or temperature, or gives no times of words, goes without."""

    samples: Samples
    language: str | None = None
    prompt: str | None = None
    temperature: float = 0.0
    words: bool = False


@dataclass(frozen=True)
class Word:
    """A word with its punctuation and its times in the recording, in seconds."""

    word: str
    start: float
    end: float


@dataclass(frozen=True)
class Segment:
    """A part of the text with its times in the recording, in seconds; `figures` are the decoder's, named as in
    OpenAI's API."""

    start: float
    end: float
    text: str
    words: tuple[Word, ...] = ()
    figures: dict[str, float | list[int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Transcript:
    """The result. `text` is empty when there was no speech; `duration` is that of the audio, in seconds. `words` is
    None when the model gives no times of words, or nobody asked."""

    text: str
    language: str
    duration: float
    segments: list[Segment]
    words: list[Word] | None = None
    retries: int = 0  # windows of 30 s that were transcribed twice


class Backend(Protocol):
    """A loaded model. Its methods block."""

    def warm_up(self) -> None:
        """Go every way once, so that the first request finds memory allocated and code paged in."""

    def transcribe(self, task: Task, cancelled: Callable[[], bool]) -> Transcript:
        """Transcribe; may be called by several threads at once. Raises Cancelled after `cancelled` has become true,
        at the next step of the work, and Unsupported."""


def nobody_cancels() -> bool:
    """For those who wait for the end."""
    return False


def stop_if(cancelled: Callable[[], bool]) -> None:
    """Raise Cancelled if it is so."""
    if cancelled():
        raise Cancelled


def speech_in(samples: Samples, longest: float = math.inf, sure: float = SPEECH) -> list[dict[str, int]]:
    """The parts in which Silero hears speech, as {"start", "end"} in samples, none longer than `longest` seconds, and
    in each of which its probability comes to `sure` once.

    All back ends get these alone: recognizers invent sentences for silence and noise.
    """
    parts = get_speech_timestamps(samples, VadOptions(threshold=SPEECH, max_speech_duration_s=longest))
    if sure <= SPEECH:
        return parts
    peaks = get_speech_timestamps(samples, VadOptions(threshold=sure, speech_pad_ms=0))
    return [part for part in parts if any(p["start"] < part["end"] and part["start"] < p["end"] for p in peaks)]
