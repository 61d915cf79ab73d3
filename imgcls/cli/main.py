"""The command line: what may be asked. `imgcls.cli.commands` answers."""

import argparse
import io
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from imgcls.cli import commands
from imgcls.config import PRESETS, ConfigError, TrainConfig
from imgcls.errors import ImgclsError
from imgcls.export.model import FORMATS

Command = Callable[[argparse.Namespace], bool]
Verbs = Any  # argparse names the type of its subparsers only privately
DATA_FOLDER = "folder of the dataset (default: IMGCLS_DATA or data/imagenette)"
OK, SOME_FAILED, WRONG_USAGE = 0, 1, 2
INTERRUPTED = 130  # what shells report for a command ended by Ctrl-C


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status.

    0: all well. 1: some input failed, the others were answered. 2: wrong usage. 130: interrupted.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Names that the terminal cannot show are printed all the same.
        sys.stdout.reconfigure(errors="backslashreplace")
    options = _parser().parse_args(arguments)
    try:
        return OK if options.run(options) else SOME_FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except ImgclsError as error:
        print(f"imgcls: {error}", file=sys.stderr)
        return WRONG_USAGE if isinstance(error, ConfigError) else SOME_FAILED
    except OSError as error:
        print(f"imgcls: {error.strerror or error}: {error.filename or 'a file'}", file=sys.stderr)
        return SOME_FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m imgcls",
        description="Transfer learning with MobileNetV2: data, training, results, predictions.",
    )
    parser.set_defaults(run=_help(parser))
    verbs = parser.add_subparsers(title="commands", metavar="COMMAND")
    _add_data(verbs)
    _add_model(verbs)
    _add_train(verbs)
    _add_runs(verbs)
    _add_evaluate(verbs)
    _add_predict(verbs)
    _add_export(verbs)
    _add_cache(verbs)
    _add_bench(verbs)
    return parser


def _help(parser: argparse.ArgumentParser) -> Command:
    def run(_options: argparse.Namespace) -> bool:
        parser.print_help()
        return True

    return run


def _add(verbs: Verbs, name: str, run: Command, help: str) -> argparse.ArgumentParser:
    added: argparse.ArgumentParser = verbs.add_parser(name, help=help, description=help)
    added.set_defaults(run=run)
    return added


def _add_data(verbs: Verbs) -> None:
    group = verbs.add_parser("data", help="look at a dataset, or download Imagenette")
    group.set_defaults(run=_help(group))
    actions = group.add_subparsers(title="actions", metavar="ACTION")
    status = _add(actions, "status", commands.data_status, "whether there is a dataset, and where")
    _data(status)
    _json(status)
    inspect = _add(actions, "inspect", commands.data_inspect, "classes, counts, sizes, bad files")
    _data(inspect)
    _json(inspect)
    download = _add(actions, "download", commands.data_download, "fetch Imagenette and unpack it")
    download.add_argument("--data", type=Path, metavar="DIR", help=DATA_FOLDER)
    download.add_argument(
        "--size", choices=("160", "320"), default="160", help="shorter side of the photos, pixels"
    )
    _json(download)


def _add_model(verbs: Verbs) -> None:
    model = _add(verbs, "model", commands.model, "the network, layer by layer")
    _recipe(model)
    _json(model)


def _add_train(verbs: Verbs) -> None:
    train = _add(verbs, "train", commands.train, "train, resume, or load what was trained before")
    _recipe(train)
    _data(train)
    train.add_argument("--name", help="a name for people")
    train.add_argument("--weights", type=Path, metavar="FILE", help="base weights (.h5)")
    train.add_argument("--resume", metavar="RUN", help="continue this run with its own recipe")
    _json(train)


def _add_runs(verbs: Verbs) -> None:
    _json(_add(verbs, "runs", commands.list_runs, "the runs there are"))


def _add_evaluate(verbs: Verbs) -> None:
    evaluate = _add(verbs, "evaluate", commands.evaluate, "a run's figures again, from the photos")
    evaluate.add_argument("of", metavar="RUN", help="id or name of a run")
    _data(evaluate)
    _json(evaluate)


def _add_predict(verbs: Verbs) -> None:
    predict = _add(verbs, "predict", commands.predict, "what is on these photos")
    predict.add_argument("photos", nargs="+", type=Path, metavar="IMAGE", help="file or folder")
    predict.add_argument("--run", dest="by", metavar="RUN", help="id or name (default: hires)")
    predict.add_argument("--csv", type=Path, metavar="FILE", help="write a table as well")
    _json(predict)


def _add_export(verbs: Verbs) -> None:
    export = _add(verbs, "export", commands.export, "a run's model for other programs")
    export.add_argument("of", metavar="RUN", help="id or name of a run")
    export.add_argument("--format", choices=FORMATS, required=True, help="savedmodel is a folder")
    export.add_argument("--out", type=Path, required=True, metavar="PATH", help="must be new")


def _add_cache(verbs: Verbs) -> None:
    cache = _add(verbs, "cache", commands.cache, "show or clear the features kept on disk")
    cache.add_argument("--clear", action="store_true", help="delete them; they can be recomputed")
    _json(cache)


def _add_bench(verbs: Verbs) -> None:
    bench = _add(verbs, "bench", commands.bench, "how much faster than plain Keras, measured here")
    bench.add_argument("what", choices=("train", "predict", "startup"))
    bench.add_argument("--run", dest="by", metavar="RUN", help="to predict with (default: paper)")
    bench.add_argument("--repeats", type=_number, default=3, metavar="N", help="medians of N (3)")
    _data(bench)
    _json(bench)


def _number(text: str) -> int:
    if not (text.isdecimal() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"received {text!r}, a whole number from 1 is accepted")
    return int(text)


def _data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", metavar="DIR", help=f"{DATA_FOLDER}, or 'digits'")


def _recipe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--preset", default="paper", help=f"one of {', '.join(PRESETS)}")
    parser.add_argument(
        "--set",
        dest="settings",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help=f"change a value of the preset: {', '.join(TrainConfig.__dataclass_fields__)}",
    )


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON document")
