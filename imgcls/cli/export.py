"""The verb `export`: a run's model for other programs."""

from argparse import Namespace
from pathlib import Path

from imgcls.cli.arguments import Verbs, add_verb
from imgcls.export.model import FORMATS, export
from imgcls.paths import models_dir
from imgcls.runs import store


def add(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(verbs, "export", run, "a run's model for other programs")
    parser.add_argument("of", metavar="RUN", help="id or name of a run")
    parser.add_argument("--format", choices=FORMATS, required=True, help="savedmodel is a folder")
    parser.add_argument("--out", type=Path, required=True, metavar="PATH", help="must be new")


def run(options: Namespace) -> bool:
    """Write a run's model in another format."""
    run = store.find(models_dir(), options.of)
    export(run, options.format, options.out)
    print(f"{run.title} is in {options.out}.")
    return True
