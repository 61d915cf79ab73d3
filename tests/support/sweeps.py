"""A sweep that no training made: records of its runs, and of what was asked for."""

from itertools import product
from pathlib import Path

from msgspec.structs import replace

from imgcls._utils.processes import ProcessId
from imgcls.runs import sweeps
from imgcls.runs.sweeps import Sweep
from tests.support.runs import example, put

GONE = ProcessId(1, -60.0)  # as a kill leaves it: the process of this number was started later
SEEDS, CUTS = [1, 2, 3], [54, 100]
ACCURACIES = [0.70, 0.80, 0.90, 0.5, 0.5, 0.5]  # of the runs in their order


def put_sweep(
    models: Path, fingerprint: str, process: ProcessId = GONE, finished: int = len(ACCURACIES)
) -> Sweep:
    """Write a sweep over two cuts and three seeds, of whose runs so many are finished."""
    ids = [f"paper-{number:08x}" for number in range(len(ACCURACIES))]
    recipes = product(CUTS, SEEDS)
    for id, accuracy, (cut, seed) in list(zip(ids, ACCURACIES, recipes, strict=True))[:finished]:
        record = example()
        assert record.test is not None
        put(
            models / id,
            test=replace(record.test, accuracy=accuracy),
            history=(*record.history[:-1], replace(record.history[-1], val_accuracy=1 - accuracy)),
            settings={"fine_tune_at": cut, "seed": seed},
            fingerprint=fingerprint,
        )
    sweep = Sweep(
        preset="paper",
        varied={"fine_tune_at": [*CUTS], "seed": [*SEEDS]},
        runs=ids,
        fingerprint=fingerprint,
        command="python -m imgcls sweep --set seed=1,2,3",
        created="2026-01-05T12:00:00+00:00",
        process=process,
    )
    sweeps.write(models, sweep)
    return sweep
