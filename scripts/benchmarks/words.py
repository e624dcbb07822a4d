"""What is inserted against what was said: the engine alone, and thoth with the same engine and the same sound.

The engine alone gets each recording whole. thoth hears it from a microphone that plays it, cuts it, guesses, joins it,
guards it and filters it as it does for a person. In recordings without speech nothing is right but nothing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path

import accuracy
import sounds
from dictations import manifest
from engine import ask, models
from figures import table
from rig import Events, Rig, RigError, until

# Groups by how the names of their recordings begin.
GROUPS = {"cmd_": "commands", "utt_": "sentences", "long_": "long", "cont_": "long", "ml_": "languages", "none_": "no speech"}
ENGLISH_ONLY = ("moonshine", ".en")  # models that know no other language have this in their name
QUIET = 1.0  # s between the end of a recording and the stop


@dataclass
class Answer:
    """What came of one recording."""

    name: str
    group: str
    words: int
    engine: str  # its text alone
    thoth: str
    engine_errors: int
    thoth_errors: int
    dropped: list[str]  # by the guard
    language: str | None


def measure(rig: Rig, speed: float = 1, wanted: list[str] | None = None) -> dict:
    """Dictate every recording to every installed model, or those `wanted`, `speed` times as fast as it was spoken."""
    accuracy.install_normalizer(rig)
    known = manifest()
    for path, _ in known:
        rig.start_paced(path.stem, path, speed=speed, patient=1)
    rig.start_lasting_engine()
    settings = Path(rig.environment["XDG_CONFIG_HOME"], "thoth/config.toml").read_text()
    result = {}
    for model in wanted or models(rig.engine_socket):
        rig.stop_daemon()
        rig.write_settings(f'{settings}model = "{model}"\n[output]\nmethod = "none"\n')
        events = Events(rig)
        result[model] = [
            hear(rig, events, model, path, reference, speed)
            for path, reference in known
            if group_of(path) != "languages" or not any(part in model for part in ENGLISH_ONLY)
        ]
        events.close()
        print(f"  {model}: {len(result[model])} recordings", flush=True)
    print(table(f"What was said and what was written, {speed:g} times as fast as in life", COLUMNS,
                [row for model, answers in result.items() for row in rows(model, answers)]))  # fmt: skip
    print(table("Recordings without speech", ["model", "recordings", "words of the engine alone", "words of thoth"],
                [silent_row(model, answers) for model, answers in result.items()]))  # fmt: skip
    return {model: [asdict(answer) for answer in answers] for model, answers in result.items()}


def group_of(path: Path) -> str:
    """The group of a recording."""
    return next((group for beginning, group in GROUPS.items() if path.name.startswith(beginning)), "others")


def hear(rig: Rig, events: Events, model: str, path: Path, reference: str, speed: float) -> Answer:
    """Ask the engine for a recording, and dictate it."""
    alone, _ = ask(rig.engine_socket, path.read_bytes(), {"model": model})
    job = rig.thoth("record", "--device", path.stem, check=True).stdout.strip()
    length = len(sounds.read(path)) / sounds.RATE + QUIET
    spool = rig.spool / f"{job}.wav"
    until(lambda: not spool.exists() or spool.stat().st_size >= 44 + 2 * length * sounds.RATE, 60 + 4 * length,
          f"{path.name} was not recorded", step=0.05)  # fmt: skip
    rig.thoth("stop", "--wait")
    end = events.wait(job, "end")["state"]
    if end not in ("completed", "discarded"):
        raise RigError(f"{path.name} with {model} is {end}")
    result = events.wait(job, "result") if end == "completed" else {}
    told = [event for event in events.list if event.get("job") == job and event["type"] == "guard"]
    expected, text = comparable(path, reference), result.get("text", "")
    return Answer(
        name=path.stem,
        group=group_of(path),
        words=len(expected),
        engine=alone,
        thoth=text,
        engine_errors=distance(expected, comparable(path, alone)),
        thoth_errors=distance(expected, comparable(path, text)),
        dropped=[event["text"] for event in told],
        language=result.get("language"),
    )


def comparable(path: Path, text: str) -> list[str]:
    """The words of a text as they are compared. English has spellings that are as good as each other."""
    import scoring  # installed by `install_normalizer`
    from whisper_normalizer.basic import BasicTextNormalizer

    return BasicTextNormalizer()(text).split() if group_of(path) == "languages" else scoring.comparable(text)


def distance(expected: list[str], heard: list[str]) -> int:
    """The word errors of a text."""
    import scoring

    return scoring.distance(expected, heard) if expected else len(heard)


COLUMNS = ["model", "group", "recordings", "words", "engine: word errors %", "thoth: word errors %",
           "engine: all words right %", "thoth: all words right %", "left out by the guard"]  # fmt: skip


def rows(model: str, answers: list[Answer]) -> list[list[object]]:
    """A row for each group with speech, and one for all."""
    groups = defaultdict(list)
    for answer in answers:
        if answer.words:
            groups[answer.group].append(answer)
            groups["all"].append(answer)
    return [row(model, group, groups[group]) for group in [*dict.fromkeys(GROUPS.values()), "others", "all"] if groups[group]]


def row(model: str, group: str, answers: list[Answer]) -> list[object]:
    """The figures of a group."""
    words = sum(answer.words for answer in answers)
    errors = [sum(getattr(answer, name) for answer in answers) for name in ("engine_errors", "thoth_errors")]
    right = [sum(not getattr(answer, name) for answer in answers) for name in ("engine_errors", "thoth_errors")]
    return [model, group, len(answers), words, *(100 * wrong / words for wrong in errors),
            *(100 * count / len(answers) for count in right), sum(len(answer.dropped) for answer in answers)]  # fmt: skip


def silent_row(model: str, answers: list[Answer]) -> list[object]:
    """What was written where nobody speaks."""
    silent = [answer for answer in answers if not answer.words]
    return [model, len(silent), *(sum(len(getattr(answer, name).split()) for answer in silent) for name in ("engine", "thoth"))]
