"""Bytes of an audio file to the samples that Whisper takes: mono float32 at 16 kHz."""

from __future__ import annotations

import io
import wave

import av
import numpy as np
from faster_whisper.audio import decode_audio

from errors import ApiError

SAMPLE_RATE = 16_000  # Hz
Samples = np.ndarray  # float32, one dimension, -1 to 1


def decode(data: bytes) -> Samples:
    """Samples of any format that FFmpeg knows. Raises ApiError 400 when there is no audio in `data`."""
    samples = plain_wave(data)
    if samples is not None:
        return samples
    try:
        return decode_audio(io.BytesIO(data), SAMPLE_RATE)
    except (av.FFmpegError, IndexError, ValueError) as error:
        # IndexError: a container without an audio stream. ValueError: one without a single frame.
        raise ApiError(
            "The file holds no audio that can be decoded: send WAV, FLAC, MP3, Ogg, WebM or MP4.",
            param="file",
            code="invalid_audio",
        ) from error


def plain_wave(data: bytes) -> Samples | None:
    """Samples of a 16 kHz mono 16-bit WAV file, the format that dictation sends; None when it is another one.

    Spares FFmpeg's set-up. A header whose length does not match the data (a recording cut off, or
    streamed with an unknown length) is left to FFmpeg, which reads on to the end.
    """
    try:
        with wave.open(io.BytesIO(data)) as file:
            parameters = file.getparams()
            if parameters[:3] != (1, 2, SAMPLE_RATE):
                return None
            frames = file.readframes(parameters.nframes)
    except (wave.Error, EOFError):
        return None
    if parameters.nframes == 0 or len(frames) != 2 * parameters.nframes:
        return None
    return np.frombuffer(frames, "<i2").astype(np.float32) / 32768.0
