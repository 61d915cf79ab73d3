"""Both phases over features that are computed, without what a run needs beside them."""

from collections.abc import Sequence

from imgcls.config import Phase
from imgcls.training.engines.cached import CachedEngine
from imgcls.training.features import Features


def train(engine: CachedEngine, features: Features, phases: Sequence[Phase], seed: int) -> None:
    """Train one phase after the other; `seed` decides the order of the photos."""
    epoch = 0
    for phase in phases:
        engine.start_phase(phase)
        for _ in range(phase.epochs):
            epoch += 1
            engine.train(features.order(seed, epoch), lambda totals: False)
