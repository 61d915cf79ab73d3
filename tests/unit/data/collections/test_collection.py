import errno
import io
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imgcls.data.collections import kept_photo
from imgcls.data.collections import store as collection_store
from imgcls.data.collections.collection import Collection
from imgcls.data.collections.drops import MAX_FILES, DropError
from imgcls.data.collections.limits import CollectionError, Limits
from imgcls.data.dataset import open_dataset
from tests.support.pictures import archive


def picture(seed: int, format: str = "PNG", side: int = 40, **options: object) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, format, **options)
    return content.getvalue()


@pytest.fixture
def made(tmp_path: Path) -> Collection:
    return collection_store.create(tmp_path, "Things of mine")


def test_folders_of_a_zip_become_classes_and_the_folder_is_a_dataset(made: Collection) -> None:
    content = archive(
        *(
            (f"things/{part}/{name}/{number}.png", picture(seed * 10 + number))
            for seed, (part, name) in enumerate(
                [("train", "cup"), ("val", "cup"), ("train", "Löffel"), ("train", "杯子")]
            )
            for number in range(4)
        )
    )
    added = made.add([("things.zip", content)])
    assert (len(added.photos), added.known, added.skipped) == (16, [], [])
    assert made.classes() == ["Löffel", "cup", "杯子"]
    assert len(made.photos("cup")) == 8
    assert open_dataset(made.root).classes == ("Löffel", "cup", "杯子")


def test_a_photo_dropped_again_is_known_whatever_it_is_called(made: Collection) -> None:
    made.add_class("cup")
    made.add([("a.png", picture(1)), ("again.png", picture(1))], into="cup")
    made.leave_out(made.photos())
    added = made.add([("other name.png", picture(1))], into="cup")
    assert (added.photos, added.known) == ([], ["other name.png"])
    assert len(made.photos(left_out=True)) == 1


def test_other_case_and_accents_are_the_same_class(made: Collection) -> None:
    made.add([("Café/1.png", picture(1)), ("CAFE\N{COMBINING ACUTE ACCENT}/2.png", picture(2))])
    assert len(made.classes()) == 1
    with pytest.raises(CollectionError, match="already"):
        made.add_class("CAFÉ")
    made.rename_class(made.classes()[0], "café")
    assert made.classes() == ["café"]


def test_what_is_no_photo_is_named_with_the_reason_and_the_rest_is_kept(made: Collection) -> None:
    content = archive(
        ("set/cup/1.png", picture(1)),
        ("set/cup/text.png", b"text"),
        ("set/cup/notes.txt", b"text"),
        ("set/../../outside.png", picture(2)),
        ("set/" + "n" * 300 + "/1.png", picture(3)),
        ("__MACOSX/set/cup/._1.png", b"x"),
        ("set/cup/.DS_Store", b"x"),
        ("set/cup/Thumbs.db", b"x"),
    )
    added = made.add([("set.zip", content)])
    assert [photo.partition("-")[0] for photo in added.photos] == ["cup/1"]
    reasons = {each.name.rpartition("/")[2]: each.reason for each in added.skipped}
    assert "not a picture" in reasons["text.png"]
    assert "no picture file" in reasons["notes.txt"]
    assert "leads out" in reasons["outside.png"]
    assert "300 characters" in reasons["1.png"]
    assert set(reasons) == {"text.png", "notes.txt", "outside.png", "1.png"}
    assert [path.name for path in made.root.parent.iterdir()] == [made.root.name]


def test_links_in_a_zip_are_not_followed(made: Collection) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        link = zipfile.ZipInfo("cup/passwd.png")
        link.external_attr = 0o120777 << 16
        file.writestr(link, "/etc/passwd")
    assert "link" in made.add([("a.zip", content.getvalue())]).skipped[0].reason


def test_a_bomb_and_50_000_files_are_refused_before_they_are_unpacked(made: Collection) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as file:
        for number in range(3):
            with file.open(f"cup/{number}.png", "w") as member:
                for _ in range(40):
                    member.write(bytes(10_000_000))
    with pytest.raises(DropError, match="would unpack to 1,200 MB"):
        made.add([("bomb.zip", bomb.getvalue())])
    many = archive(*((f"cup/{number}.png", b"") for number in range(MAX_FILES + 1)))
    with pytest.raises(DropError, match="20,001 files"):
        made.add([("many.zip", many)])
    assert made.classes() == []


def test_a_damaged_zip_adds_nothing(made: Collection) -> None:
    whole = archive(("cup/1.png", picture(1)))
    with pytest.raises(DropError, match="damaged"):
        made.add([("cup/0.png", picture(0)), ("half.zip", whole[: len(whole) // 2])])
    assert made.classes() == []


def test_a_limit_leaves_everything_as_it_was(made: Collection) -> None:
    made.add([("cup/1.png", picture(1))])
    small = Collection(made.root, Limits(photos=2))
    with pytest.raises(CollectionError, match="more than 2 photos"):
        small.add([("cup/2.png", picture(2)), ("spoon/3.png", picture(3))])
    with pytest.raises(CollectionError, match="more than 1 classes"):
        Collection(made.root, Limits(classes=1)).add([("spoon/3.png", picture(3))])
    with pytest.raises(CollectionError, match="MB"):
        Collection(made.root, Limits(all_bytes=6_000)).add([("cup/3.png", picture(3))])
    assert (made.classes(), len(made.photos())) == (["cup"], 1)
    assert [path for path in made.root.iterdir() if path.name.startswith(".staging")] == []


def test_a_full_disk_half_way_leaves_everything_as_it_was(
    made: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        if path.name.startswith("2"):
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(CollectionError, match=r"No space left on device\)\. Nothing was added"):
        made.add([(f"cup/{number}.png", picture(number)) for number in range(4)])
    assert made.classes() == []
    assert list(made.root.glob(".staging*")) == []


@pytest.mark.parametrize("name", ["", "  ", ".hidden", "a/b", "..", "test", "x" * 81, "a\x00b"])
def test_names_that_no_folder_can_have_are_refused(made: Collection, name: str) -> None:
    with pytest.raises(CollectionError):
        made.add_class(name)
    assert made.classes() == []


def test_photos_and_classes_are_left_out_moved_and_deleted(made: Collection) -> None:
    made.add(
        [
            (f"{name}/{n}.png", picture(n + 9 * (name == "cup")))
            for name in ("cup", "spoon")
            for n in range(3)
        ]
    )
    first = made.photos("cup")[0]
    made.leave_out([first])
    assert first not in made.photos()
    assert made.path(first).is_file()
    made.rename_class("cup", "mug")
    first = made.photos(left_out=True)[0]
    made.bring_back([first])
    made.move([first], "spoon")
    assert (len(made.photos("mug")), len(made.photos("spoon"))) == (2, 4)
    made.leave_out_class("spoon")
    assert made.classes() == ["mug"]
    made.bring_back_class("spoon")
    made.delete(made.photos("spoon")[:1])
    assert len(made.photos("spoon")) == 3
    made.delete_class("spoon")
    assert made.classes() == ["mug"]
    with pytest.raises(CollectionError, match="moved or deleted"):
        made.path("../x/y.png")


def test_what_a_camera_writes_into_a_photo_is_not_kept(made: Collection) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    small = picture(1, "JPEG", exif=exif)
    large = picture(2, "JPEG", side=1400)
    made.add([("cup/place.jpg", small), ("cup/large.jpg", large), ("cup/3.png", picture(3))])
    for photo in made.photos():
        with Image.open(made.path(photo)) as image:
            assert not image.getexif()
            assert max(image.size) <= kept_photo.MAX_SIDE
    plain = next(photo for photo in made.photos() if photo.startswith("cup/3"))
    assert made.path(plain).read_bytes() == picture(3)


def test_an_exported_zip_comes_back_as_the_same_classes(made: Collection, tmp_path: Path) -> None:
    made.add([("cup/1.png", picture(1)), ("spoon/2.png", picture(2))])
    content = io.BytesIO()
    made.export_zip(content)
    other = collection_store.create(tmp_path, "Other")
    other.add([("things.zip", content.getvalue())])
    assert other.classes() == made.classes()
    assert [other.path(p).read_bytes() for p in other.photos()] == [
        made.path(p).read_bytes() for p in made.photos()
    ]


def test_datasets_are_listed_renamed_copied_and_deleted(made: Collection, tmp_path: Path) -> None:
    made.add([("cup/1.png", picture(1))])
    with pytest.raises(CollectionError, match="already"):
        collection_store.create(tmp_path, "THINGS of mine")
    (tmp_path / "imagenette").mkdir()
    with pytest.raises(CollectionError, match="already"):
        collection_store.create(tmp_path, "imagenette")
    copied = collection_store.copy(made, "A copy")
    collection_store.rename(made, "Zoo")
    titles = [collection_store.read(each).title for each in collection_store.list_all(tmp_path)]
    assert titles == ["A copy", "Zoo"]
    assert copied.photos() == made.photos()
    collection_store.delete(copied)
    assert [each.root for each in collection_store.list_all(tmp_path)] == [made.root]


def test_a_visitors_dataset_is_found_by_its_token_alone_and_expires(tmp_path: Path) -> None:
    token = collection_store.new_token()
    own = collection_store.create(tmp_path, "Mine", token=token)
    collection_store.create(tmp_path, "Mine", token=collection_store.new_token())
    assert collection_store.list_all(tmp_path) == []
    assert collection_store.open_by_token(tmp_path, token) == own
    assert token not in str(own.root)
    with pytest.raises(CollectionError, match="no dataset"):
        collection_store.open_by_token(tmp_path, own.root.name)
    with pytest.raises(CollectionError, match="no dataset"):
        collection_store.open_by_name(tmp_path, own.root.name)
    later = datetime.now(UTC) + timedelta(days=collection_store.DAYS_KEPT)
    assert collection_store.remove_expired(tmp_path, later - timedelta(hours=1)) == 0
    assert collection_store.remove_expired(tmp_path, later + timedelta(hours=1)) == 2
    assert list(tmp_path.iterdir()) == []


def test_a_phones_link_adds_photos_until_it_is_shown_again(
    made: Collection, tmp_path: Path
) -> None:
    token = collection_store.start_collecting(made)
    assert collection_store.open_collecting(tmp_path, token) == made
    collection_store.start_collecting(made)
    with pytest.raises(CollectionError, match="expired"):
        collection_store.open_collecting(tmp_path, token)
