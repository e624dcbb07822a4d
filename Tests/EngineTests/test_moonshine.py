"""The second back end, Moonshine, as its clients see it: the real server with the real library and model."""

from __future__ import annotations

import random
import struct
import sys
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from support import DEADLINE, SCRIPTS, Server, engine_home, recording, repeated, wav

sys.path.insert(0, str(SCRIPTS))
from audio import decode
from backend import speech_in

MODEL = "moonshine-tiny-en"
WEIGHTS = "decoder_model_merged.ort"


def words(text: str) -> list[str]:
    """The words alone."""
    return "".join(c for c in text.lower() if c.isalnum() or c == " ").split()


class Moonshine(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        if not (engine_home() / "models" / MODEL).is_dir():
            raise unittest.SkipTest(f"{MODEL} is not installed")
        cls.server = cls.enterClassContext(Server("--model", MODEL))
        assert cls.server.first_line == "ready", cls.server.first_line

    def test_it_is_the_model_that_is_served(self) -> None:
        self.assertEqual(self.server.health()["model"], MODEL)

    def test_recordings_give_their_words(self) -> None:
        for name, said in (
            ("cmd_goforward", "go forward ten meters"),
            ("utt_jfk", "and so my fellow americans ask not what your country can do for you"
             " ask what you can do for your country"),
        ):  # fmt: skip
            with self.subTest(name):
                heard = words(self.server.transcribe(recording(name)).text)
                self.assertEqual(len(heard), len(said.split()), heard)
                wrong = [pair for pair in zip(heard, said.split()) if pair[0] != pair[1]]
                self.assertLessEqual(len(wrong), 1, wrong)

    def test_long_speech_is_transcribed_in_parts_and_whole(self) -> None:
        answer = self.server.transcribe(repeated("utt_jfk", 6), response_format="verbose_json").json()
        self.assertEqual(words(answer["text"]).count("fellow"), 6, answer["text"])
        segments = answer["segments"]
        self.assertGreater(len(segments), 3)
        self.assertTrue(all(0 < part["end"] - part["start"] <= 15.9 for part in segments), segments)
        self.assertEqual("".join(part["text"] for part in segments).strip(), answer["text"])

    def test_verbose_json_has_segments_in_the_recordings_time_and_no_words(self) -> None:
        audio = wav(bytes(2 * 16_000 * 3) + recording("utt_jfk")[44:])
        answer = self.server.transcribe(
            audio, response_format="verbose_json", **{"timestamp_granularities[]": "word"}
        ).json()
        self.assertNotIn("words", answer)
        answer = self.server.transcribe(audio, response_format="verbose_json").json()
        self.assertEqual((answer["language"], answer["duration"]), ("en", 14.0))
        self.assertGreater(answer["segments"][0]["start"], 2.0)
        self.assertLessEqual(answer["segments"][-1]["end"], 14.0)

    def test_what_ends_with_its_last_word_ends_there(self) -> None:
        audio = wav(recording("utt_jfk")[44 : 44 + 2 * 16_000 * 10])
        answer = self.server.transcribe(audio, response_format="verbose_json").json()
        self.assertEqual(answer["duration"], 10.0)
        self.assertEqual(answer["segments"][-1]["end"], 10.0)

    def test_audio_without_speech_gives_empty_text(self) -> None:
        noise = random.Random(1)
        for name, frames in (
            ("nothing", b""),
            ("silence", bytes(2 * 16_000 * 5)),
            ("noise", struct.pack("<80000h", *(noise.randint(-3000, 3000) for _ in range(80_000)))),
        ):
            with self.subTest(name):
                self.assertEqual(self.server.transcribe(wav(frames)).text, "")

    def test_parts_that_are_not_surely_speech_are_left_out(self) -> None:
        samples = decode(recording("cmd_goforward"))
        self.assertEqual(speech_in(samples, sure=0.9), speech_in(samples))
        word = samples[4_800:16_000]  # "go forward", less than a second of speech
        self.assertEqual((len(speech_in(word)), speech_in(word, sure=1.0)), (1, []))

    def test_a_bad_recording_is_speech_all_the_same(self) -> None:
        beginning = wav(recording("utt_jfk")[44 : 44 + 2 * 74_080])
        self.assertIn("fellow americans", self.server.transcribe(beginning).text.lower())

    def test_what_it_does_not_take_is_ignored(self) -> None:
        plain = self.server.transcribe(recording("utt_jfk")).text
        other = self.server.transcribe(recording("utt_jfk"), language="en-US", prompt="Kennedy", temperature="0.5").text
        self.assertEqual(other, plain)

    def test_another_language_is_refused(self) -> None:
        answer = self.server.transcribe(recording("cmd_goforward"), language="de")
        self.assertEqual((answer.status, answer.error["param"]), (400, "language"))
        self.assertIn("only English", answer.error["message"])

    def test_parallel_requests_get_their_own_texts(self) -> None:
        names = ["utt_jfk", "cmd_goforward", "utt_austen0880"] * 4
        alone = {name: self.server.transcribe(recording(name)).text for name in set(names)}
        with ThreadPoolExecutor(len(names)) as clients:
            texts = list(clients.map(lambda name: self.server.transcribe(recording(name)).text, names))
        self.assertEqual(texts, [alone[name] for name in names])

    def test_log_is_silent(self) -> None:
        self.server.transcribe(recording("utt_jfk"))
        self.assertEqual(self.server.logged(), "")

    def test_damaged_files_are_told(self) -> None:
        whole = engine_home() / "models" / MODEL
        for damaged in (WEIGHTS, "libmoonshine.so"):
            with self.subTest(damaged), tempfile.TemporaryDirectory() as folder:
                model = Path(folder) / "broken"
                model.mkdir()
                for file in whole.iterdir():
                    (model / file.name).symlink_to(file)
                (model / damaged).unlink()
                (model / damaged).write_bytes(b"nonsense")
                server = self.enterContext(Server("--model", "broken", models=Path(folder)))
                self.assertRegex(server.first_line, "^error: The model broken cannot be loaded")
                self.assertEqual(server.process.wait(DEADLINE), 6)


if __name__ == "__main__":
    unittest.main()
