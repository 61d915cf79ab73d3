"""Types of arrays and callbacks that many modules name."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float32]
HalfArray = npt.NDArray[np.float16]
Progress = Callable[[int, int], None]
RgbArray = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.floating[Any]]
Labels = npt.NDArray[np.integer[Any]]
