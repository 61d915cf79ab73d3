from dataclasses import replace
from pathlib import Path

import pytest

from imgcls._utils.cluster import ClusterError
from imgcls.inference import spread
from imgcls.inference.predictor import Prediction, Predictor
from imgcls.runs.run import Run


def test_a_machine_answers_as_one_alone_does_or_says_that_it_lacks_the_drive(
    finished: Run, drawn_photos: Path, tmp_path: Path
) -> None:
    photos = sorted(drawn_photos.rglob("*.png"))[:3]
    sent: list[spread.Photo] = [*photos, photos[0].read_bytes()]
    found = spread.answers(finished.path, sent)
    alone = Predictor(finished).predict_many(sent)
    for one, other in zip(found, alone, strict=True):
        assert isinstance(one, Prediction)
        assert isinstance(other, Prediction)
        assert replace(one, seconds=0.0).to_dict() == replace(other, seconds=0.0).to_dict()
    with pytest.raises(ClusterError, match=r"does not find .*gone\.png"):
        spread.answers(finished.path, [photos[0], tmp_path / "gone.png"])
