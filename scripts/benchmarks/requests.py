"""The request manager: that every request ends rightly on a server with faults, how many it gets through against
`curl --parallel`, and how soon a cancelled transfer is gone. The healthy server is nginx, which is faster than both."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import Iterator

from figures import median, percentile, table
from rig import ROOT, Rig, RigError, until

COUNT = 2000  # uploads of a round
BYTES = (1_000, 100_000)  # 100,000 bytes are 3 s of speech
PARALLEL = (2, 8)
NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 256; }}
http {{
  access_log off; keepalive_requests 1000000; client_max_body_size 64m; client_body_buffer_size 256k;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  upstream answer {{ server 127.0.0.1:{inner}; keepalive 16; }}
  server {{ listen 127.0.0.1:{inner}; location / {{ return 200 '{{"text":"all is well"}}'; }} }}
  # By itself `return` answers before the upload is there: what is handed on is read first.
  server {{ listen 127.0.0.1:{port}; location / {{
    proxy_pass http://answer; proxy_http_version 1.1; proxy_pass_request_body off;
    proxy_set_header Content-Length ""; proxy_set_header Connection "";
  }} }}
}}
"""
# One upload for curl. It sends a form once: an address with a range of numbers would upload nothing from the second on.
UPLOAD = """url = "{url}/{number}"
silent
fail
header = "Expect:"
form = "model=m"
form = "file=@{file};type=audio/wav"
output = /dev/null
"""


def measure(rig: Rig, rounds: int = 5, faults: int = 500, cancellations: int = 500) -> dict:
    """The three measurements."""
    driver = build()
    result = {"faults": endings(driver, faults), "cancellation": gone(driver, cancellations)}
    result["throughput"] = [row for row in throughput(rig, driver, rounds)]
    print_tables(result, rounds)
    return result


def build() -> Path:
    """The program that drives the manager; it is no part of what is installed."""
    command = ["swift", "build", "--configuration", "release", "--product", "requestdriver"]
    if subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL).returncode:
        raise RigError("requestdriver does not build; why is said above")
    return ROOT / ".build/release/requestdriver"


def run(driver: Path, *arguments: object) -> dict:
    """What the driver prints."""
    done = subprocess.run([driver, *map(str, arguments)], stdout=subprocess.PIPE, check=True, timeout=600)
    return json.loads(done.stdout)


def endings(driver: Path, count: int) -> dict:
    """`count` requests of all kinds to a server that misbehaves as each asks for."""
    command = ["python3", ROOT / "Tests/Rigs/faultserver.py"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        port = int(server.stdout.readline())
        # What it writes further is of no interest, but has to go somewhere.
        threading.Thread(target=server.stdout.read, daemon=True).start()
        result = run(driver, "faults", f"http://127.0.0.1:{port}", count)
        server.terminate()
    if result["ended"] != count or result["wrong"] or result["left"]:
        raise RigError(f"requests did not end as they should: {result}")
    return result


def gone(driver: Path, count: int) -> dict:
    """From the cancellation to the return of the caller, and until the server sees the connection close, in ms."""
    returned, closed = [], []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        command = [driver, "cancel", url, str(count)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            for _ in range(count):
                connection, _ = listener.accept()
                with connection:
                    connection.recv(65536)
                    process.stdin.write(b"\n")
                    process.stdin.flush()
                    while connection.recv(65536):
                        pass
                    end = time.monotonic_ns()
                times = json.loads(process.stdout.readline())
                returned.append((times["returned"] - times["cancelled"]) / 1e6)
                closed.append((end - times["cancelled"]) / 1e6)
    return {
        "count": count,
        **{f"returned_p{share}_ms": percentile(returned, share / 100) for share in (50, 99)},
        **{f"closed_p{share}_ms": percentile(closed, share / 100) for share in (50, 99)},
        "closed_max_ms": max(closed),
    }


def throughput(rig: Rig, driver: Path, rounds: int) -> Iterator[dict]:
    """The same uploads by the manager and by curl, in turn, on the same server."""
    with socket.create_server(("127.0.0.1", 0)) as outer, socket.create_server(("127.0.0.1", 0)) as inner:
        port, answer = outer.getsockname()[1], inner.getsockname()[1]
    settings = rig.folder / "nginx.conf"
    settings.write_text(NGINX.format(folder=rig.folder, port=port, inner=answer))
    server = subprocess.Popen(["/usr/sbin/nginx", "-c", settings, "-p", rig.folder], stderr=subprocess.DEVNULL)
    try:
        until(lambda: answers(port), 20, "nginx does not answer")
        for size in BYTES:
            file = rig.folder / f"{size}.wav"
            file.write_bytes(b"\1" * size)
            for parallel in PARALLEL:
                yield compare(driver, f"http://127.0.0.1:{port}", file, size, parallel, rounds)
    finally:
        server.terminate()
        server.wait()


def compare(driver: Path, url: str, file: Path, size: int, parallel: int, rounds: int) -> dict:
    """Requests a second of each, as medians over `rounds` in turn."""
    ours, theirs = [], []
    for _ in range(rounds):
        done = run(driver, "throughput", url, COUNT, size, parallel)
        if done["good"] != COUNT:
            raise RigError(f"only {done['good']} of {COUNT} uploads were answered")
        ours.append(COUNT / done["seconds"])
        theirs.append(COUNT / curl(url, file, parallel))
    mine, other = median(ours), median(theirs)
    return {"bytes": size, "parallel": parallel, "thoth_per_s": mine, "curl_per_s": other, "ratio": mine / other}


def curl(url: str, file: Path, parallel: int) -> float:
    """How long curl takes, in seconds, its start included."""
    uploads = (UPLOAD.format(url=url, number=number, file=file) for number in range(COUNT))
    settings = "next\n".join(uploads)
    begin = time.monotonic()
    subprocess.run(["curl", "--parallel", "--parallel-max", str(parallel), "--config", "-"], input=settings, text=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, timeout=600)  # fmt: skip
    return time.monotonic() - begin


def answers(port: int) -> bool:
    """Whether somebody listens."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def print_tables(result: dict, rounds: int) -> None:
    """What people read."""
    faults, cancel = result["faults"], result["cancellation"]
    print(table("Requests to a server with faults", ["requests", "ended rightly", "tries", "of them again", "seconds"],
                [[faults["ended"], faults["ended"] - len(faults["wrong"]), faults["tries"], faults["retries"],
                  faults["seconds"]]]))  # fmt: skip
    print(table(f"Cancellation of {cancel['count']} transfers, ms", ["until", "median", "p99", "longest"],
                [["the caller has returned", cancel["returned_p50_ms"], cancel["returned_p99_ms"], "–"],
                 ["the server sees the connection close", cancel["closed_p50_ms"], cancel["closed_p99_ms"],
                  cancel["closed_max_ms"]]]))  # fmt: skip
    rows = [list(row.values()) for row in result["throughput"]]
    print(table(f"{COUNT} uploads to nginx, a second; medians of {rounds} rounds in turn",
                ["bytes", "at a time", "thoth", "curl --parallel", "thoth/curl"], rows))  # fmt: skip
