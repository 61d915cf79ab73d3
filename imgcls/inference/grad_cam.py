"""Grad-CAM in closed form: where in a photo the evidence for a class lies. Needs no gradients."""

import numpy as np

from imgcls._utils.arrays import FloatArray
from imgcls.inference.head import Head


def grad_cam(head: Head, feature_maps: FloatArray, label: int) -> FloatArray:
    """Return where in the photo the evidence for a class lies.

    Grad-CAM (Selvaraju et al. 2017): the weight of a feature map is the mean gradient of the
    class's logit by its values. Above the maps there are only a mean and two dense layers, so that
    this gradient is the same at every place: the head's kernels, with the hidden units left out
    that ReLU has switched off.

    Args:
        head: of the network.
        feature_maps: the last ones, shape (height, width, channels).
        label: the class.

    Returns:
        Shape (height, width), at least 0, in units of the logit: before ReLU cuts them off, the
        values add up to the part of the logit that depends on the photo.
    """
    height, width, _ = feature_maps.shape
    pooled = feature_maps.mean(axis=(0, 1))
    active = pooled @ head.hidden_kernel + head.hidden_bias > 0
    weights = head.hidden_kernel[:, active] @ head.kernel[active, label] / (height * width)
    found: FloatArray = np.maximum(feature_maps @ weights, 0)
    return found
