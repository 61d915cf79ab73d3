"""Accuracy against photos per class: what a few photos are worth, and to which way of learning.

Writes the table that docs/small-data.md explains and the lesson draws. Run it again with::

    python -m benchmarks.small_data --data data/imagenette --out imgcls/lesson/small_data.csv

Each seed draws 50 training photos a class, and takes the first 5, 10, 20 and 50 of them. All ways
are asked for the same held-out photos, every fifth. The preset and the paper's recipe are trained
by the cached engine, which gives what Keras's fit gives, up to rounding; see
tests/integration/training/engines.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from sklearn.preprocessing import normalize

from benchmarks import phases
from imgcls._utils.arrays import Floats, IntArray
from imgcls.config import PRESETS, TrainConfig
from imgcls.data.dataset import Dataset, open_dataset
from imgcls.evaluation.own_photos import instant
from imgcls.networks.build import build_base, build_model
from imgcls.networks.weights import find_base_weights
from imgcls.training.engines.base import Engine
from imgcls.training.engines.cached import CachedEngine
from imgcls.training.engines.keras import PlainEngine
from imgcls.training.features import Features, FrozenBase, extract
from imgcls.training.head_start import start_head

SIZES = (5, 10, 20, 50)
EVERY = 5  # of the held-out photos
NEIGHBORS = 10
# What learns from the features of photos in no time; None is the app's own regression.
QUICK: dict[str, Any] = {
    "logistic regression": None,
    "nearest class centroid": NearestCentroid(),
    "10 nearest neighbors": KNeighborsClassifier(NEIGHBORS, algorithm="brute"),
}
SMALL_DATA = PRESETS["small-data"]
PAPER = PRESETS["hires"]  # the paper's recipe at the same image size
# From scratch, by the preset's name. Smaller pictures than `scratch` takes: there is no more in so
# few of them, and it takes a third of the time. As many photos a step for both, so as many steps.
SCRATCH = {
    name: replace(PRESETS[name], image_size=96, batch_size=32, steps_per_phase=600)
    for name in ("scratch", "scratch-residual")
}


def main() -> None:
    """Measure, and write a row a way, size and seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="folder of Imagenette")
    parser.add_argument("--out", type=Path, required=True, help="CSV file")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--slow-seeds", type=int, default=3, help="of the paper's recipe")
    parser.add_argument("--scratch-seeds", type=int, default=2, help="from scratch")
    parser.add_argument("--only", nargs="*", metavar="WAY", help="some of the ways, by name")
    options = parser.parse_args()
    rows = []
    for row in measure(open_dataset(options.data), options):
        rows.append(row)
        print(*row.values(), file=sys.stderr, flush=True)
        pd.DataFrame(rows).round(4).to_csv(options.out, index=False)


def measure(dataset: Dataset, options: argparse.Namespace) -> Iterator[dict[str, object]]:
    """Yield the rows of the table."""
    chosen = [_choose(dataset, seed) for seed in range(options.seeds)]
    lab = Lab(dataset, np.unique(np.concatenate(chosen)))
    slow = {"paper": options.slow_seeds} | dict.fromkeys(SCRATCH, options.scratch_seeds)
    for seed, photos in enumerate(chosen):
        for size in SIZES:
            rows = photos.reshape(-1, max(SIZES))[:, :size].ravel()
            ways = {way: partial(lab.quick, way, rows) for way in QUICK}
            ways["small-data"] = partial(lab.fine_tuned, SMALL_DATA, rows)
            ways["paper"] = partial(lab.fine_tuned, PAPER, rows)
            ways |= {
                name: partial(lab.from_scratch, config, rows) for name, config in SCRATCH.items()
            }
            for method, accuracy in ways.items():
                wanted = options.only is None or method in options.only
                if wanted and seed < slow.get(method, options.seeds):
                    yield {
                        "method": method,
                        "photos_per_class": size,
                        "seed": seed,
                        "accuracy": accuracy(),
                        "n": lab.asked,
                    }


class Lab:
    """The held-out photos, the base, and the features of all photos that are needed.

    Attributes:
        asked: number of held-out photos.
    """

    def __init__(self, dataset: Dataset, training: IntArray) -> None:
        table = dataset.table
        held_out = np.flatnonzero(table["split"] != "train")[::EVERY]
        self.asked = len(held_out)
        kept = table.iloc[np.concatenate([training, held_out])]
        split = np.repeat(["train", "test"], [len(training), len(held_out)])
        self._dataset = replace(dataset, table=kept.assign(split=split).reset_index(drop=True))
        self._place = {row: place for place, row in enumerate(training.tolist())}
        weights = find_base_weights(SMALL_DATA.image_size)
        self._base = build_base(SMALL_DATA.image_size, weights)
        self._pretrained = self._base.get_weights()
        self._weights = weights
        self._features: dict[TrainConfig, Features] = {}  # filled when they are first asked for

    def quick(self, way: str, rows: IntArray) -> float:
        """Return the accuracy of what learns from the features of photos in no time."""
        dataset, features = self._draw(SMALL_DATA, rows)
        pooled = features.pooled[: len(dataset.table)].astype(np.float32)
        labels = dataset.table["label"].to_numpy(np.int64)
        learned, asked = slice(len(rows)), slice(len(rows), None)
        units = normalize(pooled)

        classifier = QUICK[way]
        if classifier is None:
            found = instant.fit(pooled[learned], labels[learned], dataset.classes)
            return _share(pooled[asked] @ found.kernel + found.bias, labels[asked])
        classifier.fit(units[learned], labels[learned])
        return float(classifier.score(units[asked], labels[asked]))

    def fine_tuned(self, config: TrainConfig, rows: IntArray) -> float:
        """Return the accuracy after both phases on these photos."""
        dataset, features = self._draw(config, rows)
        config = config.for_photos(len(rows))
        self._base.set_weights(self._pretrained)
        keras.utils.set_random_seed(config.seed)
        model = build_model(config, len(dataset.classes), self._base)
        if config.head_start == "logistic":
            start_head(model, features, dataset, config)
        engine = CachedEngine(model, features, dataset, config)
        phases.train(engine, features, config.phases, config.seed)
        return self._asked(engine, dataset)

    def from_scratch(self, config: TrainConfig, rows: IntArray) -> float:
        """Return the accuracy of a network that knows nothing but these photos."""
        dataset, _ = self._drawn(rows)
        config = config.for_photos(len(rows))
        keras.utils.set_random_seed(config.seed)
        engine = PlainEngine(build_model(config, len(dataset.classes), None), dataset, config)
        engine.start_phase(config.phases[0])
        for epoch in range(config.initial_epochs):
            order = np.random.default_rng([config.seed, epoch]).permutation(len(rows))
            engine.train(order, lambda totals: False)
        return self._asked(engine, dataset)

    def _asked(self, engine: Engine, dataset: Dataset) -> float:
        asked = np.flatnonzero(dataset.table["split"] == "test")
        return _share(engine.predict(asked), dataset.table["label"].to_numpy()[asked])

    def _drawn(self, rows: IntArray) -> tuple[Dataset, IntArray]:
        """Return these training photos and all held-out ones, and their places in the table."""
        places = np.array([self._place[row] for row in rows.tolist()])
        held_out = np.flatnonzero(self._dataset.table["split"] == "test")
        taken = np.concatenate([places, held_out])
        table = self._dataset.table.iloc[taken].reset_index(drop=True)
        return replace(self._dataset, table=table), taken

    def _draw(self, config: TrainConfig, rows: IntArray) -> tuple[Dataset, Features]:
        """Return the same photos with their features."""
        if config not in self._features:
            frozen = FrozenBase(self._base, self._weights, config)
            self._features[config] = extract(frozen, self._dataset, _show, config.views)
        whole = self._features[config]
        dataset, photos = self._drawn(rows)
        views = whole.view_rows[1:, photos[: len(rows)]].ravel()
        taken = np.concatenate([photos, views])
        behind = len(photos) + np.arange(len(views)).reshape(-1, len(rows))
        features = Features(
            cut=whole.cut[taken],
            pooled=whole.pooled[taken],
            view_rows=np.concatenate([np.arange(len(rows))[np.newaxis], behind]),
            backend=whole.backend,
        )
        return dataset, features


def _share(logits: Floats, labels: IntArray) -> float:
    return float((logits.argmax(axis=1) == labels).mean())


def _show(done: int, total: int) -> None:
    if done % 500 == 0:
        print(f"features: {done} of {total}", file=sys.stderr)


def _choose(dataset: Dataset, seed: int) -> IntArray:
    """Return as many training photos of each class, class by class."""
    table = dataset.table
    training = np.flatnonzero(table["split"] == "train")
    labels = table["label"].to_numpy()[training]
    return np.concatenate(
        [
            np.random.default_rng([seed, label]).choice(
                training[labels == label], max(SIZES), replace=False
            )
            for label in range(len(dataset.classes))
        ]
    )


if __name__ == "__main__":
    main()
