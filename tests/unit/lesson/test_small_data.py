import pandas as pd
import pytest

from imgcls.lesson.small_data import (
    METHODS,
    kind,
    learning_curves,
    measured,
    needed,
    paper_steps,
    ranking,
)


def test_every_way_is_named_and_more_photos_are_better() -> None:
    table = learning_curves()
    assert set(METHODS) == set(table["method"])
    assert table["accuracy"].between(table["low"], table["high"]).all()
    assert table["accuracy"].between(table["lowest"], table["highest"]).all()
    for _, curve in table.groupby("method"):
        sizes = curve["photos_per_class"].tolist()
        assert sizes == sorted(sizes)
        assert {5, 10, 20, 50} <= {*sizes}
        assert curve["accuracy"].iloc[-1] > curve["accuracy"].iloc[0]


def test_the_preset_is_as_good_as_logistic_regression() -> None:
    accuracy = learning_curves().set_index(["method", "photos_per_class"])["accuracy"]
    difference = (accuracy["small-data"] - accuracy["logistic regression"]).dropna()
    # Within the spread of the ten draws; docs/small-data.md gives the figures.
    assert (difference > -0.005).all()


def test_every_way_is_pretrained_or_from_scratch() -> None:
    assert {kind(name) for name in METHODS.values()} == {"pretrained", "from scratch"}


def test_the_fewest_photos_that_are_enough() -> None:
    curves = pd.DataFrame(
        {
            "name": ["quick", "quick", "slow", "slow", "slow"],
            "photos_per_class": [5, 10, 5, 10, 50],
            "accuracy": [0.9, 0.95, 0.2, 0.3, 0.4],
        }
    )
    assert needed(curves, 0.93) == [("quick", 10, 0.95, 5, 10), ("slow", None, 0.4, 5, 50)]


def test_ways_are_compared_on_the_draws_that_both_have() -> None:
    curves, table = learning_curves(), measured()
    best, *others = ranking(curves, 10)
    at_ten = curves[curves["photos_per_class"] == 10]
    assert best.accuracy == pytest.approx(at_ten["accuracy"].max())
    assert (best.behind.mean, best.behind.low, best.behind.high) == (0, 0, 0)
    assert len(others) == len(at_ten) - 1
    names = {name: method for method, name in METHODS.items()}
    of_size = table[table["photos_per_class"] == 10].set_index(["method", "seed"])["accuracy"]
    for way in others:
        shared = (of_size[names[best.name]] - of_size[names[way.name]]).dropna()
        assert way.draws == len(shared)
        assert way.behind.mean == pytest.approx(shared.mean())


def test_the_papers_steps_are_those_of_the_document() -> None:
    assert paper_steps(5) == 12  # "3 + 3 epochs are 12 steps", docs/small-data.md
    assert paper_steps(50) == 96
