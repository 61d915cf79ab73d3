"""Whichever file of a run is damaged: it is named, and nothing is answered from it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from imgcls.export.classifier import Classifier
from imgcls.inference.phase_one import PhaseOne
from imgcls.inference.predictor import Predictor
from imgcls.runs import checksums, store
from imgcls.runs.files import COMPONENTS, LASTING, TRAINING_LOSSES
from imgcls.runs.run import Run, RunError, load_run, update
from imgcls.training import programs


def flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def halved(content: bytes) -> bytes:
    return content[: len(content) // 2]


READERS: dict[str, Callable[[Run], object]] = {
    "model.tflite": Predictor,
    "head.npz": lambda run: Predictor(run).head,
    "neighbours.npz": lambda run: Predictor(run).neighbors,
    "phase1.tflite": lambda run: PhaseOne(run, Predictor(run)),
    "phase1_head.npz": lambda run: PhaseOne(run, Predictor(run)),
    "predictions.parquet": Run.predictions,
    "phase1.parquet": Run.predictions_of_phase_1,
    "strangers.parquet": Run.out_of_distribution,
    "components.parquet": Run.components,
    "model.keras": lambda run: Classifier(run).model,
    "phase1.keras": programs.upgrade,
}


def test_a_finished_run_knows_each_file_that_lasts(finished: Run) -> None:
    assert set(finished.record.checksums) == {*LASTING} - {TRAINING_LOSSES}
    assert set(finished.record.checksums) == set(READERS)
    assert checksums.damaged(finished) == []


@pytest.mark.parametrize("damage", [flipped, halved])
@pytest.mark.parametrize("name", READERS)
def test_a_damaged_file_is_named_and_not_used(
    finished: Run, tmp_path: Path, name: str, damage: Callable[[bytes], bytes]
) -> None:
    shutil.copytree(finished.path, tmp_path / finished.id)
    run = load_run(tmp_path / finished.id)
    path = run.file(name)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(RunError, match=f"{name} is damaged: it is not what training wrote"):
        READERS[name](run)
    (said,) = checksums.damaged(run)
    assert str(path) in said
    path.unlink()
    (said,) = checksums.damaged(run)
    assert said == f"{path} cannot be read: No such file or directory."


def test_nobody_begins_with_a_damaged_base(finished: Run, tmp_path: Path) -> None:
    shutil.copytree(finished.path, tmp_path / finished.id)
    run = load_run(tmp_path / finished.id)
    assert len(store.bases(tmp_path, run.config.network)) == 1
    for name in ("model.keras", "phase1.keras"):
        run.file(name).write_bytes(flipped(run.file(name).read_bytes()))
    assert store.bases(tmp_path, run.config.network) == {}
    with pytest.raises(RunError, match="is damaged"):
        store.tuned_base(run)


def test_upgrading_vouches_for_no_more_than_it_writes(finished: Run, tmp_path: Path) -> None:
    shutil.copytree(finished.path, tmp_path / finished.id)
    run = update(load_run(tmp_path / finished.id), checksums={})
    assert checksums.damaged(run) == []  # a former version's, of which nothing is known
    known = {COMPONENTS: finished.record.checksums[COMPONENTS]}
    run = update(run, checksums=known)
    table = run.file(COMPONENTS)
    table.write_bytes(flipped(table.read_bytes()))
    programs.upgrade(run)
    run = load_run(run.path)
    assert set(run.record.checksums) == set(finished.record.checksums)
    (said,) = checksums.damaged(run)
    assert f"{COMPONENTS} is damaged" in said
