#!/usr/bin/env python3
"""Dictate from a terminal: `dictate.py THOTH`, with THOTH the path of the client.

Does what a hotkey does (`thoth record`, `thoth stop`), and shows the state and the microphone's level meanwhile.
Enter, or a pause after speech, ends the recording; Ctrl-C cancels it. The exit code is that of `thoth record`.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable, Iterator

from terminal import Keyboard, Screen

PATIENCE = 60.0  # s without any speech after which nobody will speak any more
CANCELLED = 130


class Child:
    """A program whose output is read line by line, and which ends with the block."""

    def __init__(self, command: list[str | Path], environment: dict[str, str]) -> None:
        # In a session of its own: Ctrl-C in the terminal is for this script to handle.
        self.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True,
        )  # fmt: skip
        self.unread = b""
        self.is_over = False

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.communicate()

    def read(self) -> Iterator[dict]:
        """The events that have arrived; `is_over` when no more can come."""
        data = os.read(self.process.stdout.fileno(), 65536)
        self.is_over = not data
        *lines, self.unread = (self.unread + data).split(b"\n")
        yield from map(json.loads, lines)


class Dictation:
    """One recording, from `record` to the text."""

    def __init__(self, thoth: Path, environment: dict[str, str], screen: Screen) -> None:
        self.thoth = thoth
        self.environment = environment
        self.screen = screen
        self.started: Callable[[], None] = lambda: None
        self.job: str | None = None
        self.result: dict | None = None
        self.state = ""
        self.began = 0.0
        self.heard = self.stopping = False
        self.is_here = False  # whether the text was typed into this terminal

    def run(self) -> int:
        """Dictate; the exit code of `thoth record`."""
        try:
            with (
                Keyboard() as keyboard,
                Child([self.thoth, "events", "--levels"], self.environment) as levels,
                Child([self.thoth, "record", "--follow", "--auto-stop"], self.environment) as record,
            ):
                code = self.follow(keyboard, levels, record)
                self.is_here = self.result is not None and keyboard.has_input()
                return code
        except (KeyboardInterrupt, BrokenPipeError):
            self.command("cancel", *([self.job] if self.job else []))
            self.screen.line("Cancelled: nothing is inserted.")
            return CANCELLED

    def follow(self, keyboard: Keyboard, levels: Child, record: Child) -> int:
        """Show what happens until the job has ended."""
        with selectors.DefaultSelector() as selector:
            selector.register(levels.process.stdout, selectors.EVENT_READ, levels)
            selector.register(record.process.stdout, selectors.EVENT_READ, record)
            if keyboard.is_there:
                selector.register(keyboard, selectors.EVENT_READ, keyboard)
            while not record.is_over:
                for key, _ in selector.select():
                    if key.data is keyboard:
                        if self.is_recording and keyboard.is_enter():
                            self.stop("Enter")
                    else:
                        for event in key.data.read():
                            self.listen(event) if key.data is levels else self.take(event)
                        if key.data.is_over:
                            selector.unregister(key.fileobj)
                if keyboard in selector.get_map() and self.state and not self.is_recording:
                    selector.unregister(keyboard)  # what is typed from now on may be the text
        return self.end(record)

    @property
    def is_recording(self) -> bool:
        return self.state == "recording" and not self.stopping

    def end(self, record: Child) -> int:
        _, errors = record.process.communicate()
        if message := errors.decode().strip():
            self.screen.line(message)
        return record.process.returncode

    def take(self, event: dict) -> None:
        """Act on an event of the job."""
        self.job = event["job"]
        if event["type"] == "state":
            self.enter(event)
        elif event["type"] == "result":
            self.result = event
        elif event["type"] in ("audio", "output") and event["what"] not in ("speech_start", "speech_end"):
            self.stopping = self.stopping or event["what"] == "auto_stop"
            self.screen.line(event["message"])

    def enter(self, event: dict) -> None:
        self.state = event["state"]
        if self.state == "recording":
            self.began = time.monotonic()
            self.screen.line(f"Recording from the microphone {event['device']}.")
            self.started()
        elif self.state == "transcribing":
            self.screen.line("Transcribing.")

    def listen(self, event: dict) -> None:
        """Show a level; end a recording in which nobody speaks. A pause after speech ends it by itself."""
        if event["type"] != "level" or not self.is_recording:
            return
        now = time.monotonic()
        self.screen.draw(event, now - self.began)
        self.heard = self.heard or event["speech"]
        if not self.heard and now - self.began > PATIENCE:
            self.stop("the long silence")

    def stop(self, why: str) -> None:
        self.stopping = True
        self.screen.line(f"Stopped by {why}.")
        self.command("stop")  # `record --follow` tells what became of it

    def command(self, *words: str) -> None:
        subprocess.run(
            [self.thoth, *words], env=self.environment, stdin=subprocess.DEVNULL, capture_output=True,
            start_new_session=True,
        )  # fmt: skip


def tell(result: dict, screen: Screen) -> None:
    """The text, where it went and how long that took."""
    screen.line("")
    screen.line(result["text"])
    screen.line("")
    output, times = result.get("output") or {}, result["timings_ms"]
    where = f"Inserted into {output['window_class']}" if output.get("window_class") else "Done"
    screen.line(
        f"{where}: {times['stop_to_text'] / 1000:.2f} s from stop to text,"
        f" {times['stop_to_output'] / 1000:.2f} s until it was inserted."
    )


def heed_signals() -> None:
    """Let a hang-up or a termination do what Ctrl-C does, also where a shell has it ignored."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)


def main() -> int:
    thoth = Path(sys.argv[1])
    heed_signals()
    screen = Screen()
    screen.line("Click into the window where the words shall go, and speak.")
    screen.line("A pause of two seconds ends the recording, or Enter here. Ctrl-C cancels it.")
    dictation = Dictation(thoth, dict(os.environ), screen)
    code = dictation.run()
    if dictation.result:
        tell(dictation.result, screen)
        if dictation.is_here:
            screen.line("This terminal had the focus: the words are at its prompt too.")
        screen.line(f"To dictate with a key, bind it to: {thoth} toggle")
    return code


if __name__ == "__main__":
    sys.exit(main())
