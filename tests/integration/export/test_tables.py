import io

import numpy as np
import pandas as pd
import pytest

from imgcls.export.tables import tables
from imgcls.runs.run import Run


def test_a_run_gives_its_tables_away(finished: Run) -> None:
    found = tables(finished)
    assert list(found) == ["epochs", "predictions", "classes", "predictions after phase 1"]
    assert found["epochs"]().equals(finished.history)


def test_predictions_are_readable_without_this_program(finished: Run) -> None:
    written = tables(finished)["predictions"]().to_csv(index=False)
    table, kept = pd.read_csv(io.StringIO(written)), finished.predictions()
    names = finished.class_names
    assert table["file"].tolist() == kept["file"].tolist()
    assert table["label"].tolist() == [names[label] for label in kept["label"]]
    shares = table[[f"probability {name}" for name in names]].to_numpy()
    np.testing.assert_allclose(shares, np.stack(kept["probabilities"].to_list()), atol=1e-6)
    assert [names[row] for row in shares.argmax(axis=1)] == table["predicted"].tolist()


def test_classes_are_those_of_the_test_photos(finished: Run) -> None:
    table = tables(finished)["classes"]().set_index("class")
    assert table["support"].sum() == finished.test.n
    counts = table[finished.class_names].to_numpy()
    assert np.trace(counts) / counts.sum() == pytest.approx(finished.test.accuracy)
