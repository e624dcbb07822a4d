#!/usr/bin/env python3
"""Groq's POST /openai/v1/audio/transcriptions, as console.groq.com/docs/speech-to-text has it.

json, text and verbose_json are the formats; a prompt has at most 224 tokens, and is refused over 896 characters. The
language of verbose_json is a name with a capital letter, and every answer has an x_groq object.
"""

from contract import TEXT, WORDS, Contract, Refusal, segment, serve

FIELDS = {"model", "url", "language", "prompt", "response_format", "temperature", "timestamp_granularities[]"}
MODELS = ("whisper-large-v3", "whisper-large-v3-turbo")
EXTENSIONS = ("flac", "mp3", "mp4", "mpeg", "mpga", "m4a", "ogg", "wav", "webm")


def refusal(status, message, **more):
    return Refusal(status, {"error": {"message": message, "type": "invalid_request_error"} | more})


class Groq(Contract):
    path_of_transcriptions = "/openai/v1/audio/transcriptions"

    def not_found(self):
        return refusal(404, f"Unknown request URL: POST {self.path}.", code="unknown_url").body

    def transcribe(self, form):
        if self.key() != "gsk_contract":
            raise refusal(401, "Invalid API Key", code="invalid_api_key")
        for name in form.fields.keys() - FIELDS:
            raise refusal(400, f"unknown field: {name}")
        if form.file is None or form.file.extension not in EXTENSIONS:
            raise refusal(400, "file must be one of the following types: " + " ".join(EXTENSIONS))
        if form.get("model") not in MODELS:
            message = f"The model `{form.get('model')}` does not exist or you do not have access to it."
            raise refusal(404, message, code="model_not_found")
        length = len(form.get("prompt", ""))
        if length > 896:
            message = f"prompt length must be 896 characters or fewer, but provided prompt contains {length} characters"
            raise refusal(400, message)
        shape = form.get("response_format", "json")
        if shape not in ("json", "text", "verbose_json"):
            raise refusal(400, "response_format must be one of [json text verbose_json]")
        answer = {"text": " " + TEXT, "x_groq": {"id": "req_01contract"}}
        if shape == "verbose_json":
            answer |= {"task": "transcribe", "language": "English", "duration": 2.78}
            if form.get("timestamp_granularities[]") == "word":
                answer["words"] = [{"word": word, "start": start, "end": end} for word, start, end in WORDS]
            else:
                answer["segments"] = [segment()]
        return answer


serve(Groq)
