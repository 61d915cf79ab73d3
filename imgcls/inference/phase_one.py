"""A run as it was after phase 1, before fine-tuning: answers without TensorFlow."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import numpy as np
from PIL.Image import Image

from imgcls._utils.arrays import FloatArray
from imgcls.config import FIRST_CUT
from imgcls.data.images import read_rgb
from imgcls.inference.grad_cam import grad_cam
from imgcls.inference.head import Head
from imgcls.inference.layer_outputs import LayerOutputs
from imgcls.inference.numpy_tail import NumpyTail
from imgcls.inference.softmax import probabilities
from imgcls.networks.layers import cut_index, network_layers
from imgcls.runs.files import PHASE_1_MODEL
from imgcls.runs.run import Run, RunError

WEIGHTS = "model.weights.h5"  # inside a .keras file


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

    Below the cut both phases share the base, so that part is run by the run's finished program;
    from there on the weights are those of phase 1, in NumPy.

    Args:
        run: a finished one on MobileNetV2.
        outputs: those of the same run, when there is one in memory already.

    Attributes:
        head: the one that phase 1 has trained.

    Raises:
        RunError: the run has no phase 1 of its own, or its file for it is missing or damaged.
    """

    def __init__(self, run: Run, outputs: LayerOutputs | None = None) -> None:
        if len(run.config.phases) == 1:
            raise RunError(f"{run.id} was trained in a single phase: there is nothing before it.")
        base = [layer for layer in network_layers(run.config) if layer.base_index is not None]
        # Without a frozen bottleneck there is nothing to share but the photo.
        cut = cut_index(run.config) if run.config.fine_tune_at >= FIRST_CUT else 0
        above = base[cut + 1 :]
        weights = _read(run, {layer.name for layer in above} | {"dense", "predictions"})
        self._outputs = outputs or LayerOutputs(run)
        self._cut = base[cut].name if cut else "rescaling"
        try:
            self._tail = NumpyTail(above, weights)
            self.head = Head(*weights["dense"], *weights["predictions"])
        except (KeyError, ValueError, TypeError) as error:
            raise RunError(f"{run.file(PHASE_1_MODEL)} is of another network: {error!r}") from error
        self._names = run.class_names

    @classmethod
    def load(cls, run: Run) -> "PhaseOne":
        """Return the run's. Raises RunError when it does not keep what is needed."""
        return cls(run)

    def predict(self, photo: Path | bytes | Image) -> Answer:
        """Return the answer for one photo, a file or an opened one. Raises ImageError."""
        pixels = read_rgb(photo, self._outputs.image_size)
        maps = self._tail(self._outputs(pixels, [self._cut])[self._cut])
        return answer(self.head, maps, self._names)

    def grad_cam(self, given: Answer, name: str) -> FloatArray:
        """Return where in the photo the evidence for a class lies."""
        return grad_cam(self.head, given.feature_maps, self._names.index(name))


def answer(head: Head, feature_maps: FloatArray, names: list[str]) -> Answer:
    """Return what a head makes of feature maps, shape (height, width, channels)."""
    logits = head.logits(feature_maps.mean(axis=(0, 1))[np.newaxis])
    shares = probabilities(logits)[0]
    top = tuple((names[label], float(shares[label])) for label in np.argsort(-shares))
    return Answer(*top[0], top=top, logits=logits[0], feature_maps=feature_maps)


def _read(run: Run, names: Collection[str]) -> dict[str, list[FloatArray]]:
    """Return layer -> its weights after phase 1, in Keras's order."""
    import h5py  # only here, it takes 10 MB

    path = run.file(PHASE_1_MODEL)
    found: dict[str, list[FloatArray]] = {}

    def take(_: str, item: "h5py.Group | h5py.Dataset") -> None:
        # A layer's variables, called 0, 1 ..., lie in a group that carries its name.
        if isinstance(item, h5py.Group) and item.attrs.get("name") in names:
            found[item.attrs["name"]] = [item[str(place)][()] for place in range(len(item))]

    try:
        with (
            ZipFile(path) as archive,
            archive.open(WEIGHTS) as content,
            h5py.File(content) as file,
        ):
            file.visititems(take)
    except FileNotFoundError:
        raise RunError(
            f"{run.id} does not keep the network as it was after phase 1 ({path.name})."
        ) from None
    except (OSError, KeyError, BadZipFile) as error:
        raise RunError(f"{path} cannot be read: {error}") from error
    return found
