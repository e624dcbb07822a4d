#!/usr/bin/env python3
"""OpenAI's POST /v1/audio/transcriptions, as platform.openai.com/docs/api-reference/audio/createTranscription has it.

The schema there has no additional properties: a field that it does not name is refused. The gpt-4o models answer json
alone, whisper-1 also verbose_json, and words with times only with it. 25 MB (26,214,400 bytes) are taken.
"""

from contract import TEXT, WORDS, Contract, Refusal, segment, serve

FIELDS = {
    "model", "language", "prompt", "response_format", "temperature", "stream", "chunking_strategy", "include[]",
    "timestamp_granularities[]", "known_speaker_names[]", "known_speaker_references[]",
}
FORMATS = {
    "whisper-1": ("json", "text", "srt", "verbose_json", "vtt"),
    "gpt-4o-transcribe": ("json",),
    "gpt-4o-mini-transcribe": ("json",),
}
EXTENSIONS = ("flac", "mp3", "mp4", "mpeg", "mpga", "m4a", "ogg", "wav", "webm")
CONTENT_LIMIT = 26_214_400


def refusal(status, message, kind="invalid_request_error", param=None, code=None):
    return Refusal(status, {"error": {"message": message, "type": kind, "param": param, "code": code}})


class OpenAI(Contract):
    def not_found(self):
        return refusal(404, f"Invalid URL (POST {self.path})").body

    def transcribe(self, form):
        if self.key() != "sk-contract":
            raise refusal(401, f"Incorrect API key provided: {self.key()}.", code="invalid_api_key")
        if form.size > CONTENT_LIMIT:
            message = f"Maximum content size limit ({CONTENT_LIMIT}) exceeded ({form.size} bytes read)"
            raise refusal(413, message, "server_error")
        for name in form.fields.keys() - FIELDS:
            raise refusal(400, f"Unrecognized request argument supplied: {name}")
        self.check(form)
        if form.get("response_format", "json") == "json":
            usage = {"type": "tokens", "input_tokens": 14, "output_tokens": 45, "total_tokens": 59}
            return {"text": TEXT, "usage": usage}
        answer = {"task": "transcribe", "language": "english", "duration": 2.78, "text": TEXT}
        if form.get("timestamp_granularities[]") == "word":
            answer["words"] = [{"word": word.strip(",."), "start": start, "end": end} for word, start, end in WORDS]
        else:
            answer["segments"] = [segment()]
        return answer | {"usage": {"type": "duration", "seconds": 3}}

    def check(self, form):
        model, shape = form.get("model"), form.get("response_format", "json")
        if form.file is None or form.file.extension not in EXTENSIONS:
            raise refusal(400, f"Invalid file format. Supported formats: {list(EXTENSIONS)}")
        if model not in FORMATS:
            message = f"The model `{model}` does not exist or you do not have access to it."
            raise refusal(404, message, code="model_not_found")
        if shape not in FORMATS[model]:
            message = f"response_format '{shape}' is not compatible with model '{model}'. Use 'json' or 'text' instead."
            raise refusal(400, message, param="response_format", code="unsupported_value")
        if "timestamp_granularities[]" in form.fields and shape != "verbose_json":
            raise refusal(400, "timestamp_granularities needs response_format verbose_json")
        if len(form.get("language", "en")) != 2:
            message = "Invalid language. Language parameter must be specified in ISO-639-1 format."
            raise refusal(400, message, param="language", code="invalid_language_format")


serve(OpenAI)
