"""Any picture file, for real: each is written by Pillow and read as a visitor's upload."""

import io
import random
import struct
import tracemalloc
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageCms

from imgcls.data.images import (
    FORMATS,
    ImageError,
    as_jpeg,
    examine,
    open_picture,
    read_rgb,
    scaled_down,
    square,
)
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
            with pytest.raises(ImageError, match="x 40,000 pixels, at most 75 million"):
                read_rgb(source, SIZE)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def ramp(top: float, kind: npt.DTypeLike) -> Image.Image:
    return Image.fromarray(np.linspace(0, top, 64 * 64).reshape(64, 64).astype(kind))


@pytest.mark.parametrize(
    ("top", "kind"),
    [
        *((2**bits - 1, np.uint16) for bits in (8, 10, 12, 14, 16)),
        *((top, np.int32) for top in (255, 4095, 65535, 1_000_000, 2**31 - 1)),
        *((top, np.float32) for top in (1, 3.2, 255, 4095, 65535, 1e9)),
    ],
)
@pytest.mark.parametrize("compression", [None, "tiff_deflate"])
def test_deep_grey_is_scaled_by_its_values(
    top: float, kind: npt.DTypeLike, compression: str | None
) -> None:
    pixels = read_rgb(encoded(ramp(top, kind), "TIFF", compression=compression), 64)
    assert pixels.min() == 0
    assert pixels.max() == 255
    assert abs(pixels.mean() - 127.5) < 1


def test_deep_grey_is_scaled_by_what_the_file_declares() -> None:
    dim = ramp(1000, np.uint16)
    for info in (
        {340: 0, 341: 4000},
        {270: "ImageJ=1.53\nimages=1\nmin=0.0\nmax=4000.0\n"},
    ):
        pixels = read_rgb(encoded(dim, "TIFF", tiffinfo=info), 64)
        assert pixels.max() == pytest.approx(1000 / 4000 * 255, abs=1), info
    # White is zero: what an X-ray's film shows.
    bright = read_rgb(encoded(ramp(65535, np.uint16), "TIFF", tiffinfo={262: 0}), 64)
    assert bright[0, 0, 0] == 255
    assert bright[-1, -1, 0] == 0


def test_negative_and_missing_values_are_scaled_too() -> None:
    values = np.linspace(-1000, 3000, 64 * 64).reshape(64, 64).astype(np.int32)  # as of a CT
    assert abs(read_rgb(encoded(Image.fromarray(values), "TIFF"), 64).mean() - 127.5) < 1
    real = values.astype(np.float32)
    real[0, :2] = np.nan, np.inf
    assert abs(read_rgb(encoded(Image.fromarray(real), "TIFF"), 64).mean() - 127.5) < 1


def test_a_large_deep_picture_has_one_scale() -> None:
    # It is changed in several bands, and black and white are those of the whole.
    tall = Image.fromarray(np.linspace(0, 4095, 3_000_000).reshape(3000, 1000).astype(np.uint16))
    image = open_picture(encoded(tall, "PNG"), 64).image
    assert image.size == (500, 1500)
    column = np.asarray(image)[:, 250, 0].astype(int)
    assert column[0] <= 1
    assert column[-1] >= 254
    assert np.diff(column).min() >= 0
    assert np.diff(column).max() <= 1


EXIF = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
# What tools leave there: whether it can still be read, and the bytes.
ODD_EXIF = {
    "wiped with zeros": (False, bytes(32)),
    "no TIFF": (False, b"not a tiff"),
    "empty": (False, b""),
    "cut off": (False, b"II*\0\x08\0\0\0\xff\xff"),
    "only its mark": (False, b"Exif\0\0"),
    "another's": (False, b"http://ns.adobe.com/xap/1.0/\0<x/>"),
    "plain": (True, EXIF),
    "marked": (True, b"Exif\0\0" + EXIF),
    "marked twice": (True, b"Exif\0\0Exif\0\0" + EXIF),
    "marked three times": (True, b"Exif\0\0" * 3 + EXIF),
    "behind a line end": (True, b"\n" + EXIF),
    "behind HEIF's offset": (True, b"\0\0\0\6Exif\0\0" + EXIF),
    "behind JPEG's marker": (True, b"\xff\xe1\0\x20Exif\0\0" + EXIF),
}


def png_with(*chunks: tuple[bytes, bytes], crc: int | None = None) -> bytes:
    """Write a picture of 60 x 40 pixels with these chunks before its own pixels."""
    content, made = encoded(Image.new("RGB", (60, 40), (200, 30, 30)), "PNG"), b""
    for kind, data in chunks:
        right = zlib.crc32(kind + data) if crc is None else crc
        made += struct.pack(">I", len(data)) + kind + data + struct.pack(">I", right)
    return content[:33] + made + content[33:]


def webp_with(exif: bytes) -> bytes:
    content = encoded(Image.new("RGB", (60, 40), (200, 30, 30)), "WEBP", exif=b"Exif\0\0xx")
    place = content.index(b"EXIF")
    chunk = b"EXIF" + struct.pack("<I", len(exif)) + exif + bytes(len(exif) % 2)
    return content[:4] + struct.pack("<I", place + len(chunk) - 8) + content[8:place] + chunk


@pytest.mark.filterwarnings("ignore")  # Pillow's, about what is wrong with the metadata
@pytest.mark.parametrize("kind", ODD_EXIF)
def test_damaged_metadata_never_refuse_whole_pixels(kind: str) -> None:
    readable, exif = ODD_EXIF[kind]
    size = (40, 60) if readable else (60, 40)
    for content in (png_with((b"eXIf", exif)), webp_with(exif)):
        picture = open_picture(content, SIZE)
        assert picture.size == picture.image.size == size
        np.testing.assert_allclose(np.asarray(picture.image)[9, 9], (200, 30, 30), atol=3)
        assert examine(content)[:2] == (60, 40)
    for format in ("JPEG", "HEIF", "AVIF", "TIFF"):
        try:
            content = encoded(Image.new("RGB", (60, 40), (200, 30, 30)), format, exif=exif)
        except (SyntaxError, ValueError, KeyError, TypeError, OSError):
            continue  # not to be written so
        assert open_picture(content, SIZE).format == format
        assert sorted(examine(content)[:2]) == [40, 60]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "content",
    [
        png_with((b"tEXt", b"a\0b"), crc=1),
        png_with((b"zTXt", b"a\0\0" + zlib.compress(bytes(80_000_000)))),
        png_with((b"iCCP", b"x\0\0garbage")),
        png_with((b"iCCP", b"x\0\0" + zlib.compress(bytes(5_000_000)))),
        png_with((b"tEXt", b"Raw profile type exif\0\nexif\n      10\nzzzz\n")),
        png_with((b"gAMA", b"x"), (b"pHYs", b"")),
        png_with()[:-12],
    ],
    ids=["checksum", "long text", "profile", "long profile", "ImageMagick", "short", "no end"],
)
def test_a_png_with_damaged_notes_is_read_without_them(content: bytes) -> None:
    picture = open_picture(content, SIZE)
    assert picture.image.size == (60, 40)
    assert picture.image.getpixel((9, 9)) == (200, 30, 30)
    assert examine(content) == (60, 40, "PNG")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("format", ["JPEG", "WEBP"])
def test_noise_in_the_metadata_leaves_the_picture(format: str) -> None:
    generator = random.Random(3)
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 1, "a camera"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    content = encoded(
        four_fields(), format, exif=exif.tobytes(), icc_profile=profile, xmp=b"<x/>" * 20
    )
    parts = [exif.tobytes()[6:], profile, b"<x/>" * 20]
    places = [content.index(part) + n for part in parts for n in range(len(part))]
    for _ in range(100):
        damaged = bytearray(content)
        for place in generator.sample(places, 30):
            damaged[place] = generator.randrange(256)
        assert open_picture(bytes(damaged), SIZE).format == format
        assert examine(bytes(damaged))[2] == format


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("subsampling", [0, 2])
def test_a_jpeg_is_whole_without_its_end_and_not_without_pixels(
    progressive: bool, subsampling: int, tmp_path: Path
) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (150, 200, 3), np.uint8)
    content = encoded(
        Image.fromarray(noise), "JPEG", progressive=progressive, subsampling=subsampling
    )
    path = tmp_path / "photo.jpg"
    for cut in (1, 2):
        path.write_bytes(content[:-cut])
        for source in (content[:-cut], path):
            np.testing.assert_array_equal(read_rgb(source, SIZE), read_rgb(content, SIZE))
            assert examine(source) == (200, 150, "JPEG")
    for cut in (len(content) // 20, len(content) // 3):
        for read in (lambda source: read_rgb(source, SIZE), examine):
            with pytest.raises(ImageError, match="damaged or incomplete"):
                read(content[:-cut])


def test_a_profile_of_colours_is_applied() -> None:
    # In this profile red and green have changed places.
    swapped = Image.new("RGB", (40, 40), (30, 200, 60))
    profile = swapped_profile()
    pixels = read_rgb(encoded(swapped, "PNG", icc_profile=profile), SIZE)
    np.testing.assert_allclose(pixels[9, 9], (200, 30, 60), atol=2)
    for damaged in (profile[:200], b"x" * 300, b""):
        pixels = read_rgb(encoded(swapped, "PNG", icc_profile=damaged), SIZE)
        np.testing.assert_array_equal(pixels[9, 9], (30, 200, 60))


def swapped_profile() -> bytes:
    """Return sRGB with the descriptions of its red and green exchanged."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for one, other in ((b"rXYZ", b"gXYZ"), (b"rTRC", b"gTRC")):
        profile = profile.replace(one, b"????").replace(other, one).replace(b"????", other)
    # Named otherwise: a profile that says it is sRGB is taken at its word.
    return profile.replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "CMYK", "I;16"])
def test_a_large_picture_becomes_smaller_as_a_small_one(mode: str) -> None:
    image = four_fields(1536, 1152)
    image = ramp(65535, np.uint16).resize((1536, 1152)) if mode == "I;16" else image.convert(mode)
    content = encoded(image, "TIFF")
    assert open_picture(content, SIZE).image.size == (512, 384)
    small = read_rgb(content, SIZE).astype(int)
    whole = np.asarray(square(open_picture(content, 1000).image, SIZE)).astype(int)
    assert open_picture(content, 1000).image.size == (1536, 1152)
    assert np.abs(small - whole).mean() < 1.5


def test_what_is_shown_is_small_and_keeps_its_shape() -> None:
    for size, shown in (((1200, 600), (300, 150)), ((30, 60), (30, 60)), ((9000, 3), (300, 1))):
        content = as_jpeg(Image.new("RGB", size, "red"), 300)
        with Image.open(io.BytesIO(content)) as image:
            assert (image.format, image.size) == ("JPEG", shown)
