#!/usr/bin/env python3
"""vLLM's POST /v1/audio/transcriptions, as docs.vllm.ai/en/stable/serving/online_serving/speech_to_text has it.

It serves one model, whose name has to be right. json tells how long the audio is; verbose_json is for models with
timestamps of segments (Whisper) and is refused for others; its duration is a string. 25 MB are taken
(VLLM_MAX_AUDIO_CLIP_FILESIZE_MB).
"""

import sys

from contract import TEXT, Contract, Refusal, segment, serve

FIELDS = {
    "model", "language", "prompt", "response_format", "timestamp_granularities[]", "stream", "temperature", "top_p",
    "top_k", "min_p", "seed", "frequency_penalty", "repetition_penalty", "presence_penalty", "to_language",
    "stream_include_usage", "stream_continuous_usage_stats", "vllm_xargs", "max_completion_tokens",
}
SERVED = sys.argv[1] if len(sys.argv) > 1 else "openai/whisper-large-v3"


def refusal(status, message, kind="BadRequestError"):
    return Refusal(status, {"error": {"message": message, "type": kind, "param": None, "code": status}})


class VLLM(Contract):
    def not_found(self):
        return {"detail": "Not Found"}

    def transcribe(self, form):
        unknown = form.fields.keys() - FIELDS
        assert not unknown, unknown
        if form.get("model") != SERVED:
            raise refusal(404, f"The model `{form.get('model')}` does not exist.", "NotFoundError")
        if form.file is None:
            raise refusal(400, "Expected 'file' to be a file-like object")
        if len(form.file.data) > 25 << 20:
            raise refusal(400, "Maximum file size exceeded")
        shape = form.get("response_format", "json")
        if shape not in ("text", "json", "verbose_json"):
            raise refusal(400, "Currently only support response_format: `text`, `json` or `verbose_json`")
        if shape == "json":
            return {"text": " " + TEXT, "usage": {"type": "duration", "seconds": 3}}
        if "whisper" not in SERVED:
            raise refusal(400, f"Currently do not support verbose_json for {SERVED}")
        return {
            "duration": "2.78", "language": form.get("language", "en"), "text": " " + TEXT, "segments": [segment()],
            "words": None,
        }


serve(VLLM)
