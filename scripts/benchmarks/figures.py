"""Medians, tables, and what the machine is."""

from __future__ import annotations

import math
import os
import statistics
from pathlib import Path
from typing import Iterable


def median(values: Iterable[float]) -> float:
    """The median."""
    return statistics.median(values)


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest value that `share` (0–1) of the values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def table(title: str, columns: list[str], rows: list[list[object]]) -> str:
    """A table in Markdown, aligned so that it can be read in a terminal too."""
    cells = [columns, *([shown(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(columns))]
    lines = ["| " + " | ".join(f"{cell:{width}}" for cell, width in zip(row, widths)) + " |" for row in cells]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return f"\n### {title}\n\n" + "\n".join(lines)


def shown(value: object) -> str:
    """A figure with three digits that count."""
    if not isinstance(value, float):
        return str(value)
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:.{digits}f}"


def machine() -> dict[str, object]:
    """What this machine is, and how busy it was; nothing that tells whose it is."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown")
    total = int(Path("/proc/meminfo").read_text().split()[1]) / 2**20
    release = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line)
    return {
        "cores": os.cpu_count(),
        "cpu": model,
        "memory_gib": round(total, 1),
        "kernel": os.uname().release,
        "system": release.get("PRETTY_NAME", "").strip('"'),
        "load": round(os.getloadavg()[0], 2),
    }
