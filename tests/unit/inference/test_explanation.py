import pandas as pd
import pytest

from imgcls.inference.explanation import Explanation, track_record
from imgcls.inference.predictor import NO_MAPS, Prediction
from tests.support.shipped import shipped

NAMES = ["truck", "church", "dog"]
COUNTS = pd.DataFrame([[376, 0, 0], [2, 1, 0], [3, 1, 0]], index=NAMES, columns=NAMES)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "truck",
            "Of 381 validation photos called truck, 376 were; the others were dog (3), church (2).",
        ),
        ("church", "Of 2 validation photos called church, 1 was; the other was dog (1)."),
        ("dog", "No validation photo was called dog."),
    ],
)
def test_track_record(name: str, sentence: str) -> None:
    assert track_record(COUNTS, name) == sentence


@pytest.mark.parametrize(
    ("photos", "sentence"),
    [
        (1, "One validation photo was called cat, and it was."),
        (1200, "Of 1,200 validation photos called cat, all were."),
    ],
)
def test_all_right_needs_no_others(photos: int, sentence: str) -> None:
    assert track_record(pd.DataFrame([[photos]], index=["cat"], columns=["cat"]), "cat") == sentence


def test_classes_are_words_for_people_and_keep_their_names_in_files() -> None:
    top = (("french_horn", 0.7), ("golf_ball", 0.2), ("a class it had before", 0.1))
    shares = tuple(share for _, share in top)
    answer = Prediction(
        "french_horn",
        0.7,
        top,
        shares,
        score=1,
        energy=1,
        known=True,
        seconds=0,
        feature_maps=NO_MAPS,
    )
    answered = Explanation("a.png", answer=answer)
    titled = answered.titled(shipped("paper")).answer
    assert titled is not None
    assert titled.label == "French horn"
    assert [name for name, _ in titled.top] == ["French horn", "Golf ball", "a class it had before"]
    assert answered.to_dict()["label"] == "french_horn"
    failed = Explanation("b.png", error="no picture")
    assert failed.titled(shipped("paper")) is failed
