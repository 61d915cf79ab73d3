"""A run's LiteRT program, asked for what its inner layers make of a photo."""

import os
import re
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from imgcls.architecture import Layer, layers
from imgcls.litert import FloatArray
from imgcls.runs import PROGRAM, Run, RunError

# As in "functional_1/base_1/block_13_project_BN_1/batchnorm/add_1;...": Keras counts a layer's
# calls behind its name, and the first of the names that are fused is that of the last layer.
_TENSOR = re.compile(r"/([^/;]+?)(?:_\d+)?/(?:batchnorm/)?[^/;]+(?:;|$)")


class LayerOutputs:
    """The feature maps between a run's layers; any number of threads may ask at once.

    The converter folds each BatchNormalization, and the ReLU after it, into the convolution before
    it: of these three only the last one's output is there.

    It takes some 35 MB of memory at 160 px: every inner tensor is kept, and the program runs
    without XNNPACK, which would keep them to itself.

    Raises:
        RunError: the run has no program that can be loaded.
    """

    def __init__(self, run: Run) -> None:
        from ai_edge_litert.interpreter import Interpreter, OpResolverType

        path = run.file(PROGRAM)
        try:
            self._interpreter = Interpreter(
                model_content=path.read_bytes(),
                num_threads=os.cpu_count(),
                experimental_preserve_all_tensors=True,
                experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
            )
            self._interpreter.allocate_tensors()
        except (OSError, ValueError) as error:
            raise RunError(f"{path} cannot be loaded: {error}") from error
        self.image_size = run.config.image_size
        self._lock = threading.Lock()
        self._photo = self._interpreter.get_input_details()[0]["index"]
        self._index = self._find(layers(run.config, len(run.class_names)))

    @property
    def names(self) -> list[str]:
        """Keras's names of the layers that can be asked for, from the photo on."""
        return list(self._index)

    def __call__(self, pixels: npt.NDArray[Any], names: Sequence[str]) -> dict[str, FloatArray]:
        """Return what these layers make of a photo.

        Args:
            pixels: shape (size, size, 3), values 0-255.
            names: of layers, some of `names`.

        Returns:
            Each layer's output, shape (height, width, channels).
        """
        with self._lock:
            self._interpreter.set_tensor(self._photo, pixels[np.newaxis].astype(np.float32))
            self._interpreter.invoke()
            return {name: self._interpreter.get_tensor(self._index[name])[0] for name in names}

    def _find(self, table: list[Layer]) -> dict[str, int]:
        """Return layer -> tensor, for the layers that have feature maps in the program."""
        tensors = {
            (_layer_of(detail["name"]), tuple(detail["shape"])): detail["index"]
            for detail in self._interpreter.get_tensor_details()
        }
        shaped = [layer for layer in table if len(layer.output_shape) == 3]  # noqa: PLR2004
        found = {
            layer.name: tensors[layer.name, (1, *layer.output_shape)]
            for layer in shaped
            if (layer.name, (1, *layer.output_shape)) in tensors
        }
        # The last feature maps are the program's second output, and called after that.
        _, maps, _ = self._interpreter.get_output_details()
        return {**found, shaped[-1].name: maps["index"]}


def _layer_of(tensor: str) -> str:
    found = _TENSOR.search(tensor)
    return found[1] if found else ""
