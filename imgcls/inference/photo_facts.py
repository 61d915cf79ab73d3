"""What is known of each photo before anything is trained: frozen features and a few plain facts.

Needs no TensorFlow. Computed once per photo and kept: a photo that comes later costs only itself.
"""

import hashlib
import logging
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image

from imgcls._utils.arrays import FloatArray, HalfArray, Progress, RgbArray
from imgcls.data.images import ImageError, open_picture, square
from imgcls.inference.feature_cache import CacheError, FeatureStore, make_room
from imgcls.inference.program import Program
from imgcls.inference.program import Run as RunProgram
from imgcls.networks.signature import FEATURE_MAPS
from imgcls.paths import IMAGENETTE
from imgcls.presets import is_ablation
from imgcls.runs import store
from imgcls.runs.files import PROGRAM
from imgcls.runs.run import Run, RunError

FORMAT = 2  # raise it when the same photo and program would give other facts
_PLAIN = struct.Struct("<QffII")
COLORS_SIDE = 8
KEPT_AT_ONCE = 256  # photos written to the cache together
HASH_SIDE, GREY_SIDE = 8, 32  # of a DCT hash: low frequencies kept, and of the picture
logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class PhotoFacts:
    """One photo.

    Attributes:
        features: of the network's last feature maps, averaged over the picture, shape (channels,).
        perceptual_hash: 64 bits, alike for pictures that look alike.
        colors: the picture at 8 x 8 pixels, shape (8, 8, 3), values 0-255.
        sharpness: variance of the Laplacian of the grey picture, 0-255 squared; low is blurred.
        brightness: mean of the grey picture, 0-255.
        width: of the file, pixels.
        height: of the file, pixels.
    """

    features: HalfArray
    perceptual_hash: int
    colors: RgbArray
    sharpness: float
    brightness: float
    width: int
    height: int

    def to_bytes(self) -> bytes:
        """Return the facts as they are kept."""
        plain = (self.perceptual_hash, self.sharpness, self.brightness, self.width, self.height)
        arrays = self.colors.tobytes() + self.features.astype(np.float16).tobytes()
        return _PLAIN.pack(*plain) + arrays

    @classmethod
    def from_bytes(cls, data: bytes) -> "PhotoFacts":
        """Return what `to_bytes` has written."""
        colors = np.frombuffer(data, np.uint8, COLORS_SIDE**2 * 3, _PLAIN.size)
        features = np.frombuffer(data, np.float16, offset=_PLAIN.size + colors.nbytes)
        of_picture, *others = _PLAIN.unpack_from(data)
        shape = (COLORS_SIDE, COLORS_SIDE, 3)
        return cls(features, of_picture, colors.reshape(shape), *others)


class PhotoExaminer:
    """Finds out the facts of photos; any number of threads may use it at once.

    Attributes:
        image_size: side in pixels of the square that the network sees.
        note: what the features really are, for people.

    Raises:
        RunError: no run here has a program with pretrained features.
    """

    def __init__(self, models: Path) -> None:
        run = _pretrained(models)
        content = run.content(PROGRAM)
        self._program = Program(content)
        self._key = hashlib.sha256(f"{FORMAT}".encode() + content).hexdigest()[:16]
        self.image_size = run.config.image_size
        self.note = f"{run.config.network.title} at {self.image_size} px, of the run {run.title}"

    def __call__(self, photo: Path | bytes | Image.Image) -> PhotoFacts:
        """Return the facts of one photo, computed now. Raises ImageError."""
        return self._examine(self._program, photo)

    def examine(
        self, photos: Sequence[Path], on_progress: Progress = lambda done, total: None
    ) -> list[PhotoFacts | ImageError]:
        """Return the facts of each photo, or what is wrong with it, in order; from the cache first.

        A photo is known again by its content, whatever it is called. What is computed is kept bit
        by bit, so that nothing is lost when this is stopped half-way.

        Args:
            photos: their paths.
            on_progress: called with (photos computed, photos to compute).
        """
        found: dict[str, PhotoFacts | ImageError] = {}
        digests = [_digest(path) for path in photos]
        kept = FeatureStore(f"photos-{self._key}")
        for digest, data in kept.read(list(dict.fromkeys(digests))):
            found[digest] = PhotoFacts.from_bytes(data)
        missing = {
            digest: path
            for digest, path in zip(digests, photos, strict=True)
            if digest not in found
        }
        computed = zip(missing, self._program.map(self._try, missing.values()), strict=True)
        done = 0
        while part := dict(islice(computed, KEPT_AT_ONCE)):
            self._keep(kept, part)
            found.update(part)
            done += len(part)
            on_progress(done, len(missing))
        return [found[digest] for digest in digests]

    def _try(self, run: RunProgram, photo: Path) -> PhotoFacts | ImageError:
        try:
            return self._examine(run, photo)
        except ImageError as error:
            return error

    def _examine(self, run: RunProgram, photo: Path | bytes | Image.Image) -> PhotoFacts:
        if isinstance(photo, Image.Image):
            image, (width, height) = photo, photo.size
        else:
            picture = open_picture(photo, self.image_size)
            image, (width, height) = picture.image, picture.size
        seen = square(image, self.image_size)
        maps: FloatArray = run(np.asarray(seen), FEATURE_MAPS)[0][0]
        grey = np.asarray(seen.convert("L"), dtype=np.float32)
        return PhotoFacts(
            features=maps.mean(axis=(0, 1)).astype(np.float16),
            perceptual_hash=perceptual_hash(image),
            colors=np.asarray(image.resize((COLORS_SIDE, COLORS_SIDE), Image.Resampling.BOX)),
            sharpness=float(_laplacian(grey).var()),
            brightness=float(grey.mean()),
            width=width,
            height=height,
        )

    def _keep(self, kept: FeatureStore, new: dict[str, PhotoFacts | ImageError]) -> None:
        rows = [
            (digest, facts.to_bytes())
            for digest, facts in new.items()
            if isinstance(facts, PhotoFacts)
        ]
        if not rows:
            return
        try:
            make_room(sum(len(data) for _, data in rows), keep=kept.path)
            kept.write(rows)
        except (OSError, CacheError) as error:
            logger.warning("Facts of photos are not kept: %s", error)


def perceptual_hash(image: Image.Image) -> int:
    """Return 64 bits that say which low frequencies of a picture are above their median.

    They are those of a two-dimensional cosine transform of the grey picture, as in pHash
    (Zauner 2010): size, format and small changes of light leave nearly all of them as they are.
    """
    grey = image.convert("L").resize((GREY_SIDE, GREY_SIDE), Image.Resampling.BOX)
    place, frequency = np.arange(GREY_SIDE), np.arange(HASH_SIDE)[:, np.newaxis]
    cosines = np.cos(np.pi * frequency * (2 * place + 1) / (2 * GREY_SIDE))
    low = cosines @ np.asarray(grey, dtype=np.float64) @ cosines.T
    bits = np.packbits(low.ravel() > np.median(low))
    return int.from_bytes(bits.tobytes())


def _laplacian(grey: FloatArray) -> FloatArray:
    inner = 4 * grey[1:-1, 1:-1]
    found: FloatArray = inner - grey[:-2, 1:-1] - grey[2:, 1:-1] - grey[1:-1, :-2] - grey[1:-1, 2:]
    return found


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return f"missing {path}"  # reading it says what is wrong


def _pretrained(models: Path) -> Run:
    """Return the run whose network sees best and has seen least of what it will be asked about.

    That is one trained on Imagenette, as those that come along are: the network of a run on
    somebody's own photos has learned the very photos that are to be judged. Then the one with the
    most pixels, and of equals the oldest, so that a later run changes no figures.
    """
    able = [
        run
        for run in store.readable(models)
        if run.can_predict and not store.starts_from_scratch(run)
    ]
    if not able:
        raise RunError(
            f"There is no finished run with a pretrained network in {models}: train one with "
            "`python -m imgcls train`."
        )
    return min(
        able,
        key=lambda run: (
            run.dataset != IMAGENETTE,
            bool(run.config.left_out_classes) or is_ablation(run.config),
            -run.config.image_size,
            run.record.created,
        ),
    )
