"""The figures of scripts/bench vad, as JSON: `vad_figures.py SPEECH ENGINE VADFRAMES`, in the engine's environment.

Speech is what a person who reads the sound's envelope would call so: the frames of 10 ms around a word of Whisper base
(its times are exact to about 0.2 s) that are less than 35 dB below the recording's loud ones, or stand 8 dB out of its
quiet ones if that is more, with gaps of under 300 ms closed. It is decided on the clean recording, and holds for what
is made of it.
"""

from __future__ import annotations

import collections
import ctypes
import json
import os
import subprocess
import sys
import tempfile
import time
import wave
from pathlib import Path

import numpy
from faster_whisper import WhisperModel
from faster_whisper.vad import get_vad_model

FRAME = 160  # samples of 10 ms
PAUSE = 30  # frames
NOISES = ("none_white", "none_pink", "none_hum", "none_sbnoise")
Mask = numpy.ndarray


def load(path: Path) -> numpy.ndarray:
    """The samples of a WAV file of 16 kHz, mono, 16 bit."""
    with wave.open(str(path)) as file:
        return numpy.frombuffer(file.readframes(file.getnframes()), numpy.int16)


def levels(samples: numpy.ndarray, length: int = FRAME) -> numpy.ndarray:
    """The level of each frame in dBFS."""
    frames = samples[: len(samples) // length * length].reshape(-1, length) / 32768
    return 10 * numpy.log10(numpy.maximum((frames**2).mean(1), 1e-10))


def runs(mask: Mask) -> list[tuple[int, int]]:
    """Where `mask` is true: begin and end of each run."""
    edges = numpy.diff(numpy.concatenate(([0], mask.astype(int), [0])))
    return list(zip(numpy.flatnonzero(edges == 1), numpy.flatnonzero(edges == -1)))


class Truth:
    """Where somebody speaks in a recording, and where its words are, in frames."""

    def __init__(self, samples: numpy.ndarray, words: list[tuple[float, float]]) -> None:
        power = 10 ** (levels(samples) / 10)
        loudness = 10 * numpy.log10(numpy.convolve(numpy.pad(power, 1, mode="edge"), numpy.ones(3) / 3, "valid"))
        top, low = numpy.percentile(loudness, 95), numpy.percentile(loudness, 5)
        sound = loudness > (max(top - 35, low + 8) if top - low > 20 else top - 12)
        near = numpy.zeros(len(sound), bool)
        for begin, end in words:
            near[max(0, int(begin * 100) - 20) : int(end * 100) + 30] = True
        sound &= near
        for begin, end in runs(sound):
            sound[begin:end] = end - begin >= 5
        for begin, end in runs(~sound):
            sound[begin:end] = begin > 0 and end < len(sound) and end - begin < PAUSE
        self.speech = sound
        self.words = [span for begin, end in words if (span := self.within(round(begin * 100), round(end * 100)))]
        self.pauses = [(begin, end) for begin, end in runs(~sound) if begin > 0 and end - begin >= PAUSE]

    def within(self, begin: int, end: int) -> tuple[int, int] | None:
        """The part of a word that is speech; Whisper stretches words over the pauses beside them."""
        parts = runs(self.speech[begin:end])
        first, last = max(parts, key=lambda part: part[1] - part[0], default=(0, 0))
        return (begin + first, begin + last) if last - first >= 4 else None


def words_of(folder: Path, engine: Path) -> dict[str, list[tuple[float, float]]]:
    """The times of the words of each recording with speech, by Whisper base."""
    model = WhisperModel(str(engine / "models/base"), device="cpu", compute_type="int8", cpu_threads=1)
    found = {}
    for path in sorted(folder.glob("*.wav")):
        if path.name.startswith("none_"):
            continue
        language = path.name[3:5] if path.name.startswith("ml_") else "en"
        segments, _ = model.transcribe(
            str(path), language=language, word_timestamps=True, beam_size=1, condition_on_previous_text=False
        )
        found[path.name] = [(word.start, word.end) for segment in segments for word in segment.words]
    return found


# Mixtures


def mixtures(folder: Path, truths: dict[str, Truth]) -> dict[str, list[tuple[str, numpy.ndarray]]]:
    """By group: each recording as it is, quieter, and in each noise."""
    noises = [load(path) for path in sorted(folder.glob("none_*.wav")) if path.name.startswith(NOISES)]
    groups: dict[str, list] = collections.defaultdict(list)
    for name, truth in truths.items():
        samples = load(folder / name)
        groups["clean"].append((name, samples))
        for decibels in (20, 30):
            quiet = numpy.round(samples * 10 ** (-decibels / 20)).astype(numpy.int16)
            groups["20 and 30 dB quieter"].append((name, quiet))
        for decibels in (20, 10, 5):
            group = groups[f"noise at {decibels} dB"]
            group += [(name, mixed(samples, truth, noise, decibels)) for noise in noises]
    return groups


def mixed(samples: numpy.ndarray, truth: Truth, noise: numpy.ndarray, decibels: float) -> numpy.ndarray:
    """Speech that is `decibels` louder than `noise`, both by their mean power."""
    frames = samples[: len(truth.speech) * FRAME].astype(float).reshape(-1, FRAME)[truth.speech]
    noise = numpy.resize(noise, len(samples)).astype(float)
    gain = numpy.sqrt((frames**2).mean() / 10 ** (decibels / 10) / (noise**2).mean())
    mixture = samples + gain * noise
    return numpy.round(mixture * min(1, 32767 / abs(mixture).max())).astype(numpy.int16)


# Detectors: samples in, a mask of frames out


class WebRTC:
    """WebRTC's detector by itself, in one of its modes."""

    library = ctypes.CDLL("libwebrtc_audio_processing.so.1")
    library.WebRtcVad_Create.restype = ctypes.c_void_p

    def __init__(self, mode: int) -> None:
        self.mode = mode

    def __call__(self, samples: numpy.ndarray) -> Mask:
        vad = ctypes.c_void_p(self.library.WebRtcVad_Create())
        self.library.WebRtcVad_Init(vad)
        self.library.WebRtcVad_set_mode(vad, self.mode)
        data = numpy.ascontiguousarray(samples)
        ends = range(0, len(data) - FRAME + 1, FRAME)
        process, place = self.library.WebRtcVad_Process, data.ctypes.data
        found = [process(vad, 16000, ctypes.c_void_p(place + 2 * at), ctypes.c_size_t(FRAME)) for at in ends]
        self.library.WebRtcVad_Free(vad)
        return numpy.array(found) == 1


def energy(samples: numpy.ndarray) -> Mask:
    """Energy against a floor that adapts: 30 ms, 9 dB above a floor that falls at once and rises by 2 dB a second."""
    floor, found = -60.0, []
    for level in levels(samples, 3 * FRAME):
        floor = 0.5 * (floor + level) if level < floor else min(floor + 0.06, -20)
        found += 3 * [level > max(floor + 9, -75)]
    return numpy.array(found)


def silero(samples: numpy.ndarray, model: object = get_vad_model()) -> Mask:
    """Silero's neural network, at its default threshold."""
    padded = numpy.pad(samples.astype(numpy.float32) / 32768, (0, -len(samples) % 512))
    found = model(padded).reshape(-1) > 0.5
    return found[(numpy.arange(len(samples) // FRAME) * FRAME + FRAME // 2) // 512]


class Thoth:
    """The detector as it is shipped, run by vadframes on many recordings at once."""

    def __init__(self, program: str, sounds: list[numpy.ndarray], mode: int) -> None:
        with tempfile.TemporaryDirectory() as folder:
            paths = [os.path.join(folder, f"{number}.raw") for number in range(len(sounds))]
            for path, samples in zip(paths, sounds):
                samples.tofile(path)
            start = os.times()
            output = subprocess.run(
                [program, str(mode)], input="".join(f"{path}\n" for path in paths), text=True,
                stdout=subprocess.PIPE, check=True,
            ).stdout  # fmt: skip
            end = os.times()
            # It runs the classifier twice: by itself, and in the detector.
            self.cost = (end.children_user + end.children_system - start.children_user - start.children_system) / 2
        lines = [line.split("\t") for line in output.splitlines()]
        self.evidence = [numpy.frombuffer(line[0].encode(), numpy.uint8) - ord("0") for line in lines]
        self.heard = [line[2] == "1" for line in lines]


# Scores


class Score:
    """How a detector's masks compare with the truth."""

    def __init__(self) -> None:
        self.counts: collections.Counter = collections.Counter()
        self.onsets: list[int] = []
        self.hangovers: list[int] = []

    def add(self, truth: Truth, mask: Mask) -> None:
        """Count one recording."""
        speech = truth.speech
        mask = numpy.resize(numpy.concatenate((mask, numpy.zeros(3, bool))), len(speech))
        self.counts.update(
            speech=int(speech.sum()), missed=int((speech & ~mask).sum()), silence=int((~speech).sum()),
            outside=int((mask & ~speech).sum()), words=len(truth.words),
            lost=sum(not mask[begin:end].any() for begin, end in truth.words),
            false=sum(end - begin >= 20 and bool(speech[begin : begin + 20].all()) for begin, end in runs(~mask)),
        )  # fmt: skip
        self.onsets += [int(numpy.append(mask[begin:end], True).argmax()) for begin, end in runs(speech)]
        gaps = runs(~mask)
        for begin, end in truth.pauses:
            seen = [max(first, begin) - begin for first, last in gaps
                    if last > begin and first < end and last - max(first, begin) >= 10]  # fmt: skip
            self.hangovers.append(min(seen, default=end - begin))

    def figures(self) -> dict[str, float]:
        """The figures of the tables."""
        counts, hangovers = self.counts, numpy.array(self.hangovers)
        return {
            "missed": 100 * counts["missed"] / counts["speech"],
            "words": 100 * counts["lost"] / counts["words"],
            "pauses": 100 * float((hangovers <= 20).mean()),
            "false_pauses": 100 * counts["false"] / counts["words"],
            "outside": 100 * counts["outside"] / counts["silence"],
            "onset": 10 * float(numpy.median(self.onsets)),
            "onset_p95": 10 * float(numpy.percentile(self.onsets, 95)),
            "hangover": 10 * float(numpy.median(hangovers)),
            "hangover_p90": 10 * float(numpy.percentile(hangovers, 90)),
        }


def main() -> None:
    folder, engine, program = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    truths = {name: Truth(load(folder / name), words) for name, words in words_of(folder, engine).items()}
    groups = mixtures(folder, truths)
    none = {path.stem[len("none_") :]: load(path) for path in sorted(folder.glob("none_*.wav"))}
    sounds = [samples for group in groups.values() for _, samples in group] + list(none.values())
    seconds = sum(map(len, sounds)) / 16000
    detectors: dict[str, tuple[list[Mask], float]] = {}

    def run(name: str, detect: object) -> None:
        start = time.process_time()
        detectors[name] = ([detect(samples) for samples in sounds], time.process_time() - start)

    shipped = {}
    for mode in range(4):
        thoth = shipped[mode] = Thoth(program, sounds, mode)
        # What may be speech is what is speech in the most lenient mode.
        name = f"thoth, vad = {mode}" + (", and possible" if mode == 0 else "")
        detectors[name] = ([found == 2 for found in thoth.evidence], thoth.cost)
    for mode in range(4):
        run(f"WebRTC alone, mode {mode}", WebRTC(mode))
    run("energy and floor", energy)
    run("Silero", silero)

    result: dict = {"groups": list(groups), "none": list(none), "detectors": {}}
    for name, (masks, cost) in detectors.items():
        rest = iter(masks)
        figures: dict = {"cost": 1000 * cost / seconds}
        for group, recordings in groups.items():
            score = Score()
            for file, _ in recordings:
                score.add(truths[file], next(rest))
            figures[group] = score.figures()
        figures["none"] = {stem: 100 * float(mask.mean()) for stem, mask in zip(none, rest)}
        result["detectors"][name] = figures
    heard = shipped[2].heard
    count = len(sounds) - len(none)
    result |= {"mixtures": count, "unheard": count - sum(heard[:count])}
    result["heard"] = [stem for stem, is_heard in zip(none, heard[count:]) if is_heard]
    clean = [load(folder / name) for name in truths]
    result["about"] = {
        "files": len(truths), "seconds": sum(map(len, clean)) / 16000,
        "words": sum(len(truth.words) for truth in truths.values()),
        "pauses": sum(len(truth.pauses) for truth in truths.values()),
    }  # fmt: skip
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
