"""Texts to insert, and what is to arrive of them."""

from __future__ import annotations

import re
from typing import Iterator

from windows import TERMINALS

ENGLISH = "the rain kept on until noon, and then nobody asked who had left the gate open."
LANGUAGES = [
    ENGLISH, "Hätte er größere Öfen? Ach, naïve Äußerung.", "L'été où ça s'arrête, «déjà»…", "Дождь шёл до полудня, и всё.",
    "Έβρεχε ως το μεσημέρι, λέει.", "雨は昼まで降り続いた。", "비는 정오까지 계속 내렸다.", "“Quite so,” she said — twice 🙂.",
]  # fmt: skip

# Each is a way of its own for a character to go wrong.
TEXTS = {
    "ASCII": "".join(map(chr, range(0x20, 0x7F))),
    "accents": "Ça fût à Nîmes où l’œuvre naïve de Zoë, ÀÉÎÕÜ ÅÆØ łódź žluťoučký kůň ñandú ĳsberg ßẞ İıĞğ",
    "combining": "e\u0301 a\u0302\u0323 o\u0308\u0304 n\u0303o\u0302 x\u0335\u030a q\u0307\u0323 z\u0336a\u0336",
    "Greek": "Ήταν μεσημέρι· ο άνεμος έφερνε σκόνη; ϊ ΐ ώς, Ωμέγα Σίσυφος",
    "Cyrillic": "Подъезд №5, щётка; їжак ґанок ўсё Ђурђевак Ёж, ЭЮЯ",
    "Arabic": "السَّلامُ عليكم، كيف حالك؟ ١٢٣ لا إله",
    "Hebrew": "שָׁלוֹם עולם, מה נשמע? ״טוב״ — 123",
    "Devanagari": "नमस्ते दुनिया, क्षत्रिय ज्ञान श्री क्‍ष र्‍य ॐ १२३।",
    "CJK": "春眠不覺曉，處處聞啼鳥。カタカナとひらがな、漢字「東京」𠮷野家",
    "Hangul": "안녕하세요 세계, 값없이 읽다 뷁 \u1112\u1161\u11ab",
    "emoji": "ok 👩🏽‍🚀 👨‍👩‍👧‍👦 🏳️‍🌈 🇯🇵🇧🇷 ❤️ ☎︎ 1️⃣ 🫠!",
    "typographic": "“So,” ‘it’s’ – no — yes… «oui» „ja“ ‹na› 5 €, £ ¥ © ® ™ ½ × ≤ ≠ ° § 10 km",
    "lines and tabs": "first\nsecond\tcolumn\n\nlast\tone",
    "mixed": " ".join(LANGUAGES[1:]),
}
LENGTHS = {"5,000": 5_000, "50,000": 50_000}


def numbered(sentences: list[str]) -> Iterator[str]:
    """The sentences over and over, each with a number of its own: no part of the text is like another."""
    number = 0
    while True:
        number += 1
        yield f"{number} {sentences[number % len(sentences)]} "


def text_of(length: int, sentences: list[str]) -> str:
    """A text of exactly `length` characters."""
    result = ""
    for sentence in numbered(sentences):
        result += sentence
        if len(result) >= length:
            # A blank at the end would be hard to see.
            return result[: length - 1] + "."
    raise AssertionError


def named(name: str) -> str:
    """A text of the matrix. Long ones are of many languages."""
    return TEXTS[name] if name in TEXTS else text_of(LENGTHS[name], LANGUAGES)


def arriving(text: str, application: str) -> str:
    """What thoth is to put into the application: to a terminal each run of line ends and tabs is one blank."""
    return re.sub(r"[\n\t]+", " ", text) if application in TERMINALS else text


def difference(expected: str, arrived: str) -> str:
    """Where the two part, in a few words."""
    same = next((i for i, (one, other) in enumerate(zip(expected, arrived)) if one != other),
                min(len(expected), len(arrived)))  # fmt: skip
    start = max(0, same - 8)
    show = lambda text: repr(text[start : same + 16])  # noqa: E731
    return f"{len(arrived)} of {len(expected)} characters; from {start}: {show(arrived)} for {show(expected)}"
