"""Word errors of a transcript, counted as OpenAI's figures for Whisper are. Needs whisper-normalizer."""

from __future__ import annotations

import re
from typing import Iterator

from whisper_normalizer.english import EnglishTextNormalizer

normalize = EnglishTextNormalizer()


def comparable(text: str) -> list[str]:
    """Words as Whisper's normalizer leaves them, with numbers digit by digit, since spelling those is free."""
    digits = {name: str(i) for i, name in enumerate("zero one two three four five six seven eight nine".split())}
    words = [digits.get(word, "0" if word == "oh" else word) for word in normalize(text).split()]
    return [piece for word in words for piece in (re.findall(r"\d", word) if re.fullmatch(r"[\d:]+", word) else [word])]


def alignment(expected: list[str], heard: list[str]) -> Iterator[tuple[int | None, int | None]]:
    """Pairs of indices, from the end to the beginning, that a least number of word errors goes with (Levenshtein).

    None stands for a word that was left out, or put in.
    """
    costs = [list(range(len(heard) + 1))]
    for i, word in enumerate(expected, 1):
        above, row = costs[-1], [i]
        for j, other in enumerate(heard, 1):
            row.append(min(above[j - 1] + (word != other), above[j] + 1, row[j - 1] + 1))
        costs.append(row)
    i, j = len(expected), len(heard)
    while i or j:
        if i and j and costs[i][j] == costs[i - 1][j - 1] + (expected[i - 1] != heard[j - 1]):
            i, j = i - 1, j - 1
            yield i, j
        elif i and costs[i][j] == costs[i - 1][j] + 1:
            i -= 1
            yield i, None
        else:
            j -= 1
            yield None, j


def errors_of_parts(parts: list[list[str]], heard: list[str]) -> list[int]:
    """The word errors in each part of what was said; a word put in between two parts is the former's."""
    expected = [word for part in parts for word in part]
    owners = [index for index, part in enumerate(parts) for _ in part]
    errors, owner = [0] * len(parts), len(parts) - 1
    inserted = 0
    for i, j in alignment(expected, heard):
        if i is None:
            inserted += 1
            continue
        owner = owners[i]
        errors[owner] += inserted + (j is None or expected[i] != heard[j])
        inserted = 0
    errors[owner] += inserted
    return errors


def distance(expected: list[str], heard: list[str]) -> int:
    """Substitutions, deletions and insertions between two lists of words."""
    return sum(errors_of_parts([expected], heard))
