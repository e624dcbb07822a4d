"""The engine as its clients see it: the real server on a Unix socket, with the real model."""

from __future__ import annotations

import os
import random
import signal
import socket
import struct
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from support import DEADLINE, TRANSCRIPTIONS, Server, engine_home, multipart, recording, repeated, until, wav

CORES = len(os.sched_getaffinity(0))
MAX_BODY = 8_000_000  # bytes


class SharedServer(unittest.TestCase):
    """Tests that can share one server."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.server = cls.enterClassContext(Server("--max-body", str(MAX_BODY)))
        assert cls.server.first_line == "ready", cls.server.first_line


class Transcription(SharedServer):
    def words(self, text: str) -> str:
        return "".join(c for c in text.lower() if c.isalnum() or c == " ").strip()

    def test_recordings_give_their_words(self) -> None:
        """Nearly all of them: the small models mishear a word of a reading now and then, and none is left out."""
        for name, words in (
            ("utt_austen0880", "he was not an illdisposed young man"),
            ("cmd_goforward", "go forward 10 meters"),
            ("utt_jfk", "and so my fellow americans ask not what your country can do for you"
             " ask what you can do for your country"),
        ):  # fmt: skip
            with self.subTest(name):
                heard = self.words(self.server.transcribe(recording(name), language="en").text)
                self.assertEqual(len(heard.split()), len(words.split()), heard)
                wrong = [pair for pair in zip(heard.split(), words.split()) if pair[0] != pair[1]]
                self.assertLessEqual(len(wrong), 1, wrong)

    def test_same_recording_gives_same_text(self) -> None:
        texts = {self.server.transcribe(recording("utt_jfk")).text for _ in range(3)}
        self.assertEqual(len(texts), 1)

    def test_json_is_the_default(self) -> None:
        answer = self.server.transcribe(recording("cmd_goforward"))
        self.assertEqual((answer.status, list(answer.json())), (200, ["text"]))

    def test_text(self) -> None:
        answer = self.server.transcribe(recording("cmd_goforward"), response_format="text")
        self.assertIn("text/plain", answer.headers["Content-Type"])
        self.assertEqual(self.words(answer.body.decode()), "go forward 10 meters")

    def test_verbose_json_has_language_and_segments_in_the_recordings_time(self) -> None:
        silence = bytes(2 * 16_000 * 3)
        audio = wav(silence + recording("utt_jfk")[44:] + silence + silence + recording("utt_jfk")[44:])
        answer = self.server.transcribe(audio, response_format="verbose_json").json()
        self.assertEqual((answer["task"], answer["language"]), ("transcribe", "en"))
        self.assertAlmostEqual(answer["duration"], 31.0, places=2)
        segments = answer["segments"]
        self.assertEqual("".join(part["text"] for part in segments).strip(), answer["text"])
        self.assertTrue(all(part["start"] < part["end"] <= 31.1 for part in segments), segments)
        self.assertGreater(segments[0]["start"], 2.0)
        self.assertFalse([part for part in segments if 15 < part["start"] < 19], "a segment begins in the silence")
        self.assertTrue([part for part in segments if part["start"] > 19], "the second reading has no segment")

    def test_words_have_times_when_they_are_asked_for(self) -> None:
        audio = wav(bytes(2 * 16_000 * 3) + recording("utt_jfk")[44:])
        plain = self.server.transcribe(audio, language="en", response_format="verbose_json").json()
        self.assertNotIn("words", plain)
        words_only = {"response_format": "verbose_json", "timestamp_granularities[]": "word"}
        with_words = self.server.transcribe(audio, language="en", **words_only).json()
        self.assertNotIn("segments", with_words)
        self.assertEqual(with_words["text"], plain["text"])
        words = with_words["words"]
        self.assertEqual({tuple(word) for word in words}, {("word", "start", "end")})
        self.assertEqual(" ".join(word["word"] for word in words), plain["text"])
        times = [time for word in words for time in (word["start"], word["end"])]
        self.assertEqual(times, sorted(times))
        self.assertGreater(times[0], 2.0)
        self.assertLess(times[-1], 14.1)

    def test_words_of_silence_are_none(self) -> None:
        answer = self.server.transcribe(
            wav(bytes(64_000)), response_format="verbose_json", **{"timestamp_granularities[]": "word"}
        )
        self.assertEqual(answer.json()["words"], [])

    def test_language_is_kept(self) -> None:
        for given, used in (("en", "en"), ("en-GB", "en"), ("DE", "de"), ("jv", "jw")):
            answer = self.server.transcribe(recording("cmd_goforward"), language=given, response_format="verbose_json")
            self.assertEqual(answer.json()["language"], used)

    def test_a_prompt_reaches_the_model(self) -> None:
        # What a prompt does to one recording differs between processors; that it does nothing to any is a defect.
        prompts = ("GO BACK TWO METRES. GO LEFT FIVE METRES.", "ASK NOT WHAT YOUR COMPUTER CAN DO.", "go\n- back\n- left")
        answers = {
            (name, prompt): self.server.transcribe(recording(name), language="en", **({"prompt": prompt} if prompt else {}))
            for name in ("cmd_goforward", "utt_jfk")
            for prompt in ("", *prompts)
        }
        self.assertEqual({answer.status for answer in answers.values()}, {200})
        changed = [key for key, answer in answers.items() if answer.text != answers[key[0], ""].text]
        self.assertNotEqual(changed, [])

    def test_temperature_is_taken(self) -> None:
        self.assertEqual(self.server.transcribe(recording("utt_jfk"), temperature="0.2").status, 200)

    def test_other_formats_than_dictations_are_decoded(self) -> None:
        frames = recording("utt_jfk")[44:]
        stereo = b"".join(frames[i : i + 2] * 2 for i in range(0, len(frames), 2))
        streamed = bytearray(recording("utt_jfk"))
        struct.pack_into("<I", streamed, 40, 0xFFFFFFFF)  # as written to a pipe, length unknown
        for name, audio in (("stereo", wav(stereo, channels=2)), ("streamed", bytes(streamed))):
            with self.subTest(name):
                self.assertIn("your country", self.server.transcribe(audio, language="en").text)

    def test_audio_without_speech_gives_empty_text(self) -> None:
        noise = random.Random(1)
        for name, frames in (
            ("nothing", b""),
            ("a sample", bytes(2)),
            ("silence", bytes(2 * 16_000 * 5)),
            ("noise", struct.pack("<80000h", *(noise.randint(-3000, 3000) for _ in range(80_000)))),
        ):
            with self.subTest(name):
                answer = self.server.transcribe(wav(frames))
                self.assertEqual((answer.status, answer.json()), (200, {"text": ""}))
        self.assertEqual(self.server.transcribe(wav(b""), response_format="text").body, b"")

    def test_timings_are_told(self) -> None:
        timing = self.server.transcribe(recording("cmd_goforward")).headers["Server-Timing"]
        names = [part.split(";dur=")[0].strip() for part in timing.split(",")]
        self.assertEqual(names, ["parse", "queue", "decode", "infer"])
        self.assertGreater(float(timing.rpartition("=")[2]), 1.0)


class Models(SharedServer):
    def test_list_has_the_installed_ones(self) -> None:
        listed = {model["id"] for model in self.server.request("GET", "/v1/models").json()["data"]}
        there = {path.name for path in (engine_home() / "models").iterdir()} - {"default"}
        self.assertEqual(listed, there)

    def test_names_of_the_served_model(self) -> None:
        served = self.server.health()["model"]
        for name in ("", "default", "whisper-1", served):
            self.assertEqual(self.server.transcribe(wav(bytes(3200)), model=name).status, 200, name)

    def test_another_installed_model_is_used(self) -> None:
        if not (engine_home() / "models/tiny.en").is_dir():
            self.skipTest("tiny.en is not installed")
        answer = self.server.transcribe(
            recording("utt_jfk"), model="tiny.en", language="de", response_format="verbose_json"
        ).json()
        self.assertEqual(answer["language"], "en")  # it knows no other
        self.assertIn("your country", answer["text"])

    def test_unknown_model(self) -> None:
        for name in ("large-v9", "../models/base", "."):
            answer = self.server.transcribe(recording("cmd_goforward"), model=name)
            self.assertEqual((answer.status, answer.error["code"]), (404, "model_not_found"), name)


class BadRequests(SharedServer):
    def test_each_gets_a_sentence_and_the_field(self) -> None:
        good, times = recording("cmd_goforward"), "timestamp_granularities[]"
        for fields, param in (
            ({"model": "default"}, "file"),
            ({"file": "not a file"}, "file"),
            ({"file": b""}, "file"),
            ({"file": b"RIFF nonsense " * 99}, "file"),
            ({"file": good[:30]}, "file"),
            ({"file": good, "response_format": "srt"}, "response_format"),
            ({"file": good, "language": "klingon"}, "language"),
            ({"file": good, "temperature": "warm"}, "temperature"),
            ({"file": good, "temperature": "1.5"}, "temperature"),
            ({"file": good, "temperature": "nan"}, "temperature"),
            ({"file": good, "response_format": "verbose_json", times: "sentence"}, times),
            ({"file": good, "response_format": "json", times: "word"}, times),
        ):
            with self.subTest({name: value if isinstance(value, str) else "…" for name, value in fields.items()}):
                answer = self.server.request("POST", TRANSCRIPTIONS, *multipart(fields))
                self.assertEqual(answer.status, 400)
                self.assertEqual(set(answer.error), {"message", "type", "param", "code"})
                self.assertEqual((answer.error["type"], answer.error["param"]), ("invalid_request_error", param))
                self.assertTrue(answer.error["message"].endswith("."))

    def test_bodies_that_are_no_form(self) -> None:
        for kind in ("application/json", "multipart/form-data", "multipart/form-data; boundary=x"):
            answer = self.server.request("POST", TRANSCRIPTIONS, b"{}", {"Content-Type": kind})
            self.assertEqual((answer.status, answer.error["type"]), (400, "invalid_request_error"), kind)

    def test_unknown_path_and_method(self) -> None:
        self.assertIn("/v1/nothing", self.server.request("GET", "/v1/nothing").error["message"])
        self.assertEqual(self.server.request("GET", TRANSCRIPTIONS).status, 405)

    def test_too_large_with_its_length_told(self) -> None:
        answer = self.server.transcribe(wav(bytes(MAX_BODY)))
        self.assertEqual((answer.status, answer.error["code"]), (413, "request_too_large"))

    def test_too_large_while_streaming(self) -> None:
        body, headers = multipart({"file": wav(bytes(MAX_BODY)), "model": "default"})
        chunks = (body[i : i + 65_536] for i in range(0, len(body), 65_536))
        answer = self.server.request("POST", TRANSCRIPTIONS, chunks, headers)  # chunked
        self.assertEqual((answer.status, answer.error["code"]), (413, "request_too_large"))


class Load(unittest.TestCase):
    """Each with a server of its own, since they count its work."""

    def setUp(self) -> None:
        self.server = self.enterContext(Server())
        self.assertEqual(self.server.first_line, "ready")

    def test_health_answers_while_inference_runs(self) -> None:
        with ThreadPoolExecutor(2 * CORES) as clients:
            answers = [clients.submit(self.server.transcribe, repeated("utt_jfk", 3)) for _ in range(2 * CORES)]
            until(lambda: self.server.health()["running"] == CORES, "work on every core")
            seen = [self.server.health() for _ in range(20)]
            self.assertFalse(any(answer.done() for answer in answers), "health waited for a transcription")
            self.assertTrue(all(health["status"] == "ok" and health["running"] <= CORES for health in seen), seen)
            self.assertEqual({answer.result().status for answer in answers}, {200})
        self.assertEqual(self.server.health()["finished"], 2 * CORES)

    def test_parallel_requests_get_their_own_texts(self) -> None:
        names = ["utt_jfk", "cmd_goforward", "utt_austen0880"] * 3
        alone = {name: self.server.transcribe(recording(name)).text for name in set(names)}
        with ThreadPoolExecutor(len(names)) as clients:
            texts = list(clients.map(lambda name: self.server.transcribe(recording(name)).text, names))
        self.assertEqual(texts, [alone[name] for name in names])

    def test_client_that_leaves_the_queue_costs_no_inference(self) -> None:
        with ThreadPoolExecutor(CORES) as clients:
            busy = [clients.submit(self.server.transcribe, repeated("utt_jfk", 3)) for _ in range(CORES)]
            until(lambda: self.server.health()["running"] == CORES, "work on every core")
            leaving = [self.server.start_and_leave_open(recording("utt_jfk")) for _ in range(3)]
            until(lambda: self.server.health()["waiting"] == 3, "the queue")
            for connection in leaving:
                connection.close()
            self.assertEqual({answer.result().status for answer in busy}, {200})
        until(lambda: self.server.health()["waiting"] == 0, "the queue's end")
        self.assertEqual(self.server.transcribe(recording("cmd_goforward")).status, 200)
        self.assertEqual(self.server.health()["finished"], CORES + 1)

    def test_client_that_leaves_stops_a_long_inference(self) -> None:
        connection = self.server.start_and_leave_open(repeated("utt_jfk", 40))
        until(lambda: self.server.health()["running"] == 1, "the work")
        connection.close()
        until(lambda: self.server.health()["running"] == 0, "the place to be free")
        until(lambda: self.server.health()["abandoned"] == 0, "the end of the work")
        self.assertEqual(self.server.health()["finished"], 0)

    def test_client_that_leaves_makes_place_for_another(self) -> None:
        leaving = [self.server.start_and_leave_open(repeated("utt_jfk", 40)) for _ in range(CORES)]
        until(lambda: self.server.health()["running"] == CORES, "work on every core")
        with ThreadPoolExecutor(1) as clients:
            answer = clients.submit(self.server.transcribe, recording("cmd_goforward"))
            until(lambda: self.server.health()["waiting"] == 1, "the queue")
            for connection in leaving:
                connection.close()
            self.assertEqual(answer.result().status, 200)
        until(lambda: self.server.health()["abandoned"] == 0, "the end of the work")
        self.assertEqual(self.server.health()["finished"], 1)

    def test_log_is_silent_about_what_was_said(self) -> None:
        self.server.transcribe(recording("utt_jfk"))
        self.server.transcribe(b"no audio")
        self.assertEqual(self.server.logged(), "")


class LifeAndDeath(unittest.TestCase):
    def busy_server(self) -> Server:
        server = self.enterContext(Server())
        connection = server.start_and_leave_open(repeated("utt_jfk", 40))
        self.addCleanup(connection.close)
        until(lambda: server.health()["running"] == 1, "the work")
        return server

    def test_end_of_the_lifeline_ends_a_busy_engine(self) -> None:
        server = self.busy_server()
        server.cut_lifeline()
        self.assertEqual(server.process.wait(DEADLINE), 0)
        self.assertFalse(server.uds.exists())

    def test_signals_end_a_busy_engine(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            server = self.busy_server()
            server.process.send_signal(number)
            self.assertEqual(server.process.wait(DEADLINE), 0)
            self.assertFalse(server.uds.exists())

    def test_socket_is_the_users_alone(self) -> None:
        server = self.enterContext(Server())
        self.assertEqual(server.uds.stat().st_mode & 0o777, 0o700)

    def test_stale_socket_is_replaced(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "engine.sock"
            with socket.socket(socket.AF_UNIX) as stale:
                stale.bind(str(path))
            server = self.enterContext(Server(uds=path))
            self.assertEqual((server.first_line, server.health()["status"]), ("ready", "ok"))

    def test_second_engine_leaves_the_first_alone(self) -> None:
        first = self.enterContext(Server())
        second = self.enterContext(Server(uds=first.uds))
        self.assertRegex(second.first_line, "^error: An engine listens on .* already")
        self.assertEqual(second.process.wait(DEADLINE), 2)
        self.assertEqual(first.health()["status"], "ok")

    def test_missing_model_is_told(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            server = self.enterContext(Server(models=Path(folder)))
            self.assertRegex(server.first_line, "^error: .*not installed.*thoth engine install")
            self.assertEqual(server.process.wait(DEADLINE), 6)
            self.assertFalse(server.uds.exists())

    def test_damaged_model_is_told(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            model = Path(folder) / "broken"
            model.mkdir()
            (model / "model.bin").write_bytes(b"nonsense")
            server = self.enterContext(Server("--model", "broken", models=Path(folder)))
            self.assertRegex(server.first_line, "^error: The model broken cannot be loaded")
            self.assertEqual(server.process.wait(DEADLINE), 6)

    def test_only_loopback_is_listened_on(self) -> None:
        for host in ("0.0.0.0", "192.0.2.1", "example"):
            server = self.enterContext(Server("--port", "0", "--host", host))
            self.assertRegex(server.first_line, "^error: .*loopback only")
            self.assertEqual(server.process.wait(DEADLINE), 2)


if __name__ == "__main__":
    unittest.main()
