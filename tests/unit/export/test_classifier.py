"""What lies beside a model, with names that are no words."""

import json
from pathlib import Path

from msgspec.structs import replace

from imgcls.export.card import model_card
from imgcls.export.classifier import Classifier, spread
from imgcls.export.formats import FORMATS
from imgcls.export.proof import Proof
from imgcls.runs.record import Class
from imgcls.runs.run import Run
from tests.support.runs import changed, example

NAMES = ("two\nlines", "no text \udc80", "*bold*")
PROOF = Proof(
    photos=200,
    of="generated pictures",
    agree=200,
    same_class=200,
    largest_difference=2e-6,
    largest_score_difference=1e-5,
    tolerance=1e-3,
    runtime="onnxruntime 1.32.0",
    milliseconds=3.2,
)


def odd_run() -> Run:
    record = example()
    classes = tuple(Class(folder=name, name=name) for name in NAMES)
    return changed(Run(Path("paper-1"), record), data=replace(record.data, classes=classes))


def test_each_class_has_one_line_and_settings_are_json() -> None:
    files = Classifier(odd_run()).files
    assert files["labels.txt"].decode() == "two lines\nno text \\udc80\n*bold*\n"
    settings = json.loads(files["preprocess.json"])
    assert settings["classes"] == list(NAMES)
    assert settings["size"] == odd_run().config.image_size


def test_the_card_shows_names_as_they_are() -> None:
    card = model_card(odd_run(), FORMATS["onnx"], PROOF)
    assert "1. no text ⟨U+DC80⟩\n2. \\*bold\\*\n" in card
    assert "Agrees on 200 of 200 generated pictures; largest difference" in card
    assert "One photo took 3.2 ms" in card


def test_a_few_of_many_are_spread_over_all() -> None:
    assert spread(list(range(101)), 5) == [0, 25, 50, 75, 100]
    assert spread([1, 2], 5) == [1, 2]
