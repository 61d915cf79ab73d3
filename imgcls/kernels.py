"""The first kernels of a run's network, read from its LiteRT program."""

from imgcls.litert import FloatArray
from imgcls.runs import PROGRAM, Run, RunError

COLOURS = 3


def first_kernels(run: Run) -> FloatArray:
    """Return the kernels that look at the photo itself, shape (count, height, width, colours).

    The scale of the batch normalization behind them is part of them, as the converter folds it in.

    Raises:
        RunError: the run has no program that can be loaded.
    """
    from ai_edge_litert.interpreter import Interpreter

    path = run.file(PROGRAM)
    try:
        interpreter = Interpreter(model_content=path.read_bytes())
    except (OSError, ValueError) as error:
        raise RunError(f"{path} cannot be loaded: {error}") from error
    # All other kernels have as many inputs as the convolution before has outputs.
    (found,) = (
        detail["index"]
        for detail in interpreter.get_tensor_details()
        if detail["name"].endswith("/convolution") and detail["shape"][-1] == COLOURS
    )
    interpreter.allocate_tensors()
    kernels: FloatArray = interpreter.get_tensor(found)
    return kernels
