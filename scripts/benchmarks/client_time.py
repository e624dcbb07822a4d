"""The client: whole-process time and peak memory of `thoth status`, against C programs that do the same."""

from __future__ import annotations

from pathlib import Path

from figures import median, percentile, table
from rig import Rig

HERE = Path(__file__).parent


def compile_program(rig: Rig, name: str, *flags: str) -> Path:
    """Compile a C program of this folder."""
    program = rig.folder / "-".join([name, *flags])
    rig.run("gcc", "-O2", "-Wall", "-Werror", *flags, HERE / f"{name}.c", "-o", program)
    return program


def request_line(rig: Rig) -> str:
    """What `thoth status` sends."""
    variables = sorted((name, value) for name, value in rig.environment.items() if name == "DISPLAY")
    return "\t".join(["thoth1", "cstatus", *(f"e{name}={value}" for name, value in variables)]) + "\n"


def measure(rig: Rig, rounds: int = 300) -> dict:
    """Run them in turn against the same warm daemon."""
    rig.status()
    asks = [f"{rig.folder}/run/thoth/control.sock", request_line(rig)]
    commands = {
        "thoth status": [rig.programs / "thoth", "status"],
        "C, dynamic (gcc -O2)": [compile_program(rig, "client"), *asks],
        "C, static (gcc -O2 -static)": [compile_program(rig, "client", "-static"), *asks],
    }
    words: list[object] = [compile_program(rig, "alternate", "-static"), rounds]
    for number, command in enumerate(commands.values()):
        words += ["--", *command] if number else command
    lines = [list(map(int, line.split())) for line in rig.run(*words).stdout.splitlines()]
    assert all(not code for line in lines for code in line[2::3]), "a client failed"

    result = {}
    for number, name in enumerate(commands):
        times = [line[3 * number] / 1e6 for line in lines]
        peak = max(line[3 * number + 1] for line in lines) / 1000
        result[name] = {"median_ms": median(times), "p95_ms": percentile(times, 0.95), "peak_rss_mb": peak}
    base = result["C, dynamic (gcc -O2)"]
    rows = [
        [name, row["median_ms"], row["p95_ms"], row["median_ms"] / base["median_ms"], row["peak_rss_mb"]]
        for name, row in result.items()
    ]
    title = f"Client: whole process, {rounds} runs in turn, warm daemon"
    print(table(title, ["program", "median ms", "p95 ms", "ratio to C", "peak RSS MB"], rows))
    return {"rounds": rounds, **result}
