import pandas as pd

from imgcls.charts import theme
from imgcls.charts.data import class_counts, photo_sizes
from imgcls.charts.predictions import probability_bars
from imgcls.data.classes import class_table


def test_class_counts() -> None:
    counts = pd.DataFrame({"train": [3, 4], "validation": [1, 2]}, index=["cat", "dog"])
    figure = class_counts(counts)
    assert [(bar.name, list(bar.y), list(bar.x)) for bar in figure.data] == [
        ("train", ["cat", "dog"], [3, 4]),
        ("validation", ["cat", "dog"], [1, 2]),
    ]
    assert figure.layout.xaxis.title.text == "Photos"


def test_probability_bars() -> None:
    (bars,) = probability_bars([("cat", 0.75), ("dog", 0.25)]).data
    assert list(bars.y) == ["cat", "dog"]
    assert list(bars.text) == ["75.0 %", "25.0 %"]


def test_photo_sizes() -> None:
    table = pd.DataFrame({"width": [10, 10, 20], "height": [5, 5, 8]})
    (marks,) = photo_sizes(table).data
    assert list(zip(marks.x, marks.y, marks.customdata, strict=True)) == [(10, 5, 2), (20, 8, 1)]


def test_class_table_has_the_three_names_where_they_are_known() -> None:
    table = class_table({"train": {"n01440764": 2}, "validation": {"n01440764": 1}})
    # What counts comes first: on a phone, and beside a chart, the last ones are scrolled to.
    assert list(table) == ["class", "train", "validation", "ImageNet", "folder"]
    assert table.iloc[0].tolist() == ["Fish", 2, 1, "tench", "n01440764"]
    other = class_table({"train": {"cat": 2}})
    assert other.to_dict("records") == [{"class": "Cat", "folder": "cat", "train": 2}]
    same = class_table({"train": {"iPhone": 2}})
    assert same.to_dict("records") == [{"class": "iPhone", "train": 2}]


def test_labels_are_text_and_no_html_no_tex_and_no_place_to_fill() -> None:
    assert theme.label("<a href='x'>b</a> &amp; $x$ %{y}") == (
        "&lt;a href='x'&gt;b&lt;/a&gt; &amp;amp; &#36;x&#36; &#37;{y}"
    )
    assert theme.labels(["cat", "owl"]) == ["cat", "owl"]


def test_labels_stay_apart_when_only_their_middle_differs() -> None:
    first, second = theme.labels([f"{'a' * 30}{middle}{'b' * 30}" for middle in "xy"])
    assert first != second
    assert max(map(len, (first, second))) <= theme.LONGEST + len(" (2)")
