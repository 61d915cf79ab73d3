"""One photo at three stages, against the models that training has saved."""

from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf

from imgcls.data.bundled import sample_photos
from imgcls.data.images import read_rgb
from imgcls.inference.phase_one import PhaseOne
from imgcls.inference.predictor import Predictor
from imgcls.lesson.phases import Stage, stages
from imgcls.networks.build import named_outputs
from imgcls.networks.signature import FEATURE_MAPS, LOGITS
from imgcls.runs.files import PHASE_1_MODEL
from imgcls.runs.run import Run

PHOTO = sample_photos()["A temple"]


@pytest.fixture(scope="module")
def seen(finished: Run) -> list[Stage]:
    predictor = Predictor(finished)
    return stages(finished, PhaseOne(finished, predictor), predictor, PHOTO)


def test_there_are_three_in_the_order_of_training(seen: list[Stage]) -> None:
    names = [stage.name for stage in seen]
    assert names == ["Untrained head", "After phase 1", "After phase 2"]


@pytest.mark.parametrize(("place", "file"), [(1, PHASE_1_MODEL), (2, "model.keras")])
def test_answers_are_those_of_the_saved_models(
    seen: list[Stage], finished: Run, place: int, file: str
) -> None:
    model = keras.saving.load_model(finished.file(file), compile=False)
    pixels = read_rgb(PHOTO, finished.config.image_size)[np.newaxis].astype(np.float32)
    outputs = named_outputs(model)(pixels)
    maps, logits = outputs[FEATURE_MAPS], outputs[LOGITS]
    stage = seen[place]
    np.testing.assert_allclose(stage.answer.logits, logits[0], atol=5e-3)
    np.testing.assert_allclose(stage.pooled, np.asarray(maps)[0].mean(axis=(0, 1)), atol=1e-2)
    shares = np.sort(tf.nn.softmax(logits[0]))[::-1]
    np.testing.assert_allclose([share for _, share in stage.answer.top], shares, atol=2e-3)


def test_the_untrained_head_is_on_the_features_of_phase_1(seen: list[Stage]) -> None:
    untrained, before, after = seen
    np.testing.assert_array_equal(untrained.pooled, before.pooled)
    assert untrained.similarity(before) == pytest.approx(1)
    found = before.similarity(after)
    assert found is not None
    assert 0 < found < 0.99999
    blank = replace(
        after, answer=replace(after.answer, feature_maps=np.zeros((1, 1, 8), np.float32))
    )
    assert blank.similarity(blank) is None
    assert not untrained.head.bias.any()
    hidden = np.maximum(untrained.pooled @ untrained.head.hidden_kernel, 0)
    np.testing.assert_allclose(
        untrained.answer.logits, hidden @ untrained.head.kernel, rtol=1e-4, atol=1e-4
    )
