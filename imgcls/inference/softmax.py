"""From logits to probabilities and to a score of likeness, with NumPy alone."""

import numpy as np

from imgcls._utils.arrays import Floats


def probabilities(logits: Floats, temperature: float = 1.0) -> Floats:
    """Return the softmax of logits (n, classes): the probabilities that training makes likely.

    Args:
        logits: shape (n, classes).
        temperature: what the logits are divided by first, see `imgcls.evaluation.calibration`.

    The paper's last layer is a sigmoid, whose outputs are no distribution. Keras's sparse
    categorical cross-entropy does not use them: it takes the logits that its sigmoid keeps
    (`_keras_logits`, keras/src/activations/activations.py) and applies softmax.
    """
    scaled = logits.astype(np.float64) / temperature
    return np.exp(scaled - negative_energy(scaled)[:, np.newaxis])


def negative_energy(logits: Floats) -> Floats:
    """Return a score (n,) that is higher the more a photo is like those trained on.

    The negative energy, log-sum-exp of the logits: Liu et al. 2020, "Energy-based
    Out-of-distribution Detection".
    """
    values = logits.astype(np.float64)
    highest = values.max(axis=1)
    sums: Floats = highest + np.log(np.exp(values - highest[:, np.newaxis]).sum(axis=1))
    return sums
