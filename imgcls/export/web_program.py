"""A run's LiteRT program, packed no larger than the web needs it. Uses no TensorFlow."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from imgcls.networks.signature import KEY

if TYPE_CHECKING:
    from ai_edge_litert import schema_py_generated as schema

LARGE = 1024  # numbers; smaller constants are left as they are
EMPTY = 0  # the buffer of what is no constant


@dataclass(frozen=True)
class Packed:
    """A program of 32 bits whose weights are kept apart, in half precision.

    A program that keeps them so itself expands them again for each photo in LiteRT.js, which takes
    four times as long as all the rest.

    Attributes:
        program: zeros stand where the weights belong.
        weights: one after the other, little-endian.
        places: where each begins in the program, and how many numbers it has.
    """

    program: bytes
    weights: bytes
    places: tuple[tuple[int, int], ...]


def pack(content: bytes, output: str) -> Packed:
    """Return a program that gives a single output; what only others need is left out.

    Args:
        content: a program with a signature, see `imgcls.networks.signature`.
        output: the name of what it shall give.

    Raises:
        ValueError: the program has no output of this name.
    """
    from ai_edge_litert.tools import flatbuffer_utils

    model = flatbuffer_utils.read_model_from_bytearray(bytearray(content))
    _keep_only(model, output)
    _expand(model)
    used = {known.buffer for known in [*model.subgraphs[0].tensors, *(model.metadata or [])]}
    for place, buffer in enumerate(model.buffers):
        if place not in used:
            buffer.data = None
    return _taken_apart(bytearray(flatbuffer_utils.convert_object_to_bytearray(model)))


def _keep_only(model: "schema.ModelT", output: str) -> None:
    (graph,) = model.subgraphs
    signatures = [each for each in model.signatureDefs or [] if each.signatureKey == KEY.encode()]
    for signature in signatures:
        signature.outputs = [each for each in signature.outputs if each.name == output.encode()]
        graph.outputs = [each.tensorIndex for each in signature.outputs]
    if not (signatures and graph.outputs):
        raise ValueError(f"whose program gives no {output} by name")
    needed, kept = {*graph.inputs, *graph.outputs}, []
    for operator in reversed(graph.operators):
        if needed.intersection(operator.outputs):
            kept.append(operator)
            needed.update(operator.inputs)
    graph.operators = kept[::-1]
    for place, tensor in enumerate(graph.tensors):
        if place not in needed:
            tensor.buffer = EMPTY


def _expand(model: "schema.ModelT") -> None:
    """Keep constants of half precision as ones of 32 bits."""
    from ai_edge_litert import schema_py_generated as schema

    (graph,) = model.subgraphs
    kept = []
    for operator in graph.operators:
        half = graph.tensors[operator.inputs[0]]
        data = model.buffers[half.buffer].data
        if half.type != schema.TensorType.FLOAT16 or data is None:
            kept.append(operator)
            continue
        whole = schema.BufferT()
        whole.data = np.frombuffer(data, np.float16).astype(np.float32).view(np.uint8)
        graph.tensors[operator.outputs[0]].buffer = len(model.buffers)
        model.buffers.append(whole)
        half.buffer = EMPTY
    graph.operators = kept


def _taken_apart(program: bytearray) -> Packed:
    from ai_edge_litert import schema_py_generated as schema

    model = schema.Model.GetRootAs(program)
    graph = model.Subgraphs(0)
    tensors = [graph.Tensors(place) for place in range(graph.TensorsLength())]
    numbers = {each.Buffer() for each in tensors if each.Type() == schema.TensorType.FLOAT32}
    start = np.frombuffer(program, np.uint8).ctypes.data
    weights, places = [], []
    for place in sorted(numbers - {EMPTY}):
        data = model.Buffers(place).DataAsNumpy()  # a view of the program
        whole = np.frombuffer(data, np.float32)
        if whole.size < LARGE or np.abs(whole).max() > np.finfo(np.float16).max:
            continue
        weights.append(whole.astype(np.float16).tobytes())
        places.append((data.ctypes.data - start, whole.size))
        data[:] = 0
    return Packed(bytes(program), b"".join(weights), tuple(places))
