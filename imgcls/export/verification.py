"""verify.py: what comes with an exported model, and shows that it answers as it did here."""

from imgcls.export.formats import Format

_HEAD = '''"""Ask the model about three samples, and compare: python verify.py

Needs nothing but: pip install {runtime} numpy pillow
"""

import hashlib
import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

HERE = Path(__file__).parent

'''
_TAIL = """

def pixels(path, size):
    square = ImageOps.fit(Image.open(path).convert("RGB"), (size, size), Image.Resampling.LANCZOS)
    return np.asarray(square, np.float32)[np.newaxis]


def main():
    for line in (HERE / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split("  ", 1)
        file = HERE / name
        if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            raise SystemExit(f"{name} is missing or was changed: unpack the archive again.")
    model, settings = load(), json.loads((HERE / "preprocess.json").read_text("utf-8"))
    labels = (HERE / "labels.txt").read_text("utf-8").splitlines()
    for name, expected in json.loads((HERE / "samples/expected.json").read_text()).items():
        probabilities, score = ask(model, pixels(HERE / "samples" / name, settings["size"]))
        difference = np.abs(probabilities[0] - expected["probabilities"]).max()
        if difference > TOLERANCE:
            raise SystemExit(f"{name}: a probability differs by {difference:.6f}.")
        known = score[0] >= settings["threshold"]
        label = labels[probabilities[0].argmax()] if known else "none of these"
        print(f"{name}: {label}, as expected, to {difference:.1e}")


if __name__ == "__main__":
    main()
"""


def verify_py(format: Format) -> str:
    """Return the program for one format: it needs the format's runtime, NumPy and Pillow."""
    settings = f"TOLERANCE = {format.tolerance}  # of a probability\n\n"
    return _HEAD.format(runtime=format.runtime) + settings + format.ask + _TAIL
