"""Sigmoid or softmax behind the last layer: what each makes of the same logits."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import expit

from imgcls._utils.arrays import Floats
from imgcls.inference.softmax import probabilities

SIGMOID, SHARED, SOFTMAX = "sigmoid", "sigmoid, divided by the sum", "softmax"


def compare(logits: Sequence[float]) -> pd.DataFrame:
    """Return what becomes of the logits of one photo.

    Args:
        logits: one a class.

    Returns:
        One row a class, columns "logit", SIGMOID, SHARED and SOFTMAX.
    """
    values: Floats = np.array(logits, np.float64)
    each = expit(values)
    return pd.DataFrame(
        {
            "logit": values,
            SIGMOID: each,
            SHARED: each / each.sum(),
            SOFTMAX: probabilities(values[np.newaxis])[0],
        }
    )


def cross_entropy(shares: Sequence[float], label: int) -> float:
    """Return minus the logarithm of the share given to the true class."""
    return float(-np.log(shares[label]))
