"""What 8 bits cost: the run's own test photos, answered with 32 bits and with 8."""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd

from imgcls._utils.files import write_json
from imgcls._utils.formatting import plural
from imgcls.data.dataset import Dataset
from imgcls.evaluation import phases
from imgcls.evaluation.comparisons import labels
from imgcls.evaluation.intervals import interval, rate
from imgcls.inference.program import Program
from imgcls.networks.signature import LOGITS, PROBABILITIES
from imgcls.runs.files import EIGHT_BITS, PROGRAM
from imgcls.runs.run import Run, RunError


@dataclass(frozen=True)
class Bits:
    """A model with numbers of so many bits.

    Attributes:
        correct: test photos that it gets right.
        megabytes: of its file.
        milliseconds: median for one photo on all cores, decoding apart.
    """

    correct: int
    megabytes: float
    milliseconds: float


@dataclass(frozen=True)
class Price:
    """A model with 8 bits beside the one with 32 that it was made from.

    Attributes:
        photos: number of test photos.
        exact: with 32 bits.
        small: with 8 bits.
        fixed: photos that only 8 bits get right.
        broken: photos that only 32 bits get right.
        p_value: how often chance alone would make a difference as large (McNemar's exact test).
    """

    photos: int
    exact: Bits
    small: Bits
    fixed: int
    broken: int
    p_value: float

    @property
    def sentence(self) -> str:
        """It in a sentence."""
        exact, small = (
            rate(bits.correct, self.photos, "test photos") for bits in (self.exact, self.small)
        )
        return (
            f"With 8 bits right: {small}; with 32 bits: {exact}. "
            f"{plural(self.broken, 'photo')} became wrong and {self.fixed} right "
            f"(McNemar's exact test: p = {self.p_value:.2g}). "
            f"{self.small.megabytes:.1f} MB instead of {self.exact.megabytes:.1f}, "
            f"{self.small.milliseconds:.1f} ms a photo instead of {self.exact.milliseconds:.1f}."
        )


def measure(run: Run, dataset: Dataset, path: Path) -> Price:
    """Return what a program with 8 bits costs.

    Args:
        run: whose it is; its own program has 32 bits.
        dataset: the photos it learned from, without the classes that it left out.
        path: the program with 8 bits.

    Raises:
        ImageError: a photo has become unreadable.
        RunError: the run's own program is damaged.
    """
    paths = (run.checked(PROGRAM), path)
    outputs = (LOGITS, PROBABILITIES)
    programs = [Program(each.read_bytes()) for each in paths]
    test = dataset.split("test")
    predicted: list[list[int]] = [[], []]
    seconds: list[list[float]] = [[], []]
    for file in test["file"]:
        pixels = dataset.read(file, run.config.image_size)
        # Taken in turn, so that what else the machine does meets both.
        for place, (program, output) in enumerate(zip(programs, outputs, strict=True)):
            started = time.perf_counter()
            (values,) = program(pixels, output)
            seconds[place].append(time.perf_counter() - started)
            predicted[place].append(int(values[0].argmax()))
    changes = phases.compare(*(test.assign(predicted=each) for each in predicted))
    exact, small = (
        Bits(
            correct=int((test["label"].to_numpy() == np.array(answers)).sum()),
            megabytes=file.stat().st_size / 1e6,
            milliseconds=float(np.median(times) * 1000),
        )
        for answers, file, times in zip(predicted, paths, seconds, strict=True)
    )
    return Price(
        photos=len(test),
        exact=exact,
        small=small,
        fixed=changes.count("fixed"),
        broken=changes.count("broken"),
        p_value=changes.p_value,
    )


def keep(run: Run, price: Price) -> None:
    """Write it into the run's folder. Raises OSError."""
    write_json(run.file(EIGHT_BITS), asdict(price))


def kept(run: Run) -> Price | None:
    """Return what 8 bits cost when somebody measured it last, or None.

    Raises:
        RunError: the file cannot be read.
    """
    path = run.file(EIGHT_BITS)
    if not path.is_file():
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=Price)
    except (OSError, ValueError) as error:
        raise RunError(f"{path} cannot be read: {error}") from error


def table(runs: Sequence[Run]) -> pd.DataFrame:
    """Return what 8 bits cost the runs for which it was measured, two rows each.

    Returns:
        `run` (see `imgcls.evaluation.comparisons.labels`), `bits`, `accuracy` on `n` test photos
        with its 95 % interval `low` to `high`, `megabytes`, `milliseconds` a photo, and `p_value`
        with 8 bits.
    """
    rows = [
        {
            "run": label,
            "bits": number,
            "accuracy": bits.correct / price.photos,
            **dict(zip(("low", "high"), interval(bits.correct, price.photos), strict=True)),
            "n": price.photos,
            "megabytes": bits.megabytes,
            "milliseconds": bits.milliseconds,
            "p_value": None if number == 32 else price.p_value,  # noqa: PLR2004
        }
        for label, run in zip(labels(runs), runs, strict=True)
        if (price := kept(run)) is not None
        for number, bits in ((32, price.exact), (8, price.small))
    ]
    return pd.DataFrame(rows)
