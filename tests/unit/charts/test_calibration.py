import pandas as pd

from imgcls.charts.calibration import reliability_diagram


def test_the_legend_shows_a_mark_however_few_photos_the_first_one_stands_for() -> None:
    bins = pd.DataFrame({"confidence": [0.1, 0.9], "accuracy": [0.0, 1.0], "n": [1, 999]})
    assert reliability_diagram(bins, bins).layout.legend.itemsizing == "constant"
