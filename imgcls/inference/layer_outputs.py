"""A run's LiteRT program, asked for what its inner layers make of a photo."""

import os
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from imgcls._utils.arrays import FloatArray
from imgcls.networks.layers import Layer, network_layers
from imgcls.runs.files import PROGRAM
from imgcls.runs.run import Run, RunError

if TYPE_CHECKING:
    from ai_edge_litert.interpreter import Interpreter


# As in "functional_1/base_1/block_13_project_BN_1/batchnorm/add_1;...": Keras counts a layer's
# calls behind its name, and the first of the names that are fused is that of the last layer.
_TENSOR = re.compile(r"/([^/;]+?)(?:_\d+)?/(?:batchnorm/)?[^/;]+(?:;|$)")


class LayerOutputs:
    """The feature maps between a run's layers; any number of threads may ask at once.

    The converter folds each BatchNormalization, and the ReLU after it, into the convolution before
    it: of these three only the last one's output is there.

    Every inner tensor of the program is kept while it runs, some 25 MB at 160 px. So it is loaded
    for each photo, which takes a millisecond, and in between takes no memory.

    Attributes:
        image_size: side in pixels of the square that the network sees.

    Raises:
        RunError: the run has no program that can be loaded.
    """

    def __init__(self, run: Run) -> None:
        self._path = run.file(PROGRAM)
        self.image_size = run.config.image_size
        self._index = self._find(network_layers(run.config, len(run.class_names)))

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
        program = self._load()
        program.allocate_tensors()
        photo = program.get_input_details()[0]["index"]
        program.set_tensor(photo, pixels[np.newaxis].astype(np.float32))
        program.invoke()
        return {name: program.get_tensor(self._index[name])[0] for name in names}

    def kernels(self, name: str) -> FloatArray:
        """Return the kernels of an ordinary convolution, shape (count, height, width, channels).

        The scale of the normalization behind it is part of them.
        """
        program = self._load()
        (found,) = (
            detail["index"]
            for detail in program.get_tensor_details()
            # The feature maps and the shift are named after all that is fused, with semicolons.
            if _layer_of(detail["name"]) == name
            and re.search("^[^;]*/convolution$", detail["name"])
        )
        program.allocate_tensors()
        kernels: FloatArray = program.get_tensor(found)
        return kernels

    def _load(self) -> "Interpreter":
        from ai_edge_litert.interpreter import Interpreter, OpResolverType

        try:
            return Interpreter(
                model_path=str(self._path),
                num_threads=os.cpu_count(),
                experimental_preserve_all_tensors=True,
                # XNNPACK would keep the inner tensors to itself.
                experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
            )
        except (OSError, ValueError) as error:
            raise RunError(f"{self._path} cannot be loaded: {error}") from error

    def _find(self, table: list[Layer]) -> dict[str, int]:
        """Return layer -> tensor, for the layers that have feature maps in the program."""
        program = self._load()
        tensors = {
            (_layer_of(detail["name"]), tuple(detail["shape"])): detail["index"]
            for detail in program.get_tensor_details()
        }
        shaped = [layer for layer in table if len(layer.output_shape) == 3]  # noqa: PLR2004
        found = {
            layer.name: tensors[layer.name, (1, *layer.output_shape)]
            for layer in shaped
            if (layer.name, (1, *layer.output_shape)) in tensors
        }
        # The last feature maps are the program's second output, and called after that.
        _, maps, _ = program.get_output_details()
        return {**found, shaped[-1].name: maps["index"]}


def _layer_of(tensor: str) -> str:
    found = _TENSOR.search(tensor)
    return found[1] if found else ""
