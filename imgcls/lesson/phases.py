"""One photo at three stages of training: the untrained head, after phase 1, and finished."""

from dataclasses import dataclass

import numpy as np

from imgcls._utils.arrays import FloatArray
from imgcls.data.images import open_picture
from imgcls.inference.head import Head
from imgcls.inference.phase_one import Answer, PhaseOne, answer
from imgcls.inference.predictor import Predictor
from imgcls.runs.run import Run


@dataclass(frozen=True, eq=False)
class Stage:
    """What a network in the making says of a photo.

    Attributes:
        name: of the stage, for people.
        answer: probabilities are the softmax of the logits, at no stage calibrated.
        head: the two dense layers at that time.
    """

    name: str
    answer: Answer
    head: Head

    @property
    def pooled(self) -> FloatArray:
        """The base's features after global average pooling, shape (channels,)."""
        found: FloatArray = self.answer.feature_maps.mean(axis=(0, 1))
        return found

    def similarity(self, other: "Stage") -> float | None:
        """Return the cosine of the angle between the two stages' pooled features.

        None where those of one are all 0 and have no direction.
        """
        one, two = self.pooled, other.pooled
        lengths = np.linalg.norm(one) * np.linalg.norm(two)
        return float(one @ two / lengths) if lengths else None


def stages(run: Run, phase_one: PhaseOne, finished: Predictor, photo: bytes) -> list[Stage]:
    """Return what each stage makes of a photo.

    Args:
        run: a finished one of two phases.
        phase_one: the same run after phase 1.
        finished: the same run at its end.
        photo: content of a file.

    Raises:
        ImageError: the photo cannot be read.
        RunError: the run's head is missing or damaged.
    """
    names, config = run.class_names, run.config
    picture = open_picture(photo, config.image_size).image
    before = phase_one.predict(picture)
    channels = before.feature_maps.shape[-1]
    random = Head.untrained(channels, config.dense_units, len(names), config.seed)
    last = finished.predict(picture).feature_maps
    return [
        Stage("Untrained head", answer(random, before.feature_maps, names), random),
        Stage("After phase 1", before, phase_one.head),
        Stage("After phase 2", answer(finished.head, last, names), finished.head),
    ]
