"""Accuracy against photos per class: what a few photos are worth, and to which way of learning.

Writes the table that docs/small-data.md explains and the lesson draws. Run it again with::

    python -m benchmarks.small_data --data data/imagenette --out imgcls/lesson/small_data.csv

Each seed draws 50 training photos a class, and takes the first 5, 10, 20 and 50 of them. With
``--larger`` it draws 200 a class instead; and once all are taken, where trained networks are the
runs in the folder of runs. All ways are asked for the same held-out photos, every fifth. The preset
and the paper's recipe are trained by the cached engine, which gives what Keras's fit gives, up to
rounding; see tests/integration/training/engines.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
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
from imgcls.config import TrainConfig
from imgcls.data.dataset import Dataset, open_dataset
from imgcls.evaluation.own_photos import instant
from imgcls.networks.build import build_base, build_model
from imgcls.networks.weights import find_base_weights
from imgcls.paths import models_dir
from imgcls.presets import PRESETS
from imgcls.runs.store import newest
from imgcls.training.engines.base import Engine
from imgcls.training.engines.cached import CachedEngine
from imgcls.training.engines.keras import PlainEngine
from imgcls.training.features import Features, FrozenBase, extract
from imgcls.training.head_start import start_head

SIZES = (5, 10, 20, 50)
LARGER = 200
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
RUNS = {"paper": "hires", "scratch-residual": "scratch-residual"}  # way -> preset, for all photos
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
    parser.add_argument("--scratch-seeds", type=int, default=3, help="from scratch")
    parser.add_argument("--only", nargs="*", metavar="WAY", help="some of the ways, by name")
    parser.add_argument("--larger", action="store_true", help=f"{LARGER} photos a class, and all")
    options = parser.parse_args()
    rows = []
    for row in measure(open_dataset(options.data), options):
        rows.append(row)
        print(*row.values(), file=sys.stderr, flush=True)
        pd.DataFrame(rows).round(4).to_csv(options.out, index=False)


def measure(dataset: Dataset, options: argparse.Namespace) -> Iterator[dict[str, object]]:
    """Yield the rows of the table."""
    draws = list(_larger(dataset, options) if options.larger else _small(dataset, options))
    lab = Lab(dataset, np.unique(np.concatenate([rows for *_, rows in draws])))
    slow = {"paper": options.slow_seeds} | dict.fromkeys(SCRATCH, options.scratch_seeds)
    for seed, size, rows in draws:
        ways = lab.larger_ways(rows) if options.larger else lab.ways(rows)
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
        self._all = int((table["split"] == "train").sum())
        kept = table.iloc[np.concatenate([training, held_out])]
        split = np.repeat(["train", "test"], [len(training), len(held_out)])
        self._dataset = replace(dataset, table=kept.assign(split=split).reset_index(drop=True))
        self._place = {row: place for place, row in enumerate(training.tolist())}
        weights = find_base_weights(SMALL_DATA.image_size)
        self._base = build_base(SMALL_DATA.image_size, weights)
        self._pretrained = self._base.get_weights()
        self._weights = weights
        self._features: dict[TrainConfig, Features] = {}  # filled when they are first asked for

    def ways(self, rows: IntArray) -> Mapping[str, Callable[[], float]]:
        """Return what measures each way on these photos, by its name."""
        return {
            **{way: partial(self.quick, way, rows) for way in QUICK},
            "small-data": partial(self.fine_tuned, SMALL_DATA, rows),
            "paper": partial(self.fine_tuned, PAPER, rows),
            **{way: partial(self.from_scratch, config, rows) for way, config in SCRATCH.items()},
        }

    def larger_ways(self, rows: IntArray) -> Mapping[str, Callable[[], float]]:
        """Return the same for many photos: presets as they are, and for all photos their runs."""
        quick = {way: partial(self.quick, way, rows) for way in QUICK}
        if len(rows) == self._all:
            return {**quick, **{way: partial(self.of_run, name) for way, name in RUNS.items()}}
        residual = partial(self.from_scratch, PRESETS["scratch-residual"], rows)
        paper = partial(self.fine_tuned, PAPER, rows)
        return {**quick, "paper": paper, "scratch-residual": residual}

    def of_run(self, preset: str) -> float:
        """Return the share of the held-out photos that a run on all training photos has right."""
        table = self._dataset.table
        asked = table.loc[table["split"] == "test", "file"]
        run = newest(models_dir(), preset, self._dataset.name)
        if run is None:
            raise SystemExit(f"There is no run of the preset {preset} in {models_dir()}: train it.")
        found = run.predictions().set_index("file").loc[asked]
        return float((found["label"] == found["predicted"]).mean())

    def quick(self, way: str, rows: IntArray) -> float:
        """Return the accuracy of what learns from the features of photos in no time."""
        dataset, features = self._draw(PAPER, rows)
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
        return _share(engine.logits(engine.pooled(asked)), dataset.table["label"].to_numpy()[asked])

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


def _small(dataset: Dataset, options: argparse.Namespace) -> Iterator[tuple[int, int, IntArray]]:
    """Yield seed, photos a class and the rows of the training photos."""
    for seed in range(options.seeds):
        chosen = _choose(dataset, seed, max(SIZES)).reshape(-1, max(SIZES))
        for size in SIZES:
            yield seed, size, chosen[:, :size].ravel()


def _larger(dataset: Dataset, options: argparse.Namespace) -> Iterator[tuple[int, int, IntArray]]:
    """Yield the same for more photos; all of them are drawn once."""
    for seed in range(options.seeds):
        yield seed, LARGER, _choose(dataset, seed, LARGER)
    training = np.flatnonzero(dataset.table["split"] == "train")
    yield 0, round(len(training) / len(dataset.classes)), training


def _choose(dataset: Dataset, seed: int, count: int) -> IntArray:
    """Return as many training photos of each class, class by class."""
    table = dataset.table
    training = np.flatnonzero(table["split"] == "train")
    labels = table["label"].to_numpy()[training]
    return np.concatenate(
        [
            np.random.default_rng([seed, label]).choice(
                training[labels == label], count, replace=False
            )
            for label in range(len(dataset.classes))
        ]
    )


if __name__ == "__main__":
    main()
