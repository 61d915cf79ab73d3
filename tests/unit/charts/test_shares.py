from html import unescape

import numpy as np
import pytest

from imgcls.charts.shares import precision_and_recall, shares
from imgcls.evaluation.intervals import Share, interval, table
from imgcls.evaluation.metrics import per_class


def test_a_mark_with_its_interval_for_each_share_from_the_top_down() -> None:
    figure = shares(table({"seen": Share(95, 100), "never seen": Share(46, 50)}), "Accuracy")
    (marks,) = figure.data
    assert list(marks.x) == pytest.approx([0.95, 0.92])
    low, high = interval(46, 50)
    assert marks.error_x.array[1] == pytest.approx(high - 0.92)
    assert marks.error_x.arrayminus[1] == pytest.approx(0.92 - low)
    assert list(marks.text) == ["95.0 %", "92.0 %"]
    assert figure.layout.yaxis.ticktext == ("seen", "never seen")
    first, last = figure.layout.yaxis.range
    assert first > last  # the first one on top
    # The axis begins below what is shown, and not at zero.
    assert 0.7 < figure.layout.xaxis.range[0] < low


def test_a_share_of_nothing_is_drawn_as_none() -> None:
    figure = shares(table({"none": Share(0, 0)}), "Accuracy")
    assert np.isnan(figure.data[0].x[0])
    assert figure.layout.xaxis.range[0] == 0


def test_long_names_take_several_lines_and_stay_text() -> None:
    name = "half of the training photos with a wrong label & <b>no</b> other mistake"
    (shown,) = shares(table({name: Share(1, 2)}), "Accuracy").layout.yaxis.ticktext
    assert unescape(shown.replace("<br>", " ")) == name
    assert "<b>" not in shown
    assert max(map(len, shown.split("<br>"))) <= 40


def test_precision_and_recall_of_each_class() -> None:
    found = per_class(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]), ["cat", "owl"])
    recall, precision = precision_and_recall(found).data
    assert (recall.name, precision.name) == ("recall", "precision")
    assert list(recall.x) == [0.5, 1.0]
    assert list(precision.x) == pytest.approx([1, 2 / 3])
    assert [row[0] for row in precision.customdata] == [1, 3]  # photos called so
    assert recall.marker.symbol != precision.marker.symbol
    assert all(one < other for one, other in zip(recall.y, precision.y, strict=True))
