#!/usr/bin/env python3
"""Serve one of the small language models that install.py installed, as OpenAI's chat API on loopback.

    VENV/bin/python serve.py --from DIR [--model NAME] [--port N]

llama.cpp's own server answers: POST /v1/chat/completions, with "stream": true as server-sent events, GET /metrics and GET
/v1/models. The first line on standard output is its address, http://127.0.0.1:PORT/v1, once it answers. It ends when
its standard input does, so that it does not outlive who started it.

Exit codes: 0 its standard input ended, 1 the server does not start, 2 usage, 6 not installed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

MODELS = json.loads((Path(__file__).resolve().parent / "models.json").read_text())
CONTEXT = 4096  # tokens: a prompt, a dictation of some minutes and its correction


def main() -> int:
    """Serve until standard input ends; the exit code."""
    parser = argparse.ArgumentParser(description="Serve a small language model.", allow_abbrev=False)
    parser.add_argument("--from", required=True, type=Path, metavar="DIR", dest="home", help="where install.py put it")
    parser.add_argument("--model", default="qwen2.5-coder-0.5b", choices=MODELS, help="(default: %(default)s)")
    parser.add_argument("--port", type=int, default=0, metavar="N", help="the port (default: any that is free)")
    options = parser.parse_args()
    weights = options.home / "models" / options.model / "model.gguf"
    try:
        if not weights.is_file():
            raise ImportError(f"{weights} is missing")
        import xllamacpp
    except ImportError as error:
        print(f"The chat model is not installed ({error}): run scripts/chat-model/install.py.", file=sys.stderr)
        return 6
    try:
        server = xllamacpp.Server(parameters(xllamacpp, weights, options))
    except RuntimeError:  # with a reason that says nothing
        print(f"The chat model cannot be served on port {options.port}: is another program there?", file=sys.stderr)
        return 1
    print(f"{server.listening_address}/v1", flush=True)
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os._exit(0)  # its destructor would wait for the answers that are being written


def parameters(xllamacpp, weights: Path, options: argparse.Namespace):
    """llama.cpp's settings. One thread for each answer: two wait for each other on a busy machine, for seconds."""
    chosen = xllamacpp.CommonParams()
    chosen.model.path = str(weights)
    chosen.model_alias = {options.model}
    chosen.hostnames, chosen.port = ["127.0.0.1"], options.port
    chosen.n_ctx, chosen.n_parallel = CONTEXT, 1
    chosen.cpuparams.n_threads = chosen.cpuparams_batch.n_threads = 1
    chosen.endpoint_metrics = True
    chosen.verbosity = 0  # neither what was asked nor what was answered
    return chosen


if __name__ == "__main__":
    sys.exit(main())
