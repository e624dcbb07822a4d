"""Rare names: how many an engine writes as they are spelt, told of them or not, and put right by the dictionary or not.

A hundred sentences, each with a name, are spoken by a synthesiser; and there are the names in the recordings of
THOTH_SPEECH. The engine is told 20 of the hundred names as thoth tells it, of which the spoken one is one. What that does
to other speech is counted in those recordings.
"""

from __future__ import annotations

import csv
import os
import random
import re
from dataclasses import dataclass
from pathlib import Path

import accuracy
import sounds
from dictations import manifest
from engine import ask, models
from figures import median, table
from rig import ROOT, Rig, install
from words import ENGLISH_ONLY, comparable, distance, group_of

SENTENCES = Path(__file__).with_name("names.tsv")  # columns name, spoken (as a synthesiser says it), sentence
VOICE = "cmu_us_slt_arctic_hts"  # of festival: of eight voices the one whose plain words are understood best
TOLD = 20  # names: what thoth tells, as EnginePrompt.swift has it
SPOKEN = {"utt_ls198": ["Allen", "Catherine", "Tilney"], "utt_austen0870": ["Dashwood"]}  # in recordings of THOTH_SPEECH
WINDOW = 30  # s: what Whisper hears at once
POLICIES = ["conservative", "phonetic"]
REPAIR = ROOT / ".build/release/textfilter"
MOST_WORDS = 5  # what an engine makes of one name


@dataclass(frozen=True)
class Sentence:
    """What is said, and the name in it."""

    name: str
    wav: Path
    before: list[str]
    after: list[str]


@dataclass(frozen=True)
class Answers:
    """What an engine wrote, and how long it took, in ms."""

    texts: list[str]
    times: list[float]


def measure(rig: Rig, wanted: list[str] | None = None) -> dict:
    """Ask every installed model, or those `wanted`."""
    install("bench")
    accuracy.run("swift", "build", "--package-path", ROOT, "-c", "release", "--static-swift-stdlib", "--product", REPAIR.name)
    accuracy.install_normalizer(rig)
    rig.start_lasting_engine()
    sentences = spoken(rig.folder / "names")
    names = [sentence.name for sentence in sentences]
    result: dict = {}
    for model in wanted or models(rig.engine_socket):
        alone = asked(rig, model, [(sentence.wav, "") for sentence in sentences])
        told = asked(rig, model, [(sentence.wav, expected(sentence.name, names)) for sentence in sentences])
        result[model] = {"sentences": {"alone": figures(rig, sentences, alone), "told": figures(rig, sentences, told)}}
        if os.environ.get("THOTH_SPEECH"):
            result[model]["recordings"] = recordings(rig, model, names)
        print(f"  {model}: done", flush=True)
    tell(result)
    return result


def spoken(folder: Path) -> list[Sentence]:
    """The sentences, as 16 kHz mono."""
    folder.mkdir(exist_ok=True)
    with SENTENCES.open() as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    result = []
    for number, row in enumerate(rows):
        raw, wav = folder / "raw.wav", folder / f"{number}.wav"
        accuracy.run("text2wave", "-eval", f"(voice_{VOICE})", "-o", raw, text=row["sentence"].format(row["spoken"]))
        accuracy.run("sox", raw, "-r", "16000", "-c", "1", "-b", "16", wav, "pad", "0.3", "0.3")
        before, after = (comparable(wav, part) for part in row["sentence"].split("{}"))
        result.append(Sentence(row["name"], wav, before, after))
    return result


def expected(name: str, names: list[str]) -> str:
    """What the engine is told: `name` among others, in any place."""
    random.seed(name)
    told = [name, *random.sample([other for other in names if other != name], TOLD - 1)]
    random.shuffle(told)
    return listed(told)


def listed(names: list[str]) -> str:
    """Names as an engine is told them."""
    return f"{', '.join(names)}."


def asked(rig: Rig, model: str, questions: list[tuple[Path, str]]) -> Answers:
    """What `model` writes for recordings, each with what it is told."""
    answers = []
    for wav, prompt in questions:
        language = wav.stem[3:5] if wav.stem.startswith("ml_") else "en"
        fields = {"model": model, "language": language, **({"prompt": prompt} if prompt else {})}
        answers.append(ask(rig.engine_socket, wav.read_bytes(), fields))
    return Answers([text for text, _ in answers], [took for _, took in answers])


def figures(rig: Rig, sentences: list[Sentence], answers: Answers) -> dict:
    """How many names are right, as the engine wrote them and put right, and errors in the words around them."""
    names = [sentence.name for sentence in sentences]
    others = [around(sentence, comparable(sentence.wav, text)) for sentence, text in zip(sentences, answers.texts)]
    texts = {"right": answers.texts, **{policy: put_right(rig, answers.texts, names, policy) for policy in POLICIES}}
    counts = {way: sum(stands(*pair) for pair in zip(names, written)) for way, written in texts.items()}
    return {**counts, "other words": sum(len(sentence.before + sentence.after) for sentence in sentences),
            "errors": sum(others), "ms": median(answers.times), "texts": answers.texts}  # fmt: skip


def stands(name: str, text: str) -> bool:
    """Whether `name` stands in `text`, with its capitals and as a whole."""
    return bool(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text))


def around(sentence: Sentence, heard: list[str]) -> int:
    """The errors in the words before and after the name, of which the engine may make several words."""
    return min(
        distance(sentence.before, heard[:start]) + distance(sentence.after, heard[end:])
        for start in range(len(heard) + 1)
        for end in range(start, min(len(heard), start + MOST_WORDS) + 1)
    )


def put_right(rig: Rig, texts: list[str], names: list[str], policy: str) -> list[str]:
    """The texts with a dictionary applied that has `names`."""
    path = rig.folder / "names.csv"
    path.write_text("".join(f"term,{name},,{policy}\n" for name in names))
    lines = "\n".join(text.replace("\n", " ") for text in texts)
    return accuracy.run(REPAIR, "dictionary", path, text=f"{lines}\n").splitlines()


def recordings(rig: Rig, model: str, names: list[str]) -> dict:
    """What being told of names does to speech that has none of them: errors, names that nobody said, words for no speech. And
    how many of the names that it has are right when they are among those told.

    Speech that is longer than an engine hears at once is left out: thoth cuts it, and tells nothing with a whole one."""
    known = [(path, said) for path, said in manifest() if not said or len(sounds.read(path)) <= WINDOW * sounds.RATE]
    if any(part in model for part in ENGLISH_ONLY):
        known = [(path, reference) for path, reference in known if group_of(path) != "languages"]
    said = {path: SPOKEN.get(path.stem, []) for path, _ in known}
    random.seed(1)
    others = random.sample([name for name in names if name not in sum(said.values(), [])], TOLD)
    result = {}
    for way in ("alone", "told"):
        prompt = listed(others) if way == "told" else ""
        texts = asked(rig, model, [(path, prompt) for path, _ in known]).texts
        pairs = [(comparable(path, reference), comparable(path, text)) for (path, reference), text in zip(known, texts)]
        own = [path for path in said if said[path]]
        prompts = [listed([*others[len(said[path]) :], *said[path]]) if way == "told" else "" for path in own]
        answers = asked(rig, model, list(zip(own, prompts))).texts
        result[way] = {
            "words": sum(len(expected) for expected, _ in pairs),
            "errors": sum(distance(expected, heard) for expected, heard in pairs if expected),
            "exact": sum(expected == heard for expected, heard in pairs if expected),
            "names put": sum(stands(name, text) for text in texts for name in others),
            "words for silence": sum(len(heard) for expected, heard in pairs if not expected),
            "own": sum(stands(name, text) for path, text in zip(own, answers) for name in said[path]),
            "texts": texts,
        }
    return result


def tell(result: dict) -> None:
    """Print the tables."""
    columns = ["model", "told", "right of 100", *(f"and put right, {policy}" for policy in POLICIES),
               "errors in other words %", "engine ms"]  # fmt: skip
    rows = [
        [model, way, entry["right"], *(entry[policy] for policy in POLICIES), 100 * entry["errors"] / entry["other words"], entry["ms"]]
        for model, told in result.items()
        for way, entry in told["sentences"].items()
    ]
    print(table(f"Rare names, spoken by festival ({VOICE})", columns, rows))
    columns = ["model", "told", "word errors %", "all words right", "names that nobody said", "words for no speech",
               f"its own names, of {sum(map(len, SPOKEN.values()))}"]  # fmt: skip
    rows = [
        [model, way, 100 * entry["errors"] / entry["words"], *(entry[key] for key in ("exact", "names put", "words for silence", "own"))]
        for model, told in result.items()
        for way, entry in told.get("recordings", {}).items()
    ]
    if rows:
        print(table("The same engines told names that nobody says", columns, rows))
