"""Answers from a run's LiteRT program, against Keras's own model."""

import dataclasses
import io
import itertools
import os
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import keras
import msgspec
import numpy as np
import pytest
from PIL import Image, ImageDraw
from scipy.special import logit, logsumexp, softmax

from imgcls.data import images
from imgcls.data.bundled import sample_photos
from imgcls.data.images import ImageError, read_rgb
from imgcls.inference.confidence import Confidence
from imgcls.inference.predictor import Prediction, Predictor
from imgcls.inference.program import Program
from imgcls.inference.softmax import probabilities
from imgcls.networks.signature import FEATURE_MAPS, LOGITS, PROBABILITIES
from imgcls.runs.run import Run, RunError, load_run, update


@pytest.fixture(scope="module")
def photos(drawn_photos: Path) -> list[Path]:
    return sorted(drawn_photos.glob("val/*/*.png"))[::3]


@pytest.fixture(scope="module")
def predictor(finished: Run) -> Predictor:
    return Predictor(finished)


@pytest.fixture(scope="module")
def keras_outputs(finished: Run, photos: list[Path]) -> np.ndarray[Any, Any]:
    model = keras.saving.load_model(finished.file("model.keras"), compile=False)
    pixels = np.stack([read_rgb(photo, finished.config.image_size) for photo in photos])
    outputs: np.ndarray[Any, Any] = model.predict(pixels.astype("float32"), verbose=0)
    return outputs


def without_seconds(answer: Prediction | ImageError) -> tuple[Any, ...]:
    assert isinstance(answer, Prediction)
    # Of many photos nobody explains each: their feature maps are not kept.
    values = vars(answer) | {"seconds": None, "feature_maps": None}
    return tuple(values.values())


def copied(run: Run, folder: Path) -> Run:
    return load_run(shutil.copytree(run.path, folder / run.id))


def test_answers_are_the_softmax_of_keras_logits(
    predictor: Predictor, photos: list[Path], keras_outputs: np.ndarray[Any, Any], finished: Run
) -> None:
    expected = softmax(logit(keras_outputs.astype(np.float64)), axis=1)
    found = probabilities(np.array(list(predictor.logits(photos))))
    np.testing.assert_allclose(found, expected, atol=1e-3)
    calibrated = Confidence.of_run(finished).probabilities(logit(keras_outputs.astype(np.float64)))
    for photo, shares in zip(photos, calibrated, strict=True):
        answer = predictor.predict(photo)
        assert answer.label == finished.class_names[shares.argmax()]
        assert answer.top[0] == (answer.label, answer.probability)
        named = {finished.class_names[label]: share for label, share in enumerate(shares)}
        assert dict(answer.top) == pytest.approx(named, abs=1e-3)
        assert sorted((share for _, share in answer.top), reverse=True) == [
            share for _, share in answer.top
        ]
        assert sum(share for _, share in answer.top) == pytest.approx(1)
        assert answer.seconds > 0


def test_outputs_of_the_program_are_those_of_the_model(
    finished: Run, photos: list[Path], keras_outputs: np.ndarray[Any, Any]
) -> None:
    program = Program(finished.file("model.tflite").read_bytes())
    for photo, expected in zip(photos, keras_outputs, strict=True):
        shares, maps, logits = program(
            read_rgb(photo, finished.config.image_size), PROBABILITIES, FEATURE_MAPS, LOGITS
        )
        np.testing.assert_allclose(1 / (1 + np.exp(-logits[0])), expected, atol=1e-3)
        np.testing.assert_allclose(shares, probabilities(logits), atol=1e-6)
        assert maps.shape == (1, 1, 1, 1280)


def test_stored_predictions_are_the_same_answers(
    predictor: Predictor, finished: Run, drawn_photos: Path
) -> None:
    for row in finished.predictions().iloc[::7].itertuples():
        answer = predictor.predict(drawn_photos / str(row.file))
        assert answer.label == finished.class_names[int(str(row.predicted))]
        # In standard deviations, of which those of these alike drawings are small.
        assert answer.score == pytest.approx(row.score, abs=0.01)


def test_one_by_one_from_bytes_and_as_a_folder_are_the_same(
    predictor: Predictor, photos: list[Path]
) -> None:
    one_by_one = [without_seconds(predictor.predict(photo)) for photo in photos]
    from_bytes = [without_seconds(predictor.predict(photo.read_bytes())) for photo in photos]
    assert one_by_one == from_bytes == list(map(without_seconds, predictor.predict_many(photos)))


def test_eight_threads_with_one_predictor_get_the_same_answers(
    predictor: Predictor, photos: list[Path]
) -> None:
    expected = [without_seconds(predictor.predict(photo)) for photo in photos]
    assert len({answer[:2] for answer in expected}) > 5  # mixed up answers would be seen

    def all_of_them(start: int) -> list[tuple[Any, ...]]:
        turned = photos[start:] + photos[:start]
        answers = [without_seconds(predictor.predict(photo)) for photo in turned]
        return answers[len(photos) - start :] + answers[: len(photos) - start]

    with ThreadPoolExecutor(8) as pool:
        for answers in pool.map(all_of_them, range(8)):
            assert answers == expected


def test_bad_file_among_good_ones_is_an_error_in_its_place(
    predictor: Predictor, photos: list[Path], tmp_path: Path
) -> None:
    text = tmp_path / "photo.jpg"
    text.write_text("no picture")
    answers = list(predictor.predict_many([photos[0], text, photos[1], tmp_path / "none.png"]))
    assert [type(answer) for answer in answers] == [Prediction, ImageError, Prediction, ImageError]
    assert "not a picture" in str(answers[1])
    assert "no such file" in str(answers[3])
    assert without_seconds(answers[2]) == without_seconds(predictor.predict(photos[1]))
    with pytest.raises(ImageError, match=f"^{text}: this is not a picture"):
        list(predictor.logits([photos[0], text]))


def test_no_photos_no_answers(predictor: Predictor) -> None:
    assert list(predictor.predict_many([])) == []


def test_known_is_what_scores_like_the_validation_photos(
    finished: Run, tmp_path: Path, photos: list[Path]
) -> None:
    run = copied(finished, tmp_path)
    scores = sorted(answer.score for answer in map(Predictor(run).predict, photos))
    assert run.record.likeness is not None
    likeness = msgspec.structs.replace(run.record.likeness, threshold=scores[5])
    run = update(run, likeness=likeness)
    answers = [Predictor(load_run(run.path)).predict(photo) for photo in photos]
    assert all(answer.known == (answer.score >= scores[5]) for answer in answers)
    assert sum(not answer.known for answer in answers) == 5


def test_a_run_of_a_former_version_is_scored_by_its_energy(
    finished: Run, tmp_path: Path, photos: list[Path]
) -> None:
    run = update(copied(finished, tmp_path), likeness=None)
    run.file("neighbours.npz").unlink()
    answer = Predictor(run).predict(photos[0])
    (logits,) = Predictor(run).logits(photos[:1])
    assert answer.score == answer.energy == pytest.approx(logsumexp(logits), rel=1e-6)
    assert answer.known == (answer.energy >= run.energy_threshold)


def test_a_run_that_knows_no_class_means_is_scored_without(
    finished: Run, tmp_path: Path, photos: list[Path]
) -> None:
    assert finished.record.likeness is not None
    former = msgspec.structs.replace(finished.record.likeness, centroid=None)
    predictor = Predictor(update(copied(finished, tmp_path), likeness=former))
    answer = predictor.predict(photos[0])
    near = np.mean([each.similarity for each in predictor.nearest(answer, 5)])
    parts = ((answer.energy, former.energy), (near, former.similarity))
    expected = sum((value - spread.mean) / spread.deviation for value, spread in parts)
    assert answer.score == pytest.approx(expected, abs=1e-3)


def test_answer_as_json_types(predictor: Predictor, photos: list[Path]) -> None:
    answer = predictor.predict(photos[0])
    told = answer.to_dict()
    assert list(told) == ["label", "probability", "top", "score", "known", "seconds"]
    assert told["top"] == [{"label": label, "probability": share} for label, share in answer.top]
    assert {type(value) for value in told.values()} == {str, float, list, bool}
    assert dataclasses.asdict(answer).keys() - told.keys() == {
        "energy",
        "feature_maps",
        "probabilities",
        "step",
    }


@pytest.mark.parametrize("damage", ["missing", "empty", "text", "half", "a folder"])
def test_run_without_a_usable_program_is_an_error_for_people(
    finished: Run, tmp_path: Path, damage: str
) -> None:
    run = copied(finished, tmp_path)
    path = run.file("model.tflite")
    content = path.read_bytes()
    path.unlink()
    if damage == "a folder":
        path.mkdir()
    elif damage != "missing":
        path.write_bytes(
            {"empty": b"", "text": b"x" * 999, "half": content[: len(content) // 2]}[damage]
        )
    with pytest.raises(RunError, match=r"model\.tflite"):
        Predictor(run)


def test_unfinished_run_cannot_predict(finished: Run, tmp_path: Path) -> None:
    # It has a program, but was killed before it had noted its threshold.
    run = copied(finished, tmp_path)
    update(run, threshold=None, status="stopped")
    with pytest.raises(RunError, match=r"it is stopped, not finished.* --resume "):
        Predictor(load_run(run.path))


@pytest.fixture(scope="module")
def large_photo() -> bytes:
    """Return a JPEG of a camera's size: a square and a disc before a ground with some texture."""
    random = np.random.default_rng(0)
    texture = random.integers(40, 90, (90, 120, 3), np.uint8)
    image = Image.fromarray(texture).resize((2400, 1800), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(image)
    pen.rectangle((800, 500, 1700, 1400), fill=(200, 220, 160))
    pen.ellipse((900, 900, 1300, 1300), fill=(160, 40, 60))
    content = io.BytesIO()
    image.save(content, "JPEG", quality=90)
    return content.getvalue()


def test_decoding_a_large_jpeg_small_changes_less_than_one_grey_level_of_noise(
    finished: Run, large_photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A base of random weights reacts to anything; of trained ones the change was below 0.01."""
    program = Program(finished.file("model.tflite").read_bytes())
    random = np.random.default_rng(0)

    def answer(pixels: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        shares: np.ndarray[Any, Any] = probabilities(program(pixels, LOGITS)[0])[0]
        return shares

    assert images.open_picture(large_photo, 32).image.width < 2400
    small = answer(read_rgb(large_photo, 32))
    monkeypatch.setattr(images, "REDUCING_GAP", 1000)
    assert images.open_picture(large_photo, 32).image.width == 2400
    pixels = read_rgb(large_photo, 32)
    full = answer(pixels)
    noisy = [answer(pixels + random.choice([-1, 1], pixels.shape)) for _ in range(8)]
    assert small.argmax() == full.argmax()
    assert abs(small - full).max() < max(abs(other - full).max() for other in noisy)


@pytest.mark.parametrize("size", [32, 160, 224])
def test_decoding_small_hardly_changes_the_pixels(
    large_photo: bytes, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = read_rgb(large_photo, size).astype(float)
    monkeypatch.setattr(images, "REDUCING_GAP", 1000)
    full = read_rgb(large_photo, size).astype(float)
    assert abs(small - full).mean() < 0.5
    assert abs(small - full).max() <= 5


def test_all_who_ask_for_many_share_the_threads_and_none_waits_for_another(finished: Run) -> None:
    predictor = Predictor(finished)
    photo = sample_photos()["A flower"]
    before = threading.active_count()
    many = predictor.predict_many(itertools.repeat(photo))  # without an end
    next(many)
    workers = threading.active_count() - before
    others = [list(predictor.predict_many([photo] * 3)) for _ in range(5)]
    assert [len(answers) for answers in others] == [3] * 5
    busy = [predictor.predict_many(itertools.repeat(photo)) for _ in range(10)]
    for each in busy:
        next(each)
    assert threading.active_count() - before == workers <= (os.cpu_count() or 1)
    busy.clear()
    del many, each  # who is not asked any more is closed
    assert threading.active_count() == before
