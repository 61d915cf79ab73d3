import os
from pathlib import Path

import pandas as pd
import pytest

from imgcls.evaluation.intervals import Share, differ
from imgcls.evaluation.predictions import UNSEEN, accuracy_by_origin


def table(*rows: tuple[str, int, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["file", "label", "predicted"])


def test_accuracy_by_origin() -> None:
    predictions = table(
        ("val/n01440764/n01440764_10.JPEG", 0, 0),
        ("val/n01440764/n01440764_11.JPEG", 0, 1),
        ("val/n01440764/ILSVRC2012_val_00000293.JPEG", 0, 0),
    )
    seen, unseen = accuracy_by_origin(predictions) or (None, None)
    assert seen == Share(1, 2)
    assert unseen == Share(1, 1)


def test_other_datasets_have_no_such_groups() -> None:
    assert accuracy_by_origin(table(("0/0001.png", 0, 0))) is None
    assert accuracy_by_origin(table((f"0/{UNSEEN}1.png", 0, 0))) is None


def test_shares_differ_when_their_intervals_do_not_overlap() -> None:
    # 0.88 to 0.97 and 0.79 to 0.99 do; 0.88 to 0.97 and 0.04 to 0.31 do not.
    assert not differ(Share(94, 100), Share(19, 20))
    assert differ(Share(94, 100), Share(2, 16))
    assert differ(Share(2, 16), Share(94, 100))


def test_how_many_of_imagenettes_photos_were_seen() -> None:
    root = Path(os.environ.get("IMGCLS_DATA", "data/imagenette"))
    if not (root / "val").is_dir():
        pytest.skip("needs Imagenette")
    names = [path.name for path in (root / "val").glob("*/*")]
    assert (len(names), sum(name.startswith(UNSEEN) for name in names)) == (3925, 134)
