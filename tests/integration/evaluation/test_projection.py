import pandas as pd

from imgcls.evaluation.embedding import embed
from imgcls.evaluation.projection import inside, of_run
from imgcls.runs.run import Run


def test_the_points_are_in_the_order_of_the_predictions(finished: Run) -> None:
    components = finished.components()
    places = embed(components.drop(columns="split").to_numpy()).assign(split=components["split"])
    points = of_run(finished, places, finished.predictions())
    held_out = places[places["split"] != "train"]
    assert points["x"].tolist() == held_out["x"].tolist()
    assert points["file"].tolist() == finished.predictions()["file"].tolist()
    assert (points["class"] == points["called"]).equals(points["correct"])


def test_photos_inside_a_region() -> None:
    points = pd.DataFrame({"x": [0.0, 1, 2], "y": [0.0, 1, 5], "file": ["a", "b", "c"]})
    # Dragged from below to above, and from right to left.
    assert inside(points, {"x": [2.5, 0.5], "y": [3, 0]})["file"].tolist() == ["b"]
