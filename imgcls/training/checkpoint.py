"""Where training stands, in one file that is replaced whole."""

import io
import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import msgspec
import numpy as np
import numpy.typing as npt

from imgcls._utils.files import write_bytes
from imgcls.runs.files import STATE
from imgcls.runs.record import Epoch, Timings
from imgcls.training.engines.base import Totals

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Checkpoint:
    """The state between two training steps.

    Attributes:
        phase: number of the phase that the values belong to.
        history: the epochs finished.
        partial: sums of the epoch under way.
        timings: seconds spent so far, by part.
        values: the engine's variables.
    """

    phase: int
    history: tuple[Epoch, ...]
    partial: Totals
    timings: Timings
    values: list[npt.NDArray[Any]]

    def save(self, folder: Path) -> None:
        """Write it into the run folder. Raises OSError."""
        progress = {
            "phase": self.phase,
            "history": msgspec.to_builtins(self.history),
            "partial": asdict(self.partial),
            "timings": msgspec.to_builtins(self.timings),
        }
        buffer = io.BytesIO()
        arrays = {str(index): value for index, value in enumerate(self.values)}
        np.savez(buffer, allow_pickle=False, progress=np.array(json.dumps(progress)), **arrays)
        write_bytes(folder / STATE, buffer.getvalue())


def load_checkpoint(folder: Path) -> Checkpoint | None:
    """Return the run folder's checkpoint, or None when there is none or it is damaged."""
    path = folder / STATE
    if not path.exists():
        return None
    try:
        with np.load(path, allow_pickle=False) as stored:
            progress = json.loads(str(stored["progress"]))
            values = [stored[str(index)] for index in range(len(stored.files) - 1)]
        return Checkpoint(
            progress["phase"],
            msgspec.convert(progress["history"], tuple[Epoch, ...]),
            Totals(**progress["partial"]),
            msgspec.convert(progress["timings"], Timings),
            values,
        )
    except (OSError, ValueError, TypeError, KeyError, BadZipFile) as error:
        logger.warning("%s is damaged (%s); training begins again.", path, error)
        return None
