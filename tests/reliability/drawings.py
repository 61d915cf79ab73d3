"""A training on drawings that takes seconds, to be disturbed, and what it has to end with."""

from pathlib import Path

import numpy as np

from imgcls.runs import checksums, store
from imgcls.runs.run import Run
from tests.support.datasets import TINY, draw_photos
from tests.support.runs import figures
from tests.support.weights import make_weights

CLOSE = 1e-4  # of losses and accuracies: how far two trainings differ of which none was disturbed


def prepare(place: Path) -> list[str]:
    """Write photos and base weights, and return the words of the command that trains on them."""
    make_weights(place)
    draw_photos(place)
    given = ("--data", str(place / "shapes"), "--weights", str(place / "base.h5"))
    return ["train", *given, *(f"--set={setting}" for setting in TINY)]


def only_run(models: Path) -> Run:
    """Return the finished run in a folder that holds no other."""
    (run,) = store.list_runs(models)
    assert isinstance(run, Run), run.reason
    assert run.status == "finished", run.status
    return run


def require_same_history(run: Run, undisturbed: Run) -> None:
    """Expect the figures of a training that nobody disturbed."""
    np.testing.assert_allclose(figures(run), figures(undisturbed), atol=CLOSE)


def require_same(run: Run, undisturbed: Run) -> None:
    """Expect the run that a training which nobody disturbed has left, and nothing beside it."""
    assert run.id == undisturbed.id
    require_same_history(run, undisturbed)
    assert not checksums.damaged(run)
    left, expected = ({path.name for path in each.path.iterdir()} for each in (run, undisturbed))
    assert left == expected
