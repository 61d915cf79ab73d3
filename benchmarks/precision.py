"""What rounding to bfloat16 changes in the figures of the `paper` preset, and in their time.

Prints what docs/speed.md tells; needs Imagenette and, for the time to mean something, a processor
with AMX. Each seed learns twice, once with matrix products of float32 and once of bfloat16::

    python -m benchmarks.precision --data data/imagenette --seeds 5
"""

import argparse
import time

import keras
import pandas as pd
import tensorflow as tf

from benchmarks import phases
from imgcls.config import TrainConfig
from imgcls.data.dataset import Dataset, open_dataset
from imgcls.evaluation import metrics
from imgcls.networks.build import build_base, build_model
from imgcls.networks.weights import find_base_weights
from imgcls.presets import PRESETS
from imgcls.training.engines.cached import CachedEngine
from imgcls.training.features import FrozenBase, extract

RECIPE = PRESETS["paper"]
ASKED = ("validation", "test")


def main() -> None:
    """Measure, and print a row a type and seed, then their means and spread."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="folder of Imagenette")
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    found = measure(open_dataset(options.data), RECIPE, options.seeds)
    print(found.round(4).to_string(index=False))
    print(found.drop(columns="seed").groupby("products").agg(["mean", "std"]).T.round(4))


def measure(dataset: Dataset, config: TrainConfig, seeds: int) -> pd.DataFrame:
    """Return figures, and the seconds of both phases, a row a type and seed."""
    weights = find_base_weights(config.image_size)
    base = build_base(config.image_size, weights)
    features = extract(FrozenBase(base, weights, config), dataset, lambda done, total: None)
    pretrained = base.get_weights()
    rows = []
    for seed in range(1, seeds + 1):
        for product_type in (tf.float32, tf.bfloat16):
            base.set_weights(pretrained)
            keras.utils.set_random_seed(seed)
            model = build_model(config, len(dataset.classes), base)
            engine = CachedEngine(model, features, dataset, config, product_type)
            started = time.monotonic()
            phases.train(engine, features, config.phases, seed)
            seconds = time.monotonic() - started
            scores = _scores(engine, dataset)
            rows.append({"products": product_type.name, "seed": seed, "seconds": seconds, **scores})
    return pd.DataFrame(rows)


def _scores(engine: CachedEngine, dataset: Dataset) -> dict[str, float]:
    table = dataset.table
    found: dict[str, float] = {}
    for split in ASKED:
        rows = (table["split"] == split).to_numpy().nonzero()[0]
        labels = table["label"].to_numpy()[rows]
        scores = metrics.scores(engine.logits(engine.pooled(rows)), labels)
        found |= {f"{split} accuracy": scores.accuracy, f"{split} loss": scores.loss}
    return found


if __name__ == "__main__":
    main()
