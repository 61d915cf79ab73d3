import pandas as pd
import pytest

from imgcls.inference.explanation import track_record

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
