"""The runs that come with the project: complete, small enough, and what their records say."""

import os
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imgcls.data.dataset import open_dataset
from imgcls.data.ood import pictures
from imgcls.evaluation.calibration import compare, expected_calibration_error
from imgcls.evaluation.evaluate import evaluate
from imgcls.evaluation.intervals import rate
from imgcls.evaluation.ood import auroc, fpr_at_tpr, left_out_scores, roc, threshold
from imgcls.inference.confidence import Confidence
from imgcls.inference.predictor import Predictor
from imgcls.inference.softmax import probabilities
from imgcls.paths import DIGITS, IMAGENETTE
from imgcls.presets import ABLATIONS, PRESETS
from imgcls.runs import store
from imgcls.runs.identity import experiment_hash, run_id
from imgcls.runs.run import Run
from imgcls.runs.store import leave_out_run
from tests.support.repository import ROOT
from tests.support.shipped import LISTED, MODELS, SHIPPED, shipped

TABLES = {"run.json", "predictions.parquet"}
OTHER_BOUNDARY = {shipped("paper, layers from 54 on").id: 54}
WEIGHTS = {"phase1.keras", "model.keras", "model.tflite"}
PREDICTING = [run for run in SHIPPED if run.can_predict]


def by_id(run: Run) -> str:
    return run.id


def test_what_is_shipped() -> None:
    found = {(run.record.preset, run.dataset) for run in SHIPPED}
    assert found == {
        # All but the one for photos of one's own.
        *((preset, IMAGENETTE) for preset in PRESETS if preset != "small-data"),
        ("paper", DIGITS),
        ("scratch", DIGITS),
    }
    assert store.default(MODELS).record.preset == "hires"


def test_what_is_listed_is_what_git_keeps() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "models"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    folders = {Path(path).parts[1] for path in tracked if len(Path(path).parts) > 2}
    assert folders == {entry["folder"] for entry in LISTED}
    for entry, run in zip(LISTED, SHIPPED, strict=True):
        assert (entry["preset"], entry["dataset"]) == (run.record.preset, run.dataset)
        assert entry["why"]


def test_no_document_and_no_test_knows_their_ids() -> None:
    """They are found by what they are called: an id may change with the base's weights."""
    hashes = {experiment_hash(id) for run in SHIPPED for id in (run.id, *run.record.former_ids)}
    paths = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("tests/**/*.py")]
    paths += [MODELS / "README.md", ROOT / ".gitignore", *ROOT.glob("imgcls/**/*.py")]
    for path in paths:
        named = {hash for hash in hashes if hash and hash in path.read_text()}
        assert not named, path


@pytest.mark.parametrize("run", SHIPPED, ids=by_id)
def test_its_id_is_the_one_that_lasts_and_the_former_one_finds_it(run: Run) -> None:
    base = run.record.base
    sha256 = base.sha256 if base else None
    assert run.id == run_id(run.record.preset, run.config, run.fingerprint, sha256)
    for name in (run.id, run.path.name, *run.record.former_ids, f"mine-{run.id[-8:]}"):
        assert store.find(MODELS, name) == run


def test_together_they_are_small_enough() -> None:
    sizes = [path.stat().st_size for run in SHIPPED for path in run.path.iterdir()]
    assert sum(sizes) <= 80e6
    assert max(sizes) <= 12e6


@pytest.mark.parametrize("run", SHIPPED, ids=by_id)
def test_its_provenance_is_complete(run: Run) -> None:
    record = run.record
    assert run.status == "finished"
    preset = PRESETS[record.preset]
    boundary = OTHER_BOUNDARY.get(run.id, preset.fine_tune_at)
    assert run.config == replace(preset, fine_tune_at=boundary)
    assert len(run.history) == sum(phase.epochs for phase in run.config.phases)
    assert len(run.predictions()) == sum(
        record.data.count(split) for split in ("validation", "test")
    )
    assert record.command.startswith("python -m imgcls train --preset")
    assert record.machine.cores
    assert record.versions["tensorflow"]
    if run.config.architecture == "mobilenet_v2":
        assert record.base is not None
        assert len(record.base.sha256) == 64
        adapted = "adapted on Stanford Dogs" in record.base.note
        assert adapted == (run.config.image_size == 160)


@pytest.mark.parametrize("run", SHIPPED, ids=by_id)
def test_its_files(run: Run) -> None:
    files = {path.name for path in run.path.iterdir()}
    assert files >= TABLES
    tables_alone = {*ABLATIONS, "leave-out", "scratch-residual"}
    if run.record.preset in tables_alone or run.id in OTHER_BOUNDARY:
        assert not files & WEIGHTS
    elif run.dataset == DIGITS:
        assert files & WEIGHTS == {"model.tflite"}
    elif run.config.architecture == "mobilenet_v2":
        assert files >= WEIGHTS


@pytest.mark.parametrize("run", SHIPPED, ids=by_id)
def test_its_figures_are_those_of_its_table(run: Run) -> None:
    last, test, table = run.record.history[-1], run.test, run.predictions()
    for split, accuracy, loss in (
        ("validation", last.val_accuracy, last.val_loss),
        ("test", test.accuracy, test.loss),
    ):
        rows = table[table["split"] == split]
        right = [
            given[label] for given, label in zip(rows["probabilities"], rows["label"], strict=True)
        ]
        assert (rows["label"] == rows["predicted"]).mean() == pytest.approx(accuracy, abs=1e-6)
        assert -np.log(right).mean() == pytest.approx(loss, abs=1e-3)
    assert test.n == len(rows)


@pytest.mark.parametrize("run", PREDICTING, ids=by_id)
def test_the_photos_give_its_answers_again(run: Run) -> None:
    """On each 16th photo: `imgcls evaluate` takes all of them, and a minute."""
    if run.dataset == DIGITS:
        found = evaluate(run, open_dataset(DIGITS))
        assert found["test"].loss == pytest.approx(run.test.loss, abs=1e-3)
        assert (found["test"].accuracy, found["test"].n) == (run.test.accuracy, run.test.n)
        return
    photos = Path(os.environ.get("IMGCLS_DATA", ""))
    if not (photos / "val").is_dir():
        pytest.skip("needs Imagenette")
    table = run.predictions().iloc[::16]
    logits = np.stack(list(Predictor(run).logits([photos / file for file in table["file"]])))
    np.testing.assert_allclose(
        probabilities(logits), np.stack(table["probabilities"].to_list()), atol=1e-3
    )


@pytest.mark.parametrize("preset", ["hires", "paper"])
def test_its_probabilities_are_calibrated(preset: str) -> None:
    run = store.default(MODELS, preset=preset)
    test = run.predictions()
    test = test[test["split"] == "test"]
    _, calibrated = compare(test, Confidence.of_run(run))
    assert expected_calibration_error(calibrated) <= 0.01


def test_classes_that_were_left_out_are_told_apart() -> None:
    other = leave_out_run(MODELS, store.default(MODELS))
    assert other is not None
    known, unknown = left_out_scores(other)
    assert auroc(known, unknown) >= 0.99
    assert fpr_at_tpr(roc(known, unknown), 0.95) <= 0.05


@pytest.mark.parametrize("run", [run for run in SHIPPED if run.record.likeness], ids=by_id)
def test_its_threshold_is_that_of_its_table(run: Run) -> None:
    predictions, likeness = run.predictions(), run.record.likeness
    assert likeness is not None
    assert run.threshold == threshold(run, predictions, 0.95)
    validation = predictions.loc[predictions["split"] == "validation", "score"]
    asked = validation.iloc[1::2]
    assert (likeness.kept, likeness.asked) == ((asked >= run.threshold).sum(), len(asked))
    # Both halves are drawn: by chance the shares differ, the more the fewer photos there are.
    deviation = np.sqrt(2 * 0.95 * 0.05 / likeness.asked)
    assert likeness.kept / likeness.asked == pytest.approx(0.95, abs=4 * deviation)


@pytest.mark.parametrize("run", PREDICTING, ids=by_id)
def test_it_scores_made_pictures_as_its_table_says(run: Run) -> None:
    assert run.record.likeness
    table, predictor = run.out_of_distribution(), Predictor(run)
    for kind in ("noise", "drawings"):
        picture = next(pictures(kind, run.config.image_size))
        stored = table.loc[table["kind"] == kind, "score"].iloc[0]
        assert predictor.predict(Image.fromarray(picture)).score == pytest.approx(stored, abs=0.01)


def test_the_figures_beside_them_are_theirs() -> None:
    rows = re.findall(r"^\| ([^|]+) \|(.*)\|$", (MODELS / "README.md").read_text(), re.MULTILINE)
    printed = {name: [cell.strip() for cell in cells.split("|")] for name, cells in rows}
    for entry in LISTED:
        run = shipped(entry["called"])
        last, test = run.record.history[-1], run.test
        low, high = test.interval
        assert printed[entry["called"]][-4:] == [
            f"{last.val_accuracy:.3f}",
            f"{last.val_loss:.3f}",
            f"{test.accuracy:.3f} ({low:.3f} to {high:.3f}, n = {test.n:,})",
            f"{test.loss:.3f}",
        ]


@pytest.mark.parametrize("preset", ["hires", "paper", "scratch", "scratch-residual"])
def test_the_document_says_how_they_do_on_the_whole_validation_split(preset: str) -> None:
    found = shipped(preset).predictions()
    right = int((found["label"] == found["predicted"]).sum())
    accuracy = rate(right, len(found), "photos").replace("95 % interval ", "")
    assert len(found) == 3_925
    said = (ROOT / "docs" / "results.md").read_text()
    row = next(line for line in said.splitlines() if line.startswith(f"| `{preset}`, "))
    assert accuracy.replace(" of 3,925 photos", "") in row
