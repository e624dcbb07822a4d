"""How well speech is told from silence and noise: thoth's detector, and others on the same recordings."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from figures import table
from rig import ROOT, RigError, engine_folder

TABLES = {
    "missed": "speech missed, % of its time",
    "words": "words of which no frame was heard, %",
    "pauses": "pauses of 300 ms and more seen within 200 ms, %",
    "false_pauses": "pauses of 200 ms seen where there is none, for 100 words",
    "outside": "let through between the words, % of that time",
}


def measure(engine: str | None) -> dict:
    """Measure on the recordings in THOTH_SPEECH, with the engine's environment."""
    speech, engine_path = os.environ.get("THOTH_SPEECH"), engine_folder(engine)
    if not speech or not any(Path(speech).glob("none_*.wav")):
        raise RigError("THOTH_SPEECH has to name a folder of recordings, those without speech as none_*.wav")
    if not engine_path:
        raise RigError("no engine is installed, which tells where the words are: `thoth engine install`")
    build = ["swift", "build", "--package-path", ROOT, "-c", "release", "--product", "vadframes"]
    if subprocess.run(build, stdout=subprocess.DEVNULL).returncode:
        raise RigError("vadframes cannot be built; why is said above")
    command = [engine_path / "venv/bin/python", Path(__file__).with_name("vad_figures.py"), speech, engine_path,
               ROOT / ".build/release/vadframes"]  # fmt: skip
    done = subprocess.run(command, stdout=subprocess.PIPE, env=os.environ | {"HF_HUB_OFFLINE": "1"})
    if done.returncode:
        raise RigError("the detectors cannot be measured; why is said above")
    result = json.loads(done.stdout)
    tell(result)
    return result


def tell(result: dict) -> None:
    """Print the tables."""
    about = result["about"]
    title = f"Detectors of speech: {about['files']} recordings, {about['seconds']:.0f} s, {about['words']} words, "
    print(f"\n### {title}{about['pauses']} pauses")
    detectors, groups = result["detectors"], result["groups"]
    for key, what in TABLES.items():
        rows = [[name, *(figures[group][key] for group in groups)] for name, figures in detectors.items()]
        print(table(what[0].upper() + what[1:], ["detector", *groups], rows))
    clean = groups[0]
    columns = ["onset median ms", "onset p95 ms", "hangover median ms", "hangover p90 ms"]
    keys = ["onset", "onset_p95", "hangover", "hangover_p90"]
    rows = [[name, *(figures[clean][key] for key in keys)] for name, figures in detectors.items()]
    print(table("How late a voice is heard, and how late its end, without noise", ["detector", *columns], rows))
    rows = [[name, *figures["none"].values(), figures["cost"]] for name, figures in detectors.items()]
    columns = ["detector", *result["none"], "CPU ms for 1 s"]
    print(table("Recordings without speech: % of the time taken for speech", columns, rows))
    print(f"\nWith speech, and taken for silence as a whole: {result['unheard']} of {result['mixtures']}")
    print(f"Without speech, and not taken for silence: {', '.join(result['heard'])}")
