"""What several verbs ask for, and how it is understood."""

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imgcls._utils.formatting import plural
from imgcls.cli.progress import bar
from imgcls.config import TrainConfig, with_settings
from imgcls.paths import DIGITS
from imgcls.presets import PRESETS, preset

if TYPE_CHECKING:
    from imgcls.data.dataset import Dataset
    from imgcls.runs.run import Run

Command = Callable[[Namespace], bool]
Verbs = Any  # argparse names the type of its subparsers only privately
PORTS = 65_535
DATA_FOLDER = "folder of the dataset (default: IMGCLS_DATA or data/imagenette)"


def add_verb(verbs: Verbs, name: str, run: Command, help: str) -> ArgumentParser:
    """Add a verb that `run` answers: it prints, and returns whether all of the input was good."""
    added: ArgumentParser = verbs.add_parser(name, help=help, description=help)
    added.set_defaults(run=run)
    return added


def show_help(parser: ArgumentParser) -> Command:
    """Return the answer of a command that only groups others."""

    def run(_options: Namespace) -> bool:
        parser.print_help()
        return True

    return run


def add_data(parser: ArgumentParser) -> None:
    """Add ``--data``."""
    parser.add_argument("--data", metavar="DIR", help=f"{DATA_FOLDER}, or 'digits'")


def add_json(parser: ArgumentParser) -> None:
    """Add ``--json``."""
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def add_ray(parser: ArgumentParser) -> None:
    """Add ``--ray``."""
    parser.add_argument(
        "--ray",
        nargs="?",
        const="",
        type=_head,
        metavar="HOST:PORT",
        help="share it out among the machines of the Ray cluster that this one belongs to",
    )


def add_port(parser: ArgumentParser, usual: int) -> None:
    """Add ``--port``."""
    parser.add_argument("--port", type=_port, default=usual, help=f"of the server ({usual})")


def add_preset(parser: ArgumentParser) -> None:
    """Add ``--preset``."""
    parser.add_argument("--preset", default="paper", help=f"one of {', '.join(PRESETS)}")


def add_recipe(parser: ArgumentParser) -> None:
    """Add ``--preset`` and ``--set``."""
    add_preset(parser)
    parser.add_argument(
        "--set",
        dest="settings",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help=f"change a value of the preset: {', '.join(TrainConfig.__dataclass_fields__)}",
    )


def recipe(options: Namespace) -> TrainConfig:
    """Return the recipe that ``--preset`` and ``--set`` name.

    Raises:
        ConfigError: there is no such preset or setting, or the value is impossible.
    """
    return with_settings(preset(options.preset), options.settings)


@contextmanager
def joined(options: Namespace) -> Iterator[None]:
    """Be part of the cluster that ``--ray`` names, if it does, while the block lasts.

    Raises:
        ClusterError: it cannot be joined.
    """
    if options.ray is None:
        yield
        return
    from imgcls._utils import cluster

    with cluster.joined(options.ray):
        machines, cpus = cluster.size()
        print(f"Ray: {plural(machines, 'machine')}, {plural(cpus, 'CPU')}", file=sys.stderr)
        yield


def dataset_at(location: str | Path | None) -> "Dataset":
    """Open a dataset, with a bar while its photos are read.

    Raises:
        DatasetError: there is none at that place.
    """
    from imgcls.data.dataset import open_dataset

    if location == DIGITS and Path(DIGITS).is_dir():
        print(
            f"--data {DIGITS} is scikit-learn's digits; the folder here is --data ./{DIGITS}",
            file=sys.stderr,
        )
    with bar(" files") as show:
        return open_dataset(
            location, progress=lambda done, total: show(done, total, "reading the photos")
        )


def location_of(run: "Run | None") -> str | None:
    """Return where a run's photos are when nobody says: digits are always there."""
    return DIGITS if run and run.dataset == DIGITS else None


def _head(text: str) -> str:
    host, _, port = text.rpartition(":")
    if text and (not host or "://" in text or not _is_port(port)):
        raise ArgumentTypeError(
            f"received {text!r}, accepted is HOST:PORT of a cluster that this machine belongs to, "
            "or nothing; from outside a cluster submit the command as a job: ray job submit"
        )
    return text


def _port(text: str) -> int:
    if not _is_port(text):
        raise ArgumentTypeError(f"received {text!r}, a number from 1 to {PORTS} is accepted")
    return int(text)


def _is_port(text: str) -> bool:
    return text.isdecimal() and 0 < int(text) <= PORTS
