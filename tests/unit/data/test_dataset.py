import hashlib
import json
import logging
import os
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from imgcls.data.classes import IMAGENETTE
from imgcls.data.dataset import Dataset, open_dataset
from imgcls.data.inspection import inspect_dataset
from imgcls.data.splits import SPLITS, shuffled
from imgcls.errors import DatasetError

real_photos = pytest.mark.skipif(
    not os.environ.get("IMGCLS_DATA"), reason="IMGCLS_DATA names no folder of photos"
)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("IMGCLS_CACHE", str(folder))
    return folder


def draw(path: Path, seed: int = 0, size: tuple[int, int] = (24, 16), mode: str = "RGB") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(noise).convert(mode).save(path)
    return path


def draw_folder(root: Path, per_class: dict[str, int], seed: int = 0) -> Path:
    for name, photos in per_class.items():
        (root / name).mkdir(parents=True, exist_ok=True)
        for number in range(photos):
            seed += 1
            draw(root / name / f"{number}.png", seed)
    return root


@pytest.fixture
def divided(tmp_path: Path) -> Path:
    """A dataset with train (3 + 2 photos) and val (2 + 1)."""
    draw_folder(tmp_path / "pets/train", {"cat": 3, "dog": 2})
    draw_folder(tmp_path / "pets/val", {"cat": 2, "dog": 1}, seed=100)
    return tmp_path / "pets"


def decoded(root: Path) -> list[tuple[int, int]]:
    """Open a dataset and return what its progress said: empty when nothing was read."""
    calls: list[tuple[int, int]] = []
    open_dataset(root, progress=lambda done, total: calls.append((done, total)))
    return calls


# --- what a dataset says ---------------------------------------------------------------------


@pytest.mark.parametrize("held_out", ["val", "valid", "validation"])
def test_train_and_held_out_folders(divided: Path, held_out: str) -> None:
    (divided / "val").rename(divided / held_out)
    dataset = open_dataset(divided)
    assert dataset.name == "pets"
    assert dataset.classes == ("cat", "dog")
    assert dataset.split("train")["file"].tolist() == [
        "train/cat/0.png",
        "train/cat/1.png",
        "train/cat/2.png",
        "train/dog/0.png",
        "train/dog/1.png",
    ]
    assert dataset.split("train")["label"].tolist() == [0, 0, 0, 1, 1]
    held = {file for split in ("validation", "test") for file in dataset.split(split)["file"]}
    assert held == {f"{held_out}/cat/0.png", f"{held_out}/cat/1.png", f"{held_out}/dog/0.png"}
    assert dataset.counts()["train"] == {"cat": 3, "dog": 2}
    assert len(dataset.split("test")) == 1


def test_a_row_describes_its_photo(tmp_path: Path) -> None:
    photo = draw_folder(tmp_path / "pets", {"cat": 2, "dog": 2}) / "cat" / "wide.jpg"
    draw(photo, size=(40, 9))
    dataset = open_dataset(tmp_path / "pets")
    row = dataset.table.set_index("file").loc["cat/wide.jpg"]
    assert (row["width"], row["height"], row["format"]) == (40, 9, "JPEG")
    assert row["bytes"] == photo.stat().st_size
    assert row["digest"] == hashlib.sha256(photo.read_bytes()).hexdigest()
    assert dataset.path("cat/wide.jpg") == photo


def test_imagenette_is_known_by_its_folders_and_shown_by_the_papers_names(tmp_path: Path) -> None:
    root = draw_folder(tmp_path / "photos", {known.wordnet_id: 2 for known in IMAGENETTE})
    dataset = open_dataset(root)
    assert dataset.name == "imagenette"
    assert dataset.class_names[:2] == ("fish", "dog")


def test_the_default_is_the_folder_named_by_the_environment(
    divided: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMGCLS_DATA", str(divided))
    assert open_dataset().root == divided


def test_split_refuses_another_name(divided: Path) -> None:
    with pytest.raises(ValueError, match="received 'val'; allowed: train, validation, test"):
        open_dataset(divided).split("val")


def test_inspect_is_json_and_finds_photos_that_are_in_train_and_held_out(divided: Path) -> None:
    shutil.copy(divided / "train/cat/0.png", divided / "train/cat/again.png")
    shutil.copy(divided / "train/dog/0.png", divided / "val/dog/leaked.png")
    draw(divided / "train/cat/wide.png", seed=7, size=(100, 50))
    (divided / "train/dog/notes.txt").write_text("no photo")
    facts = json.loads(json.dumps(inspect_dataset(open_dataset(divided))))
    assert facts["counts"] == {"train": 7, "validation": 3, "test": 1}
    assert facts["classes"][0] == {
        "folder": "cat",
        "imagenet_name": None,
        "paper_name": None,
        "counts": {"train": 5, "validation": 2, "test": 0},
    }
    assert [remark["kind"] for remark in facts["remarks"]] == ["leak", "few"]
    assert facts["sizes"]["width"] == {"min": 24, "median": 24.0, "max": 100}
    assert facts["sizes"]["height"] == {"min": 16, "median": 16.0, "max": 50}
    assert facts["unreadable"] == [
        {"file": "train/dog/notes.txt", "error": "this is not a picture that can be read"}
    ]
    assert facts["duplicates"] == {
        "groups": [
            ["train/cat/0.png", "train/cat/again.png"],
            ["train/dog/0.png", "val/dog/leaked.png"],
        ],
        "in_train_and_held_out": 1,
    }


# --- splits ----------------------------------------------------------------------------------


def test_the_shuffled_order_is_the_same_for_ever() -> None:
    # `printf 42:a.jpg | sha256sum` begins with 9e26, b.jpg with 6f96, c.jpg b9fb, é.jpg 03f3.
    order = ["é.jpg", "b.jpg", "a.jpg", "c.jpg"]
    assert shuffled(["a.jpg", "b.jpg", "c.jpg", "é.jpg"]) == order
    assert shuffled(reversed(order)) == order


def test_a_fifth_of_each_class_is_held_out_of_a_folder_without_parts(tmp_path: Path) -> None:
    root = draw_folder(tmp_path / "pets", {"cat": 10, "dog": 25, "emu": 2})
    dataset = open_dataset(root)
    assert dataset.counts()["train"] == {"cat": 8, "dog": 20, "emu": 1}
    cats = [f"cat/{number}.png" for number in range(10)]
    held = dataset.table[dataset.table["split"] != "train"]["file"]
    assert set(held) & set(cats) == set(shuffled(cats)[:2])


@pytest.mark.parametrize(
    ("held_out", "tests"),
    [(2, 1), (4, 1), (9, 1), (128, 25), (129, 32), (320, 64), (321, 64)],
)
def test_test_photos_are_whole_batches_as_in_the_tutorial(
    tmp_path: Path, held_out: int, tests: int
) -> None:
    root = draw_folder(tmp_path / "pets/train", {"cat": 1, "dog": 1}).parent
    draw_folder(root / "val", {"cat": 1, "dog": 1})
    for number in range(held_out - 2):
        os.link(root / "val/cat/0.png", root / f"val/cat/copy{number}.png")
    dataset = open_dataset(root)
    files = dataset.table[dataset.table["split"] != "train"]["file"].tolist()
    assert len(files) == held_out
    assert set(dataset.split("test")["file"]) == set(shuffled(files)[:tests])
    assert len(dataset.split("validation")) == held_out - tests


# --- fingerprint -----------------------------------------------------------------------------


def test_the_fingerprint_depends_on_names_and_contents_alone(divided: Path, tmp_path: Path) -> None:
    first = open_dataset(divided).fingerprint
    copy = Path(shutil.copytree(divided, tmp_path / "elsewhere"))
    (copy / "val/dog/broken.jpg").write_bytes(b"")
    os.utime(copy / "train/cat/0.png", ns=(1, 1))
    assert open_dataset(copy).fingerprint == first

    (copy / "train/cat/0.png").rename(copy / "train/cat/renamed.png")
    renamed = open_dataset(copy).fingerprint
    draw(copy / "train/cat/renamed.png", seed=55)
    redrawn = open_dataset(copy).fingerprint
    assert len({first, renamed, redrawn}) == 3


# --- files that are no photos ----------------------------------------------------------------


def test_unreadable_files_are_named_and_skipped(divided: Path) -> None:
    folder = divided / "train/cat"
    whole = draw(folder / "whole.jpg", size=(200, 200)).read_bytes()
    (folder / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    whole = (folder / "0.png").read_bytes()
    (folder / "cut.png").write_bytes(whole[: len(whole) // 2])
    (folder / "empty.jpg").touch()
    (folder / "text.jpg").write_text("<html>404</html>")
    (folder / "dangling.jpg").symlink_to(divided / "nowhere.jpg")
    (folder / "loop.jpg").symlink_to(folder / "loop.jpg")
    os.mkfifo(folder / "pipe.jpg")
    Image.new("1", (20_000, 20_000)).save(folder / "bomb.png")
    Image.new("1", (11_000, 10_000)).save(folder / "large.png")

    dataset = open_dataset(divided)
    errors = (
        dataset.unreadable.set_index("file")["error"]
        .str.split(r"[:,(]")
        .str[0]
        .str.strip()
        .to_dict()
    )
    assert errors == {
        "train/cat/bomb.png": "the picture is too large",
        "train/cat/cut.jpg": "the picture is damaged or incomplete",
        "train/cat/cut.png": "the picture is damaged or incomplete",
        "train/cat/dangling.jpg": "not a file",
        "train/cat/empty.jpg": "the file is empty",
        "train/cat/loop.jpg": "cannot be opened",
        "train/cat/pipe.jpg": "not a file",
        "train/cat/text.jpg": "this is not a picture that can be read",
    }
    assert dataset.counts()["train"] == {"cat": 5, "dog": 2}


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("tiny.jpg", "RGB"),
        ("grey.jpg", "L"),
        ("print.jpg", "CMYK"),
        ("clear.png", "RGBA"),
        ("palette.gif", "P"),
        ("modern.webp", "RGB"),
        ("modern.avif", "RGB"),
        ("scan.tiff", "RGB"),
        ("two words, ü and 猫 \n 'quoted'.png", "RGB"),
        ("no extension", "RGB"),
    ],
)
def test_every_kind_of_picture_and_name_is_read(divided: Path, name: str, mode: str) -> None:
    path = divided / "train/dog" / name
    draw(path.with_suffix(path.suffix or ".png"), size=(5, 3), mode=mode).rename(path)
    dataset = open_dataset(divided)
    assert dataset.unreadable.empty
    assert f"train/dog/{name}" in dataset.split("train")["file"].tolist()


def test_a_name_that_is_not_unicode_is_skipped_and_shown_with_escapes(divided: Path) -> None:
    odd = os.fsdecode(b"caf\xe9.png")
    try:
        shutil.copy(divided / "train/cat/0.png", divided / "train/cat" / odd)
    except OSError:
        pytest.skip("this file system has Unicode names only")
    (row,) = open_dataset(divided).unreadable.itertuples(index=False)
    assert row.file == r"train/cat/caf\xe9.png"
    assert row.error == "its name is not valid Unicode"


def test_hidden_files_and_files_beside_class_folders_are_ignored(divided: Path) -> None:
    before = open_dataset(divided)
    (divided / "train/cat/.DS_Store").write_text("x")
    (divided / "train/.ipynb_checkpoints").mkdir()
    (divided / "val/labels.csv").write_text("x")
    (divided / "LICENSE").write_text("x")
    after = open_dataset(divided)
    assert after.unreadable.empty
    assert after.fingerprint == before.fingerprint


def test_symbolic_links_to_photos_and_folders_are_followed(divided: Path, tmp_path: Path) -> None:
    (divided / "train/dog/link.png").symlink_to(draw(tmp_path / "far/away.png", seed=9))
    shutil.move(divided / "val/dog", tmp_path / "dogs")
    (divided / "val/dog").symlink_to(tmp_path / "dogs")
    dataset = open_dataset(divided)
    assert dataset.counts()["train"]["dog"] == 3
    assert sum(dataset.counts()[split]["dog"] for split in ("validation", "test")) == 1


# --- folders that are no datasets ------------------------------------------------------------


def test_a_missing_folder_says_where_it_looked_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DatasetError) as caught:
        open_dataset(tmp_path / "nothing")
    for hint in (str(tmp_path / "nothing"), "data download", "--data DIR", "IMGCLS_DATA", "digits"):
        assert hint in str(caught.value)


def no_class_folders(root: Path) -> None:
    shutil.rmtree(root)
    draw(root / "photo.png")


def one_class(root: Path) -> None:
    shutil.rmtree(root)
    draw_folder(root, {"cat": 3})


def one_photo_in_an_undivided_class(root: Path) -> None:
    shutil.rmtree(root)
    draw_folder(root, {"cat": 3, "dog": 1})


def file_as_root(root: Path) -> None:
    shutil.rmtree(root)
    draw(root.with_suffix(".png")).rename(root)


def file_as_val(root: Path) -> None:
    shutil.rmtree(root / "val")
    (root / "val").write_text("x")


def file_as_class(root: Path) -> None:
    shutil.rmtree(root / "val/dog")
    (root / "val/dog").write_text("x")


def two_held_out_folders(root: Path) -> None:
    shutil.copytree(root / "val", root / "valid")


def other_classes(root: Path) -> None:
    (root / "val/dog").rename(root / "val/wolf")


def empty_class(root: Path) -> None:
    shutil.rmtree(root / "val/dog")
    (root / "val/dog").mkdir()


def class_of_unreadable_files(root: Path) -> None:
    for photo in (root / "train/dog").iterdir():
        photo.write_bytes(b"")


def class_name_that_is_not_unicode(root: Path) -> None:
    try:
        draw_folder(root / "train" / os.fsdecode(b"caf\xe9"), {"": 1})
    except OSError:
        pytest.skip("this file system has Unicode names only")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (no_class_folders, r"pets holds no class folder; at least two"),
        (one_class, r"pets holds only the class folder cat; at least two"),
        (one_photo_in_an_undivided_class, r"pets/dog has 1 readable photos, at least 2"),
        (file_as_root, r"pets is a file; a folder is expected"),
        (file_as_val, r"val is a file; a folder is expected"),
        (file_as_class, r"val holds only the class folder cat"),
        (two_held_out_folders, r"pets holds val and valid; expected are class folders alone, or"),
        (other_classes, r"the same class folders; only one of them has dog, wolf"),
        (empty_class, r"val/dog has 0 readable photos, at least 1 needed \(0 unreadable\)"),
        (class_of_unreadable_files, r"\(2 unreadable; train/dog/0.png: the file is empty\)"),
        (class_name_that_is_not_unicode, r"train/caf\\xe9 is not valid Unicode"),
    ],
)
def test_a_folder_that_is_no_dataset_is_refused(
    divided: Path, spoil: Callable[[Path], None], message: str
) -> None:
    spoil(divided)
    with pytest.raises(DatasetError, match=message):
        open_dataset(divided)


def test_a_class_may_be_called_train(tmp_path: Path) -> None:
    root = draw_folder(tmp_path / "vehicles", {"bus": 2, "train": 2})
    assert open_dataset(root).classes == ("bus", "train")


# --- the manifest ----------------------------------------------------------------------------


def test_the_second_time_only_new_and_changed_photos_are_read(divided: Path) -> None:
    assert decoded(divided) == [(done, 8) for done in range(1, 9)]
    assert decoded(divided) == []
    draw(divided / "train/cat/0.png", seed=77)
    draw(divided / "train/cat/new.png", seed=78)
    assert decoded(divided) == [(1, 2), (2, 2)]
    (divided / "train/cat/new.png").unlink()
    assert decoded(divided) == []


def test_from_the_manifest_comes_the_same_dataset(divided: Path, tmp_path: Path) -> None:
    open_dataset(divided)
    shutil.copytree(divided, tmp_path / "copy/pets")
    (divided / "train/dog/0.png").unlink()
    draw(divided / "train/dog/more.png", seed=3)
    (divided / "val/cat/broken.png").touch()
    warm, cold = open_dataset(divided), open_dataset(divided, cache=tmp_path / "fresh")
    assert_same(warm, cold)


def assert_same(one: Dataset, other: Dataset) -> None:
    assert one.table.to_dict("list") == other.table.to_dict("list")
    assert one.table.dtypes.to_dict() == other.table.dtypes.to_dict()
    assert one.unreadable.to_dict("list") == other.unreadable.to_dict("list")
    assert one.fingerprint == other.fingerprint


def test_an_unreadable_file_is_tried_again(divided: Path) -> None:
    late = divided / "train/cat/late.png"
    late.touch()
    open_dataset(divided)
    assert decoded(divided) == [(1, 1)]


def change_a_digest(manifest: Path) -> None:
    digest = pd.read_parquet(manifest)["digest"][0].encode()[:8]
    manifest.write_bytes(manifest.read_bytes().replace(digest, digest[::-1], 1))


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"PAR1 not a table PAR1"),
        lambda path: path.write_bytes(path.read_bytes()[:-20]),
        change_a_digest,
        lambda path: path.write_bytes(pd.DataFrame({"file": ["a"]}).to_parquet()),
    ],
    ids=["empty", "garbage", "cut", "flipped bits", "other columns"],
)
def test_a_damaged_manifest_is_made_again(
    divided: Path, cache: Path, damage: Callable[[Path], object]
) -> None:
    before = open_dataset(divided)
    (manifest,) = (cache / "manifests").iterdir()
    whole = manifest.read_bytes()
    damage(manifest)
    assert manifest.read_bytes() != whole
    assert_same(open_dataset(divided), before)
    assert decoded(divided) == []


def test_a_cache_that_cannot_be_written_is_a_warning(
    divided: Path, cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cache.write_text("a file where the folder should be")
    with caplog.at_level(logging.WARNING):
        assert len(open_dataset(divided).table) == 8
    assert "read again next time" in caplog.text


def test_a_cancelled_scan_stops_and_reads_the_rest_later(tmp_path: Path) -> None:
    root = draw_folder(tmp_path / "pets", {"cat": 30, "dog": 30})

    class Cancelled(Exception):
        pass

    def cancel(done: int, total: int) -> None:
        raise Cancelled

    threads = threading.active_count()
    with pytest.raises(Cancelled):
        open_dataset(root, progress=cancel)
    assert threading.active_count() == threads
    assert len(open_dataset(root).table) == 60


# --- digits ----------------------------------------------------------------------------------


def test_the_bundled_digits(cache: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        dataset, same = pool.map(open_dataset, ["digits", "digits"])
    assert_same(dataset, same)
    assert dataset.name == "digits"
    assert dataset.classes == tuple("0123456789")
    assert sum(len(dataset.split(name)) for name in SPLITS) == 1797
    assert set(dataset.table["width"]) == set(dataset.table["height"]) == {8}
    assert min(dataset.counts()["train"].values()) > 130
    assert {path.name for path in cache.iterdir()} - {".digits.lock"} == {"digits", "manifests"}

    with Image.open(dataset.path(dataset.table["file"][0])) as image:
        pixels = np.asarray(image)
    # The first digit of scikit-learn's set is a zero that begins with 0, 0, 5, 13, 9 of 16.
    assert pixels[0, :5].tolist() == [0, 0, 80, 207, 143]


def test_digits_without_a_place_to_write(cache: Path) -> None:
    cache.write_text("a file where the folder should be")
    with pytest.raises(DatasetError, match="name another folder with IMGCLS_CACHE"):
        open_dataset("digits")


# --- the photos of Imagenette ----------------------------------------------------------------


def splits(dataset: Dataset) -> str:
    """Return a digest of which photo is in which split."""
    rows = zip(dataset.table["file"], dataset.table["split"], strict=True)
    lines = "".join(f"{file}\0{split}\n" for file, split in rows)
    return hashlib.sha256(lines.encode()).hexdigest()


# The ids of all runs on these photos are made from the fingerprints, their figures from the splits.
def test_the_digits_and_their_splits_stay_what_they_are() -> None:
    dataset = open_dataset("digits")
    assert dataset.fingerprint.startswith("55e58bdc48f7c19f328f8c6f4276fb63b3b09cf3")
    assert splits(dataset).startswith("a88c538eef7b333490f58eb6f70a9f1cd39e681c")


@real_photos
def test_imagenette_has_the_splits_of_the_tutorial() -> None:
    dataset = open_dataset()
    assert dataset.name == "imagenette"
    if dataset.fingerprint.startswith("4269145dedd257e5b3908917d0307bdcea0df00a"):  # at 224 px
        assert splits(dataset).startswith("8e7eb00e23b3a968d148670378a38da1f0ddc1e9")
    assert [len(dataset.split(name)) for name in SPLITS] == [9469, 3157, 768]
    assert dataset.unreadable.empty
