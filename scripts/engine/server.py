#!/usr/bin/env python3
"""The embedded speech engine: OpenAI's transcription API over Whisper or Moonshine, for this machine's user alone.

    server.py --models DIR [--model NAME] (--uds PATH | --port N [--host 127.0.0.1]) [options]

Run with the virtual environment that install.py makes. It listens on a Unix socket that only its user can open,
or on loopback; it logs to standard error, and never what was said. A parent learns of its readiness from
--ready-fd (one line: "ready", or "error: SENTENCE") and takes it along by --lifeline-fd: at its end of file, which
comes also when the parent is killed, the engine ends at once. SIGTERM and SIGINT end it as promptly.

Exit codes: 0 ended by a signal or the lifeline, 1 internal error, 2 usage, 6 not installed.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import ipaddress
import logging
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Callable

log = logging.getLogger("engine")

MAX_BODY = 25_000_000  # bytes; OpenAI's limit, about 13 minutes of 16 kHz mono 16-bit WAV
KEEP_ALIVE = 24 * 3600  # s; a client that waits between dictations keeps its connection
BACKLOG = 128

own_sockets: list[Path] = []  # what this process has bound, at most one


class StartError(Exception):
    """Why the engine cannot start, in a sentence, with the exit code."""

    def __init__(self, exit_code: int, message: str) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def main() -> int:
    """Serve until a signal or the lifeline ends the process; the exit code when it cannot start."""
    options = parse()
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="engine: %(message)s")
    tell = ready_line(options.ready_fd)
    try:
        if options.lifeline_fd is not None:
            threading.Thread(target=follow, args=(options.lifeline_fd,), daemon=True).start()
        listener = listen_unix(options.uds) if options.uds else listen_loopback(options.host, options.port)
        serve(listener, options, tell)
        return 0
    except StartError as error:
        tell(f"error: {error}")
        log.error("%s", error)
        return error.exit_code
    except Exception as error:
        tell(f"error: The engine cannot start ({type(error).__name__}: {error}).")
        log.exception("The engine cannot start.")
        return 1
    finally:
        remove_own_socket()


def parse() -> argparse.Namespace:
    """The command line; leaves with code 2 when it is wrong."""
    parser = argparse.ArgumentParser(description="Serve the embedded speech engine.", allow_abbrev=False)
    parser.add_argument("--models", type=Path, required=True, metavar="DIR", help="folder of installed models")
    parser.add_argument("--model", default="default", metavar="NAME", help="the model to serve (default: %(default)s)")
    place = parser.add_mutually_exclusive_group(required=True)
    place.add_argument("--uds", type=Path, metavar="PATH", help="listen on this Unix socket")
    place.add_argument("--port", type=int, metavar="N", help="listen on this port of --host")
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address (default: %(default)s)")
    parser.add_argument("--ready-fd", type=int, metavar="N", help="file descriptor that gets the line when it is ready")
    parser.add_argument("--lifeline-fd", type=int, metavar="N", help="file descriptor at whose end of file it ends")
    parser.add_argument("--max-body", type=int, default=MAX_BODY, metavar="BYTES", help="(default: %(default)s)")
    return parser.parse_args()


def ready_line(descriptor: int | None) -> Callable[[str], None]:
    """A function that writes one line to the descriptor and closes it; a second call does nothing."""
    waiting = [] if descriptor is None else [descriptor]

    def tell(line: str) -> None:
        if waiting:
            with open(waiting.pop(), "w") as pipe:
                print(" ".join(line.split()), file=pipe)

    return tell


def follow(descriptor: int) -> None:
    """Wait until the parent closes its end of the pipe, then end the process."""
    while os.read(descriptor, 4096):
        pass
    leave()


def leave(*_: object) -> None:
    """End now, also in the middle of an inference, which Python would wait for."""
    remove_own_socket()
    os._exit(0)


def remove_own_socket() -> None:
    """Take the socket's file away."""
    while own_sockets:
        own_sockets.pop().unlink(missing_ok=True)


def serve(listener: socket.socket, options: argparse.Namespace, tell: Callable[[str], None]) -> None:
    """Load the model, say so, serve. Clients that connect before wait. Raises StartError."""
    os.environ["HF_HUB_OFFLINE"] = "1"  # nothing is fetched while serving
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # one thread for each inference; read when numpy is imported
    workers = len(os.sched_getaffinity(0))
    try:
        import uvicorn

        from app import Service
        from models import Models, NotInstalled
    except ImportError as error:
        raise StartError(6, f"The engine's packages are missing ({error}): run `thoth engine install`.") from error
    try:
        models = Models(options.models, options.model, 2 * workers)
    except NotInstalled as error:
        raise StartError(6, str(error)) from error
    try:
        models.load(models.served).warm_up()
    except RuntimeError as error:  # what CTranslate2 raises for a file it cannot read, and for lack of memory
        raise StartError(6, f"The model {models.served} cannot be loaded: {error}") from error
    gc.freeze()  # what is loaded stays: no need to look at it again

    class Server(uvicorn.Server):
        """uvicorn without its tick (ten wake-ups a second) and with a way out that waits for nothing."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, leave)
            tell("ready")

        async def main_loop(self) -> None:
            await asyncio.Event().wait()

    application = Service(models, workers, options.max_body).application()
    config = uvicorn.Config(
        application, lifespan="off", log_config=None, access_log=False, timeout_keep_alive=KEEP_ALIVE,
        date_header=False, server_header=False,
    )  # fmt: skip
    Server(config).run(sockets=[listener])


def listen_unix(path: Path) -> socket.socket:
    """A listening socket that only this user can open. Takes the place of one that nobody listens on."""
    listener = socket.socket(socket.AF_UNIX)
    if path.is_socket():
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(str(path)) == 0:
                raise StartError(2, f"An engine listens on {path} already.")
        path.unlink()
    old = os.umask(0o077)
    try:
        listener.bind(str(path))
    except OSError as error:
        raise StartError(2, f"The socket {path} cannot be made: {error.strerror or error}.") from error
    finally:
        os.umask(old)
    own_sockets.append(path)
    listener.listen(BACKLOG)
    return listener


def listen_loopback(host: str, port: int) -> socket.socket:
    """A listening socket on a loopback address."""
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        address = None
    if address is None or not address.is_loopback:
        raise StartError(2, f"The engine listens on loopback only, not on {host}: use 127.0.0.1, ::1 or --uds.")
    try:
        return socket.create_server(
            (str(address), port), family=socket.AF_INET6 if address.version == 6 else socket.AF_INET, backlog=BACKLOG
        )
    except (OSError, OverflowError) as error:
        raise StartError(2, f"Cannot listen on port {port} of {host}: {error}.") from error


if __name__ == "__main__":
    sys.exit(main())
