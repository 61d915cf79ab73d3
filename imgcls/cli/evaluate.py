"""The verb `evaluate`: a run's figures again, from the photos."""

from argparse import Namespace

from imgcls.cli.arguments import Verbs, add_data, add_json, add_verb, dataset_at, location_of
from imgcls.cli.output import answer, table
from imgcls.cli.progress import bar
from imgcls.paths import models_dir


def add(verbs: Verbs) -> None:
    """Add the verb."""
    evaluate = add_verb(verbs, "evaluate", run, "a run's figures again, from the photos")
    evaluate.add_argument("of", metavar="RUN", help="id, name or preset of a run")
    add_data(evaluate)
    add_json(evaluate)


def run(options: Namespace) -> bool:
    """Recompute a run's figures from the photos."""
    from imgcls.evaluation.evaluate import evaluate
    from imgcls.runs import store

    run = store.find(models_dir(), options.of)
    dataset = dataset_at(options.data or location_of(run))
    with bar(" photos") as show:
        found = evaluate(run, dataset, lambda done, total: show(done, total, "evaluating"))
    lines = table(
        ["split", "loss", "accuracy", "photos"],
        [
            [split, f"{scores.loss:.4f}", f"{scores.accuracy:.4f}", f"{scores.n:,}"]
            for split, scores in found.items()
        ],
    )
    answer(options, {split: of.to_dict() for split, of in found.items()}, "\n".join(lines))
    return True
