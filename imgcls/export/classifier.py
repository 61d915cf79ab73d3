"""What leaves the house: a run's network with calibrated outputs, and what its users must know."""

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from imgcls._utils.arrays import RgbArray
from imgcls.inference.confidence import Confidence
from imgcls.networks.signature import LOGITS, PHOTO, PROBABILITIES
from imgcls.runs.files import MODEL
from imgcls.runs.run import Run, RunError

if TYPE_CHECKING:
    import keras

    from imgcls.data.dataset import Dataset


SCORE = "score"  # (n,), higher for photos like those trained on, as `Prediction.energy`
CALIBRATION_PHOTOS = 200


@dataclass(frozen=True)
class Classifier:
    """A finished run on its way out.

    Attributes:
        run: the run.
        dataset: the photos it learned from; None when they are not at hand.
    """

    run: Run
    dataset: "Dataset | None" = None

    @property
    def class_names(self) -> list[str]:
        """Names of the classes, in the order of the probabilities."""
        return self.run.class_names

    @cached_property
    def preprocessing(self) -> dict[str, Any]:
        """How a photo becomes pixels and the outputs an answer, as JSON types."""
        confidence = Confidence.of_run(self.run)
        return {
            "size": self.run.config.image_size,
            "crop": "centre square",
            "resampling": "lanczos",
            "colour_order": "RGB",
            "range": [0, 255],
            "layout": "NHWC",
            "type": "float32",
            "classes": self.class_names,
            "threshold": self.run.energy_threshold,
            "temperature": confidence.temperature,
            "step": confidence.step,
        }

    @cached_property
    def files(self) -> dict[str, bytes]:
        """What lies beside the model and inside of it: name -> content."""
        settings = json.dumps(self.preprocessing, indent=2, ensure_ascii=False)
        return {
            "labels.txt": encoded("".join(f"{_one_line(name)}\n" for name in self.class_names)),
            "preprocess.json": encoded(f"{settings}\n"),
        }

    @cached_property
    def model(self) -> "keras.Model":
        """The network: pixels `photo` -> calibrated `probabilities` and `score`.

        Raises RunError when the run does not keep it, or when its file is damaged.
        """
        return calibrated(_load(self.run), Confidence.of_run(self.run))

    def training_photos(self) -> Iterator[RgbArray]:
        """Yield some photos that the run learned from, shape (size, size, 3).

        Raises:
            RunError: they are not at hand.
            ImageError: one has become unreadable.
        """
        if self.dataset is None:
            raise RunError(
                f"8 bits are calibrated on photos that {self.run.title} was trained on, and those "
                f"are not at hand: give the folder of {self.run.dataset} with --data."
            )
        files = self.dataset.split("train")["file"].to_list()
        for file in spread(files, CALIBRATION_PHOTOS):
            yield self.dataset.read(file, self.run.config.image_size)


def spread(items: list[Any], count: int) -> list[Any]:
    """Return at most `count` of the items, as evenly spread over the list as can be."""
    places = np.linspace(0, len(items) - 1, min(count, len(items))).round().astype(int)
    return [items[place] for place in places]


def calibrated(model: "keras.Model", confidence: Confidence) -> "keras.Model":
    """Return a network that gives what people are told, made of Keras's own layers alone.

    Args:
        model: as `imgcls.networks.build.build_model` returns it.
        confidence: of its run.

    Returns:
        A model of pixels, shape (n, size, size, 3), with two outputs by name: `probabilities`,
        shape (n, classes), and `score`, shape (n,).
    """
    import keras

    photo = keras.Input(model.input_shape[1:], name=PHOTO)
    hidden = photo
    for layer in model.layers[:-1]:
        hidden = layer(hidden)
    last = model.layers[-1]
    dense = keras.layers.Dense(last.units, name=LOGITS)
    logits = dense(hidden)
    dense.set_weights(last.get_weights())
    tempered = keras.layers.Rescaling(1 / confidence.temperature, name="temperature")(logits)
    shares = keras.layers.Softmax(name="softmax")(tempered)
    # Nothing is mixed in where the photos were enough to calibrate on: see `Confidence`.
    doubt = confidence.doubt
    mixed = keras.layers.Rescaling(1 - doubt, offset=doubt / last.units, name=PROBABILITIES)(shares)
    score = keras.layers.Identity(name=SCORE)(keras.ops.logsumexp(logits, axis=-1))
    return keras.Model(photo, {PROBABILITIES: mixed, SCORE: score}, name=model.name)


def _load(run: Run) -> "keras.Model":
    import keras

    path = run.file(MODEL)
    if not path.is_file():
        raise RunError(
            f"{run.title} is kept without {MODEL}, from which every format is made. Train it "
            f"again: {run.record.command}"
        )
    try:
        run.checked(MODEL)
        # Of runs that know no checksums: Keras would read weights that were changed without a word.
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
        if damaged is not None:
            raise ValueError(f"{damaged} inside of it was changed")
        return keras.saving.load_model(path, compile=False)
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise RunError(f"{path} cannot be loaded: {error}") from error


def encoded(text: str) -> bytes:
    """Return text as UTF-8; names may hold bytes of a file system that are no text."""
    return text.encode(errors="backslashreplace")


def _one_line(name: str) -> str:
    return " ".join(name.splitlines())
