"""A classifier as one file: the model, how to use it, and the proof that it answers as here."""

import hashlib
import importlib.util
import json
import os
import shutil
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from imgcls._utils.arrays import RgbArray
from imgcls._utils.files import replacing
from imgcls._utils.formatting import plural
from imgcls.data import ood
from imgcls.data.bundled import sample_photos
from imgcls.data.images import open_picture, read_rgb, square
from imgcls.data.variants import divide
from imgcls.evaluation import eight_bits
from imgcls.export import formats
from imgcls.export.card import model_card
from imgcls.export.classifier import SCORE, Classifier, encoded, spread
from imgcls.export.formats import ExportError, Format
from imgcls.export.proof import Answers, Proof, prove
from imgcls.export.verification import verify_py
from imgcls.inference.predictor import Predictor
from imgcls.inference.program import Program
from imgcls.networks.signature import PROBABILITIES
from imgcls.runs.run import Run

if TYPE_CHECKING:
    from imgcls.data.dataset import Dataset


Ask = Callable[[Sequence[RgbArray]], Answers]
PHOTOS = 200  # that both are asked about
SAMPLE_SIDE = 256  # pixels, so that the resampling is checked too


def export(
    run: Run,
    format_name: str,
    out: Path,
    dataset: "Dataset | None" = None,
    on_step: Callable[[str], None] = lambda text: None,
) -> Proof:
    """Write a run's classifier in a format of other programs, once it is proved to agree.

    Args:
        run: a finished run that keeps its model.
        format_name: one of `imgcls.export.formats.FORMATS`.
        out: the zip or HTML file to write.
        dataset: the photos it learned from; without them it is asked about generated pictures.
        on_step: called with what is done next, for people.

    Raises:
        ExportError: the format is unknown, `out` exists, the runtime is not installed, or the
            model disagrees.
        RunError: the run has no model that answers.
        ImageError: a photo has become unreadable.
        OSError: there is no room, or `out` may not be written.
    """
    format = formats.find(format_name)
    _require(format, out)
    if dataset is not None:
        dataset, _ = divide(dataset, run.config.left_out_classes)
    classifier, here = Classifier(run, dataset), _here(run)
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        on_step(f"writing the {format.title} model")
        format.write(classifier, folder / format.model)
        for name, content in classifier.files.items():
            (folder / name).write_bytes(content)
        (folder / "verify.py").write_text(verify_py(format))
        price = None
        if format.quantized and dataset is not None:
            on_step("measuring what 8 bits cost")
            here = _with_8_bits(folder / format.model)
            price = eight_bits.measure(run, dataset, folder / format.model)
        photos, of = _held_out(classifier)
        on_step(f"asking it about {plural(len(photos), 'picture')}")
        proof = prove(folder, format, photos, of, here(photos), price=price)
        if not format.alone:
            _write_samples(folder / "samples", run.config.image_size, here)
            (folder / "README.md").write_bytes(encoded(model_card(run, format, proof)))
            (folder / "proof.json").write_text(json.dumps(asdict(proof), indent=2) + "\n")
            _write_sums(folder)
        with replacing(out) as unfinished:
            given = folder / format.model if format.alone else folder
            _pack(given, f"{run.id}-{format.name}", unfinished)
    # What belongs to somebody else, as the runs of a server may, is left as it is.
    if price is not None and os.access(run.path, os.W_OK):
        eight_bits.keep(run, price)
    return proof


def _require(format: Format, out: Path) -> None:
    if out.exists():
        raise ExportError(f"{out} exists already: give another name or remove it.")
    if importlib.util.find_spec(format.runtime.replace("-", "_")) is None:
        raise ExportError(
            f"{format.title} is only given away once {format.runtime} has run it: "
            f"pip install {format.runtime}"
        )


def _here(run: Run) -> Ask:
    """Return what `imgcls predict` answers."""
    predictor = Predictor(run)

    def ask(photos: Sequence[RgbArray]) -> Answers:
        found = [predictor.predict(photo.astype(np.float32)) for photo in photos]
        return Answers(
            np.array([each.probabilities for each in found]),
            np.array([each.energy for each in found]),
        )

    return ask


def _with_8_bits(path: Path) -> Ask:
    """Return what the model itself answers in this process, which its price was measured on."""
    program = Program(path.read_bytes())

    def ask(photos: Sequence[RgbArray]) -> Answers:
        found = [program(photo, PROBABILITIES, SCORE) for photo in photos]
        shares, scores = (np.concatenate(each) for each in zip(*found, strict=True))
        return Answers(shares, scores)

    return ask


def _held_out(classifier: Classifier) -> tuple[list[RgbArray], str]:
    """Return pictures that the run was not trained on, and what they are."""
    size, dataset = classifier.run.config.image_size, classifier.dataset
    if dataset is None:
        each = PHOTOS // len(ood.KINDS)
        pictures = [
            picture
            for kind in ood.KINDS
            for picture in spread(list(ood.pictures(kind, size)), each)
        ]
        return pictures, f"generated pictures ({', '.join(ood.KINDS)})"
    held_out = dataset.table[dataset.table["split"] != "train"]["file"].to_list()
    photos = [dataset.read(file, size) for file in spread(held_out, PHOTOS)]
    return photos, f"held-out photos of {classifier.run.dataset}"


def _write_samples(folder: Path, size: int, ask: Ask) -> None:
    folder.mkdir()
    pictures = {
        f"{name.lower().replace(' ', '-')}.png": square(
            open_picture(content, SAMPLE_SIDE).image, SAMPLE_SIDE
        )
        for name, content in sample_photos().items()
    }
    for name, picture in pictures.items():
        picture.save(folder / name)
    found = ask([read_rgb(folder / name, size) for name in pictures])
    expected = {
        name: {"probabilities": probabilities.tolist(), "score": float(score)}
        for name, probabilities, score in zip(
            pictures, found.probabilities, found.score, strict=True
        )
    }
    (folder / "expected.json").write_text(json.dumps(expected, indent=2) + "\n")


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _write_sums(folder: Path) -> None:
    """Write the SHA-256 of each file, as `sha256sum --check` reads them."""
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}\n"
        for path in _files(folder)
    ]
    (folder / "SHA256SUMS").write_text("".join(lines))


def _pack(given: Path, name: str, out: Path) -> None:
    if given.is_file():
        shutil.copyfile(given, out)
        return
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in _files(given):
            archive.write(path, f"{name}/{path.relative_to(given).as_posix()}")
