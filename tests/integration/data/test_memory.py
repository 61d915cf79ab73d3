"""How much memory one picture takes, measured in a process of its own on files at the limit."""

import io
import json
import re
import struct
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from PIL import Image

from imgcls.data.decoding.memory import BUDGET
from imgcls.data.images import ImageError, examine, open_picture
from tests.support.pictures import encoded, png
from tests.support.repository import ROOT

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(), reason="needs Linux's /proc"
)
# mode, format, how it is saved, and the largest number of million pixels that are accepted
AT_THE_LIMIT: dict[str, tuple[str, str, dict[str, object], float]] = {
    "PNG": ("RGB", "PNG", {"compress_level": 1}, 70),
    "PNG with alpha": ("RGBA", "PNG", {"compress_level": 1}, 70),
    "PNG of 16 bits": ("I;16", "PNG", {"compress_level": 1}, 140),
    "JPEG in one scan": ("RGB", "JPEG", {}, 249),
    "JPEG in many scans": ("RGB", "JPEG", {"progressive": True}, 94),
    "TIFF in one strip": ("RGB", "TIFF", {"compression": "tiff_deflate", "strip_size": 2**30}, 40),
    "TIFF of real numbers": ("F", "TIFF", {"compression": "tiff_deflate"}, 70),
    "TIFF on its side": ("RGB", "TIFF", {"compression": "tiff_lzw", "tiffinfo": {274: 6}}, 35),
    "WebP": ("RGBA", "WEBP", {"lossless": True}, 16.5),
    "AVIF": ("RGB", "AVIF", {"speed": 10}, 31),
    "AVIF with alpha": ("RGBA", "AVIF", {"speed": 10, "subsampling": "4:4:4"}, 20),
}
MEASURE = """
import io, json, re, sys
from PIL import Image
from imgcls.data.images import prepare_pillow, read_rgb

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) * 1024

def made(pixels):
    height = max(1, int(pixels**0.5))
    content = io.BytesIO()
    colour = {"RGB": (90, 120, 60), "RGBA": (90, 120, 60, 99)}.get(mode, 100)
    Image.new(mode, (int(pixels / height), height), colour).save(content, format, **options)
    return content.getvalue()

mode, format, options, millions = json.loads(sys.argv[1])
options = {k: {274: v["274"]} if k == "tiffinfo" else v for k, v in options.items()}
prepare_pillow()
content = made(millions * 1e6)
read_rgb(made(10_000), 224)
open("/proc/self/clear_refs", "w").write("5")  # the peak counts from here
before = peak()
read_rgb(content, 224)
print(peak() - before)
"""


@pytest.mark.parametrize("kind", AT_THE_LIMIT)
def test_the_largest_picture_that_is_accepted_stays_within_the_budget(kind: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, json.dumps(AT_THE_LIMIT[kind])],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) < BUDGET * 1.07  # what the allocator rounds up to


def claiming(content: bytes, mark: bytes, at: int, order: str) -> bytes:
    """Return a picture that says it has 10,000 x 10,000 pixels, so many bytes after a mark."""
    changed = bytearray(content)
    for found in re.finditer(mark, content):
        struct.pack_into(f"{order}II", changed, found.end() + at, 10_000, 10_000)
    return bytes(changed)


@cache
def bomb(format: str) -> bytes:
    small = encoded(Image.new("RGB", (64, 64)), format)
    match format:
        case "PNG":
            return png(10_000, 10_000, bits=8, colour=2)
        case "AVIF" | "HEIF":
            return claiming(small, b"ispe", 4, ">")
        case "BMP":
            return claiming(small, b"^BM", 16, "<")
        case "TIFF":
            return encoded(Image.new("RGB", (10_000, 10_000)), format, compression="tiff_deflate")
        case _:
            return encoded(Image.new("RGB", (10_000, 10_000)), format, lossless=True)


@pytest.mark.parametrize("read", [lambda content: open_picture(content, 224), examine])
@pytest.mark.parametrize("format", ["PNG", "AVIF", "HEIF", "BMP", "TIFF", "WEBP"])
def test_a_hundred_million_pixels_are_refused(format: str, read: Callable[[bytes], object]) -> None:
    with pytest.raises(ImageError, match=r"too large: it has 10,000 x 10,000 pixels, at most \d+"):
        read(bomb(format))


def test_a_tile_larger_than_its_picture_is_refused() -> None:
    entries = {256: 64, 257: 64, 258: 8, 259: 8, 262: 1, 277: 1, 322: 65_536, 323: 65_536}
    entries |= {324: 8, 325: 100}
    header = struct.pack("<2sHIH", b"II", 42, 8, len(entries))
    listed = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in entries.items())
    with pytest.raises(ImageError, match="too large"):
        open_picture(header + listed + bytes(200), 224)


def test_a_phones_photo_of_a_hundred_million_pixels_is_answered() -> None:
    content = io.BytesIO()
    Image.new("RGB", (12_000, 9_000), (90, 120, 60)).save(content, "JPEG", quality=60)
    picture = open_picture(content.getvalue(), 224)
    assert picture.size == (12_000, 9_000)
    assert picture.image.size == (1_500, 1_125)
    assert examine(content.getvalue()) == (12_000, 9_000, "JPEG")
