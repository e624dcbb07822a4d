"""The latency curve as a picture: SVG, both axes logarithmic."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from figures import median, percentile

if TYPE_CHECKING:
    from latency import Run

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 170, 30, 50
LENGTHS = (2.0, 400.0)  # s, the horizontal axis
COLOURS = {"thoth": "#1a7f37", "thoth, p95": "#8fce9f", "arecord + curl + xdotool": "#b35900"}


def draw(by_length: dict[float, list[Run]]) -> str:
    """Stop to the text in the window, by the length of the dictation."""
    lines = {
        "thoth": [(length, median(run.window for run in runs)) for length, runs in by_length.items()],
        "thoth, p95": [(length, percentile((run.window for run in runs), 0.95)) for length, runs in by_length.items()],
        "arecord + curl + xdotool": [
            (length, median(run.shell_window for run in runs))
            for length, runs in by_length.items()
            if runs[0].shell_window
        ],
    }
    values = [value for line in lines.values() for _, value in line]
    times = (10 ** math.floor(math.log10(min(values))), 10 ** math.ceil(math.log10(max(values))))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        *grid(list(by_length), times),
        *(piece for name, line in lines.items() for piece in curve(name, line, times)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def grid(lengths: list[float], times: tuple[float, float]) -> list[str]:
    """The axes, with their lines and names."""
    parts = []
    for exponent in range(round(math.log10(times[0])), round(math.log10(times[1])) + 1):
        y = height(10**exponent, times)
        name = f"{10**exponent:g} ms" if exponent < 3 else f"{10 ** (exponent - 3):g} s"
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.0f}" y2="{y:.0f}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.0f}" text-anchor="end">{name}</text>')
    for length in lengths:
        x = position(length)
        parts.append(f'<line x1="{x:.0f}" x2="{x:.0f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" stroke="#eee"/>')
        parts.append(f'<text x="{x:.0f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{length:g} s</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text x="{middle:.0f}" y="{HEIGHT - 10}" text-anchor="middle">length of the dictation</text>')
    parts.append(f'<text x="{LEFT - 50}" y="{TOP - 12}">from stop to the text in the window</text>')
    return parts


def curve(name: str, line: list[tuple[float, float]], times: tuple[float, float]) -> list[str]:
    """One line, its points and its name."""
    points = [(position(length), height(value, times)) for length, value in line]
    colour = COLOURS[name]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in points]
    x, y = points[-1]
    below = 18 if name.endswith("p95") else 0
    label = f'<text x="{x + 10:.0f}" y="{y + 4 + below:.0f}" fill="{colour}">{name}</text>'
    return [f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>', *dots, label]


def position(length: float) -> float:
    """Where a length is on the horizontal axis."""
    share = math.log(length / LENGTHS[0]) / math.log(LENGTHS[1] / LENGTHS[0])
    return LEFT + share * (WIDTH - RIGHT - LEFT)


def height(value: float, times: tuple[float, float]) -> float:
    """Where a time is on the vertical axis."""
    share = math.log(value / times[0]) / math.log(times[1] / times[0])
    return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)
