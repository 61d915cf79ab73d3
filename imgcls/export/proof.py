"""Does an exported model answer as imgcls does? Its own runtime says, in a fresh process."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from imgcls._utils.arrays import Floats, RgbArray
from imgcls.evaluation.eight_bits import Price
from imgcls.export import fresh_process
from imgcls.export.formats import ExportError, Format

TINY = 1e-6  # what 32 bits round off; less is not worth telling


@dataclass(frozen=True, eq=False)
class Answers:
    """What a model says of some photos.

    Attributes:
        probabilities: calibrated, shape (n, classes).
        score: shape (n,), see `imgcls.inference.predictor.Prediction.energy`.
    """

    probabilities: Floats
    score: Floats


@dataclass(frozen=True)
class Proof:
    """How far an exported model and imgcls agree.

    Attributes:
        photos: number of those that both were asked about.
        of: what they are, for people.
        agree: how many get the same numbers, within the tolerance.
        same_class: how many get the same class; where two are as probable, a small difference
            gives another one.
        largest_difference: of a probability, 0-1.
        largest_score_difference: of a score.
        tolerance: by how much numbers may differ: so much, and that share of themselves.
        runtime: the package that ran the model, with its version.
        milliseconds: median for one photo in that process, decoding apart.
        price: what a model costs that is not meant to answer as imgcls does; it is compared with
            what was measured for that.
    """

    photos: int
    of: str
    agree: int
    same_class: int
    largest_difference: float
    largest_score_difference: float
    tolerance: float
    runtime: str
    milliseconds: float
    price: Price | None = None

    @property
    def sentence(self) -> str:
        """It in a sentence; two where there is a price."""
        begin = "Agrees" if self.price is None else f"{self.price.sentence} Answers as measured"
        differing = self.photos - self.same_class
        ties = f", with another class on {differing:,}" if differing else ""
        largest = np.format_float_positional(
            max(self.largest_difference, TINY), 2, fractional=False, trim="-"
        )
        if self.largest_difference < TINY:
            largest = f"below {largest}"
        return (
            f"{begin} on {self.agree:,} of {self.photos:,} {self.of}{ties}; largest difference "
            f"of a probability {largest} ({self.runtime}, in a process of its "
            "own)."
        )


def prove(
    folder: Path,
    format: Format,
    photos: Sequence[RgbArray],
    of: str,
    expected: Answers,
    *,
    price: Price | None = None,
) -> Proof:
    """Load an export in a fresh process, and compare its answers.

    Args:
        folder: an unpacked export, with its verify.py.
        format: its format.
        photos: each of shape (size, size, 3).
        of: what they are, for people.
        expected: what it should answer.
        price: see `Proof`.

    Raises:
        ExportError: it cannot be loaded, or it disagrees.
    """
    found, milliseconds = _ask(folder, format, np.stack(photos))
    differences = np.abs(found.probabilities - expected.probabilities)
    tolerance = format.tolerance
    alike = np.isclose(found.probabilities, expected.probabilities, tolerance, tolerance).all(
        axis=1
    )
    alike &= np.isclose(found.score, expected.score, tolerance, tolerance)
    same_class = found.probabilities.argmax(axis=1) == expected.probabilities.argmax(axis=1)
    proof = Proof(
        photos=len(photos),
        of=of,
        agree=int(alike.sum()),
        same_class=int(same_class.sum()),
        largest_difference=float(differences.max()),
        largest_score_difference=float(np.abs(found.score - expected.score).max()),
        tolerance=tolerance,
        runtime=f"{format.runtime} {version(format.runtime)}",
        milliseconds=milliseconds,
        price=price,
    )
    if proof.agree < proof.photos:
        raise ExportError(
            f"Nothing was written: the {format.title} model disagrees. {proof.sentence}"
        )
    return proof


def _ask(folder: Path, format: Format, pixels: RgbArray) -> tuple[Answers, float]:
    with TemporaryDirectory() as temporary:
        photos, answers = Path(temporary, "photos.npz"), Path(temporary, "answers.npz")
        np.savez(photos, photos=pixels)
        # -I: neither the folder it runs in nor PYTHONPATH lends it anything. -B: it leaves nothing.
        program = [sys.executable, "-I", "-B", fresh_process.__file__]
        done = subprocess.run(
            [*program, folder, photos, answers], capture_output=True, text=True, check=False
        )
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise ExportError(
                f"Nothing was written: {format.runtime} cannot run the {format.title} model "
                f"({reason})."
            )
        with np.load(answers) as found:
            milliseconds = float(np.median(found["seconds"]) * 1000)
            return Answers(found["probabilities"], found["score"]), milliseconds
