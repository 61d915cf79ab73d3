"""LiteRT programs: write one from a Keras function, run one on many photos."""

import logging
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

from imgcls._utils.arrays import FloatArray

if TYPE_CHECKING:
    import tensorflow as tf


Item = TypeVar("Item")
Result = TypeVar("Result")
Run = Callable[[npt.NDArray[Any]], list[FloatArray]]


def convert(function: "Callable[[tf.Tensor], Any]", image_size: int) -> bytes:
    """Return `function` as a LiteRT program for one photo.

    Args:
        function: maps pixels of shape (1, size, size, 3), 0-255, to one tensor or a tuple.
        image_size: side of the photo in pixels.
    """
    import tensorflow as tf

    photo = tf.TensorSpec((1, image_size, image_size, 3), tf.float32)
    concrete = tf.function(function, input_signature=[photo]).get_concrete_function()
    # Without a trackable object the converter freezes the variables itself, in a quarter of the
    # time of the documented way through a SavedModel. It logs a warning that this way is old.
    absl = logging.getLogger("absl")
    level = absl.level
    absl.setLevel(logging.ERROR)
    try:
        return bytes(tf.lite.TFLiteConverter.from_concrete_functions([concrete]).convert())
    finally:
        absl.setLevel(level)


class Program:
    """A LiteRT program for one photo, run with XNNPACK. Any number of threads may call it.

    Raises ValueError when `content` is not a LiteRT program.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._lock = threading.Lock()
        self._run = _interpreter(content, threads=os.cpu_count() or 1)

    def __call__(self, pixels: npt.NDArray[Any]) -> list[FloatArray]:
        """Run one photo on all cores.

        Args:
            pixels: shape (size, size, 3), values 0-255.

        Returns:
            The program's outputs, each with a leading axis of 1.
        """
        with self._lock:
            return self._run(pixels)

    def map(self, work: Callable[[Run, Item], Result], items: Sequence[Item]) -> Iterator[Result]:
        """Yield ``work(run, item)`` for each item in order, one worker per core.

        A photo is decoded on one core while another one is computed, which keeps all cores
        busier than spreading each photo over them. Closing the iterator cancels what is left.
        """
        local = threading.local()

        def start() -> None:
            local.run = _interpreter(self._content, threads=1)

        def call(item: Item) -> Result:
            return work(local.run, item)

        pool = ThreadPoolExecutor(os.cpu_count(), initializer=start)
        try:
            yield from pool.map(call, items)
        finally:
            pool.shutdown(cancel_futures=True)


def _interpreter(content: bytes, threads: int) -> Run:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=content, num_threads=threads)
    interpreter.allocate_tensors()
    photo = interpreter.get_input_details()[0]["index"]
    outputs = [detail["index"] for detail in interpreter.get_output_details()]

    def run(pixels: npt.NDArray[Any]) -> list[FloatArray]:
        interpreter.set_tensor(photo, pixels[np.newaxis].astype(np.float32))
        interpreter.invoke()
        return [interpreter.get_tensor(output) for output in outputs]

    return run
