"""Pictures judged for real: a program, drawn photos, generated bursts."""

import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from imgcls.cli.main import main
from imgcls.data.images import ImageError
from imgcls.evaluation.own_photos.judge import Examined, examine, judge, learn
from imgcls.inference.photo_facts import PhotoExaminer, PhotoFacts
from imgcls.runs.run import Run, RunError
from tests.support.repository import ROOT
from tests.support.runs import copied

CLASSES = ("stripes", "spots", "blocks")


def scene(kind: str, random: np.random.Generator) -> Image.Image:
    """Draw something like a photo: no two are alike, and every pixel says something."""
    light = random.integers(0, 256, (5, 5, 3), np.uint8)
    image = Image.fromarray(light).resize((320, 240), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(image)
    for _ in range(int(random.integers(5, 14))):
        x, y = random.integers(0, 260, 2).tolist()
        width, height = {"stripes": (9, 200), "spots": (50, 50), "blocks": (90, 40)}[kind]
        color = tuple(random.integers(0, 256, 3).tolist())
        draw = pen.ellipse if kind == "spots" else pen.rectangle
        draw((x, y, x + width, y + height), fill=color)
    return image.filter(ImageFilter.GaussianBlur(1))


def frame(image: Image.Image, random: np.random.Generator) -> Image.Image:
    """Take the picture once more, by a hand that is not quite still, in changing light."""
    side = 240 * (1 - random.uniform(0, 0.08))
    left, top = 40 + random.uniform(0, 240 - side), random.uniform(0, 240 - side)
    turned = image.rotate(random.uniform(-2, 2), Image.Resampling.BICUBIC)
    cut = turned.resize((240, 240), Image.Resampling.LANCZOS, (left, top, left + side, top + side))
    pixels = np.asarray(cut, dtype=np.float32) * random.uniform(0.92, 1.08)
    noisy = pixels + random.normal(0, 3, pixels.shape)
    return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))


@pytest.fixture(scope="module")
def examiner() -> PhotoExaminer:
    return PhotoExaminer(ROOT / "models")


def put_together(
    root: Path, examiner: PhotoExaminer, scenes: int, frames: int, drawn: str | None = None
) -> Examined:
    """Return photos of three classes; with `drawn`, all of them show the same kind of thing."""
    photos: dict[str, list[str]] = {}
    for kind in CLASSES:
        random = np.random.default_rng(CLASSES.index(kind))
        (root / kind).mkdir(parents=True)
        for number in range(scenes):
            image = scene(drawn or kind, random)
            for shot in range(frames):
                name = f"{kind}/{number:02d}-{shot}.jpg"
                frame(image, random).save(root / name, quality=88)
                photos.setdefault(kind, []).append(name)
    return examine(photos, root, examiner)


def test_a_burst_is_found_counts_as_one_and_raises_no_burst_safe_figure(
    tmp_path: Path, examiner: PhotoExaminer
) -> None:
    single = put_together(tmp_path / "single", examiner, scenes=8, frames=1, drawn="blocks")
    bursts = put_together(tmp_path / "bursts", examiner, scenes=8, frames=4, drawn="blocks")
    assert set(single.different.values()) == {8}
    assert set(bursts.different.values()) == {8}
    one, many = judge(single).result, judge(bursts).result
    assert one is not None
    assert many is not None
    assert (many.burst_safe.n, many.random.n) == (one.burst_safe.n, 96) == (24, 96)
    # There is nothing to tell the classes apart, yet a random split finds the twins.
    assert many.random.accuracy > 0.9
    for each in (one, many):
        low, high = each.burst_safe.interval
        assert low < 1 / 3 < high


def test_the_same_photos_give_the_same_figures_and_are_computed_once(
    tmp_path: Path, examiner: PhotoExaminer, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = put_together(tmp_path / "one", examiner, scenes=5, frames=1)
    shutil.copytree(tmp_path / "one", tmp_path / "copied")
    photos = {kind: [p for p in first.photos if p.startswith(kind)] for kind in CLASSES}

    def refuse(*args: object) -> PhotoFacts:
        raise AssertionError("a photo is computed again")

    monkeypatch.setattr(examiner, "_examine", refuse)
    again = examine(photos, tmp_path / "copied", examiner)
    judged, judged_again = judge(first), judge(again)
    assert judged.result is not None
    assert judged_again.result is not None
    assert judged.result.burst_safe == judged_again.result.burst_safe
    assert judged.confusion.tolist() == judged_again.confusion.tolist()
    assert judged.findings == judged_again.findings


def test_a_photo_is_answered_for_and_what_is_none_is_named(
    tmp_path: Path, examiner: PhotoExaminer
) -> None:
    photos = put_together(tmp_path, examiner, scenes=6, frames=1)
    classifier = learn(photos)
    assert classifier is not None
    content = io.BytesIO()
    scene("spots", np.random.default_rng(99)).save(content, "PNG")
    name, share = classifier.predict(examiner(content.getvalue()).features)[0]
    assert name in CLASSES
    assert 1 / 3 < share <= 1
    (tmp_path / "spots/text.jpg").write_text("no photo")
    found = examine({"spots": ["spots/text.jpg", "spots/gone.jpg"]}, tmp_path, examiner)
    assert found.photos == ()
    assert set(found.unreadable) == {"spots/text.jpg", "spots/gone.jpg"}
    with pytest.raises(ImageError):
        examiner(b"no photo")


def test_the_network_that_judges_has_not_learned_the_photos_it_judges(
    finished: Run, tmp_path: Path
) -> None:
    """A run on one's own photos, larger and newer, takes no part."""
    own = copied(finished, tmp_path / "own", preset="own")
    copied(finished, tmp_path / "theirs", preset="theirs", dataset="imagenette")
    assert "Theirs recipe" in PhotoExaminer(tmp_path).note
    shutil.rmtree(tmp_path / "theirs")
    assert own.title in PhotoExaminer(tmp_path).note
    with pytest.raises(RunError, match="train one"):
        PhotoExaminer(tmp_path / "nothing")


def test_near_duplicates_across_the_split_are_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("IMGCLS_MODELS", str(ROOT / "models"))
    for part, seed in (("train", 0), ("val", 1)):
        for kind in CLASSES:
            random = np.random.default_rng([seed, CLASSES.index(kind)])
            (tmp_path / part / kind).mkdir(parents=True)
            for number in range(6):
                frame(scene(kind, random), random).save(tmp_path / part / kind / f"{number}.jpg")
    random = np.random.default_rng(5)
    seen = scene("spots", random)
    frame(seen, random).save(tmp_path / "train/spots/seen.jpg")
    frame(seen, random).save(tmp_path / "val/spots/again.jpg")
    main(["data", "inspect", "--near-duplicates", "--json", "--data", str(tmp_path)])
    found = json.loads(capsys.readouterr().out)["near_duplicates"]
    assert found == {"pairs": [["train/spots/seen.jpg", "val/spots/again.jpg"]], "held_out": 19}
