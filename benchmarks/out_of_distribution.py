"""Which score tells photos of no known class best? Each is measured on classes that were left out.

Prints the table of docs/out-of-distribution.md. Run it again with::

    python -m benchmarks.out_of_distribution --data data/imagenette

Three classes of Imagenette are left out, the recipe of `hires` trains on the other seven, and every
score is asked to tell the held-out photos of both apart. The score was chosen on `CHOOSING` alone;
the classes of `REPORTED` are in none of those.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace

import keras
import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist

from benchmarks import phases
from imgcls._utils.arrays import FloatArray, Floats, IntArray
from imgcls.config import PRESETS
from imgcls.data import ood
from imgcls.data.dataset import Dataset, open_dataset
from imgcls.evaluation.ood import auroc, fpr_at_tpr, roc
from imgcls.inference.neighbors import PHOTOS, Neighbors
from imgcls.inference.softmax import negative_energy, probabilities
from imgcls.networks.build import build_base, build_model
from imgcls.networks.weights import find_base_weights
from imgcls.training.engines.cached import CachedEngine
from imgcls.training.features import CUT, POOLED, Features, FrozenBase, extract

CHOOSING = ((0, 1, 2), (3, 4, 5), (0, 3, 6), (2, 4, 6))  # of ten classes, sorted by WordNet id
REPORTED = (7, 8, 9)  # as the shipped run `leave-out`
RECIPE = PRESETS["hires"]
TPR = 0.95
PRINCIPAL = 64  # directions that ViM takes for those of the classes
RIDGE = 1e-7  # keeps directions without variance from counting for everything
ASKED = ("train", "validation", "test", ood.LEFT_OUT)


@dataclass(frozen=True)
class Seen:
    """What a network makes of some photos.

    Attributes:
        pooled: features after global average pooling, shape (n, 1280).
        logits: shape (n, classes).
        labels: shape (n,).
    """

    pooled: FloatArray
    logits: FloatArray
    labels: IntArray


class Lab:
    """The base with its features of all photos and of the made pictures, computed once."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._weights = find_base_weights(RECIPE.image_size)
        self._base = build_base(RECIPE.image_size, self._weights)
        self._pretrained = self._base.get_weights()
        frozen = FrozenBase(self._base, self._weights, RECIPE)
        self._features = extract(frozen, dataset, _show)
        self._made = {kind: _look(frozen, kind) for kind in ood.KINDS}

    def train(self, left_out: tuple[int, ...], seed: int = RECIPE.seed) -> dict[str, Seen]:
        """Return what a network that never saw these classes makes of each kind of picture."""
        table = self._dataset.table
        unknown = table["label"].isin(left_out)
        kept = [label for label in range(len(self._dataset.classes)) if label not in left_out]
        used = ~unknown | (table["split"] != "train")
        rows = np.flatnonzero(used)
        split = table["split"].where(~unknown, ood.LEFT_OUT)[used]
        label = table["label"].map({label: new for new, label in enumerate(kept)})[used]
        kinds = np.repeat(ood.KINDS, ood.EACH)
        made = pd.DataFrame({"split": kinds, "label": 0})
        shown = pd.concat(
            [pd.DataFrame({"split": split, "label": label.fillna(0)}), made], ignore_index=True
        ).astype({"label": np.int64})
        dataset = replace(
            self._dataset, classes=tuple(self._dataset.classes[each] for each in kept), table=shown
        )
        features = Features(
            cut=np.concatenate(
                [self._features.cut[rows], *(cut for cut, _ in self._made.values())]
            ),
            pooled=np.concatenate(
                [self._features.pooled[rows], *(pooled for _, pooled in self._made.values())]
            ),
            view_rows=np.flatnonzero(shown["split"] == "train")[np.newaxis],
            backend=self._features.backend,
        )
        engine = self._trained(dataset, features, seed)
        found = {}
        for kind in (*ASKED, *ood.KINDS):
            of = np.flatnonzero(shown["split"] == kind)
            labels = shown["label"].to_numpy()[of]
            found[kind] = Seen(engine.pooled(of), engine.predict(of), labels)
        return found

    def _trained(self, dataset: Dataset, features: Features, seed: int) -> CachedEngine:
        self._base.set_weights(self._pretrained)
        keras.utils.set_random_seed(seed)
        model = build_model(RECIPE, len(dataset.classes), self._base)
        engine = CachedEngine(model, features, dataset, RECIPE)
        phases.train(engine, features, RECIPE.phases, seed)
        return engine


def _look(frozen: FrozenBase, kind: str) -> tuple[FloatArray, FloatArray]:
    found = frozen.program().map(
        lambda run, picture: run(picture, CUT, POOLED), ood.pictures(kind, RECIPE.image_size)
    )
    cut, pooled = zip(*found, strict=True)
    return (
        np.concatenate(cut).reshape(-1, *frozen.shapes[0]).astype(np.float16),
        np.concatenate(pooled).reshape(-1, *frozen.shapes[1]).astype(np.float16),
    )


class Scores:
    """Every score of the comparison, fitted on what a network makes of its training photos.

    Args:
        training: all of them; as many of each class as a run keeps are the ones compared with.
    """

    def __init__(self, training: Seen) -> None:
        random = np.random.default_rng(0)
        classes = training.logits.shape[1]
        rows = np.concatenate(
            [
                random.permutation(np.flatnonzero(training.labels == label))[: PHOTOS // classes]
                for label in range(classes)
            ]
        )
        kept = training.pooled[rows]
        self._neighbors = Neighbors.of(rows.astype(np.str_), training.labels[rows], kept)
        self._energies = negative_energy(training.logits[rows])
        self._among = self._neighbors.similarity_among()
        self._kept = units = _unit(kept)
        self._mean, self._center = units.mean(axis=0), kept.mean(axis=0)
        # ViM: as many principal directions as leave what no photo of the classes should have.
        _, directions = np.linalg.eigh(np.cov(units.T))
        self._residual = directions[:, :-PRINCIPAL]
        lengths = np.linalg.norm((units - self._mean) @ self._residual, axis=1)
        self._alpha = training.logits[rows].max(axis=1).mean() / lengths.mean()
        self._whiten(_unit(training.pooled), training.labels)

    def _whiten(self, units: FloatArray, labels: IntArray) -> None:
        """Prepare the Mahalanobis distances: where covariance is 1 they are Euclidean."""
        means = np.stack([units[labels == label].mean(axis=0) for label in np.unique(labels)])
        within, all_ = _whitening(units - means[labels]), _whitening(units - units.mean(axis=0))
        self._within = within, means @ within
        self._all = all_, units.mean(axis=0, keepdims=True) @ all_

    def of(self, seen: Seen) -> dict[str, Floats]:
        """Return each score (n,) of some photos by its name; higher is more like the known."""
        units, logits = _unit(seen.pooled), seen.logits
        cosines = units @ self._kept.T
        similarity, energy = self._neighbors.similarity(seen.pooled), negative_energy(logits)
        guided = _highest(cosines * self._energies, 10).mean(axis=1)
        away = np.linalg.norm((units - self._mean) @ self._residual, axis=1)
        within, everywhere = (
            cdist(units @ whitening, means, "sqeuclidean").min(axis=1)
            for whitening, means in (self._within, self._all)
        )
        margins = (logits.max(axis=1, keepdims=True) - logits).sum(axis=1)
        return {
            "highest probability": probabilities(logits).max(axis=1),
            "negative energy": energy,
            "mean cosine to the 5 nearest": similarity,
            "cosine to the 10th nearest": _highest(cosines, 10).min(axis=1),
            "mean cosine to the 50 nearest": _highest(cosines, 50).mean(axis=1),
            "Mahalanobis, normalised": -within,
            "relative Mahalanobis, normalised": everywhere - within,
            "NNGuide": guided * energy,
            "fDBD (weights of equal length)": margins
            / np.linalg.norm(seen.pooled - self._center, axis=1),
            "ViM, 64 directions": energy - self._alpha * away,
            "5 nearest times energy": similarity * energy,
            "**5 nearest plus energy**": _standard(similarity, self._among)
            + _standard(energy, self._energies),
        }


def main() -> None:
    """Measure, and print a row a score."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="folder of Imagenette")
    lab = Lab(open_dataset(parser.parse_args().data))
    print(table(lab.train))


def table(train: Callable[[tuple[int, ...]], dict[str, Seen]]) -> str:
    """Return the table of the document, sorted by the mean FPR of the choices that choose.

    Args:
        train: as `Lab.train`.
    """
    found = {choice: _measured(train(choice)) for choice in (*CHOOSING, REPORTED)}
    rows = []
    for name in next(iter(found.values())):
        chosen = np.array([found[choice][name][:2] for choice in CHOOSING])
        auroc, fpr, *made = found[REPORTED][name]
        means, worst = chosen.mean(axis=0), (chosen[:, 0].min(), chosen[:, 1].max())
        cells = (
            f"{means[0]:.3f} ({worst[0]:.3f})",
            f"{means[1]:.1%} ({worst[1]:.1%})",
            f"{auroc:.3f}",
            f"{fpr:.1%}",
            *(f"{share * ood.EACH:.0f}" for share in made),
        )
        rows.append((means[1], f"| {name} | {' | '.join(cells).replace('%', ' %')} |"))
    return "\n".join(row for _, row in sorted(rows, reverse=True))


def _measured(seen: dict[str, Seen]) -> dict[str, list[float]]:
    """Return AUROC and FPR at 95 % TPR on left-out classes, and the FPR on each kind of picture."""
    scores = Scores(seen["train"])
    known, *others = (scores.of(seen[kind]) for kind in ("validation", ood.LEFT_OUT, *ood.KINDS))
    return {
        name: [auroc(known[name], others[0][name])]
        + [fpr_at_tpr(roc(known[name], other[name]), TPR) for other in others]
        for name in known
    }


def _unit(features: FloatArray) -> FloatArray:
    found: FloatArray = features / np.linalg.norm(features, axis=1, keepdims=True)
    return found


def _highest(values: Floats, count: int) -> Floats:
    found: Floats = np.partition(values, -count, axis=1)[:, -count:]
    return found


def _standard(values: Floats, training: Floats) -> Floats:
    found: Floats = (values - training.mean()) / training.std()
    return found


def _whitening(centered: FloatArray) -> Floats:
    values, directions = np.linalg.eigh(np.cov(centered.T))
    found: Floats = directions / np.sqrt(np.maximum(values, 0) + RIDGE)
    return found


def _show(done: int, total: int) -> None:
    if done % 500 == 0:
        print(f"features: {done} of {total}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
