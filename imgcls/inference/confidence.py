"""How sure answers may be: no surer than the photos that this was checked on allow."""

from dataclasses import dataclass

from imgcls._utils.arrays import Floats
from imgcls.inference.softmax import probabilities
from imgcls.runs.run import Run

LOWEST, HIGHEST = 0.05, 20.0  # temperatures; one at an end means that nothing was learned
# Temperatures that far apart, and no further, are the likely ones of a network that is calibrated.
WIDEST = 2.0
DOUBT = 2  # photos answered at random that are added to the few there are
STEPS = ((100, 0.01), (20, 0.05))  # from so many photos on, probabilities are told in such steps
COARSEST = 0.1
FINEST = 0.001


@dataclass(frozen=True)
class Confidence:
    """What a run's probabilities rest on.

    Attributes:
        temperature: what the logits are divided by, see `imgcls.evaluation.calibration`.
        photos: the validation photos that it was found on.
        calibrated: whether they were enough to find it.
    """

    temperature: float = 1.0
    photos: int = 0
    calibrated: bool = True

    @classmethod
    def of_run(cls, run: Run) -> "Confidence":
        """Return that of a finished run. Raises RunError for another one."""
        photos = run.record.data.count("validation")
        found, interval = run.temperature, run.record.temperature_interval
        if interval is None:  # runs of former versions only say what was found
            at_an_end = not LOWEST * 1.01 < found < HIGHEST * 0.99
            enough = photos >= STEPS[0][0] and not at_an_end
            return cls(found if enough else 1.0, photos, enough)
        return cls(found, photos, determined(*interval))

    @property
    def step(self) -> float:
        """The difference between probabilities that is worth telling, 0-1."""
        if self.calibrated:
            return FINEST
        return next((step for photos, step in STEPS if self.photos >= photos), COARSEST)

    @property
    def doubt(self) -> float:
        """Share of an answer that is as good as random, 0-1.

        Where the photos were too few for calibration, two more are counted as if they had been
        answered at random, as Laplace's rule of succession does: of n photos that were all right
        follows no more than (n + 1) / (n + 2), for two classes.
        """
        return 0.0 if self.calibrated else DOUBT / (self.photos + DOUBT)

    def probabilities(self, logits: Floats) -> Floats:
        """Return the probabilities of logits, shape (n, classes) both."""
        shares = probabilities(logits, self.temperature)
        mixed: Floats = (1 - self.doubt) * shares + self.doubt / shares.shape[1]
        return mixed


def determined(low: float, high: float) -> bool:
    """Return whether a temperature is known well enough, by the 95 % interval that it lies in."""
    inside = low > LOWEST * 1.01 and high < HIGHEST * 0.99
    return inside and high / low <= WIDEST
