"""A photo as a collection keeps it: small, upright, and without what cameras write into files."""

import io
import re
import unicodedata
from hashlib import sha256
from pathlib import Path, PurePosixPath

from PIL import Image

from imgcls.data.images import open_picture

MAX_SIDE = 640  # pixels of the longer side: nearly three times what the networks see
QUALITY = 92  # of JPEG: a photo that is scaled down anyway loses nothing that is seen
_STEM = 40  # characters of a file's own name that are kept
_DIGEST = 12  # hexadecimal digits of SHA-256 behind it: 48 bits, enough among thousands
_METADATA = ("exif", "xmp", "photoshop", "comment", "XML:com.adobe.xmp")  # Pillow's names
_SUFFIXES = {"JPEG": ".jpg", "PNG": ".png"}


def keep(name: str, content: bytes, folder: Path) -> Path:
    """Write a photo into a folder and return its path, which ends with a part of its SHA-256.

    A small JPEG or PNG without metadata is kept as it is. Anything else is scaled down to
    `MAX_SIDE`, and becomes a JPEG, or a PNG where nothing was lost before.

    Raises:
        ImageError: it is no picture that can be read.
        OSError: it cannot be written.
    """
    picture = open_picture(content, MAX_SIDE)
    lossless = picture.format in ("PNG", "BMP", "GIF")
    if max(picture.size) > MAX_SIDE or picture.format not in _SUFFIXES or _tells(content):
        image = picture.image
        image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
        kept = io.BytesIO()
        image.save(kept, "PNG" if lossless else "JPEG", quality=QUALITY)
        stored = kept.getvalue()
    else:
        stored = content
    suffix = _SUFFIXES["PNG" if lossless else "JPEG"]
    path = folder / f"{_stem(name)}-{sha256(content).hexdigest()[:_DIGEST]}{suffix}"
    path.write_bytes(stored)
    return path


def digest_of(file: str) -> str:
    """Return the part of the SHA-256 that a kept photo's name ends with."""
    return PurePosixPath(file).stem[-_DIGEST:]


def _tells(content: bytes) -> bool:
    """Return whether the file may say more than its pixels: where, when, or on which device."""
    with Image.open(io.BytesIO(content)) as image:
        return bool(image.getexif()) or any(
            key in image.info
            for key in ("exif", "xmp", "photoshop", "comment", "XML:com.adobe.xmp")
        )


def _stem(name: str) -> str:
    stem = PurePosixPath(unicodedata.normalize("NFC", name.replace("\\", "/"))).stem
    # Letters and digits of any script, without what could mean something to a file system.
    plain = re.sub(r"[^\w-]+", "-", stem).strip("-_")[:_STEM]
    return plain.encode()[:80].decode(errors="ignore") or "photo"
