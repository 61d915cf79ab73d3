"""The verb `runs`: what has been trained."""

from argparse import Namespace

from imgcls.cli.arguments import Verbs, add_json, add_verb
from imgcls.cli.output import answer, record, table, test_result
from imgcls.paths import models_dir


def add(verbs: Verbs) -> None:
    """Add the verb."""
    add_json(add_verb(verbs, "runs", run, "the runs there are"))


def run(options: Namespace) -> bool:
    """Print the runs; a broken one is printed with the reason."""
    from imgcls.runs import store
    from imgcls.runs.run import Run

    found = store.list_runs(models_dir())
    records = [
        record(run) if isinstance(run, Run) else {"id": run.id, "broken": run.reason}
        for run in found
    ]
    rows = [
        [run.id, run.status, run.dataset, test_result(run)]
        if isinstance(run, Run)
        else [run.id, "broken", "", run.reason]
        for run in found
    ]
    empty = f"No runs in {models_dir()}. Train one with: python -m imgcls train --data digits"
    lines = table(["run", "status", "dataset", "test"], rows) if rows else [empty]
    answer(options, records, "\n".join(lines))
    return True
