"""The verb `upgrade`: a run of an earlier version gets what this one reads."""

from argparse import Namespace

from imgcls.cli.arguments import Verbs, add_json, add_verb
from imgcls.cli.output import answer
from imgcls.paths import models_dir


def add(verbs: Verbs) -> None:
    """Add the verb."""
    upgrade = add_verb(
        verbs, "upgrade", run, "write a run's programs anew, for one that an earlier version made"
    )
    upgrade.add_argument("of", metavar="RUN", help="id, name or preset of a run")
    add_json(upgrade)


def run(options: Namespace) -> bool:
    """Write a run's LiteRT programs from its Keras models."""
    from imgcls.runs import store
    from imgcls.training import programs

    found = store.find(models_dir(), options.of)
    programs.upgrade(found)
    answer(options, {"id": found.id}, f"{found.id} has the programs of this version.")
    return True
