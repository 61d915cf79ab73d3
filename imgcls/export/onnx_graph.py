"""A Keras model as an ONNX graph, written layer by layer.

The networks here are made of few kinds of layers, and each is one or two of ONNX's operators.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from imgcls.errors import ImgclsError

if TYPE_CHECKING:
    import keras


OPSET, IR_VERSION = 17, 8  # of 2022: runtimes on old systems read them too
ACTIVATIONS = {"relu": "Relu", "sigmoid": "Sigmoid", "hard_silu": "HardSwish"}
Weights = list[np.ndarray[Any, Any]]
Config = Mapping[str, Any]


class UnknownLayerError(ImgclsError):
    """A layer that cannot be written; the message is for people."""


def to_onnx(model: "keras.Model", metadata: Mapping[str, str]) -> onnx.ModelProto:
    """Return a model as ONNX, with the names of its input and outputs.

    Args:
        model: maps a photo, shape (n, height, width, 3), to outputs by name, each called as the
            layer that gives it.
        metadata: texts by name, kept as `metadata_props`.

    Raises:
        UnknownLayerError: it has a layer of another kind than those of `imgcls.architectures`.
    """
    graph = _Graph()
    (photo,) = model.inputs
    pixels = graph.add("Transpose", "channels_first", [photo.name], perm=[0, 3, 1, 2])
    graph.add_layers(model, "", pixels)
    built = helper.make_graph(
        graph.nodes,
        model.name,
        [_described(photo.name, photo.shape)],
        [_described(name, output.shape) for name, output in model.output.items()],
        graph.constants,
    )
    opset = helper.make_opsetid("", OPSET)
    written = helper.make_model(built, opset_imports=[opset], ir_version=IR_VERSION)
    helper.set_model_props(written, dict(metadata))
    onnx.checker.check_model(written, full_check=True)
    return written


def _described(name: str, shape: tuple[int | None, ...]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", *shape[1:]])


class _Graph:
    """Operators and constants, from the photo on; the channels come before height and width."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, kind: str, name: str, inputs: list[str], **attributes: Any) -> str:
        """Add an operator, and return its output, which is called as it is."""
        self.nodes.append(helper.make_node(kind, inputs, [name], name, **attributes))
        return name

    def constant(self, name: str, values: Any, type: Any = np.float32) -> str:
        """Add a constant, and return its name."""
        self.constants.append(numpy_helper.from_array(np.asarray(values, type), name))
        return name

    def weights(self, name: str, weights: Weights) -> list[str]:
        """Add the weights of a layer, in Keras's order, and return their names."""
        return [
            self.constant(f"{name}/weights_{place}", each) for place, each in enumerate(weights)
        ]

    def add_layers(self, model: "keras.Model", scope: str, photo: str) -> str:
        """Add the layers of a model of one input, and return the last one's output.

        They are read from the model's description, where also what is no layer, such as `x + 3`,
        stands with its arguments. Whatever a layer takes comes before it.
        """
        layers = {layer.name: layer for layer in model.layers}
        values: dict[str, str] = {}
        for entry in model.get_config()["layers"]:
            name, kind, config = entry["name"], entry["class_name"], entry["config"]
            place = f"{scope}{name}"
            if kind == "InputLayer":
                values[name] = photo
                continue
            inputs = [
                values[argument]
                if isinstance(argument, str)
                else self.constant(f"{place}/number", argument)
                for argument in _arguments(entry["inbound_nodes"][0]["args"])
            ]
            if kind == "Functional":
                values[name] = self.add_layers(layers[name], f"{place}/", *inputs)
            elif kind in KINDS:
                weights = layers[name].get_weights() if name in layers else []
                values[name] = KINDS[kind](self, place, inputs, config, weights)
            else:
                raise UnknownLayerError(f"{name} is a {kind}, which cannot be written as ONNX yet.")
        return list(values.values())[-1]

    def activation(self, name: str, value: str, activation: str) -> str:
        """Add one of Keras's activations by its name."""
        if activation == "linear":
            return value
        if activation not in ACTIVATIONS:
            raise UnknownLayerError(
                f"{name} ends in {activation}, which cannot be written as ONNX."
            )
        return self.add(ACTIVATIONS[activation], f"{name}/{activation}", [value])


def _arguments(written: Any) -> Iterator[str | float]:
    """Yield what a layer is called with: names of layers, and numbers."""
    if isinstance(written, dict):
        yield written["config"]["keras_history"][0]
    elif isinstance(written, (list, tuple)):
        for each in written:
            yield from _arguments(each)
    else:
        yield written


def _convolution(
    graph: _Graph, name: str, inputs: list[str], config: Config, weights: Weights
) -> str:
    return _convolved(graph, name, inputs, config, [weights[0].transpose(3, 2, 0, 1), *weights[1:]])


def _depthwise(
    graph: _Graph, name: str, inputs: list[str], config: Config, weights: Weights
) -> str:
    # One kernel a channel: as many groups as channels.
    kernels = weights[0].transpose(2, 3, 0, 1)
    grouped = {**config, "groups": len(kernels)}
    return _convolved(graph, name, inputs, grouped, [kernels, *weights[1:]])


def _convolved(
    graph: _Graph, name: str, inputs: list[str], config: Config, weights: Weights
) -> str:
    found = graph.add(
        "Conv",
        name,
        [*inputs, *graph.weights(name, weights)],
        strides=config["strides"],
        auto_pad="SAME_UPPER" if config["padding"] == "same" else "VALID",
        group=config["groups"],
    )
    return graph.activation(name, found, config["activation"])


def _dense(graph: _Graph, name: str, inputs: list[str], config: Config, weights: Weights) -> str:
    found = graph.add("Gemm", name, [*inputs, *graph.weights(name, weights)])
    return graph.activation(name, found, config["activation"])


def _normalization(
    graph: _Graph, name: str, inputs: list[str], config: Config, weights: Weights
) -> str:
    # Runtimes make it a part of the convolution before it.
    kept = graph.weights(name, weights)
    return graph.add("BatchNormalization", name, [*inputs, *kept], epsilon=config["epsilon"])


def _rescaling(graph: _Graph, name: str, inputs: list[str], config: Config, _: Weights) -> str:
    scale = graph.constant(f"{name}/scale", config["scale"])
    offset = graph.constant(f"{name}/offset", config["offset"])
    return graph.add("Add", name, [graph.add("Mul", f"{name}/scaled", [*inputs, scale]), offset])


def _relu(graph: _Graph, name: str, inputs: list[str], config: Config, _: Weights) -> str:
    if config["max_value"] is None:
        return graph.add("Relu", name, inputs)
    ends = [graph.constant(f"{name}/{end}", end) for end in (0, config["max_value"])]
    return graph.add("Clip", name, [*inputs, *ends])


def _padding(graph: _Graph, name: str, inputs: list[str], config: Config, _: Weights) -> str:
    (top, bottom), (left, right) = config["padding"]
    pads = graph.constant(f"{name}/pads", [0, 0, top, left, 0, 0, bottom, right], np.int64)
    return graph.add("Pad", name, [*inputs, pads])


def _mean(graph: _Graph, name: str, inputs: list[str], config: Config, _: Weights) -> str:
    if config["keepdims"]:
        return graph.add("GlobalAveragePool", name, inputs)
    return graph.add("Flatten", name, [graph.add("GlobalAveragePool", f"{name}/kept", inputs)])


KINDS: Mapping[str, Any] = {
    "Activation": lambda graph, name, inputs, config, _: graph.activation(
        name, *inputs, config["activation"]
    ),
    "Add": lambda graph, name, inputs, *_: graph.add("Add", name, inputs),
    "BatchNormalization": _normalization,
    "Conv2D": _convolution,
    "Dense": _dense,
    "DepthwiseConv2D": _depthwise,
    "Dropout": lambda graph, name, inputs, *_: inputs[0],
    "GlobalAveragePooling2D": _mean,
    "Identity": lambda graph, name, inputs, *_: graph.add("Identity", name, inputs),
    "Logsumexp": lambda graph, name, inputs, *_: graph.add(
        "ReduceLogSumExp", name, inputs, axes=[1], keepdims=0
    ),
    "MaxPooling2D": lambda graph, name, inputs, config, _: graph.add(
        "MaxPool", name, inputs, kernel_shape=config["pool_size"], strides=config["strides"]
    ),
    "Multiply": lambda graph, name, inputs, *_: graph.add("Mul", name, inputs),
    "ReLU": _relu,
    "Rescaling": _rescaling,
    "Softmax": lambda graph, name, inputs, *_: graph.add("Softmax", name, inputs, axis=-1),
    "ZeroPadding2D": _padding,
}
