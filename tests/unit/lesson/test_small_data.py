from imgcls.lesson.small_data import METHODS, learning_curves


def test_every_way_is_named_and_more_photos_are_better() -> None:
    table = learning_curves()
    assert set(METHODS) == set(table["method"])
    assert table["accuracy"].between(table["low"], table["high"]).all()
    assert table["accuracy"].between(table["lowest"], table["highest"]).all()
    for _, curve in table.groupby("method"):
        assert curve["photos_per_class"].tolist() == [5, 10, 20, 50]
        assert curve["accuracy"].iloc[-1] > curve["accuracy"].iloc[0]


def test_the_preset_is_as_good_as_logistic_regression() -> None:
    accuracy = learning_curves().set_index(["method", "photos_per_class"])["accuracy"]
    difference = accuracy["small-data"] - accuracy["logistic regression"]
    # Within the spread of the ten draws; docs/small-data.md gives the figures.
    assert (difference > -0.005).all()
