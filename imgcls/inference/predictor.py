"""A run's LiteRT program -> labelled answers. Imports no TensorFlow."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar
from zipfile import BadZipFile

import numpy as np
from PIL.Image import Image

from imgcls._utils.arrays import FloatArray
from imgcls.data.images import ImageError, read_rgb
from imgcls.inference.grad_cam import grad_cam
from imgcls.inference.head import Head
from imgcls.inference.neighbors import Neighbor, Neighbors
from imgcls.inference.program import Program
from imgcls.inference.program import Run as RunProgram
from imgcls.inference.softmax import negative_energy, probabilities
from imgcls.runs.files import HEAD, NEIGHBORS, PROGRAM
from imgcls.runs.run import Run, RunError

TOP = 10
Kept = TypeVar("Kept")


@dataclass(frozen=True)
class Prediction:
    """An answer for one photo.

    Attributes:
        label: name of the most probable class.
        probability: its probability, 0-1, calibrated on the validation photos.
        top: the most probable classes, at most ten, as (name, probability).
        score: higher means more like the photos the run was trained on.
        known: whether the score reaches that of 95 % of the validation photos.
        seconds: from the file's bytes to this answer.
        feature_maps: the network's last feature maps, shape (height, width, channels).
    """

    label: str
    probability: float
    top: tuple[tuple[str, float], ...]
    score: float
    known: bool
    seconds: float
    feature_maps: FloatArray

    def to_dict(self) -> dict[str, Any]:
        """Return the answer, without the feature maps, as plain JSON types."""
        return {
            "label": self.label,
            "probability": self.probability,
            "top": [{"label": label, "probability": value} for label, value in self.top],
            "score": self.score,
            "known": self.known,
            "seconds": self.seconds,
        }


class Predictor:
    """Answers for photos by one run; any number of threads may use it at once.

    Attributes:
        image_size: side in pixels of the square that the network sees.

    Raises:
        RunError: the run has no program that can be loaded.
    """

    def __init__(self, run: Run) -> None:
        path = run.file(PROGRAM)
        if run.status != "finished":
            raise RunError(f"{run.id} cannot predict: it is {run.status}, not finished.")
        try:
            self._program = Program(path.read_bytes())
        except FileNotFoundError:
            raise RunError(
                f"{run.id} cannot predict: its {path.name} is not kept. Choose another run, or "
                f"delete this one and make it again: {run.record.command}"
            ) from None
        except (OSError, ValueError) as error:
            raise RunError(f"{path} cannot be loaded: {error}") from error
        self._run = run
        self._names = run.class_names
        self.image_size = run.config.image_size
        self._threshold = run.threshold
        self._temperature = run.temperature

    def predict(self, photo: Path | bytes | Image) -> Prediction:
        """Return the answer for one photo, a file or an opened one. Raises ImageError."""
        return self._predict(self._program, photo)

    def grad_cam(self, answer: Prediction, name: str) -> FloatArray:
        """Return where in the photo the evidence for a class lies, see `imgcls.inference.grad_cam`.

        Raises:
            RunError: the run's file for this is missing or damaged.
        """
        return grad_cam(self.head, answer.feature_maps, self._names.index(name))

    def nearest(self, answer: Prediction, count: int) -> list[Neighbor]:
        """Return the most similar of the training photos that the run keeps.

        Raises:
            RunError: the run's file for this is missing or damaged.
        """
        return self.neighbors.nearest(answer.feature_maps.mean(axis=(0, 1)), count)

    @cached_property
    def head(self) -> Head:
        """The finished head. Raises RunError when its file is missing or damaged."""
        return self._read(HEAD, Head.load)

    @cached_property
    def neighbors(self) -> Neighbors:
        """The training photos that the run keeps. Raises RunError as `head`."""
        return self._read(NEIGHBORS, Neighbors.load)

    def _read(self, name: str, load: Callable[[Path], Kept]) -> Kept:
        path = self._run.file(name)
        try:
            return load(path)
        except (OSError, ValueError, KeyError, TypeError, BadZipFile) as error:
            raise RunError(f"{path} cannot be read: {error}") from error

    def predict_many(self, photos: Sequence[Path]) -> Iterator[Prediction | ImageError]:
        """Yield an answer, or what is wrong with the file, for each photo in order."""

        def work(run: RunProgram, photo: Path) -> Prediction | ImageError:
            try:
                return self._predict(run, photo)
            except ImageError as error:
                return error

        return self._program.map(work, photos)

    def logits(self, photos: Sequence[Path]) -> Iterator[FloatArray]:
        """Yield the logits, shape (classes,), for each photo in order. Raises ImageError."""

        def work(run: RunProgram, photo: Path) -> FloatArray:
            try:
                _, _, logits = run(read_rgb(photo, self.image_size))
            except ImageError as error:
                raise ImageError(f"{photo}: {error}") from error
            first: FloatArray = logits[0]
            return first

        return self._program.map(work, photos)

    def _predict(self, run: RunProgram, photo: Path | bytes | Image) -> Prediction:
        started = time.perf_counter()
        _, maps, logits = run(read_rgb(photo, self.image_size))
        shares = probabilities(logits, self._temperature)[0]
        order = np.argsort(-shares)[:TOP]
        top = tuple((self._names[label], float(shares[label])) for label in order)
        score = float(negative_energy(logits)[0])
        return Prediction(
            label=top[0][0],
            probability=top[0][1],
            top=top,
            score=score,
            known=score >= self._threshold,
            seconds=time.perf_counter() - started,
            feature_maps=maps[0],
        )
