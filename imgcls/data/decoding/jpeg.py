"""What only JPEG needs: pixels kept while it is decoded, and a file without its end."""

import io
from typing import IO

import numpy as np
from PIL import Image, ImageFile

SCALES = (8, 4, 2, 1)
END = b"\xff\xd9"
START_OF_SCAN, PROGRESSIVE = 0xDA, {0xC2, 0xC6, 0xCA, 0xCE}
FRAMES = {0xC0, 0xC1, 0xC3, 0xC5, 0xC7, 0xC9, 0xCB, 0xCD, 0xCF} | PROGRESSIVE
LARGEST_COEFFICIENTS = 8.0  # bytes a pixel: four components of two bytes each
BYTES = 2  # of a coefficient


def scale(factor: int) -> int:
    """Return by how much the decoder itself makes the sides smaller when `factor` is wanted."""
    return next(scale for scale in SCALES if scale <= factor)


def kept_bytes(image: ImageFile.ImageFile) -> float:
    """Return the bytes a pixel that the decoder keeps until the last scan has been read.

    A JPEG of one scan is decoded row by row; one of several, as all progressive ones are, is kept
    whole as coefficients, at any scale.
    """
    assert image.fp is not None
    place = image.fp.tell()
    try:
        return _kept_bytes(image.fp)
    finally:
        image.fp.seek(place)


def _kept_bytes(file: IO[bytes]) -> float:
    file.seek(2)
    frame = b""
    while (marker := file.read(2)) and len(marker) == len(END):
        if marker == b"\xff\xff":  # padding
            file.seek(-1, io.SEEK_CUR)
            continue
        body = file.read(max(0, int.from_bytes(file.read(2)) - 2))
        if marker[0] == 0xFF and marker[1] in FRAMES and not frame:  # noqa: PLR2004
            frame = body
            progressive = marker[1] in PROGRESSIVE
        if marker[1] == START_OF_SCAN:
            if not (frame and body):
                break
            parts = frame[5]
            return _coefficients(frame) if progressive or body[0] < parts else 0.0
    return LARGEST_COEFFICIENTS


def _coefficients(frame: bytes) -> float:
    sampling = [frame[place] for place in range(7, len(frame), 3)]
    samples = [(value >> 4) * (value & 15) for value in sampling]
    largest = max((v >> 4 for v in sampling), default=1) * max(
        (v & 15 for v in sampling), default=1
    )
    return min(LARGEST_COEFFICIENTS, BYTES * sum(samples) / max(1, largest))


def with_its_end(content: bytes) -> bytes | None:
    """Return a JPEG that was cut off before its end marker, whole; None when pixels are missing.

    What the decoder makes of missing pixels depends on what follows. So other bytes are put there:
    when the picture stays the same, they belong to nothing, and all pixels were in the file.

    Args:
        content: of a JPEG that the decoder calls truncated.
    """
    content = content.removesuffix(b"\xff")
    try:
        first, second = (_decoded(content + more + END) for more in (b"", b"\x35\xa6\x5b" * 64))
    except (OSError, SyntaxError, ValueError):
        return None
    return content + END if np.array_equal(first, second) else None


def _decoded(content: bytes) -> np.typing.NDArray[np.uint8]:
    with Image.open(io.BytesIO(content), formats=("JPEG",)) as image:
        # A block of 8 x 8 as one grey pixel is enough to tell whether it is there. Of one that is
        # sent in several scans, the last of which bring the details and the colours, it is not.
        part, mode = (2, None) if kept_bytes(image) else (8, "L")
        image.draft(mode, (max(1, image.width // part), max(1, image.height // part)))
        return np.asarray(image)
