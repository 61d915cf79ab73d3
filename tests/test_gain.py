import json
import shutil
from pathlib import Path

import pytest

from imgcls import gain
from imgcls.config import PRESETS
from imgcls.metrics import interval
from imgcls.runs import Run


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
    features = record["timings"]["features"]
    assert points["seconds"].iloc[0] == features + record["baselines"][0]["seconds"]
    epochs = points[points["step"] > 0]
    assert epochs["accuracy"].tolist() == history["val_accuracy"].tolist()
    assert epochs["seconds"].tolist() == pytest.approx(
        (features + history["seconds"].cumsum()).tolist()
    )
    last = points.iloc[-1]
    n = sum(record["data"]["counts"]["validation"].values())
    assert last["n"] == n
    assert (last["low"], last["high"]) == interval(round(last["accuracy"] * n), n)


def test_the_small_cnn_stands_beside_it(finished: Run, tmp_path: Path) -> None:
    def put(name: str, **changes: object) -> None:
        shutil.copytree(finished.path, tmp_path / name)
        record = {**finished.record, "config": PRESETS["scratch"].to_dict(), **changes}
        history = [{**epoch, "phase": 1} for epoch in finished.record["history"]]
        (tmp_path / name / "run.json").write_text(json.dumps({**record, "history": history}))

    photos = finished.record["data"]["fingerprint"]
    assert gain.scratch_run(tmp_path, photos) is None
    put("stopped", status="stopped")
    put("of-others", data={**finished.record["data"], "fingerprint": "others"})
    assert gain.scratch_run(tmp_path, photos) is None
    put("small")
    scratch = gain.scratch_run(tmp_path, photos)
    assert scratch is not None
    assert scratch.id == "small"
    points = gain.table(finished, scratch)
    own = points[points["method"] == "from scratch"]
    # It has no frozen layers to wait for.
    assert own["seconds"].iloc[0] == scratch.history["seconds"].iloc[0]
    assert len(gain.table(scratch, scratch)) == len(scratch.history) + 2
