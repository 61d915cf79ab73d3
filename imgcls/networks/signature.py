"""What a run's LiteRT programs take and give, by name."""

from imgcls.config import TrainConfig
from imgcls.networks.feature_info import depths
from imgcls.networks.layers import cut_layer

KEY = "serving_default"  # TensorFlow's name for a program's only signature
PHOTO = "photo"  # (1, size, size, 3), 0-255
# The softmax of the logits, whatever the last layer's activation is, see
# `imgcls.inference.softmax.probabilities`; before calibration.
PROBABILITIES = "probabilities"  # (1, classes)
LOGITS = "logits"  # (1, classes), what the last layer computes before its activation
FEATURE_MAPS = "feature_maps"  # (1, height, width, channels), the last ones, before pooling
# Until programs had signatures, they gave these in this order, the first as the last layer made it.
UNNAMED = (PROBABILITIES, FEATURE_MAPS, LOGITS)


def layer_outputs(config: TrainConfig) -> list[str]:
    """Return the layers whose outputs a run's program gives too, by their names in Keras.

    Those that the lesson looks at, and the one that phase 1 and phase 2 share everything below of.
    """
    cut = cut_layer(config)
    return list(dict.fromkeys([depth.layer for depth in depths(config)] + ([cut] if cut else [])))


def kernel(layer: str) -> str:
    """Return the name under which a program gives a convolution's kernels.

    Their shape is (height, width, channels, count), the scale of the normalization behind the
    convolution is part of them.
    """
    return f"{layer}/kernel"
