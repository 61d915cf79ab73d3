"""The verb `predict`: answers for files and folders of photos."""

import json
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from imgcls._utils.files import write_bytes
from imgcls.cli.arguments import Verbs, add_json, add_verb
from imgcls.cli.progress import bar
from imgcls.data.images import ImageError
from imgcls.export import predictions
from imgcls.inference.predictor import Prediction, Predictor
from imgcls.paths import models_dir
from imgcls.runs import store


def add(verbs: Verbs) -> None:
    """Add the verb."""
    predict = add_verb(verbs, "predict", run, "what is on these photos")
    predict.add_argument("photos", nargs="+", type=Path, metavar="IMAGE", help="file or folder")
    predict.add_argument("--run", dest="by", metavar="RUN", help="id or name (default: hires)")
    predict.add_argument("--csv", type=Path, metavar="FILE", help="write a table as well")
    add_json(predict)


def run(options: Namespace) -> bool:
    """Print an answer, or what is wrong, for each photo; return whether all were answered."""
    models = models_dir()
    by = store.find(models, options.by) if options.by else store.default(models)
    predictor = Predictor(by)
    photos = [photo for path in options.photos for photo in _files(path)]
    answers = [
        {"file": str(photo), **_describe(answer)}
        for photo, answer in zip(photos, _answers(predictor, photos), strict=True)
    ]
    if options.csv:
        table = predictions.to_csv(answers)
        write_bytes(options.csv, table.encode(errors="surrogateescape"))  # file names as they are
    if options.json:
        print(json.dumps(answers, indent=2))
    else:
        _print(answers)
    return all("error" not in answer for answer in answers)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(
        file
        for file in path.rglob("*")
        if file.is_file() and not any(part.startswith(".") for part in file.relative_to(path).parts)
    )
    return found or [path]  # the answer for an empty folder is that it is no picture


def _answers(predictor: Predictor, photos: list[Path]) -> list[Prediction | ImageError]:
    if len(photos) == 1:
        try:
            return [predictor.predict(photos[0])]
        except ImageError as error:
            return [error]
    answers = []
    with bar(" photos") as show:
        for answer in predictor.predict_many(photos):
            answers.append(answer)
            show(len(answers), len(photos), "predicting")
    return answers


def _describe(answer: Prediction | ImageError) -> dict[str, Any]:
    return {"error": str(answer)} if isinstance(answer, ImageError) else answer.to_dict()


def _print(answers: list[dict[str, Any]]) -> None:
    for answer in answers:
        if "error" in answer:
            print(f"{answer['file']}: {answer['error']}", file=sys.stderr)
            continue
        unlike = "" if answer["known"] else ", though unlike the photos it was trained on"
        print(f"{answer['file']}: {answer['label']}, {answer['probability']:.1%}{unlike}")
