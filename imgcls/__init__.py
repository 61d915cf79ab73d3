"""imgcls: transfer learning with MobileNetV2, to run, to see and to question.

The names below are the public ones. Each is imported when it is first used: ``Predictor`` needs no
TensorFlow, ``train`` does.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from imgcls.config import TrainConfig, with_settings
    from imgcls.data.dataset import Dataset, open_dataset
    from imgcls.errors import ImgclsError
    from imgcls.evaluation.evaluate import evaluate
    from imgcls.inference.predictor import Prediction, Predictor
    from imgcls.presets import PRESETS
    from imgcls.runs.run import Run
    from imgcls.runs.store import default as default_run
    from imgcls.runs.store import find as find_run
    from imgcls.runs.store import list_runs
    from imgcls.training.train import train

__all__ = [
    "PRESETS",
    "Dataset",
    "ImgclsError",
    "Prediction",
    "Predictor",
    "Run",
    "TrainConfig",
    "default_run",
    "evaluate",
    "find_run",
    "list_runs",
    "open_dataset",
    "train",
    "with_settings",
]

# name -> the module that holds it, and its name there
_HOMES = {
    "PRESETS": ("presets", "PRESETS"),
    "TrainConfig": ("config", "TrainConfig"),
    "with_settings": ("config", "with_settings"),
    "Dataset": ("data.dataset", "Dataset"),
    "open_dataset": ("data.dataset", "open_dataset"),
    "ImgclsError": ("errors", "ImgclsError"),
    "evaluate": ("evaluation.evaluate", "evaluate"),
    "Prediction": ("inference.predictor", "Prediction"),
    "Predictor": ("inference.predictor", "Predictor"),
    "Run": ("runs.run", "Run"),
    "default_run": ("runs.store", "default"),
    "find_run": ("runs.store", "find"),
    "list_runs": ("runs.store", "list_runs"),
    "train": ("training.train", "train"),
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _HOMES[name]
    return getattr(import_module(f"imgcls.{module}"), attribute)
