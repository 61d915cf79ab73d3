"""The verb `predict`: answers for photos, each as soon as it is there."""

import json
import signal
import sys
import threading
from argparse import Namespace
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from textwrap import indent
from typing import Any

from imgcls.cli import photos
from imgcls.cli.arguments import Verbs, add_json, add_verb
from imgcls.cli.progress import bar
from imgcls.data.images import ImageError
from imgcls.export import predictions
from imgcls.inference.predictor import Prediction, Predictor
from imgcls.paths import models_dir
from imgcls.runs import store

Show = Callable[[dict[str, Any]], None]


def add(verbs: Verbs) -> None:
    """Add the verb."""
    predict = add_verb(verbs, "predict", run, "what is on these photos")
    predict.add_argument(
        "photos", nargs="+", metavar="IMAGE", help="file, folder, zip, or - for a list of names"
    )
    predict.add_argument("--run", dest="by", metavar="RUN", help="id or name (default: hires)")
    predict.add_argument("--csv", type=Path, metavar="FILE", help="write a table as well")
    add_json(predict)


def run(options: Namespace) -> bool:
    """Print an answer, or what is wrong, for each photo; return whether all was well.

    Raises:
        KeyboardInterrupt: it was stopped; what had been answered has been printed and written.
    """
    models = models_dir()
    by = store.find(models, options.by) if options.by else store.default(models)
    predictor = Predictor(by)
    well = True
    with ExitStack() as open_until_the_end:
        outputs = [open_until_the_end.enter_context(_json() if options.json else _lines())]
        if options.csv:
            try:
                outputs.append(open_until_the_end.enter_context(_csv(options.csv)))
            except OSError as error:
                # Before the first photo; the answers are worth having all the same.
                well = False
                print(
                    f"imgcls: --csv: {options.csv} cannot be written ({error.strerror}); the "
                    "answers are printed alone.",
                    file=sys.stderr,
                )
        stopped = open_until_the_end.enter_context(_stoppable())
        for name, answer in _answers(predictor, photos.find(options.photos)):
            well = well and not isinstance(answer, ImageError)
            told = {"error": str(answer)} if isinstance(answer, ImageError) else answer.to_dict()
            for show in outputs:
                show({"file": name, **told})
            if stopped.is_set():
                raise KeyboardInterrupt
    return well


def _answers(
    predictor: Predictor, found: list[photos.Photo]
) -> Iterator[tuple[str, Prediction | ImageError]]:
    total = photos.count(found)
    if total == 1:  # on all cores
        ((name, source),) = photos.unpacked(found)
        try:
            yield name, source if isinstance(source, ImageError) else predictor.predict(source)
        except ImageError as error:
            yield name, error
        return
    names: deque[str] = deque()

    def contents() -> Iterator[Path | bytes | ImageError]:
        for name, source in photos.unpacked(found):
            names.append(name)
            yield source

    with bar(" photos") as show:
        for done, answer in enumerate(predictor.predict_many(contents()), start=1):
            show(done, total, "predicting")
            yield names.popleft(), answer


@contextmanager
def _json() -> Iterator[Show]:
    """Print a JSON list, which is whole also when it ends early."""
    before = "["

    def show(answer: dict[str, Any]) -> None:
        nonlocal before
        print(before, indent(json.dumps(answer, indent=2), "  "), sep="\n", end="", flush=True)
        before = ","

    try:
        yield show
    finally:
        print("[]" if before == "[" else "\n]")


@contextmanager
def _lines() -> Iterator[Show]:
    def show(answer: dict[str, Any]) -> None:
        if "error" in answer:
            print(f"{answer['file']}: {answer['error']}", file=sys.stderr)
            return
        unlike = "" if answer["known"] else ", though unlike the photos it was trained on"
        print(f"{answer['file']}: {answer['label']}, {answer['probability']:.1%}{unlike}")

    yield show


@contextmanager
def _csv(path: Path) -> Iterator[Show]:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Row by row, so that a machine that stops keeps them. File names are written as they are.
    with path.open("w", 1, encoding="utf-8", errors="surrogateescape", newline="") as file:
        yield predictions.begin_csv(file)


@contextmanager
def _stoppable() -> Iterator[threading.Event]:
    """Let the first Ctrl-C wait until an answer is written; a second one does not wait."""
    stopped = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stopped
        return

    def stop(*_: object) -> None:
        stopped.set()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, before)
