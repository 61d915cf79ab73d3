import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from imgcls import paper
from imgcls.charts.confusion import confusion_heat_map
from imgcls.charts.training import curves, describe_curve, learning_curve
from imgcls.presets import PRESETS

PHASES = PRESETS["paper"].phases


def names(figure: go.Figure) -> list[str]:
    return [trace.name for trace in figure.data]


def test_the_paper_stands_beside_the_run() -> None:
    figure = learning_curve(paper.history(), "loss", PHASES, paper=paper.history())
    assert names(figure) == ["training", "paper, training", "validation", "paper, validation"]
    assert list(figure.data[2].y) == [0.15, 0.08, 0.06, 0.05, 0.04, 0.04]
    assert figure.layout.yaxis.title.text == "Loss (cross-entropy)"


def test_the_boundary_between_the_phases_is_marked() -> None:
    figure = learning_curve(paper.history(), "accuracy", PHASES)
    assert [line.x0 for line in figure.layout.shapes] == [3]
    written = [note.text for note in figure.layout.annotations]
    assert written == ["phase 1: frozen base", "phase 2: fine-tuning"]


def test_a_single_phase_has_no_boundary() -> None:
    figure = learning_curve(paper.history(), "accuracy", PRESETS["scratch"].phases)
    assert not figure.layout.shapes


def test_the_axis_has_room_for_the_epochs_to_come() -> None:
    figure = learning_curve(paper.history().head(1), "accuracy", PHASES)
    assert figure.layout.xaxis.range[1] >= 6


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_an_accuracy_that_stays_the_same_has_an_axis_of_shares(share: float) -> None:
    history = paper.history().assign(accuracy=share, val_accuracy=share)
    for figure in (
        learning_curve(history, "accuracy", PHASES),
        curves({"mine": history}, "accuracy"),
    ):
        clipped = figure.layout.yaxis.autorangeoptions
        assert (clipped.clipmin, clipped.clipmax) == (0, 1.02)
    loss = learning_curve(history, "loss", PHASES)
    assert loss.layout.yaxis.autorangeoptions.clipmax is None


def test_live_steps_are_not_joined_from_one_epoch_to_the_next() -> None:
    steps = pd.DataFrame(
        {"epochs": [0.5, 1.0, 1.5], "loss": [3.0, 2.0, 1.0], "accuracy": [0.1, 0.2, 0.3]}
    )
    line, *_ = learning_curve(paper.history().head(0), "loss", PHASES, steps=steps).data
    assert line.name == "training, within the epoch"
    np.testing.assert_array_equal(line.x, [0.5, 1.0, np.nan, 1.5, np.nan])
    np.testing.assert_array_equal(line.y, [3.0, 2.0, np.nan, 1.0, np.nan])


def test_curves_are_told_in_words() -> None:
    told = describe_curve(paper.history(), "accuracy")
    assert told == (
        "Accuracy per epoch, epochs 1 to 6: training from 77.0% to 99.0%, "
        "validation from 97.0% to 98.0%"
    )
    assert "no epoch is over yet" in describe_curve(paper.history().head(0), "loss")


@pytest.fixture
def counts() -> pd.DataFrame:
    classes = ["cat", "dog", "owl"]
    return pd.DataFrame([[9, 1, 0], [0, 4, 0], [0, 0, 0]], index=classes, columns=classes)


def test_the_matrix_is_coloured_by_the_share_of_the_row(counts: pd.DataFrame) -> None:
    (trace,) = confusion_heat_map(counts, percent=False).data
    # A class without photos has no shares.
    np.testing.assert_array_equal(trace.z, [[0.9, 0.1, 0], [0, 1, 0], [0, 0, 0]])
    assert trace.text.tolist() == [["9", "1", ""], ["", "4", ""], ["", "", ""]]


def test_the_matrix_shows_percent_when_asked(counts: pd.DataFrame) -> None:
    figure = confusion_heat_map(counts, percent=True)
    assert figure.data[0].text.tolist()[0] == ["90.0", "10.0", ""]
    assert figure.layout.yaxis.autorange == "reversed"  # the first class on top
