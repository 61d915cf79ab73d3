"""A run's LiteRT program, no larger than the web needs it. Uses no TensorFlow."""

from typing import TYPE_CHECKING

import numpy as np

from imgcls.networks.signature import KEY

if TYPE_CHECKING:
    from ai_edge_litert import schema_py_generated as schema

LARGE = 1024  # numbers from which on halving a constant is worth an operation, as in TensorFlow
EMPTY = 0  # the buffer of what is no constant
TAKES_HALVES = 3  # the version of DEQUANTIZE


def for_web(content: bytes, output: str) -> bytes:
    """Return a program that gives a single output, its weights kept in half precision.

    What only other outputs need is left out. The runtime expands the weights once, when it loads
    them.

    Args:
        content: a program with a signature, see `imgcls.networks.signature`.
        output: the name of what it shall give.

    Raises:
        ValueError: the program has no output of this name.
    """
    from ai_edge_litert.tools import flatbuffer_utils

    model = flatbuffer_utils.read_model_from_bytearray(bytearray(content))
    _keep_only(model, output)
    _halve(model)
    used = {known.buffer for known in [*model.subgraphs[0].tensors, *(model.metadata or [])]}
    for place, buffer in enumerate(model.buffers):
        if place not in used:
            buffer.data = None
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


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


def _halve(model: "schema.ModelT") -> None:
    from ai_edge_litert import schema_py_generated as schema

    (graph,) = model.subgraphs
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.DEQUANTIZE
    code.version = TAKES_HALVES
    model.operatorCodes.append(code)
    for place, tensor in enumerate(list(graph.tensors)):
        data = model.buffers[tensor.buffer].data
        if tensor.type != schema.TensorType.FLOAT32 or data is None:
            continue
        whole = np.frombuffer(data, np.float32)
        if whole.size < LARGE or np.abs(whole).max() > np.finfo(np.float16).max:
            continue
        kept = schema.BufferT()
        kept.data = whole.astype(np.float16).view(np.uint8)
        half = schema.TensorT()
        half.name, half.shape = tensor.name + b" in half precision", tensor.shape
        half.type, half.buffer = schema.TensorType.FLOAT16, len(model.buffers)
        expanding = schema.OperatorT()
        expanding.opcodeIndex = len(model.operatorCodes) - 1
        expanding.inputs, expanding.outputs = [len(graph.tensors)], [place]
        tensor.buffer = EMPTY
        model.buffers.append(kept)
        graph.tensors.append(half)
        graph.operators.insert(0, expanding)
