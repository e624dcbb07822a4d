"""Where the decoder is sent on, and what it says twice."""

from __future__ import annotations

import sys
import unittest
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts/engine"))

from whisper import TrimmingWhisper, is_echo, timestamp, without_echoes

BEGIN = 50_364  # the token of time 0; each of the next stands for 20 ms more
TOKENIZER = SimpleNamespace(timestamp_begin=BEGIN)


def at(seconds: float) -> int:
    """The token of a time."""
    return BEGIN + round(seconds / 0.02)


class Windows(unittest.TestCase):
    """A window of so many seconds, what the decoder said, and where the next window begins."""

    def split(self, seconds: float, tokens: list[int], seek: int = 0) -> tuple[list[dict], int, set[int]]:
        model = TrimmingWhisper.__new__(TrimmingWhisper)
        model.resumed, model.time_precision, model.input_stride = set(), 0.02, 2
        segments, begins, _ = model._split_segments_by_timestamps(TOKENIZER, tokens, seek / 100, round(seconds * 100), seconds, seek)
        return segments, begins, model.resumed

    def next_window(self, seconds: float, tokens: list[int], seek: int = 0) -> tuple[int, set[int]]:
        return self.split(seconds, tokens, seek)[1:]

    def test_a_decoder_that_stops_early_is_sent_on(self) -> None:
        self.assertEqual(self.next_window(13, [at(0), 1, 2, at(3.6)]), (360, {360}))
        self.assertEqual(self.next_window(13, [at(0), 1, 2, at(3.6)], seek=3000), (3360, {3360}))

    def test_silence_at_the_end_is_not_asked_for(self) -> None:
        self.assertEqual(self.next_window(5, [at(0), 1, 2, at(3.6)]), (500, set()))

    def test_a_rest_without_room_for_a_word_is_left_out(self) -> None:
        self.assertEqual(self.next_window(14.3, [at(0), 1, at(11), at(11), 2, at(13.5), at(13.5)]), (1430, set()))

    def test_a_decoder_that_goes_no_further_is_not_sent_on_for_ever(self) -> None:
        self.assertEqual(self.next_window(13, [at(0), 1, at(0.5)]), (1300, set()))
        self.assertEqual(self.next_window(13, [at(0), 1, 2]), (1300, set()))
        self.assertEqual(self.next_window(13, []), (1300, set()))

    def test_what_is_said_to_begin_behind_the_end_is_left_out(self) -> None:
        twice = [at(0), 1, at(3), at(3), 2, at(10), at(15), 1, at(18), at(18), 2, at(25)]
        for seek in (0, 3000):
            segments, begins, _ = self.split(10.1, twice, seek)
            times = [(part["start"] - seek / 100, part["end"] - seek / 100) for part in segments]
            self.assertEqual([tuple(round(time, 2) for time in pair) for pair in times], [(0, 3), (3, 10)])
            self.assertEqual(begins, seek + 1010)

    def test_times(self) -> None:
        self.assertEqual(timestamp([at(0), 1, at(3.6)], TOKENIZER), 360)
        self.assertIsNone(timestamp([at(0), 1], TOKENIZER))
        self.assertIsNone(timestamp([], TOKENIZER))


class Echoes(unittest.TestCase):
    """Segments as (text, frame of their window), and the texts that are left."""

    def left(self, parts: list[tuple[str, int]], resumed: set[int]) -> list[str]:
        found = [SimpleNamespace(text=text, seek=seek) for text, seek in parts]
        return [part.text for part in without_echoes(found, resumed)]

    def test_what_is_said_again_after_being_sent_on_is_dropped(self) -> None:
        parts = [("Sunday.", 0), ("He was not an ill-sposed young man.", 0), ("He was not an old supposed young man.", 800)]
        self.assertEqual(self.left(parts, {800}), [text for text, _ in parts[:2]])

    def test_what_goes_on_stays(self) -> None:
        parts = [("Seven of hearts.", 0), ("As you know, I have given you proof.", 360)]
        self.assertEqual(self.left(parts, {360}), [text for text, _ in parts])

    def test_people_may_say_a_thing_twice(self) -> None:
        parts = [("Try again.", 0), ("Try again.", 0), ("Try again.", 3000)]
        self.assertEqual(self.left(parts, set()), ["Try again."] * 3)

    def test_likeness(self) -> None:
        self.assertTrue(is_echo("Will there be any harm?", "Will there be any harm in it?"))
        self.assertFalse(is_echo("He went home.", "Will there be any harm in it?"))
