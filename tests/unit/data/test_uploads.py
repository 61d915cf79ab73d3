import io
import struct
import tracemalloc
import zipfile

import pytest

from imgcls.data import uploads
from imgcls.data.images import ImageError
from imgcls.data.uploads import MAX_BYTES, count, pictures
from tests.support.pictures import COLOURED, NO_PICTURE, archive, of_size

PNG = of_size(9, 9)()


def test_a_picture_is_itself() -> None:
    assert list(pictures("a.png", PNG)) == [("a.png", PNG)]
    assert count(PNG) == 1


def test_what_is_too_large_is_refused_unread() -> None:
    ((name, error),) = pictures("large.bmp", bytes(MAX_BYTES + 1))
    assert name == "large.bmp"
    assert str(error) == ("the file is too large: it has 60.0 MB, at most 60 MB are accepted.")


def test_a_zip_is_the_pictures_in_it() -> None:
    content = archive(
        ("holiday/a.PNG", PNG),
        ("holiday/notes.txt", b"no picture"),
        ("holiday/.hidden.png", PNG),
        ("__MACOSX/holiday/._a.PNG", b"of another system"),
        ("b.jpg", b"not really"),
    )
    assert list(pictures("photos.zip", content)) == [
        ("photos.zip/holiday/a.PNG", PNG),
        ("photos.zip/b.jpg", b"not really"),
    ]
    assert count(content) == 2


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (archive(), "holds no pictures"),
        (archive(("notes.txt", b"")), "holds no pictures"),
        (archive(("a.png", PNG))[:-30], "damaged or incomplete"),
        (b"PK\x03\x04" + bytes(100), "damaged or incomplete"),
    ],
)
def test_a_zip_without_a_use_is_one_sentence(content: bytes, reason: str) -> None:
    ((name, error),) = pictures("photos.zip", content)
    assert name == "photos.zip"
    assert isinstance(error, ImageError)
    assert reason in str(error)
    assert count(content) == 1


def test_a_damaged_part_does_not_stop_the_others() -> None:
    content = bytearray(archive(("a.png", PNG), ("b.png", PNG)))
    content[content.index(b"a.png") + 20] ^= 0xFF
    first, second = pictures("photos.zip", bytes(content))
    assert isinstance(first[1], ImageError)
    assert second == ("photos.zip/b.png", PNG)


def test_an_encrypted_part_is_named() -> None:
    content = bytearray(archive(("a.png", PNG)))
    for header in (b"PK\x03\x04", b"PK\x01\x02"):
        flags = content.index(header) + (6 if header == b"PK\x03\x04" else 8)
        content[flags] |= 1
    ((_, error),) = pictures("photos.zip", bytes(content))
    assert "encrypted" in str(error)


def test_a_bomb_is_refused_unread() -> None:
    content = archive(("bomb.bmp", bytes(3 * MAX_BYTES)))
    assert len(content) < 200_000
    tracemalloc.start()
    try:
        ((_, error),) = pictures("bomb.zip", content)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
    assert "too large" in str(error)


def test_a_bomb_that_lies_about_its_size_is_cut_off() -> None:
    content = bytearray(archive(("bomb.bmp", bytes(3 * MAX_BYTES))))
    # The size after unpacking, in the central directory: say it is a kilobyte.
    place = content.index(b"PK\x01\x02") + 24
    content[place : place + 4] = struct.pack("<I", 1000)
    tracemalloc.start()
    try:
        ((_, error),) = pictures("bomb.zip", bytes(content))
        assert tracemalloc.get_traced_memory()[1] < 2.5 * MAX_BYTES
    finally:
        tracemalloc.stop()
    assert isinstance(error, ImageError)


def test_of_a_large_zip_one_picture_at_a_time_is_in_memory() -> None:
    body = bytes(5_000_000)
    content = archive(*((f"{number}.bmp", body) for number in range(20)))
    tracemalloc.start()
    try:
        for _ in pictures("many.zip", content):
            pass
        assert tracemalloc.get_traced_memory()[1] < 30_000_000
    finally:
        tracemalloc.stop()


def test_the_limits_are_said() -> None:
    for part in ("60 MB", "100 MB", "1,000 pictures"):
        assert part in uploads.LIMITS


def test_a_zip_of_a_zip_is_not_followed() -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as file:
        file.writestr("a.png", PNG)
    ((_, error),) = pictures("outer.zip", archive(("inner.zip", inner.getvalue())))
    assert "holds no pictures" in str(error)


def test_what_is_a_picture_alone_is_one_in_a_zip() -> None:
    suffixes = (".jfif", ".jpe", ".JPEG", ".pjpeg", ".mpo", ".hif", ".heics", ".apng", ".dib")
    names = [f"photo{suffix}" for suffix in (*suffixes, "", ".txt")]
    content = archive(*((name, PNG) for name in names))
    assert [name for name, _ in pictures("z", content)] == [f"z/{name}" for name in names]
    assert count(content) == len(names)


@pytest.mark.parametrize("kind", COLOURED)
def test_every_kind_of_picture_is_known_by_its_content(kind: str) -> None:
    content = COLOURED[kind]()
    ((name, found),) = pictures("z", archive(("no suffix", content)))
    assert (name, found) == ("z/no suffix", content)


@pytest.mark.parametrize("kind", NO_PICTURE)
def test_what_neither_claims_nor_begins_as_a_picture_is_passed_over(kind: str) -> None:
    content, _ = NO_PICTURE[kind]
    ((name, found),) = pictures("z", archive(("file", content)))
    assert name == "z"
    assert "holds no pictures" in str(found)


def test_what_systems_leave_in_an_archive_is_passed_over() -> None:
    names = ("__MACOSX/._a.png", "@eaDir/a.png", ".hidden.png", "Thumbs.db", "a/.DS_Store")
    content = archive(("a.png", PNG), *((name, PNG) for name in names))
    assert [name for name, _ in pictures("z", content)] == ["z/a.png"]


@pytest.mark.parametrize(
    ("name", "code_page"),
    [
        ("猫犬", "cp932"),
        ("犬", "cp932"),
        ("写真 1", "cp932"),
        ("IMG_桜", "cp932"),
        ("ファイル", "cp932"),
        ("ü1", "cp1252"),
        ("père", "cp1252"),
        ("Ñandú", "cp1252"),
        ("Ñandú", "cp437"),
        ("Müller", "cp437"),
        ("München", "utf-8"),
        ("日本", "utf-8"),
    ],
)
def test_names_in_old_code_pages_are_decoded(name: str, code_page: str) -> None:
    written = name.encode(code_page)
    # Python would mark a name beyond ASCII as UTF-8, which such archives do not.
    content = archive(("X" * len(written) + ".png", PNG)).replace(b"X" * len(written), written)
    assert list(pictures("z", content)) == [(f"z/{name}.png", PNG)]


def test_a_name_of_which_nothing_is_known_is_shown_as_it_is() -> None:
    for written in ("猫狗".encode("gbk"), bytes(range(128, 255)), b"\xe8a" * 20_000):
        content = archive(("X" * len(written), PNG)).replace(b"X" * len(written), written)
        ((name, found),) = pictures("z", content)
        assert found == PNG
        assert name.isprintable()


def test_an_archive_of_too_many_files_is_refused_before_they_are_listed() -> None:
    content = bytearray(archive(("a.png", PNG)) + bytes(4_000_000))
    end = content.rindex(b"PK\x05\x06")
    content[end + 12 : end + 16] = struct.pack("<I", 3_500_000)  # bytes of its list of contents
    content = content[:end] + bytes(4_000_000) + content[end : end + 22]
    ((_, error),) = pictures("z", bytes(content))
    assert "holds too many files" in str(error)
    assert count(bytes(content)) == 1
