from pathlib import Path

import pytest
from msgspec.structs import replace

from imgcls.evaluation import gain
from imgcls.evaluation.intervals import interval
from imgcls.presets import PRESETS
from imgcls.runs import store
from imgcls.runs.record import Timings
from imgcls.runs.run import Run
from tests.support import runs
from tests.support.runs import changed


def test_methods_with_what_they_cost(finished: Run) -> None:
    points = gain.table(finished, None)
    assert list(points.columns) == list(gain.COLUMNS)
    assert points["method"].drop_duplicates().tolist() == [
        "nearest class centroid",
        "10 nearest neighbours",
        "frozen base",
        "fine-tuning",
    ]
    history, record = finished.history, finished.record
    features = record.timings.features
    assert points["seconds"].iloc[0] == features + record.baselines[0].seconds
    epochs = points[points["step"] > 0]
    assert epochs["accuracy"].tolist() == history["val_accuracy"].tolist()
    assert epochs["seconds"].tolist() == pytest.approx(
        (features + history["seconds"].cumsum()).tolist()
    )
    last = points.iloc[-1]
    n = record.data.count("validation")
    assert last["n"] == n
    assert (last["low"], last["high"]) == interval(round(last["accuracy"] * n), n)


def test_a_pretrained_network_and_a_small_cnn_stand_beside_each_other(
    finished: Run, tmp_path: Path
) -> None:
    def put(name: str, **changes: object) -> Run:
        history = tuple(replace(row, phase=1) for row in finished.record.history)
        bare = changed(finished, baselines=(), timings=Timings(), history=history)
        return runs.put(tmp_path / name, bare.record, **changes)

    small = PRESETS["scratch"]
    put("another-pretrained")
    assert store.counterpart(tmp_path, finished) is None
    put("stopped", config=small, status="stopped")
    put("of-others", config=small, fingerprint="others")
    assert store.counterpart(tmp_path, finished) is None
    far = put("far", config=small, created="2026-01-02T00:00:00+00:00")
    better = tuple(replace(row, phase=1, val_accuracy=1.0) for row in finished.record.history)
    put("best", config=small, history=better, created="2026-01-01T00:00:00+00:00")
    other = store.counterpart(tmp_path, finished)
    assert other is not None
    assert other.id == "best"
    put("large", settings={"image_size": 160})
    other = store.counterpart(tmp_path, far)
    assert other is not None
    assert other.id == "large"
    points = gain.table(finished, far)
    own = points[points["method"] == "from scratch"]
    # It has no frozen layers to wait for.
    assert own["seconds"].iloc[0] == far.history["seconds"].iloc[0]
    assert len(points) == len(far.history) + len(finished.history) + 2
    # The pretrained one comes first, whichever of the two is in use.
    assert gain.table(far, finished)["method"].tolist() == points["method"].tolist()


def test_a_deliberate_mistake_is_nobodys_counterpart(finished: Run, tmp_path: Path) -> None:
    runs.put(tmp_path / "mistake", finished.record, config=PRESETS["rate-x10"])
    scratch = changed(finished, path=tmp_path / "x", config=PRESETS["scratch"])
    assert store.counterpart(tmp_path, scratch) is None
