#!/usr/bin/env python3
"""The POST /inference of whisper.cpp's server, as examples/server/README.md of github.com/ggml-org/whisper.cpp has it.

WAV is what it takes (other files only with --convert). There is no model in a request. Without a language the one of its
command line counts, English unless told otherwise. verbose_json tells tokens in place of words, and a name as language.
"""

from contract import WORDS, Contract, Refusal, serve

LANGUAGES = {"auto": "english", "en": "english", "de": "german"}
# "metres" is two tokens, and the full stop is one of its own.
TOKENS = [(" Go", 0.5, 0.74), (" forward", 0.74, 1.1), (",", 1.1, 1.2), (" ten", 1.32, 1.6), (" met", 1.6, 1.8)]
TOKENS += [("res", 1.8, 2.0), (".", 2.0, 2.1)]


class WhisperCpp(Contract):
    path_of_transcriptions = "/inference"

    def transcribe(self, form):
        if form.file is None:
            raise Refusal(400, {"error": "no 'file' field in the request"})
        if form.file.data[:4] != b"RIFF":
            raise Refusal(400, {"error": "failed to read audio data"})
        language = LANGUAGES[form.get("language", "en")]
        # One line a segment.
        text = " Go forward,\n ten metres.\n"
        if form.get("response_format", "json") != "verbose_json":
            return {"text": text}
        assert [word for word, _, _ in WORDS] == "".join(token for token, _, _ in TOKENS).split()
        parts = []
        for number, tokens in enumerate((TOKENS[:3], TOKENS[3:])):
            words = [
                {"word": word, "start": start, "end": end, "t_dtw": -1, "probability": 0.9}
                for word, start, end in tokens
            ]
            parts.append({
                "id": number, "text": "".join(word for word, _, _ in tokens), "start": tokens[0][1],
                "end": tokens[-1][2], "tokens": [1037], "words": words, "temperature": 0.0, "avg_logprob": -0.2,
                "no_speech_prob": 0.01,
            })
        return {
            "task": "transcribe", "language": language, "duration": 2.78, "text": text, "segments": parts,
            "detected_language": language, "detected_language_probability": 0.99,
            "language_probabilities": {"en": 0.99},
        }


serve(WhisperCpp)
