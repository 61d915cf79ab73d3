"""Which score tells photos of no known class best? Each is measured on classes that were left out.

Prints the tables of docs/out-of-distribution.md. Run it again with::

    python -m benchmarks.out_of_distribution --data data/imagenette

Three classes of Imagenette are left out, the recipe of `hires` trains on the other seven, and every
score is asked to tell the held-out photos of both apart. The score was chosen on `CHOOSING` alone;
the classes of `REPORTED` are in none of those.
"""

import argparse
import sys
from collections.abc import Iterable
from dataclasses import replace

import keras
import numpy as np
import pandas as pd

from benchmarks import phases
from benchmarks.ood_scores import Scores, Seen
from imgcls._utils.arrays import FloatArray
from imgcls.data import ood
from imgcls.data.dataset import Dataset, open_dataset
from imgcls.evaluation.ood import auroc, fpr_at_tpr, roc
from imgcls.inference.neighbors import PHOTOS
from imgcls.networks.build import build_base, build_model
from imgcls.networks.weights import find_base_weights
from imgcls.presets import PRESETS
from imgcls.training.engines.cached import CachedEngine
from imgcls.training.features import CUT, POOLED, Features, FrozenBase, extract

CHOOSING = ((0, 1, 2), (3, 4, 5), (0, 3, 6), (2, 4, 6))  # of ten classes, sorted by WordNet id
REPORTED = (7, 8, 9)  # as the shipped run `leave-out`
RECIPE = PRESETS["hires"]
TPR = 0.95
ASKED = ("train", "validation", "test", ood.LEFT_OUT)
# Choice -> score -> AUROC, FPR at that TPR, and the FPR on each kind of made pictures.
Found = dict[tuple[int, ...], dict[str, list[float]]]


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
            cut = features.cut[of].mean(axis=(1, 2), dtype=np.float32)
            pooled = engine.pooled(of)
            found[kind] = Seen(pooled, cut, engine.logits(pooled), labels)
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


def main() -> None:
    """Measure, and print a row a score: first of all choices, then of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="folder of Imagenette")
    parser.add_argument("--seed", type=int, default=RECIPE.seed, help="of every training")
    parser.add_argument("--photos", type=int, default=PHOTOS, help="that photos are compared with")
    arguments = parser.parse_args()
    lab = Lab(open_dataset(arguments.data))
    found: Found = {
        choice: _measured(lab.train(choice, arguments.seed), arguments.photos)
        for choice in (*CHOOSING, REPORTED)
    }
    print(table(found))
    print(by_choice(found))


def table(found: Found) -> str:
    """Return the table of the document, sorted by the mean FPR of the choices that choose."""
    rows = []
    for name in found[REPORTED]:
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
        rows.append((means[1], _row(name, cells)))
    return "\n".join(row for _, row in sorted(rows, reverse=True))


def by_choice(found: Found) -> str:
    """Return a table of the FPR of each score on each of the choices that choose."""
    return "\n".join(
        _row(name, [f"{found[choice][name][1]:.1%}" for choice in CHOOSING])
        for name in found[REPORTED]
    )


def _row(name: str, cells: Iterable[str]) -> str:
    return f"| {name} | {' | '.join(cells).replace('%', ' %')} |"


def _measured(seen: dict[str, Seen], photos: int) -> dict[str, list[float]]:
    """Return AUROC and FPR at 95 % TPR on left-out classes, and the FPR on each kind of picture."""
    scores = Scores(seen["train"], photos)
    known, *others = (scores.of(seen[kind]) for kind in ("validation", ood.LEFT_OUT, *ood.KINDS))
    return {
        name: [auroc(known[name], others[0][name])]
        + [fpr_at_tpr(roc(known[name], other[name]), TPR) for other in others]
        for name in known
    }


def _show(done: int, total: int) -> None:
    if done % 500 == 0:
        print(f"features: {done} of {total}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
