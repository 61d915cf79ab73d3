"""HEIC pictures so large that there is no room for a second copy of their pixels."""

from typing import IO

import numpy as np
from PIL import Image

from imgcls.data.decoding import pixels


def to_rgb(file: IO[bytes], factor: int) -> tuple[tuple[int, int], Image.Image]:
    """Return width and height as seen upright, and the picture as `pixels.to_rgb` does.

    Pillow would copy what libheif has decoded; here only bands of it are.

    Args:
        file: the file, open.
        factor: as there.
    """
    import pillow_heif

    file.seek(0)
    heif = pillow_heif.open_heif(file, convert_hdr_to_8bit=True, remove_stride=False)
    # As decoded: only now the size is that of the upright picture.
    values, (width, height) = np.asarray(heif), heif.size
    small = Image.new("RGB", (-(-width // factor), -(-height // factor)))
    rows = max(1, pixels.BAND // (width * factor)) * factor
    for top in range(0, height, rows):
        band = Image.fromarray(np.ascontiguousarray(values[top : top + rows, :width]))
        if profile := heif.info.get("icc_profile"):
            band.info["icc_profile"] = profile
        small.paste(pixels.to_rgb(band, factor), (0, top // factor))
    return heif.size, small
