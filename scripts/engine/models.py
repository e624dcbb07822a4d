"""The installed models: which there are, which one is served, loaded when first needed."""

from __future__ import annotations

import threading
from pathlib import Path

from errors import ApiError
from transcriber import Transcriber

DEFAULT = "default"  # link to the model that is served unless another is asked for
OPENAI_NAME = "whisper-1"  # what OpenAI's clients send unless told otherwise


class NotInstalled(Exception):
    """There is no such model; a sentence with the way out."""


class Models:
    """The models under one folder."""

    def __init__(self, folder: Path, served: str, workers: int) -> None:
        """Raises NotInstalled unless the model `served` is there."""
        place = folder / served
        if served not in (DEFAULT, *installed(folder)) or not (place / "model.bin").is_file():
            raise NotInstalled(f"The model {served} is not installed in {folder}: run `thoth engine install`.")
        self.folder, self.workers = folder, workers
        self.served = place.readlink().name if served == DEFAULT and place.is_symlink() else served
        self._loaded: dict[str, Transcriber] = {}
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

    def load(self, name: str) -> Transcriber:
        """The model, loaded by the first call. Blocks."""
        with self._loading:
            if name not in self._loaded:
                self._loaded[name] = Transcriber(self.folder / name, self.workers)
            return self._loaded[name]


def installed(folder: Path) -> list[str]:
    """Names of the whole models under `folder`."""
    return sorted(path.parent.name for path in folder.glob("*/model.bin") if path.parent.name != DEFAULT)
