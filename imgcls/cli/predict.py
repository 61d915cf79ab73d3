"""The verb `predict`: answers for photos, each as soon as it is there."""

import json
import signal
import sys
import threading
from argparse import ArgumentTypeError, Namespace
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING, Any

from imgcls._utils.files import sha256
from imgcls._utils.formatting import plural
from imgcls.cli import photos
from imgcls.cli.arguments import Verbs, add_json, add_ray, add_verb, joined
from imgcls.cli.progress import bar
from imgcls.config import ConfigError
from imgcls.data.images import ImageError
from imgcls.export import predictions
from imgcls.inference.predictor import Prediction, Predictor
from imgcls.paths import models_dir
from imgcls.runs import store
from imgcls.runs.files import PROGRAM

if TYPE_CHECKING:
    from imgcls.export.parts import Shard
    from imgcls.runs.run import Run

Show = Callable[[dict[str, Any]], None]
Predict = Callable[[Iterable[photos.Source]], Iterator[Prediction | ImageError]]


def add(verbs: Verbs) -> None:
    """Add the verb."""
    predict = add_verb(verbs, "predict", run, "what is on these photos")
    predict.add_argument(
        "photos",
        nargs="+",
        metavar="IMAGE",
        help="file, folder, zip, tar, or @FILE or - for a list of names",
    )
    predict.add_argument(
        "--run", dest="by", metavar="RUN", help="id, name or preset (default: hires)"
    )
    predict.add_argument("--csv", type=Path, metavar="FILE", help="write a table as well")
    predict.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="write Parquet files instead, for any number of photos; again to go on",
    )
    predict.add_argument(
        "--shard",
        type=_shard,
        metavar="I/N",
        help="with --out: only this share of the photos, such as 2/4",
    )
    add_ray(predict)
    add_json(predict)


def run(options: Namespace) -> bool:
    """Print or write an answer, or what is wrong, for each photo; return whether all was well.

    Raises:
        ConfigError: options that do not go together.
        KeyboardInterrupt: it was stopped; what had been answered has been printed and written.
    """
    if options.out and (options.csv or options.json):
        raise ConfigError("--csv and --json are for few photos: leave them out, or leave out --out")
    if options.shard and not options.out:
        raise ConfigError("--shard needs a folder for the answers of all shares: add --out DIR")
    if options.ray is not None and not options.out:
        raise ConfigError("--ray needs a folder for the answers: add --out DIR")
    models = models_dir()
    by = store.find(models, options.by) if options.by else store.default(models)
    return _into_parts(options, by) if options.out else _told(options, Predictor(by))


def _into_parts(options: Namespace, by: "Run") -> bool:
    """Write the answers that are missing in a folder of Parquet files, and say how many.

    Returns:
        Whether no answer in the folder is an error, whenever it was written.
    """
    with joined(options):
        done, failed, errors = _written(options, by)
    earlier = errors - failed
    said = f"{plural(done, 'photo')} answered into {options.out}, {failed:,} of them with an error."
    if not done:
        said = f"Nothing was left to do: these answers are in {options.out}."
    print(said + (f" From before: {plural(earlier, 'error')}." if earlier else ""))
    return not errors


def _written(options: Namespace, by: "Run") -> tuple[int, int, int]:
    """Write the answers, and return how many, how many are errors, and how many the folder has."""
    from imgcls.export import parts
    from imgcls.inference import spread

    predictor = Predictor(by)
    program = sha256(by.file(PROGRAM))
    job = parts.Job(by.id, program, options.photos, str(Path.cwd()))
    done = failed = 0
    with (
        parts.opened(options.out, job, options.shard or parts.Shard()) as out,
        _stoppable() as stopped,
    ):
        total = None  # a list from standard input can be read only once
        if photos.STANDARD_INPUT not in options.photos:
            total = sum(out.wants(name) for name, _ in photos.unpacked(photos.find(options.photos)))
        found = photos.unpacked(photos.find(options.photos))
        missing = ((name, read) for name, read in found if out.claim(name))
        predict = (
            predictor.predict_many if options.ray is None else partial(spread.predict_many, by)
        )
        for name, answer in _answers(predict, missing, total):
            out.add({"file": name, **_as_dict(answer)})
            done, failed = done + 1, failed + isinstance(answer, ImageError)
            if stopped.is_set():
                raise KeyboardInterrupt
    return done, failed, out.errors


def _told(options: Namespace, predictor: Predictor) -> bool:
    """Print the answers, and write them into a table if one is wanted."""
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
        found = list(photos.find(options.photos))
        total = photos.count(found)
        answers = _answers(predictor.predict_many, photos.unpacked(found), total)
        if total == 1:  # on all cores
            answers = ((name, predictor.answer(read())) for name, read in photos.unpacked(found))
        for name, answer in answers:
            well = well and not isinstance(answer, ImageError)
            for show in outputs:
                show({"file": name, **_as_dict(answer)})
            if stopped.is_set():
                raise KeyboardInterrupt
    return well


def _answers(
    predict: Predict, found: Iterable[tuple[str, photos.Read]], total: int | None
) -> Iterator[tuple[str, Prediction | ImageError]]:
    names: deque[str] = deque()

    def contents() -> Iterator[photos.Source]:
        for name, read in found:
            names.append(name)
            yield read()

    with bar(" photos") as show:
        for done, answer in enumerate(predict(contents()), start=1):
            show(done, total, "predicting")
            yield names.popleft(), answer


def _as_dict(answer: Prediction | ImageError) -> dict[str, Any]:
    return {"error": str(answer)} if isinstance(answer, ImageError) else answer.to_dict()


def _shard(text: str) -> "Shard":
    from imgcls.export.parts import Shard

    try:
        return Shard.parse(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error


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
