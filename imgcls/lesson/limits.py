"""Where transfer learning helps and where it does not, from what the runs recorded."""

from math import ceil
from pathlib import Path

import pandas as pd
from sklearn.datasets import load_digits
from sklearn.metrics import accuracy_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import normalize

from imgcls.evaluation.baselines import NEIGHBORS
from imgcls.evaluation.intervals import interval
from imgcls.paths import DIGITS, IMAGENETTE
from imgcls.runs.files import PREDICTIONS
from imgcls.runs.record import NEAREST_NEIGHBORS
from imgcls.runs.run import Run
from imgcls.runs.store import newest

DATASETS = (IMAGENETTE, DIGITS)
PIXELS = "neighbours by pixels"
NEIGHBOR = "neighbours by frozen features"
FROZEN = "frozen base, new head"
FINE_TUNED = "fine-tuned"
SCRATCH = "small CNN from scratch"
WAYS = (PIXELS, NEIGHBOR, FROZEN, FINE_TUNED, SCRATCH)
COLUMNS = ("dataset", "way", "accuracy", "low", "high", "n", "run")


def table(models: Path) -> pd.DataFrame:
    """Return the accuracy on the validation photos by dataset and way, a row each.

    Args:
        models: folder of runs.

    Returns:
        The columns COLUMNS: `accuracy` with its 95 % interval `low` to `high`, `n` photos, `run`
        (its title). The frozen base counts after the last epoch of phase 1. What no run has
        recorded is left out.
    """
    rows = []
    for dataset in DATASETS:
        paper = newest(models, "paper", dataset)
        if paper is not None:
            rows += [(dataset, *row, paper.title) for row in _of_paper(paper)]
        scratch = newest(models, "scratch", dataset)
        if scratch is not None:
            last = scratch.history["val_accuracy"].iloc[-1]
            rows.append((dataset, SCRATCH, *_counted(last, _validation(scratch)), scratch.title))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def pixel_neighbors(run: Run) -> tuple[float, float, float, int]:
    """Classify a digit by the ten training digits whose 64 pixels are most like its own.

    As `imgcls.evaluation.baselines` does it with features, on the same split.

    Args:
        run: one on the bundled digits.

    Returns:
        Accuracy on the validation digits, the ends of its 95 % interval, and their number.

    Raises:
        RunError: the run has no predictions, which say what its split was.
    """
    held_out = run.predictions()
    # The bundled digits are files that are called by their number.
    numbers = held_out["file"].str.extract(r"(\d+)\.png$")[0].astype(int)
    validation = numbers[held_out["split"] == "validation"]
    digits = load_digits()
    pixels = pd.DataFrame(normalize(digits.data))
    labels = pd.Series(digits.target)
    training = pixels.drop(numbers)
    classifier = KNeighborsClassifier(NEIGHBORS).fit(training, labels[training.index])
    right = accuracy_score(labels[validation], classifier.predict(pixels.loc[validation]))
    return _counted(float(right), len(validation))


def _of_paper(run: Run) -> list[tuple[str, float, float, float, int]]:
    found = []
    if run.dataset == DIGITS and run.file(PREDICTIONS).is_file():
        found.append((PIXELS, *pixel_neighbors(run)))
    known = {each.method: each.validation for each in run.record.baselines}
    if (neighbors := known.get(NEAREST_NEIGHBORS)) is not None:
        found.append((NEIGHBOR, *_counted(neighbors.accuracy, neighbors.n)))
    reached = run.history.groupby("phase")["val_accuracy"].last()
    for way, phase in ((FROZEN, 1), (FINE_TUNED, 2)):
        found.append((way, *_counted(reached[phase], _validation(run))))
    return found


def _validation(run: Run) -> int:
    return run.record.data.count("validation")


def _counted(accuracy: float, n: int) -> tuple[float, float, float, int]:
    return accuracy, *interval(round(accuracy * n), n), n


def digits_taken_for_known(run: Run) -> tuple[int, int]:
    """Return how many digits a run that has not learned them takes for known, and of how many.

    That is, they reach the score that 95 % of its validation photos reach.

    Raises:
        RunError: the run has no table of out-of-distribution pictures.
    """
    found = run.out_of_distribution()
    scores = found.loc[found["kind"] == DIGITS, "score"]
    return int((scores >= run.threshold).sum()), len(scores)


def steps(run: Run, phase: int) -> int:
    """Return how many updates of the weights a phase took."""
    photos = run.record.data.count("train")
    epochs = next(known.epochs for known in run.config.phases if known.number == phase)
    return ceil(photos / run.config.batch_size) * epochs
