"""Speech to text with faster-whisper, made fast for short dictations without losing words.

Whisper's encoder looks at 30 s always, padded after the clip, so that two seconds of speech cost as much as thirty.
Here a short English clip is encoded with less padding first. Now and then that makes the decoder stop early or
stumble; it shows in the decoder's own figures, and then the clip is encoded once more with all the padding.
"""

from __future__ import annotations

import copy
import dataclasses
import threading
from dataclasses import dataclass
from pathlib import Path

import ctranslate2
import numpy as np
from ctranslate2.models import WhisperGenerationResult
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import _LANGUAGE_CODES, Tokenizer
from faster_whisper.transcribe import Segment, TranscriptionOptions, restore_speech_timestamps
from faster_whisper.vad import VadOptions, collect_chunks, get_speech_timestamps

from audio import SAMPLE_RATE, Samples

LANGUAGES = frozenset(_LANGUAGE_CODES)

# Context of the encoder, in log-mel frames of 10 ms.
FULL_CONTEXT = 3000  # what Whisper was trained on
LEAST_CONTEXT = 1000
MARGIN = 500  # padding after the clip

# Below this mean log-probability of its tokens, text from a trimmed context is not trusted.
TRUSTED_LOGPROB = -0.7
# Above this ratio text repeats itself; OpenAI's threshold.
MOST_COMPRESSION = 2.4
SENTENCE_ENDS = (".", "?", "!", "…")
# Tried in this order while text repeats itself or is improbable; what OpenAI does for temperature 0, in fewer steps.
TEMPERATURES = (0.0, 0.4, 0.8)


@dataclass(frozen=True)
class Task:
    """What to transcribe and how. `language` None means: detect it. `temperature` 0 to 1."""

    samples: Samples
    language: str | None = None
    prompt: str | None = None
    temperature: float = 0.0


@dataclass(frozen=True)
class Transcript:
    """The result. `text` is empty when there was no speech; `duration` is that of the audio, in seconds."""

    text: str
    language: str
    duration: float
    segments: list[Segment]
    retries: int = 0  # windows of 30 s that were transcribed twice


class Cancelled(Exception):
    """Nobody waits for the transcript any more."""


# What generate_with_fallback gives: the decoder's result, mean log-probability, temperature, compression ratio.
Decoded = tuple[WhisperGenerationResult, float, float, float]


class TrimmingWhisper(WhisperModel):
    """A Whisper model with a memory of the window of 30 s that it is at: each recording needs a copy."""

    trims: bool = True
    retries: int = 0  # windows that were encoded again
    _window: np.ndarray  # bins × frames, as encoded last
    _encoded: ctranslate2.StorageView | None = None
    _trimmed: bool = False  # whether _encoded has less than the full context

    def for_one_recording(self, trims: bool) -> TrimmingWhisper:
        """A copy, which shares the weights."""
        other = copy.copy(self)
        other.trims = trims
        return other

    def encode(self, features: np.ndarray) -> ctranslate2.StorageView:
        """Encode log-mel frames (bins × 3000, padded with exact zeros), cut to what the clip needs.

        The padding that is left becomes the clip's lowest value, which is what silence looks like. Zeros look like
        a steady sound: the decoder takes that at full context, but stumbles in every fifth trimmed clip.

        Detecting the language and transcribing ask for the same window: the second gets what the first got.
        """
        clip = int(np.flatnonzero(features.any(axis=0))[-1]) + 1 if features.any() else 0
        # Detection sees a frame more than transcription, which is the padding of the Fourier transform.
        if self._encoded is not None and np.array_equal(self._window[:, :clip], features[:, :clip]):
            return self._encoded
        self._window = features
        if self.trims:
            features = features[:, : max(LEAST_CONTEXT, clip + MARGIN)].copy()
            features[:, clip:] = features[:, :clip].min(initial=0)
        self._trimmed = features.shape[1] < FULL_CONTEXT
        self._encoded = super().encode(np.ascontiguousarray(features))
        return self._encoded

    def generate_with_fallback(
        self,
        encoder_output: ctranslate2.StorageView,
        prompt: list[int],
        tokenizer: Tokenizer,
        options: TranscriptionOptions,
    ) -> Decoded:
        """Decode one window; with its full context if a trimmed one will not do."""
        if self._trimmed:
            # Trimming loses words of other languages without a sign in the figures.
            if tokenizer.language_code == "en":
                once = dataclasses.replace(options, temperatures=options.temperatures[:1])
                decoded = super().generate_with_fallback(encoder_output, prompt, tokenizer, once)
                if plausible(decoded, tokenizer):
                    return decoded
            self.retries += 1
            encoder_output = super().encode(self._window)
        return super().generate_with_fallback(encoder_output, prompt, tokenizer, options)


def plausible(decoded: Decoded, tokenizer: Tokenizer) -> bool:
    """Whether text from a trimmed context is as good as that from the full one would be."""
    result, logprob, _, compression = decoded
    tokens = result.sequences_ids[0]
    text = tokenizer.decode(tokens).strip()
    # A decoder that knows that it has reached the end of the speech says when that was, or ends the sentence.
    finished = tokens and (tokens[-1] >= tokenizer.timestamp_begin or text.endswith(SENTENCE_ENDS))
    return bool(text and finished and logprob > TRUSTED_LOGPROB and compression < MOST_COMPRESSION)


class Transcriber:
    """One loaded model; `transcribe` may run in as many threads at once as `workers`."""

    def __init__(self, folder: Path, workers: int) -> None:
        self.model = TrimmingWhisper(
            str(folder),
            device="cpu",
            compute_type="int8",
            cpu_threads=1,  # a second thread gains little; a second request at its side gains a whole core
            num_workers=workers,
            local_files_only=True,
        )
        self.multilingual: bool = self.model.model.is_multilingual

    def warm_up(self) -> None:
        """Go every way once, so that the first request finds memory allocated and code paged in."""
        second = np.zeros(SAMPLE_RATE, np.float32)
        get_speech_timestamps(second, VadOptions())
        model = self.model.for_one_recording(trims=True)
        list(model.transcribe(second, language="en", temperature=0, max_new_tokens=1)[0])

    def transcribe(self, task: Task, cancelled: threading.Event | None = None) -> Transcript:
        """Transcribe. Blocks; raises Cancelled soon after `cancelled` is set."""
        duration = len(task.samples) / SAMPLE_RATE
        language = task.language if self.multilingual else "en"
        # Whisper invents sentences for silence and noise: only what Silero calls speech is let through.
        chunks = get_speech_timestamps(task.samples, VadOptions())
        if not chunks:
            return Transcript("", language or "en", duration, [])
        speech = np.concatenate(collect_chunks(task.samples, chunks)[0])
        model = self.model.for_one_recording(trims=language in (None, "en"))
        parts, info = model.transcribe(
            speech,
            language=language,
            initial_prompt=task.prompt,
            temperature=task.temperature or TEMPERATURES,
            beam_size=1,
            condition_on_previous_text=False,
        )
        segments = []
        for part in restore_speech_timestamps(parts, chunks, SAMPLE_RATE):  # decoded as they are asked for
            if cancelled is not None and cancelled.is_set():
                raise Cancelled
            segments.append(part)
        text = "".join(part.text for part in segments).strip()
        return Transcript(text, info.language, duration, segments, model.retries)
