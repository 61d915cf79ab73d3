import pandas as pd
import pytest

from imgcls.evaluation.metrics import confusion
from imgcls.evaluation.phases import compare
from imgcls.runs.files import PHASE_1_PREDICTIONS
from imgcls.runs.run import Run, RunError


def answers(labels: list[int], predicted: list[int]) -> pd.DataFrame:
    files = [f"{row}.jpg" for row in range(len(labels))]
    return pd.DataFrame({"file": files, "split": "test", "label": labels, "predicted": predicted})


def test_worked_out_by_hand() -> None:
    labels = [0, 0, 0, 1, 1, 1]
    changes = compare(answers(labels, [0, 1, 1, 0, 1, 0]), answers(labels, [0, 0, 0, 1, 0, 0]))
    assert changes.photos["changed"].tolist() == [
        "right both times",
        "fixed",
        "fixed",
        "fixed",
        "broken",
        "wrong both times",
    ]
    assert changes.photos["before"].tolist() == [0, 1, 1, 0, 1, 0]
    # Four differ, three of them for the better: 2 * (C(4,3) + C(4,4)) / 2^4.
    assert changes.p_value == pytest.approx(2 * (4 + 1) / 16)
    # Before [[1, 2], [2, 1]], after [[3, 0], [2, 1]].
    assert changes.confusion(["a", "b"]).to_numpy().tolist() == [[2, -2], [0, 0]]


def test_against_published_figures() -> None:
    # Sixteen photos differ, two for the better; exact test: 2 * (1 + 16 + 120) / 2^16.
    before, after = [0] * 14 + [1] * 2, [1] * 14 + [0] * 2
    changes = compare(answers([0] * 16, before), answers([0] * 16, after))
    assert (changes.count("fixed"), changes.count("broken")) == (2, 14)
    assert changes.p_value == pytest.approx(2 * 137 / 2**16)


def test_nothing_changed() -> None:
    same = answers([0, 1], [0, 0])
    changes = compare(same, same)
    assert changes.p_value == 1
    assert not changes.confusion(["a", "b"]).to_numpy().any()


def test_of_a_run(finished: Run) -> None:
    before, after = finished.predictions_of_phase_1(), finished.predictions()
    changes, names = compare(before, after), finished.class_names
    right = [(table["predicted"] == table["label"]).sum() for table in (before, after)]
    assert changes.count("fixed") - changes.count("broken") == right[1] - right[0]
    matrices = [
        confusion(t["label"].to_numpy(), t["predicted"].to_numpy(), names) for t in (before, after)
    ]
    assert changes.confusion(names).equals(matrices[1] - matrices[0])


def test_a_run_without_its_table_says_so(finished: Run) -> None:
    elsewhere = Run(finished.path / "none", finished.record)
    with pytest.raises(RunError, match=PHASE_1_PREDICTIONS):
        elsewhere.predictions_of_phase_1()
