"""The verb `export`: a run's classifier for other programs, with a proof."""

import sys
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from imgcls.cli.arguments import Verbs, add_json, add_verb, dataset_at, location_of
from imgcls.cli.output import answer
from imgcls.errors import DatasetError
from imgcls.export.formats import FORMATS
from imgcls.paths import models_dir
from imgcls.runs import store
from imgcls.runs.run import Run, RunError

if TYPE_CHECKING:
    from imgcls.data.dataset import Dataset


def add(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(verbs, "export", run, "a run's classifier for other programs, with a proof")
    parser.add_argument("of", metavar="RUN", help="id, name or preset of a run")
    parser.add_argument(
        "--format",
        choices=FORMATS,
        required=True,
        help="; ".join(f"{name}: {format.purpose}" for name, format in FORMATS.items()),
    )
    parser.add_argument("--out", type=Path, required=True, metavar="PATH", help="the new file")
    parser.add_argument(
        "--data",
        metavar="DIR",
        help="folder of the photos it learned from: it is proved on those it has not seen, "
        "otherwise on generated pictures",
    )
    add_json(parser)


def run(options: Namespace) -> bool:
    """Write a run's classifier in another format."""
    from imgcls.export.bundle import export

    run = store.find(models_dir(), options.of)
    proof = export(
        run,
        options.format,
        options.out,
        _photos_of(run, options.data),
        lambda step: print(f"{step} ...", file=sys.stderr),
    )
    found = {"file": str(options.out), **asdict(proof)}
    answer(options, found, f"{run.title} is in {options.out}.\n{proof.sentence}")
    return True


def _photos_of(run: Run, location: str | None) -> "Dataset | None":
    try:
        dataset = dataset_at(location or location_of(run))
    except DatasetError:
        if location is not None:
            raise
        return None
    if dataset.fingerprint == run.fingerprint:
        return dataset
    if location is not None:
        raise RunError(f"{run.title} was trained on other photos ({run.dataset}) than {location}.")
    return None
