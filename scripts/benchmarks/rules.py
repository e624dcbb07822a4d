"""How long the text rules take for 100 kB of each kind of text, and sed for the simplest few of them."""

from __future__ import annotations

import subprocess
import time

from figures import median, table
from rig import ROOT, RigError

SED = [
    r"s/\b([Uu]+[hm]+|[Ee]+r+)\b,? ?//g", r"s/ +([.,!?;:])/\1/g", r"s/([,!?;])([a-z])/\1 \2/g", r"s/!!+/!/g",
    r"s/color/colour/g", r"s/twenty three/23/g", r"s/  +/ /g",
]  # fmt: skip


def measure(rounds: int) -> dict:
    """Measure, in one process each, the best of five for the rules and the median of `rounds` for sed."""
    build = ["swift", "build", "--package-path", ROOT, "-c", "release", "--product", "textfilter"]
    if subprocess.run(build, stdout=subprocess.DEVNULL).returncode:
        raise RigError("textfilter cannot be built; why is said above")
    done = subprocess.run([ROOT / ".build/release/textfilter"], stdout=subprocess.PIPE, text=True, check=True)
    figures = {name: float(value) for name, value in (line.split("\t") for line in done.stdout.splitlines())}
    prose = subprocess.run([ROOT / ".build/release/textfilter", "prose"], stdout=subprocess.PIPE, check=True).stdout
    command = ["sed", "-E", *(part for rule in SED for part in ("-e", rule))]
    figures_of_sed = []
    for _ in range(rounds):
        start = time.perf_counter()
        subprocess.run(command, input=prose, stdout=subprocess.DEVNULL, check=True)
        figures_of_sed.append((time.perf_counter() - start) * 1000)
    figures["sed, seven rules, prose"] = round(median(figures_of_sed), 1)
    print(table("Text rules, milliseconds for 100 kB with every rule on", ["text", "ms"], [list(row) for row in figures.items()]))
    return figures
