"""A Keras function as a LiteRT program whose input and outputs have names."""

import logging
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from imgcls.architectures.layer import Shape
from imgcls.networks.signature import KEY

if TYPE_CHECKING:
    import tensorflow as tf


def convert(
    function: "Callable[[tf.Tensor], Mapping[str, Any]]",
    input_name: str,
    shape: Shape,
    *,
    half: bool = False,
    examples: Sequence[npt.NDArray[Any]] = (),
) -> bytes:
    """Return `function` as a LiteRT program for one photo.

    Args:
        function: maps a tensor of shape (1, *shape) to tensors by name; constants are allowed.
        input_name: of what it takes.
        shape: of what it takes, without the leading axis.
        half: whether to keep the weights in half precision: half the bytes, the same speed.
        examples: what it takes, without the leading axis, to compute with 8 bits up to the last
            mean, the global pooling: each tensor's scale is such that what they make of it fits.
    """
    import tensorflow as tf

    photo = tf.TensorSpec((1, *shape), tf.float32)
    traced = tf.function(function, input_signature=[photo], autograph=False)
    concrete = traced.get_concrete_function()
    # Without a trackable object the converter freezes the variables itself, in a fifth of the
    # time of the documented way through a SavedModel; but it keeps no names. It logs a warning
    # that this way is old.
    absl = logging.getLogger("absl")
    level = absl.level
    absl.setLevel(logging.ERROR)
    try:
        converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete])
        if half:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.target_spec.supported_types = [tf.float16]
        if examples:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.representative_dataset = lambda: (
                [values[np.newaxis].astype(np.float32)] for values in examples
            )
            converter._experimental_calibrate_only = True
        with warnings.catch_warnings():
            # Numbers of 8 bits come in only where they are asked for; here they never do.
            warnings.filterwarnings("ignore", "Statistics for quantized inputs were expected")
            content = bytes(converter.convert())
        if examples:
            content = _with_8_bits(content)
    finally:
        absl.setLevel(level)
    # TensorFlow puts what a dictionary holds into the order of its keys.
    return name(content, input_name, sorted(concrete.structured_outputs))


def _with_8_bits(calibrated: bytes) -> bytes:
    """Return a program of 8 bits, made of one that knows the range of each of its tensors.

    What comes behind the pooling keeps 32: probabilities in 256 steps would not sum up to 1. It is
    left out by names of tensors, as TensorFlow's QuantizationDebugger does.
    """
    from tensorflow.lite.python.convert import mlir_quantize
    from tensorflow.lite.python.schema_py_generated import BuiltinOperator
    from tensorflow.lite.tools import flatbuffer_utils

    model = flatbuffer_utils.convert_bytearray_to_object(bytearray(calibrated))
    (graph,) = model.subgraphs
    kinds = [model.operatorCodes[operator.opcodeIndex].builtinCode for operator in graph.operators]
    behind = len(kinds) - kinds[::-1].index(BuiltinOperator.MEAN)
    names = [
        graph.tensors[operator.outputs[0]].name.decode() for operator in graph.operators[behind:]
    ]
    return bytes(mlir_quantize(calibrated, denylisted_nodes=names))


def name(content: bytes, input_name: str, output_names: list[str]) -> bytes:
    """Return a LiteRT program with a signature that names its input and its outputs, in order."""
    from tensorflow.lite.python import schema_py_generated as schema
    from tensorflow.lite.tools import flatbuffer_utils

    def named(names: list[str], tensors: list[int]) -> list[Any]:
        entries = []
        for each, tensor in zip(names, tensors, strict=True):
            entry = schema.TensorMapT()
            entry.name, entry.tensorIndex = each, int(tensor)
            entries.append(entry)
        return entries

    model = flatbuffer_utils.convert_bytearray_to_object(bytearray(content))
    (graph,) = model.subgraphs
    signature = schema.SignatureDefT()
    signature.signatureKey, signature.subgraphIndex = KEY, 0
    signature.inputs = named([input_name], graph.inputs)
    signature.outputs = named(output_names, graph.outputs)
    model.signatureDefs = [signature]
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))
