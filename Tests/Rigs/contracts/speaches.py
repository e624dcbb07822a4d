#!/usr/bin/env python3
"""Speaches' POST /v1/audio/transcriptions, as its OpenAPI description (speaches.ai/api) has it.

A model that is not installed is a 404 that names the way out; a value that is none of a field's is FastAPI's 422. The
words are written as faster-whisper tells them, with the space before them, and those of segments too.
"""

from contract import TEXT, WORDS, Contract, Refusal, segment, serve

MODELS = ("Systran/faster-whisper-small",)
FORMATS = ("text", "json", "verbose_json", "srt", "vtt")


def unprocessable(field, message):
    error = {"type": "literal_error", "loc": ["body", field], "msg": message}
    return Refusal(422, {"detail": [error]})


class Speaches(Contract):
    def not_found(self):
        return {"detail": "Not Found"}

    def transcribe(self, form):
        if form.file is None:
            raise unprocessable("file", "Field required")
        if "model" not in form.fields:
            raise unprocessable("model", "Field required")
        shape = form.get("response_format", "json")
        if shape not in FORMATS:
            raise unprocessable("response_format", "Input should be 'text', 'json', 'verbose_json', 'srt' or 'vtt'")
        granularities = form.fields.get("timestamp_granularities[]", ["segment"])
        assert set(granularities) <= {"segment", "word"}, granularities
        if form.get("model") not in MODELS:
            way_out = "You can download the model using `POST /v1/models`"
            raise Refusal(404, {"detail": f"Model '{form.get('model')}' is not installed locally. {way_out}"})
        if shape == "json":
            return {"text": TEXT}
        words = None
        if "word" in granularities:
            words = [
                {"word": " " + word, "start": start, "end": end, "probability": 0.98} for word, start, end in WORDS
            ]
        return {
            "task": "transcribe", "language": form.get("language", "en"), "duration": 2.78, "text": TEXT,
            "words": words, "segments": [segment(words=words)],
        }


serve(Speaches)
