import numpy as np
import pytest
from PIL import Image

from imgcls.charts.lesson import costs, histograms, map_sheet


def test_each_map_of_a_sheet_has_its_mark() -> None:
    names = ["map 3", "map 1", "map 2"]
    figure = map_sheet(Image.new("RGBA", (20, 20)), names, columns=2, picked=2)
    (marks,) = figure.data
    assert list(zip(marks.x, marks.y, marks.text, strict=True)) == [
        (0.5, 0.5, "map 3"),
        (1.5, 0.5, "map 1"),
        (0.5, 1.5, "map 2"),
    ]
    (image,) = figure.layout.images
    assert (image.sizex, image.sizey) == (2, 2)
    (frame,) = figure.layout.shapes
    assert (frame.x0, frame.x1, frame.y0, frame.y1) == (0, 1, 1, 2)
    # The first row on top.
    assert tuple(figure.layout.yaxis.range) == (2, 0)


def test_costs_are_in_millions() -> None:
    counted = {"least": 82_634, "cheap": 1_500_000, "dear instead": 1_234_000_000}
    figure = costs(counted, "multiply-adds")
    (bars,) = figure.data
    assert list(bars.y) == ["least", "cheap", "dear<br>instead"]
    assert list(bars.text) == ["0.08", "1.5", "1,234.0"]
    assert figure.layout.xaxis.title.text == "Million multiply-adds"


def test_histograms_have_one_axis_and_lose_no_number() -> None:
    figure = histograms({"before": np.array([0.02, 8]), "after": np.array([-1.02, 0.98, -9])})
    before, after = figure.data
    assert list(before.x) == list(after.x)
    for line, share in ((before, 1 / 2), (after, 1 / 3)):
        assert sum(line.y) == pytest.approx(1)
        assert {round(each, 6) for each in line.y} == {0, round(share, 6)}
    assert before.y[-1] == 1 / 2
    assert before.line.dash != after.line.dash
