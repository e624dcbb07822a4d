"""Word error rates: dictations sent whole, in the segments that thoth cuts them into, and guessed at in their pauses.

Whole is what a tool does that transcribes after the stop. Segments are cut by thoth's own code and joined by it. Guesses
are what thoth does on an engine of this machine: in each pause it asks for what was said since the last cut, and the
guess that a cut or the stop comes upon is the text. So each of them is what a person may wait for after the stop.
"""

from __future__ import annotations

import array
import json
import random
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from dictations import Dictation, dictations
from engine import ask, models
from figures import median, percentile, table
from rig import ROOT, Rig, RigError
from sounds import RATE, read, write

NORMALIZER = "whisper-normalizer==0.1.15"  # OpenAI's, as a package
PROBE = ROOT / ".build/release/segmentprobe"
RESAMPLINGS = 4000  # for the intervals of confidence
CONTEXT = 60  # characters of the text before that an engine is told, as Transcription.swift has it


@dataclass
class Outcome:
    """What came of sending dictations in one way."""

    errors: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))  # by source, of words
    times: list[float] = field(default_factory=list)  # ms of the engine for each request

    @property
    def rate(self) -> float:
        """The word error rate in percent."""
        wrong, words = map(sum, zip(*self.errors.values()))
        return 100 * wrong / words


def measure(rig: Rig, seconds: float = 300, count: int = 2) -> dict:
    """Transcribe the long dictations and `count` joined ones with every installed model, each in the three ways."""
    prepare(rig)
    rig.start_lasting_engine()
    spoken = dictations(rig.folder, seconds, count)
    minutes = sum(dictation.seconds for dictation in spoken) / 60
    result, rows = {}, []
    guessing = guessing_after(spoken, minutes)
    for model in models(rig.engine_socket):
        outcomes = transcribe(rig, model, spoken)
        result[model] = {way: figures(outcome, outcomes["whole"], minutes) for way, outcome in outcomes.items()}
        rows += [row(model, way, entry) for way, entry in result[model].items()]
    columns = ["model", "sent", "word errors %", "more than whole, points", "95 % confidence", "requests a minute",
               "engine s a minute", "request ms", "p95 ms"]  # fmt: skip
    names = ", ".join(f"{dictation.name} {dictation.seconds:.0f} s" for dictation in spoken)
    print(table(f"Word error rate, {names}", columns, rows))
    return {"dictations": {dictation.name: dictation.seconds for dictation in spoken}, "models": result,
            "guessing after ms": guessing}  # fmt: skip


def guessing_after(spoken: list[Dictation], minutes: float) -> dict[int, dict[str, float]]:
    """What is asked for when a pause of so many milliseconds is enough for a guess."""
    result = {}
    for pause in (100, 150, 200, 250, 300):
        lines = [run(PROBE, "segments", dictation.wav, pause).splitlines() for dictation in spoken]
        told = [event for events in lines for event in map(json.loads, events) if event["event"] == "paused"]
        lengths = [(event["end"] - event["start"]) / RATE for event in told]
        result[pause] = {"guesses a minute": len(told) / minutes, "seconds asked for a minute": sum(lengths) / minutes,
                         "length s": median(lengths), "p90 s": percentile(lengths, 0.9)}  # fmt: skip
    columns = ["pause ms", *result[100]]
    print(table("What guessing earlier costs", columns, [[pause, *row.values()] for pause, row in result.items()]))
    return result


def prepare(rig: Rig) -> None:
    """Build what cuts and joins as thoth does, and what compares words."""
    run("swift", "build", "--package-path", ROOT, "-c", "release", "--static-swift-stdlib", "--product", PROBE.name)
    install_normalizer(rig)


def install_normalizer(rig: Rig) -> None:
    """Install what compares words, and let it be imported."""
    place = ROOT / ".build/bench-packages"
    if not (place / "whisper_normalizer").exists():
        python = rig.folder / "data/thoth/engine/venv/bin/python"
        run(python, "-m", "pip", "install", "--quiet", "--target", place, NORMALIZER)
    sys.path += [str(place), str(ROOT / "scripts/engine")]


def run(*words: object, text: str = "") -> str:
    """Run a program on `text`; what it prints."""
    done = subprocess.run([str(word) for word in words], input=text, capture_output=True, text=True)
    if done.returncode:
        raise RigError(f"{' '.join(map(str, words))} failed: {done.stdout}{done.stderr}")
    return done.stdout


class Engine:
    """Asks a model for parts of one dictation. What was asked in another way already is not asked again."""

    def __init__(self, rig: Rig, model: str, samples: array.array) -> None:
        self.rig, self.model, self.samples = rig, model, samples
        self.answers: dict[tuple[int, int, str], tuple[str, float]] = {}
        self.outcome = Outcome()

    def ask(self, start: int, end: int, prompt: str = "") -> str:
        """The text from sample to sample, with `prompt` as the text before; its time goes to `outcome`."""
        if (start, end, prompt) not in self.answers:
            fields = {"model": self.model, "language": "en", **({"prompt": prompt} if prompt else {})}
            wav = write(self.rig.folder / "part.wav", self.samples[start:end]).read_bytes()
            self.answers[start, end, prompt] = ask(self.rig.engine_socket, wav, fields)
        text, took = self.answers[start, end, prompt]
        self.outcome.times.append(took)
        return text


def transcribe(rig: Rig, model: str, spoken: list[Dictation]) -> dict[str, Outcome]:
    """Send every dictation in each way, and count the errors."""
    ways = {"whole": whole, "segments": segments, "guesses": guesses}
    outcomes = {way: Outcome() for way in ways}
    for dictation in spoken:
        engine, events = Engine(rig, model, read(dictation.wav)), events_of(dictation.wav)
        for way, send in ways.items():
            engine.outcome = outcomes[way]
            count(outcomes[way], dictation, send(engine, events))
    return outcomes


def whole(engine: Engine, events: list[dict]) -> str:
    """The text of a dictation in one request."""
    return engine.ask(0, len(engine.samples))


def segments(engine: Engine, events: list[dict]) -> str:
    """The text of a dictation in segments, each with the end of the text before it."""
    done: list[dict] = []
    for event in with_last(events):
        if event["event"] in ("cut", "end"):
            done.append(segment(event, engine.ask(event["start"], event["end"], prompt(done))))
    return stitched(done)


def guesses(engine: Engine, events: list[dict]) -> str:
    """The text of a dictation by what is guessed in its pauses."""
    done: list[dict] = []
    heard, place = "", None
    for event in with_last(events):
        if event["event"] == "resumed":
            continue
        if place != (event["start"], event["end"]):
            heard = engine.ask(event["start"], event["end"], prompt(done))
            place = event["start"], event["end"]
        if event["event"] != "paused":
            done.append(segment(event, heard))
            place = None
    return stitched(done)


def with_last(events: list[dict]) -> list[dict]:
    """The events, with the last pause as the end when nothing was said after it."""
    *before, end = events
    if "start" in end:
        return events
    told = next((event for event in reversed(before) if event["event"] in ("paused", "cut")), None)
    return before + [{**told, "event": "end"}] if told and told["event"] == "paused" else before


def events_of(wav: Path) -> list[dict]:
    """What thoth's segmenter tells of a recording."""
    return [json.loads(line) for line in run(PROBE, "segments", wav).splitlines()]


def stitched(done: list[dict]) -> str:
    """The texts of segments joined as thoth joins them."""
    return run(PROBE, "stitch", text=json.dumps(done)).rstrip("\n") if done else ""


def segment(event: dict, text: str) -> dict:
    """A segment as the probe takes it."""
    return {"text": text, "pause_before": event["pause_before"]}


def prompt(done: list[dict]) -> str:
    """The end of the text so far, in whole words, and as a whole sentence."""
    text = stitched(done)
    end = text if len(text) <= CONTEXT else text[-CONTEXT:].partition(" ")[2]
    return end if not end or end[-1] in ".?!…" else end.rstrip(",;:-– ") + "."


def count(outcome: Outcome, dictation: Dictation, text: str) -> None:
    """Add the errors of `text` to those of the parts' sources."""
    from scoring import comparable, errors_of_parts  # installed by `prepare`

    parts = [comparable(part.reference) for part in dictation.parts]
    for part, words, wrong in zip(dictation.parts, parts, errors_of_parts(parts, comparable(text))):
        entry = outcome.errors[part.source]
        entry[0] += wrong
        entry[1] += len(words)


def figures(outcome: Outcome, reference: Outcome, minutes: float) -> dict:
    """The figures of a way, beside those of `reference`."""
    low, high = interval(reference, outcome)
    return {
        "word_error_rate": outcome.rate,
        "difference": outcome.rate - reference.rate,
        "difference_95": [low, high],
        "words": sum(words for _, words in outcome.errors.values()),
        "requests_per_minute": len(outcome.times) / minutes,
        "engine_s_per_minute": sum(outcome.times) / 1000 / minutes,
        "request_ms": median(outcome.times),
        "request_p95_ms": percentile(outcome.times, 0.95),
        "errors_and_words": dict(outcome.errors),
    }


def interval(reference: Outcome, other: Outcome) -> tuple[float, float]:
    """The 95 % interval of the difference of two word error rates in points.

    A paired bootstrap (Bisani and Ney, 2004): sources are drawn with replacement, with all that was said of each.
    """
    chance = random.Random(1)
    entries = [(other.errors[source][0] - wrong, words) for source, (wrong, words) in reference.errors.items()]
    differences = []
    for _ in range(RESAMPLINGS):
        more, words = map(sum, zip(*chance.choices(entries, k=len(entries))))
        differences.append(100 * more / max(words, 1))
    return percentile(differences, 0.025), percentile(differences, 0.975)


def row(model: str, way: str, entry: dict) -> list[object]:
    """A row of the table."""
    low, high = entry["difference_95"]
    compared = ["", ""] if way == "whole" else [f"{entry['difference']:+.2f}", f"{low:+.2f} to {high:+.2f}"]
    rest = ("requests_per_minute", "engine_s_per_minute", "request_ms", "request_p95_ms")
    return [model, way, entry["word_error_rate"], *compared, *(entry[name] for name in rest)]
