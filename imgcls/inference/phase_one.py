"""A run as it was after phase 1, before fine-tuning: answers without TensorFlow."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
from PIL.Image import Image

from imgcls._utils.arrays import FloatArray
from imgcls.data.images import read_rgb
from imgcls.inference.grad_cam import grad_cam
from imgcls.inference.head import Head
from imgcls.inference.predictor import Predictor
from imgcls.inference.program import Program
from imgcls.inference.softmax import probabilities
from imgcls.networks.signature import FEATURE_MAPS, PHOTO
from imgcls.runs.files import PHASE_1_HEAD, PHASE_1_PROGRAM
from imgcls.runs.run import Run, RunError


@dataclass(frozen=True)
class Answer:
    """What a network that is not finished says of a photo.

    Attributes:
        label: name of the most probable class.
        probability: its probability, 0-1; not calibrated, the run's temperature is that of the
            finished network.
        top: all classes from the most probable one down, as (name, probability).
        logits: shape (classes,).
        feature_maps: the base's last ones, shape (height, width, channels).
    """

    label: str
    probability: float
    top: tuple[tuple[str, float], ...]
    logits: FloatArray
    feature_maps: FloatArray


class PhaseOne:
    """The frozen base with the head that phase 1 has trained.

    Below the cut both phases share the base, so that part is run by the run's finished program.

    Args:
        run: a finished one on a pretrained base.
        finished: the same run's.

    Attributes:
        head: the one that phase 1 has trained.

    Raises:
        RunError: the run has no phase 1 of its own, or its files for it are missing or damaged.
    """

    def __init__(self, run: Run, finished: Predictor) -> None:
        if len(run.config.phases) == 1:
            raise RunError(f"{run.id} was trained in a single phase: there is nothing before it.")
        name = PHASE_1_PROGRAM
        try:
            self._above = Program(run.content(name))
            name = PHASE_1_HEAD
            self.head = Head.load(BytesIO(run.content(name)))
        except FileNotFoundError:
            raise RunError(
                f"{run.id} does not keep the network as it was after phase 1 ({name})."
            ) from None
        except (OSError, ValueError, KeyError, TypeError, BadZipFile) as error:
            raise RunError(f"{run.file(name)} cannot be read: {error}") from error
        self._finished = finished
        self._names = run.class_names

    def predict(self, photo: Path | bytes | Image) -> Answer:
        """Return the answer for one photo, a file or an opened one. Raises ImageError."""
        values: npt.NDArray[Any] = read_rgb(photo, self._finished.image_size)
        shared = self._above.input_name
        if shared != PHOTO:
            values = self._finished.layer_outputs(values, [shared])[shared]
        (maps,) = self._above(values, FEATURE_MAPS)
        return answer(self.head, maps[0], self._names)

    def grad_cam(self, given: Answer, name: str) -> FloatArray:
        """Return where in the photo the evidence for a class lies."""
        return grad_cam(self.head, given.feature_maps, self._names.index(name))


def answer(head: Head, feature_maps: FloatArray, names: list[str]) -> Answer:
    """Return what a head makes of feature maps, shape (height, width, channels)."""
    logits = head.logits(feature_maps.mean(axis=(0, 1))[np.newaxis])
    shares = probabilities(logits)[0]
    top = tuple((names[label], float(shares[label])) for label in np.argsort(-shares))
    return Answer(*top[0], top=top, logits=logits[0], feature_maps=feature_maps)
