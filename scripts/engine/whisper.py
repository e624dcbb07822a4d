"""Speech to text with faster-whisper, made fast for short dictations without losing words.

Whisper's encoder looks at 30 s always, padded after the clip, so that two seconds of speech cost as much as thirty.
Here a short clip is encoded with less padding first. Now and then the decoder then stops early or repeats itself;
it shows in the decoder's own figures, and then the clip is encoded once more with all the padding.
"""

from __future__ import annotations

import copy
import dataclasses
from difflib import SequenceMatcher
from pathlib import Path
from typing import Callable, Iterable, Iterator

import ctranslate2
import numpy as np
from ctranslate2.models import WhisperGenerationResult
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import _LANGUAGE_CODES, Tokenizer
from faster_whisper.transcribe import Segment as WhisperSegment
from faster_whisper.transcribe import TranscriptionOptions, restore_speech_timestamps
from faster_whisper.vad import collect_chunks

from audio import SAMPLE_RATE
from backend import Segment, Task, Transcript, Word, nobody_cancels, speech_in, stop_if

LANGUAGES = frozenset(_LANGUAGE_CODES)

# Context of the encoder, in log-mel frames of 10 ms. measure.py shows what they cost and save.
FULL_CONTEXT = 3000  # what Whisper was trained on
LEAST_CONTEXT = 1000
LEAST_CONTEXT_NOT_ENGLISH = 2000  # less garbles other languages, without a sign in the figures
MARGIN = 500  # padding after the clip

LEAST_REST = 100  # frames; what is left of a window must be so long to be one
MOST_SILENCE = 200  # frames; longer silence Silero leaves out

SHARE_OF_AN_ECHO = 0.6  # of its words

SENTENCE_ENDS = (".", "?", "!", "…")
# Tried in this order while text repeats itself or is improbable; what OpenAI does for temperature 0, in fewer steps.
TEMPERATURES = (0.0, 0.4, 0.8)
# The decoder's figures that OpenAI's API gives for a segment.
FIGURES = ("seek", "tokens", "temperature", "avg_logprob", "compression_ratio", "no_speech_prob")

# What generate_with_fallback gives: the decoder's result, mean log-probability, temperature, compression ratio.
Decoded = tuple[WhisperGenerationResult, float, float, float]


class TrimmingWhisper(WhisperModel):
    """A Whisper model with a memory of the window of 30 s that it is at: each recording needs a copy."""

    least: int = FULL_CONTEXT  # frames
    cancelled: Callable[[], bool] = staticmethod(nobody_cancels)
    retries: int = 0  # windows that were transcribed again at full context
    resumed: set[int]  # frames at which a decoder was sent on that had stopped before the end
    _window: np.ndarray | None = None  # bins × frames, as encoded last
    _encoded: ctranslate2.StorageView
    _trimmed: bool  # whether _encoded has less than the full context

    def for_one_recording(self, language: str | None, cancelled: Callable[[], bool]) -> TrimmingWhisper:
        """A copy, which shares the weights. None: the language is to be detected."""
        other = copy.copy(self)
        other.least = least_context(language or "en")
        other.cancelled = cancelled
        other.resumed = set()
        return other

    def encode(self, features: np.ndarray) -> ctranslate2.StorageView:
        """Encode log-mel frames (bins × 3000, padded with exact zeros), cut to what the clip needs.

        Detecting the language and transcribing ask for the same window: the second gets what the first got.
        """
        clip = frames_used(features)
        # Detection sees a frame more than transcription, which is the padding of the Fourier transform.
        if self._window is None or not np.array_equal(self._window[:, :clip], features[:, :clip]):
            self._window = features
            self._encode_window(self.least)
        return self._encoded

    def _encode_window(self, least: int) -> ctranslate2.StorageView:
        """Encode the window with at least so many frames of context.

        The padding of a trimmed one is the clip's lowest value, which is what silence looks like. Zeros look like a
        steady sound: the decoder takes that at full context, but stumbles in every fifth trimmed clip.
        """
        stop_if(self.cancelled)
        clip = frames_used(self._window)
        features = self._window[:, : max(least, clip + MARGIN)]
        self._trimmed = features.shape[1] < FULL_CONTEXT
        if self._trimmed:
            features = features.copy()
            features[:, clip:] = features[:, :clip].min(initial=0)
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
        least = least_context(tokenizer.language_code)
        if least > self.least:  # the language has just been detected
            self.least = least
            encoder_output = self._encode_window(least)
        if self._trimmed:
            stop_if(self.cancelled)
            once = dataclasses.replace(options, temperatures=options.temperatures[:1])
            decoded = super().generate_with_fallback(encoder_output, prompt, tokenizer, once)
            if plausible(decoded, tokenizer, options):
                return decoded
            self.retries += 1
            encoder_output = self._encode_window(FULL_CONTEXT)
        stop_if(self.cancelled)
        return super().generate_with_fallback(encoder_output, prompt, tokenizer, options)

    def _split_segments_by_timestamps(
        self,
        tokenizer: Tokenizer,
        tokens: list[int],
        time_offset: float,
        segment_size: int,
        segment_duration: float,
        seek: int,
    ) -> tuple[list[dict], int, bool]:
        """The segments of a window, the frame at which the next one begins, and whether that is so. The base class
        would otherwise go on behind the last word when the times of words are asked for, into what it has heard.

        A decoder may stop in a pause and say when: what it has not heard is speech, or Silero would not have let it
        through, and the next window begins there. A rest that is too short for a word would have words invented for it.

        A decoder may also go on in the padding, where it says all of it once more: nobody speaks there.
        """
        arguments = (tokenizer, tokens, time_offset, segment_size, segment_duration, seek)
        segments, begins, _ = super()._split_segments_by_timestamps(*arguments)
        segments[1:] = [part for part in segments[1:] if part["start"] < time_offset + segment_duration]
        end = seek + segment_size
        heard = timestamp(tokens, tokenizer)
        if heard is not None and heard >= LEAST_REST and end - (seek + heard) > MOST_SILENCE:
            begins = min(begins, seek + heard)
            self.resumed.add(begins)
        return segments, begins if end - begins >= LEAST_REST else end, True


def timestamp(tokens: list[int], tokenizer: Tokenizer) -> int | None:
    """The time with which `tokens` end, in frames from the beginning of the window; None: they do not end with one."""
    if not tokens or tokens[-1] < tokenizer.timestamp_begin:
        return None
    return 2 * (tokens[-1] - tokenizer.timestamp_begin)  # a step is 20 ms


def least_context(language: str) -> int:
    """The least context of the encoder that does for a language."""
    return LEAST_CONTEXT if language == "en" else LEAST_CONTEXT_NOT_ENGLISH


def frames_used(features: np.ndarray) -> int:
    """Number of frames before the padding with zeros."""
    used = np.flatnonzero(features.any(axis=0))
    return int(used[-1]) + 1 if used.size else 0


def plausible(decoded: Decoded, tokenizer: Tokenizer, options: TranscriptionOptions) -> bool:
    """Whether text from a trimmed context is as good as that from the full one would be."""
    result, logprob, _, compression = decoded
    tokens = result.sequences_ids[0]
    text = tokenizer.decode(tokens).strip()
    # A decoder that knows that it has reached the end of the speech says when that was, or ends the sentence.
    finished = tokens and (tokens[-1] >= tokenizer.timestamp_begin or text.endswith(SENTENCE_ENDS))
    probable = logprob > options.log_prob_threshold and compression < options.compression_ratio_threshold
    return bool(text and finished and probable)


class WhisperBackend:
    """One loaded Whisper model; `transcribe` may run in as many threads at once as `workers`."""

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
        """See Backend."""
        second = np.zeros(SAMPLE_RATE, np.float32)
        speech_in(second)
        model = self.model.for_one_recording("en", nobody_cancels)
        list(model.transcribe(second, language="en", temperature=0, max_new_tokens=1, word_timestamps=True)[0])

    def transcribe(self, task: Task, cancelled: Callable[[], bool] = nobody_cancels) -> Transcript:
        """See Backend."""
        duration = len(task.samples) / SAMPLE_RATE
        language = task.language if self.multilingual else "en"
        chunks = speech_in(task.samples)
        if not chunks:
            return Transcript("", language or "en", duration, [], [] if task.words else None)
        stop_if(cancelled)
        model = self.model.for_one_recording(language, cancelled)
        parts, info = model.transcribe(
            np.concatenate(collect_chunks(task.samples, chunks)[0]),
            language=language,
            initial_prompt=task.prompt,
            temperature=task.temperature or TEMPERATURES,
            beam_size=1,
            condition_on_previous_text=False,
            word_timestamps=task.words,
        )
        # Decoded window by window, as they are asked for.
        heard = without_echoes(restore_speech_timestamps(parts, chunks, SAMPLE_RATE), model.resumed)
        segments = [segment_of(part) for part in heard]
        text = "".join(segment.text for segment in segments).strip()
        words = [word for segment in segments for word in segment.words] if task.words else None
        return Transcript(text, info.language, duration, segments, words, model.retries)


def without_echoes(parts: Iterable[WhisperSegment], resumed: set[int]) -> Iterator[WhisperSegment]:
    """The segments without those that say the one before once more: the time at which a decoder stopped may be wrong,
    and one that is sent on from there hears the same again."""
    before = None
    for part in parts:
        if before and part.seek in resumed and part.seek != before.seek and is_echo(part.text, before.text):
            continue
        yield part
        before = part


def is_echo(text: str, before: str) -> bool:
    """Whether most of the words of `text` stand in the same order in the text before."""
    words, known = ([word.strip(",.?!").lower() for word in part.split()] for part in (text, before))
    same = sum(block.size for block in SequenceMatcher(None, words, known, autojunk=False).get_matching_blocks())
    return same >= SHARE_OF_AN_ECHO * len(words)


def segment_of(part: WhisperSegment) -> Segment:
    """A segment of faster-whisper's as one of ours."""
    words = tuple(Word(word.word.strip(), word.start, word.end) for word in part.words or ())
    return Segment(part.start, part.end, part.text, words, {name: getattr(part, name) for name in FIGURES})
