"""Any picture file, for real: each is written by Pillow and read as a visitor's upload."""

import io
import random
import tracemalloc
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from imgcls.data.images import FORMATS, ImageError, open_picture, read_rgb, scaled_down
from tests.support.pictures import (
    COLOURED,
    CORNERS,
    NO_PICTURE,
    RGB,
    TOLERANCE,
    encoded,
    four_fields,
    png,
)

SIZE = 64


def field_centres(pixels: npt.NDArray[np.uint8]) -> dict[str, tuple[int, ...]]:
    """Return the mean colour in the middle of each field."""
    quarter, eighth = len(pixels) // 4, len(pixels) // 8
    centres = {}
    for colour, (row, column) in CORNERS.items():
        top, left = (quarter + 2 * quarter * place - eighth // 2 for place in (row, column))
        part = pixels[top : top + eighth, left : left + eighth]
        centres[colour] = tuple(part.reshape(-1, 3).mean(axis=0).round().astype(int).tolist())
    return centres


def assert_shows_four_fields(pixels: npt.NDArray[np.uint8]) -> None:
    assert pixels.shape == (SIZE, SIZE, 3)
    assert pixels.dtype == np.uint8
    for colour, found in field_centres(pixels).items():
        np.testing.assert_allclose(found, RGB[colour], atol=TOLERANCE, err_msg=colour)


@pytest.mark.parametrize("kind", COLOURED)
def test_every_format_from_a_path_and_from_bytes(kind: str, tmp_path: Path) -> None:
    content = COLOURED[kind]()
    pixels = read_rgb(content, SIZE)
    assert_shows_four_fields(pixels)
    path = tmp_path / "without a suffix"
    path.write_bytes(content)
    np.testing.assert_array_equal(read_rgb(path, SIZE), pixels)


def test_every_accepted_format_is_tested_here() -> None:
    seen = set()
    for content in COLOURED.values():
        with Image.open(io.BytesIO(content())) as image:
            seen.add("JPEG" if image.format == "MPO" else image.format)
    assert seen == set(FORMATS)


@pytest.mark.parametrize(
    ("content", "grey"),
    [
        (lambda: encoded(Image.new("L", (40, 40), 90), "JPEG"), 90),
        (lambda: encoded(Image.new("1", (40, 40), 1), "PNG"), 255),
        (lambda: encoded(Image.new("1", (40, 40), 0), "TIFF"), 0),
        (lambda: encoded(Image.new("I;16", (40, 40), 90 * 257), "PNG"), 90),
        (lambda: encoded(Image.new("I;16", (40, 40), 90 * 257), "TIFF"), 90),
        (lambda: encoded(Image.new("I", (40, 40), 90), "TIFF"), 90),
        (lambda: encoded(Image.new("F", (40, 40), 90), "TIFF"), 90),
        (lambda: encoded(Image.new("F", (40, 40), float("nan")), "TIFF"), 0),
        (lambda: encoded(Image.new("LA", (40, 40), (90, 255)), "PNG"), 90),
        # 16 bits, of which one value is transparent: another one.
        (
            lambda: png(
                40,
                40,
                bits=16,
                colour=0,
                rows=np.full((40, 80), 90, np.uint8),
                extra=b"\x10\0",
            ),
            90,
        ),
    ],
    ids=[
        "JPEG",
        "1-bit",
        "1-bit TIFF",
        "16-bit",
        "16-bit TIFF",
        "32-bit",
        "float",
        "NaN",
        "LA",
        "tRNS",
    ],
)
def test_grey_becomes_three_equal_channels(content: Callable[[], bytes], grey: int) -> None:
    assert np.unique(read_rgb(content(), SIZE)).tolist() == [grey]


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_turned_upright(orientation: int, format: str) -> None:
    # What a camera stores, given what it saw: the inverse of what `orientation` asks for.
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    seen = four_fields(120, 96)
    stored = seen.transpose(undo[orientation]) if orientation > 1 else seen
    exif = Image.Exif()
    exif[0x0112] = orientation
    # As bytes: only then pillow_heif turns the picture as phones do, in the container.
    content = encoded(stored, format, exif=exif.tobytes())
    assert open_picture(content, SIZE).image.size == (120, 96)
    assert_shows_four_fields(read_rgb(content, SIZE))


@pytest.mark.parametrize("format", ["PNG", "WEBP", "GIF", "AVIF", "TIFF"])
def test_transparency_is_over_white(format: str) -> None:
    image = Image.new("RGBA", (80, 80), (0, 0, 0, 0))
    image.paste("red", (0, 0, 80, 40))
    pixels = read_rgb(encoded(image, format), SIZE)
    np.testing.assert_allclose(pixels[SIZE // 4, SIZE // 2], (255, 0, 0), atol=3)
    np.testing.assert_allclose(pixels[3 * SIZE // 4, SIZE // 2], (255, 255, 255), atol=3)


def test_half_transparent_is_mixed_with_white() -> None:
    image = Image.new("RGBA", (8, 8), (0, 0, 0, 128))
    assert np.unique(read_rgb(encoded(image, "PNG"), SIZE)).tolist() == [127]


@pytest.mark.parametrize(("width", "height"), [(288, 96), (96, 288)], ids=["wide", "tall"])
@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_the_centre_square_is_cut_out(width: int, height: int, format: str) -> None:
    image = Image.new("RGB", (width, height), "magenta")
    image.paste(four_fields(), ((width - 96) // 2, (height - 96) // 2))
    assert_shows_four_fields(read_rgb(encoded(image, format), SIZE))


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 5000), (5000, 1), (7, 3)])
def test_any_shape_fills_the_square(width: int, height: int) -> None:
    pixels = read_rgb(encoded(Image.new("RGB", (width, height), "red"), "PNG"), SIZE)
    assert np.unique(pixels.reshape(-1, 3), axis=0).tolist() == [[255, 0, 0]]


def test_large_jpeg_is_decoded_small_and_small_one_whole() -> None:
    # At least three times the wanted side is left, and never more than twice that.
    assert open_picture(encoded(four_fields(3200, 2400), "JPEG"), 160).image.size == (800, 600)
    assert open_picture(encoded(four_fields(400, 300), "JPEG"), 160).image.size == (400, 300)


def assert_one_sentence(message: str) -> None:
    assert message[0].islower()  # it follows the name of the file and a colon
    assert message.endswith(".")
    assert "\n" not in message
    assert "Traceback" not in message


@pytest.mark.parametrize("kind", NO_PICTURE)
def test_what_is_no_picture_is_said_in_a_sentence(kind: str, tmp_path: Path) -> None:
    content, reason = NO_PICTURE[kind]
    path = tmp_path / "photo.jpg"
    path.write_bytes(content)
    for source in (content, path):
        with pytest.raises(ImageError, match=reason) as caught:
            read_rgb(source, SIZE)
        assert_one_sentence(str(caught.value))
        assert "accepted are JPEG, PNG, WebP, AVIF, HEIC, GIF, BMP and TIFF" in str(caught.value)


@pytest.mark.parametrize("format", FORMATS)
def test_truncated_in_the_middle(format: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (96, 96, 3), np.uint8)
    content = encoded(Image.fromarray(noise), format)
    with pytest.raises(ImageError, match=r"damaged or incomplete|not a picture") as caught:
        read_rgb(content[: len(content) // 2], SIZE)
    assert_one_sentence(str(caught.value))


@pytest.mark.parametrize("format", FORMATS)
def test_damaged_bytes_never_raise_anything_else(format: str) -> None:
    generator = random.Random(0)
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "a camera"
    extra = {} if format in ("GIF", "BMP") else {"exif": exif}
    content = encoded(four_fields(), format, **extra)
    refused = 0
    for _ in range(150):
        damaged = bytearray(content)
        for _ in range(generator.choice([1, 3, 10])):
            damaged[generator.randrange(min(len(content), 400))] = generator.randrange(256)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's, about tags it leaves out
            try:
                assert read_rgb(bytes(damaged), 32).shape == (32, 32, 3)
            except ImageError:
                refused += 1
    assert refused > 0


def test_a_small_copy_keeps_sides_and_colours() -> None:
    small = scaled_down(encoded(Image.new("RGB", (1200, 600), (10, 200, 30)), "PNG"), 640)
    image = Image.open(io.BytesIO(small))
    assert image.size == (640, 320)
    assert image.getpixel((100, 100)) == (10, 200, 30)
    untouched = scaled_down(encoded(four_fields(), "PNG"), 640)
    np.testing.assert_array_equal(read_rgb(untouched, SIZE), read_rgb(COLOURED["PNG"](), SIZE))
    with pytest.raises(ImageError):
        scaled_down(b"no picture", 640)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"^there is no such file\.$"):
        read_rgb(tmp_path / "none.jpg", SIZE)
    with pytest.raises(ImageError, match=r"^this is a folder, not a picture\.$"):
        read_rgb(tmp_path, SIZE)


def test_too_many_pixels_are_refused_before_they_are_decoded(tmp_path: Path) -> None:
    content = png(40_000, 40_000, bits=8, colour=2)
    path = tmp_path / "bomb.png"
    path.write_bytes(content)
    read_rgb(COLOURED["PNG"](), SIZE)  # what Pillow loads once is not counted
    tracemalloc.start()
    try:
        for source in (content, path):
            with pytest.raises(ImageError, match="has 40,000 x 40,000 pixels, at most 100 million"):
                read_rgb(source, SIZE)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
