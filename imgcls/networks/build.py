"""The network: the paper's Figure 10 on a pretrained base, or a small one from scratch."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from imgcls.architectures import mobilenet_v2
from imgcls.architectures.network import Network
from imgcls.config import TrainConfig
from imgcls.networks.signature import FEATURE_MAPS, LOGITS, PROBABILITIES, kernel
from imgcls.networks.weights import BaseWeights, BaseWeightsError

if TYPE_CHECKING:
    import keras


def build_base(
    image_size: int, weights: BaseWeights, network: Network = mobilenet_v2.NETWORK
) -> "keras.Model":
    """Return a network's pretrained base without its top.

    It maps (n, size, size, 3) in [-1, 1] to its last feature maps.

    Raises:
        BaseWeightsError: the file is damaged or of another network.
    """
    import keras

    (base,) = network.build(image_size)
    assert isinstance(base, keras.Model)
    try:
        if weights.source == "run":
            model = keras.saving.load_model(weights.path, compile=False)
            inside = find_base(model)
            if inside is None:
                raise ValueError("it holds no pretrained base")
            base.set_weights(inside.get_weights())
        else:
            base.load_weights(weights.path)
    except (OSError, ValueError, KeyError) as error:
        raise BaseWeightsError(
            f"{weights.path} cannot be read as weights of {network.title} ({error}). "
            "Delete it to have it fetched again, or give another file."
        ) from error
    return base


def build_model(config: TrainConfig, classes: int, base: "keras.Model | None") -> "keras.Model":
    """Return the whole network: (n, size, size, 3) pixels in 0-255 -> (n, classes) in 0-1.

    Args:
        config: the recipe.
        classes: number of classes.
        base: the pretrained base; None for a network from scratch.
    """
    import keras

    shape = (config.image_size, config.image_size, 3)
    feature_layers = config.network.build(config.image_size) if base is None else [base]
    return keras.Sequential(
        [
            keras.Input(shape, name="photo"),
            keras.layers.Rescaling(1 / 127.5, offset=-1, name="rescaling"),
            *feature_layers,
            keras.layers.GlobalAveragePooling2D(name="global_average_pooling"),
            keras.layers.Dense(config.dense_units, activation="relu", name="dense"),
            keras.layers.Dropout(config.dropout, seed=config.seed, name="dropout"),
            keras.layers.Dense(classes, activation=config.activation, name="predictions"),
        ],
        name=config.architecture,
    )


def find_base(model: "keras.Model") -> "keras.Model | None":
    """Return the model inside `model`: a pretrained base, or residual blocks; else None."""
    import keras

    return next((layer for layer in model.layers if isinstance(layer, keras.Model)), None)


def logits(last: "keras.layers.Dense", hidden: Any) -> Any:
    """Return what the model's last layer computes before its activation, shape (n, classes)."""
    return hidden @ last.kernel + last.bias


def named_outputs(
    model: "keras.Model", layers: Sequence[str] = (), convolution: str | None = None
) -> Callable[[Any], dict[str, Any]]:
    """Return a function of pixels that gives what `imgcls.networks.signature` names.

    Args:
        model: as `build_model` returns it, in inference mode.
        layers: inner layers whose outputs are wanted too.
        convolution: an ordinary one whose kernels are wanted too.
    """
    import keras

    base, last = find_base(model), model.layers[-1]
    pooling = model.get_layer("global_average_pooling")
    inside = None
    if base is not None:
        wanted = {name: base.get_layer(name).output for name in layers}
        inside = keras.Model(base.input, wanted | {FEATURE_MAPS: base.output})

    def call(photos: Any) -> dict[str, Any]:
        outputs: dict[str, Any] = {}
        values = photos
        for layer in model.layers[:-1]:
            if layer is pooling:
                outputs[FEATURE_MAPS] = values
            if inside is not None and layer is base:
                outputs |= inside(values, training=False)
                values = outputs[FEATURE_MAPS]
            else:
                values = layer(values)
            if layer.name in layers:
                outputs[layer.name] = values
        found = logits(last, values)
        outputs |= {LOGITS: found, PROBABILITIES: keras.ops.softmax(found)}
        if convolution is not None:
            outputs[kernel(convolution)] = folded_kernel(base or model, convolution)
        return outputs

    return call


def above_the_cut(model: "keras.Model", cut: str) -> "keras.Model":
    """Return the base's layers above the one called `cut`: its output -> last feature maps."""
    import keras

    base = find_base(model)
    assert base is not None
    return keras.Model(base.get_layer(cut).output, base.output)


def folded_kernel(body: "keras.Model", convolution: str) -> Any:
    """Return a convolution's kernels with the scale of the normalization behind it, if any.

    Shape (height, width, channels, count).
    """
    import keras

    layer = body.get_layer(convolution)
    behind = body.layers[body.layers.index(layer) + 1]
    if not isinstance(behind, keras.layers.BatchNormalization):
        return layer.kernel.value
    return layer.kernel * (behind.gamma * keras.ops.rsqrt(behind.moving_variance + behind.epsilon))


def freeze(model: "keras.Model", first_trainable: int | None) -> None:
    """Freeze the base below layer `first_trainable`; None freezes all of it.

    Freezing a BatchNormalization layer also freezes its scale and shift. Those above the boundary
    are trained, while the moving statistics never are: the engines call the base in inference mode.
    """
    base = find_base(model)
    if base is None:
        return
    base.trainable = True
    for index, layer in enumerate(base.layers):
        layer.trainable = first_trainable is not None and index >= first_trainable
