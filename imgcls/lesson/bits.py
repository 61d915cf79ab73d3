"""Weights in few bits, and what this changes of an answer."""

from dataclasses import replace

import numpy as np

from imgcls._utils.arrays import FloatArray
from imgcls.inference.head import Head


def values(bits: int) -> int:
    """Return how many values so many bits can say, as many below zero as above."""
    return (1 << bits) - 1


def rounded(weights: FloatArray, bits: int) -> FloatArray:
    """Return weights rounded to whole steps, as LiteRT keeps them ("symmetric, per channel").

    Args:
        weights: shape (inputs, units); each unit has a step of its own, by its largest weight.
        bits: of each, at least 2.
    """
    largest = np.abs(weights).max(axis=0)
    step = np.where(largest > 0, largest, 1) / (values(bits) // 2)
    return (np.rint(weights / step) * step).astype(np.float32)


def logits(head: Head, feature_maps: FloatArray, bits: int) -> FloatArray:
    """Return what a head with so many bits makes of a photo, shape (1, classes).

    Args:
        head: of the finished network.
        feature_maps: the network's last ones, shape (height, width, channels).
        bits: of each weight, at least 2.
    """
    return with_bits(head, bits).logits(feature_maps.mean(axis=(0, 1))[np.newaxis])


def with_bits(head: Head, bits: int) -> Head:
    """Return a head whose weights have so many bits; biases are few, and stay as they are."""
    return replace(
        head, hidden_kernel=rounded(head.hidden_kernel, bits), kernel=rounded(head.kernel, bits)
    )
