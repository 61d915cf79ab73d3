"""A run's LiteRT program -> labelled answers. Imports no TensorFlow."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, TypeVar
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
from PIL.Image import Image

from imgcls._utils.arrays import FloatArray, Floats
from imgcls.data.images import ImageError, read_rgb
from imgcls.inference.confidence import FINEST, Confidence
from imgcls.inference.grad_cam import grad_cam
from imgcls.inference.head import Head
from imgcls.inference.likeness import Evidence, score
from imgcls.inference.neighbors import Neighbor, Neighbors
from imgcls.inference.program import Program
from imgcls.inference.program import Run as RunProgram
from imgcls.inference.softmax import negative_energy
from imgcls.networks.signature import FEATURE_MAPS, LOGITS, kernel
from imgcls.runs.files import HEAD, NEIGHBORS, PROGRAM
from imgcls.runs.run import Run, RunError

TOP = 10
NO_MAPS = np.empty((0, 0, 0), np.float32)
Kept = TypeVar("Kept")


@dataclass(frozen=True)
class Prediction:
    """An answer for one photo.

    Attributes:
        label: name of the most probable class.
        probability: its probability, 0-1, see `imgcls.inference.confidence`.
        top: the most probable classes, at most ten, as (name, probability).
        probabilities: that of every class, in the order of the run's classes.
        score: higher means more like the photos the run was trained on: of features and logits,
            see `imgcls.inference.likeness`, or of a former version's run its `energy`.
        energy: the negative energy of the logits, which is the score of exported classifiers.
        known: whether the score reaches that of 95 % of the validation photos.
        seconds: from the file's bytes to this answer.
        feature_maps: the network's last feature maps, shape (height, width, channels).
        step: the difference between probabilities that is worth telling, 0-1.
    """

    label: str
    probability: float
    top: tuple[tuple[str, float], ...]
    probabilities: tuple[float, ...]
    score: float
    energy: float
    known: bool
    seconds: float
    feature_maps: FloatArray
    step: float = FINEST

    @property
    def told(self) -> float:
        """The probability, no finer than is worth telling."""
        return round(self.probability / self.step) * self.step

    def renamed(self, names: Mapping[str, str]) -> "Prediction":
        """Return the same answer with other names of the classes, such as those for people.

        Args:
            names: name of a class -> another one; classes that are not among them keep theirs.
        """
        top = tuple((names.get(name, name), probability) for name, probability in self.top)
        return replace(self, label=names.get(self.label, self.label), top=top)

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

    Args:
        run: the run.
        threads: that share the arithmetic of a single photo; all cores when None.

    Attributes:
        image_size: side in pixels of the square that the network sees.

    Raises:
        RunError: the run has no program that can be loaded.
    """

    def __init__(self, run: Run, threads: int | None = None) -> None:
        path = run.file(PROGRAM)
        if run.status != "finished":
            raise RunError(
                f"{run.id} cannot predict: it is {run.status}, not finished. Unless it is going "
                f"on just now, this goes on with it: python -m imgcls train --resume {run.id}"
            )
        if run.no_answers:
            raise RunError(f"{run.id} cannot predict. {run.no_answers}")
        try:
            self._program = Program(run.content(PROGRAM), threads)
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
        self._likeness = run.record.likeness
        self._confidence = Confidence.of_run(run)

    def predict(self, photo: Path | bytes | Image | Floats) -> Prediction:
        """Return the answer for one photo.

        Args:
            photo: a file, its bytes, an opened picture, or what the network sees: pixels of shape
                (size, size, 3), values 0-255.

        Raises:
            ImageError: it is not a picture that can be read.
        """
        return self._predict(self._program, photo)

    def layer_outputs(
        self, pixels: npt.NDArray[Any], names: Sequence[str]
    ) -> dict[str, FloatArray]:
        """Return what inner layers make of a photo.

        Args:
            pixels: shape (size, size, 3), values 0-255.
            names: of layers in Keras, some of `imgcls.networks.signature.layer_outputs`.

        Returns:
            Each layer's output, shape (height, width, channels).

        Raises:
            RunError: the program does not give them.
        """
        return {
            name: output[0] for name, output in zip(names, self._ask(pixels, *names), strict=True)
        }

    def kernels(self, convolution: str) -> FloatArray:
        """Return a convolution's kernels, shape (count, height, width, channels).

        The scale of the normalization behind it is part of them.

        Args:
            convolution: see `imgcls.networks.feature_info.first_convolution`.

        Raises:
            RunError: the program does not give them.
        """
        dark = np.zeros((self.image_size, self.image_size, 3), np.float32)
        (found,) = self._ask(dark, kernel(convolution))
        return found.transpose(3, 0, 1, 2)

    def _ask(self, pixels: npt.NDArray[Any], *names: str) -> list[FloatArray]:
        missing = set(names) - set(self._program.output_names)
        if missing:
            raise RunError(
                f"{self._run.id} was made by an earlier version, whose programs do not give "
                f"{', '.join(sorted(missing))}. To add it: python -m imgcls upgrade {self._run.id}"
            )
        return self._program(pixels, *names)

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

    def _read(self, name: str, load: Callable[[BinaryIO], Kept]) -> Kept:
        try:
            return load(BytesIO(self._run.content(name)))
        except (OSError, ValueError, KeyError, TypeError, BadZipFile) as error:
            raise RunError(f"{self._run.file(name)} cannot be read: {error}") from error

    def predict_many(
        self, photos: Iterable[Path | bytes | ImageError]
    ) -> Iterator[Prediction | ImageError]:
        """Yield an answer, or what is wrong with the file, for each photo in order.

        Args:
            photos: files, their contents, or what is already known to be wrong with them. They
                are taken a few at a time.

        The answers are without feature maps, of which many would fill the memory.
        """
        return self._program.map(self._answer, photos)

    def answer(self, photo: Path | bytes | ImageError) -> Prediction | ImageError:
        """Return the answer for one photo as `predict_many` yields it."""
        return self._answer(self._program, photo)

    def _answer(self, run: RunProgram, photo: Path | bytes | ImageError) -> Prediction | ImageError:
        if isinstance(photo, ImageError):
            return photo
        try:
            return replace(self._predict(run, photo), feature_maps=NO_MAPS)
        except ImageError as error:
            return error

    def logits(self, photos: Sequence[Path]) -> Iterator[FloatArray]:
        """Yield the logits, shape (classes,), for each photo in order. Raises ImageError."""

        def work(run: RunProgram, photo: Path) -> FloatArray:
            try:
                (logits,) = run(read_rgb(photo, self.image_size), LOGITS)
            except ImageError as error:
                raise ImageError(f"{photo}: {error}") from error
            first: FloatArray = logits[0]
            return first

        return self._program.map(work, photos)

    def _predict(self, run: RunProgram, photo: Path | bytes | Image | Floats) -> Prediction:
        started = time.perf_counter()
        pixels = photo if isinstance(photo, np.ndarray) else read_rgb(photo, self.image_size)
        maps, logits = run(pixels, FEATURE_MAPS, LOGITS)
        shares = self._confidence.probabilities(logits)[0]
        order = np.argsort(-shares)[:TOP]
        top = tuple((self._names[label], float(shares[label])) for label in order)
        energies = negative_energy(logits)
        likeness = self._likeness_score(energies, maps)
        return Prediction(
            label=top[0][0],
            probability=top[0][1],
            top=top,
            probabilities=tuple(map(float, shares)),
            score=likeness,
            energy=float(energies[0]),
            known=likeness >= self._threshold,
            seconds=time.perf_counter() - started,
            feature_maps=maps[0],
            step=self._confidence.step,
        )

    def _likeness_score(self, energies: Floats, maps: FloatArray) -> float:
        if self._likeness is None:
            return float(energies[0])
        evidence = Evidence.of(energies, maps.mean(axis=(1, 2)), self.neighbors)
        return float(score(self._likeness, evidence)[0])
