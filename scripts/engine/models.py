"""The installed models: which there are, which one is served, loaded when first needed."""

from __future__ import annotations

import threading
from pathlib import Path

import moonshine
from backend import Backend
from errors import ApiError
from whisper import WhisperBackend

DEFAULT = "default"  # link to the model that is served unless another is asked for
OPENAI_NAME = "whisper-1"  # what OpenAI's clients send unless told otherwise
# By the file of its weights a model's folder tells which back end it is for.
BACKENDS = {"model.bin": WhisperBackend, moonshine.WEIGHTS: moonshine.MoonshineBackend}


class NotInstalled(Exception):
    """There is no such model; a sentence with the way out."""


class Models:
    """The models under one folder."""

    def __init__(self, folder: Path, served: str, threads: int) -> None:
        """The models are used by at most so many threads at once. Raises NotInstalled unless `served` is there."""
        place = folder / served
        if served not in (DEFAULT, *installed(folder)) or backend_of(place) is None:
            raise NotInstalled(f"The model {served} is not installed in {folder}: run `thoth engine install`.")
        self.folder, self.threads = folder, threads
        self.served = place.readlink().name if served == DEFAULT and place.is_symlink() else served
        self._loaded: dict[str, Backend] = {}
        self._loading = threading.Lock()

    def names(self) -> list[str]:
        """The installed models' names."""
        return installed(self.folder)

    def resolve(self, name: str | None) -> str:
        """The installed model that a request means. Raises ApiError 404."""
        if name in (None, "", DEFAULT, OPENAI_NAME, self.served):
            return self.served
        if name not in self.names():
            raise ApiError(
                f"The model '{name}' does not exist here; there are: {', '.join(self.names())}.",
                status=404,
                param="model",
                code="model_not_found",
            )
        return name

    def load(self, name: str) -> Backend:
        """The model, loaded by the first call. Blocks."""
        with self._loading:
            if name not in self._loaded:
                place = self.folder / name
                self._loaded[name] = backend_of(place)(place, self.threads)
            return self._loaded[name]


def installed(folder: Path) -> list[str]:
    """Names of the whole models under `folder`."""
    return sorted(place.name for place in folder.glob("*") if place.name != DEFAULT and backend_of(place))


def backend_of(place: Path) -> type[Backend] | None:
    """The back end for the model in a folder; None when there is none."""
    return next((backend for weights, backend in BACKENDS.items() if (place / weights).is_file()), None)
