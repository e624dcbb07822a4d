"""What the engine asks of a back end, and what all of them share: the task, its result, and where somebody speaks."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Callable, Protocol

from faster_whisper.vad import VadOptions, get_speech_timestamps

from audio import SAMPLE_RATE, Samples


SPEECH = 0.5  # Silero's probability from which on it counts as speech, as its authors advise
# Seconds of speech that are enough by themselves. Of music that passes for speech it is 0.4 s; a voice through an old
# microphone, whose probability stays low, has 1.7 s in the first words.
LONG_ENOUGH = 1.0


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
    """The parts in which Silero hears speech, as {"start", "end"} in samples, none longer than `longest` seconds. In
    each of them its probability comes to `sure` once, or it hears speech for LONG_ENOUGH.

    All back ends get these alone: recognizers invent sentences for silence and noise.
    """
    parts = get_speech_timestamps(samples, VadOptions(threshold=SPEECH, max_speech_duration_s=longest))
    if sure <= SPEECH:
        return parts
    peaks, heard = above(samples, sure), above(samples, SPEECH)
    return [part for part in parts if shared(part, peaks) or shared(part, heard) >= LONG_ENOUGH * SAMPLE_RATE]


def above(samples: Samples, probability: float) -> list[dict[str, int]]:
    """Where Silero's probability is no less."""
    exact = {"neg_threshold": probability, "min_silence_duration_ms": 0, "speech_pad_ms": 0}
    return get_speech_timestamps(samples, VadOptions(threshold=probability, **exact))


def shared(part: dict[str, int], others: list[dict[str, int]]) -> int:
    """How many samples of a part are in others too."""
    return sum(max(0, min(part["end"], other["end"]) - max(part["start"], other["start"])) for other in others)
