import shutil
import unicodedata
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imgcls.data.dataset import Dataset, open_dataset
from imgcls.data.layout import TEST, TRAIN, VALIDATION, part_of
from imgcls.errors import DatasetError


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMGCLS_CACHE", str(tmp_path_factory.mktemp("cache")))


def draw(folder: Path, photos: int = 2) -> None:
    """Draw photos that no other folder has."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(list(str(folder).encode()))
    for number in range(photos):
        pixels = random.integers(0, 256, (8, 8, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")


def draw_classes(root: Path, photos: int = 2, names: tuple[str, ...] = ("cat", "dog")) -> Path:
    for name in names:
        draw(root / name, photos)
    return root


def totals(dataset: Dataset) -> dict[str, int]:
    return {split: sum(of.values()) for split, of in dataset.counts().items()}


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("train", TRAIN),
        ("Train", TRAIN),
        ("TRAINING", TRAIN),
        ("training_set", TRAIN),
        ("trainset", TRAIN),
        ("seg_train", TRAIN),
        ("train-images", TRAIN),
        ("val", VALIDATION),
        ("Valid", VALIDATION),
        ("validation", VALIDATION),
        ("dev", VALIDATION),
        ("Test", TEST),
        ("test_set", TEST),
        ("testing", TEST),
        ("bullet train", None),
        ("test tube", None),
        ("train 2", None),
        ("trainer", None),
        ("set", None),
        ("cat", None),
        ("", None),
    ],
)
def test_names_of_parts(name: str, part: str | None) -> None:
    assert part_of(name) == part


@pytest.mark.parametrize(
    ("train", "held_out"), [("train", "val"), ("Training", "Validation"), ("TRAIN", "VALID")]
)
def test_train_and_val_in_any_case(tmp_path: Path, train: str, held_out: str) -> None:
    draw_classes(tmp_path / train, 6)
    draw_classes(tmp_path / held_out, 5)
    dataset = open_dataset(tmp_path)
    assert totals(dataset) == {"train": 12, "validation": 8, "test": 2}
    assert dataset.split("train")["file"].str.startswith(f"{train}/").all()


@pytest.mark.parametrize("test", ["test", "Test", "test_set", "TESTING"])
def test_a_test_folder_is_the_test(tmp_path: Path, test: str) -> None:
    draw_classes(tmp_path / "train", 10)
    draw_classes(tmp_path / "val", 3)
    draw_classes(tmp_path / test, 7)
    dataset = open_dataset(tmp_path)
    assert totals(dataset) == {"train": 20, "validation": 6, "test": 14}
    assert dataset.split("test")["file"].str.startswith(f"{test}/").all()
    assert dataset.split("validation")["file"].str.startswith("val/").all()


def test_without_val_a_fifth_of_each_class_of_train_is_for_validation(tmp_path: Path) -> None:
    draw_classes(tmp_path / "train", 10)
    draw_classes(tmp_path / "test", 7)
    dataset = open_dataset(tmp_path)
    assert totals(dataset) == {"train": 16, "validation": 4, "test": 14}
    assert dataset.counts()["validation"] == {"cat": 2, "dog": 2}
    assert dataset.split("validation")["file"].str.startswith("train/").all()


def test_train_alone_is_divided_as_a_folder_without_parts(tmp_path: Path) -> None:
    draw_classes(tmp_path / "train", 10)
    dataset = open_dataset(tmp_path)
    assert totals(dataset) == {"train": 16, "validation": 3, "test": 1}
    assert dataset.root == tmp_path


def test_photos_without_labels_beside_train_are_not_looked_at_and_named(tmp_path: Path) -> None:
    draw_classes(tmp_path / "train", 10)
    draw(tmp_path / "test")
    dataset = open_dataset(tmp_path)
    assert totals(dataset) == {"train": 16, "validation": 3, "test": 1}
    assert dataset.unused == ("test",)


def test_parts_repeated_inside_as_archives_do(tmp_path: Path) -> None:
    draw_classes(tmp_path / "seg_train/seg_train", 4)
    draw_classes(tmp_path / "seg_test/seg_test", 3)
    draw(tmp_path / "seg_pred/seg_pred")
    dataset = open_dataset(tmp_path)
    assert totals(dataset) == {"train": 6, "validation": 2, "test": 6}
    assert dataset.unused == ("seg_pred",)


def test_one_folder_around_the_dataset(tmp_path: Path) -> None:
    draw_classes(tmp_path / "download/cats and dogs")
    (tmp_path / "__MACOSX/download").mkdir(parents=True)
    dataset = open_dataset(tmp_path)
    assert dataset.name == "cats and dogs"
    assert dataset.root == tmp_path / "download/cats and dogs"
    assert dataset.classes == ("cat", "dog")


@pytest.mark.parametrize("names", [("bus", "train"), ("bus", "test", "train"), ("dev", "ops")])
def test_photos_of_trains_are_a_class(tmp_path: Path, names: tuple[str, ...]) -> None:
    assert open_dataset(draw_classes(tmp_path, names=names)).classes == names


def test_photos_below_a_class_folder_are_of_the_class(tmp_path: Path) -> None:
    draw_classes(tmp_path, 3)
    draw(tmp_path / "cat/indoor/day", 4)
    draw(tmp_path / "cat/indoor.jpg", 5)
    draw(tmp_path / "dog/train", 6)
    dataset = open_dataset(tmp_path)
    assert dataset.table.groupby("label").size().to_dict() == {0: 12, 1: 9}
    assert "cat/indoor/day/0.png" in dataset.table["file"].tolist()
    assert dataset.unreadable.empty


@pytest.mark.parametrize(
    "name",
    [
        "__MACOSX",
        "@eaDir",
        "$RECYCLE.BIN",
        "lost+found",
        "System Volume Information",
        "__pycache__",
    ],
)
def test_folders_of_systems_are_passed_over_everywhere(tmp_path: Path, name: str) -> None:
    draw_classes(tmp_path / "train")
    draw_classes(tmp_path / "test")
    before = open_dataset(tmp_path)
    for inside in ("", "train", "train/cat", "test/dog"):
        draw(tmp_path / inside / name)
    for inside in ("", "test", "train/cat"):
        for file in ("Thumbs.db", "desktop.ini", "Icon\r", "._0.png"):
            (tmp_path / inside / file).write_bytes(b"no photo")
    after = open_dataset(tmp_path)
    assert after.fingerprint == before.fingerprint
    assert after.unreadable.empty
    assert after.unused == ()


def test_links_that_lead_in_a_circle_end(tmp_path: Path) -> None:
    draw_classes(tmp_path, 3)
    (tmp_path / "cat/again").symlink_to(tmp_path / "cat")
    (tmp_path / "cat/one").mkdir()
    (tmp_path / "cat/one/two").symlink_to(tmp_path / "cat/one")
    (tmp_path / "dog/me").symlink_to(tmp_path / "dog/me")
    dataset = open_dataset(tmp_path)
    assert len(dataset.table) == 6
    assert dataset.unreadable["file"].tolist() == ["dog/me"]


def test_accents_written_in_two_ways_are_one_class(tmp_path: Path) -> None:
    names = {form: unicodedata.normalize(form, "café") for form in ("NFC", "NFD")}
    draw_classes(tmp_path / "train", names=(names["NFC"], "thé"))
    draw_classes(tmp_path / "val", names=(names["NFD"], "thé"))
    if len({path.name for path in tmp_path.glob("*/caf*")}) == 1:
        pytest.skip("this file system knows one way only")
    draw(tmp_path / "train" / names["NFD"] / "more", 3)
    dataset = open_dataset(tmp_path)
    assert dataset.classes == (names["NFC"], "thé")
    assert dataset.counts()["train"][names["NFC"]] == 5
    assert all(dataset.path(file).is_file() for file in dataset.table["file"])


@pytest.mark.parametrize("name", ["digits", "Digits", "imagenette"])
def test_a_folder_of_ones_own_is_not_mistaken_for_a_known_dataset(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw_classes(tmp_path / "mine" / name, names=tuple("0123456789"))
    monkeypatch.chdir(tmp_path / "mine")
    for location in (str(tmp_path / "mine" / name), Path(name), f"./{name}"):
        dataset = open_dataset(location)
        assert dataset.name == f"mine/{name}"
        assert dataset.location == str(tmp_path / "mine" / name)
        assert len(dataset.table) == 20
    assert open_dataset(dataset.location).fingerprint == dataset.fingerprint
    bundled = open_dataset("digits")
    assert (bundled.name, bundled.location, len(bundled.table)) == ("digits", "digits", 1797)


# --- refused ---------------------------------------------------------------------------------


def val_and_test(root: Path) -> None:
    draw_classes(root / "val")
    draw_classes(root / "test")


def train_twice(root: Path) -> None:
    draw_classes(root / "train")
    draw_classes(root / "Training")
    draw_classes(root / "val")


def parts_without_classes(root: Path) -> None:
    draw(root / "train")
    draw(root / "test")


def val_without_classes(root: Path) -> None:
    draw_classes(root / "train")
    draw(root / "val")


def classes_that_test_lacks(root: Path) -> None:
    draw_classes(root / "train")
    draw_classes(root / "test", names=("cat", "eel"))


def train_beside_a_class(root: Path) -> None:
    draw_classes(root / "train")
    draw(root / "bus")


def one_photo_a_class_beside_a_test(root: Path) -> None:
    draw_classes(root / "train", photos=1)
    draw_classes(root / "test")


def one_photo_a_class(root: Path) -> None:
    draw_classes(root, photos=1)


def one_class(root: Path) -> None:
    draw(root / "pets/cat")


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (val_and_test, "holds val and test; expected are class folders alone, or train"),
        (train_twice, "holds Training and train; expected"),
        (parts_without_classes, "holds test and train without class folders inside; expected"),
        (val_without_classes, "val holds no class folder"),
        (classes_that_test_lacks, "only one of them has dog, eel"),
        (train_beside_a_class, "holds train with folders inside, and beside it bus; expected"),
        (one_photo_a_class_beside_a_test, "train/cat has 1 readable photos, at least 2 needed"),
        (one_photo_a_class, "cat has 1 readable photos, at least 2 needed"),
        (one_class, "holds only the class folder .*; at least two are needed"),
    ],
)
def test_what_cannot_be_trained_is_refused_with_what_is_missing(
    tmp_path: Path, build: Callable[[Path], None], message: str
) -> None:
    build(tmp_path)
    with pytest.raises(DatasetError, match=message):
        open_dataset(tmp_path)


def test_two_photos_of_two_classes_are_enough(tmp_path: Path) -> None:
    assert totals(open_dataset(draw_classes(tmp_path))) == {"train": 2, "validation": 1, "test": 1}
    draw_classes(tmp_path / "divided/train", photos=1)
    draw_classes(tmp_path / "divided/val", photos=1)
    divided = open_dataset(tmp_path / "divided")
    assert totals(divided) == {"train": 2, "validation": 1, "test": 1}
    shutil.rmtree(tmp_path / "divided/val/dog")
    with pytest.raises(DatasetError, match="val holds only the class folder cat"):
        open_dataset(tmp_path / "divided")
