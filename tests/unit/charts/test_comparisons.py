import numpy as np
import pandas as pd
import pytest

from imgcls import paper
from imgcls.charts import comparisons, confusion, training
from imgcls.lesson.small_data import learning_curves

POINTS = pd.DataFrame(
    {
        "method": ["nearest class centroid", "fine-tuning", "fine-tuning"],
        "step": [0, 1, 2],
        "seconds": [3.0, 10.0, 20.0],
        "accuracy": [0.9, 0.95, 1.0],
        "low": [0.85, 0.93, 0.99],
        "high": [0.94, 0.97, 1.0],
        "n": 100,
    }
)


def test_accuracy_is_drawn_by_the_mistakes_that_are_left() -> None:
    figure = comparisons.gain(POINTS)
    centroid, tuned = figure.data
    assert (centroid.name, tuned.name) == ("nearest class centroid", "fine-tuning")
    assert list(centroid.y) == pytest.approx([0.1])
    assert list(centroid.error_y.array) == pytest.approx([0.05])  # towards more mistakes
    assert list(centroid.error_y.arrayminus) == pytest.approx([0.04])
    assert tuned.y[-1] == pytest.approx(0.005)  # half of the fewest: a logarithmic axis has no zero
    assert list(tuned.x) == [10, 20]
    assert figure.layout.yaxis.autorange == "reversed"
    ticks = dict(zip(figure.layout.yaxis.ticktext, figure.layout.yaxis.tickvals, strict=True))
    assert ticks["98%"] == pytest.approx(0.02)
    assert ticks["100%"] == tuned.y[-1]
    # No label stands where there is nothing, to be crowded between others.
    assert figure.layout.yaxis.ticktext[-2:] == ("99%", "100%")


def test_the_difference_of_two_matrices_is_signed() -> None:
    change = pd.DataFrame([[3, -2], [0, -1]], index=["cat", "owl"], columns=["cat", "owl"])
    (trace,) = confusion.confusion_difference(change).data
    assert trace.text.tolist() == [["+3", "-2"], ["", "-1"]]
    assert (trace.zmin, trace.zmax) == (-3, 3)  # no change is in the middle of the colours
    nothing = change * 0
    assert confusion.confusion_difference(nothing).data[0].zmax == 1


def test_one_curve_a_run() -> None:
    histories = {"one": paper.history(), "two": paper.history().head(2)}
    figure = training.curves(histories, "loss")
    assert [line.name for line in figure.data] == ["one", "two"]
    assert list(figure.data[1].y) == paper.history()["val_loss"].tolist()[:2]
    looks = {(line.line.color, line.line.dash, line.marker.symbol) for line in figure.data}
    assert len(looks) == 2
    assert figure.layout.yaxis.title.text == "Validation loss"


def test_share_of_wrong_labels() -> None:
    table = pd.DataFrame({"k": [10, 100], "wrong": [10, 40], "precision": [1.0, 0.4]})
    figure = comparisons.precision_at_k({"5 % wrong": table})
    np.testing.assert_array_equal(figure.data[0].y, [1.0, 0.4])
    assert figure.layout.xaxis.type == "log"


def test_each_way_has_a_line_over_the_photos_per_class() -> None:
    table = learning_curves()
    figure = comparisons.photos_per_class(table, wanted=0.9, chosen=10)
    assert [line.name for line in figure.data] == list(dict.fromkeys(table["name"]))
    for line in figure.data:
        part = table[table["name"] == line.name]
        assert list(line.x) == part["photos_per_class"].tolist()
        assert list(line.y) == part["accuracy"].tolist()
    looks = {(line.line.color, line.line.dash, line.marker.symbol) for line in figure.data}
    assert len(looks) == len(figure.data)
    assert list(figure.layout.xaxis.tickvals) == sorted(set(table["photos_per_class"]))
    assert [(line.x0, line.y0) for line in figure.layout.shapes] == [(0, 0.9), (10, 0)]
