"""The verb `model`: the network, layer by layer."""

from argparse import Namespace

from imgcls.cli.arguments import Verbs, add_json, add_recipe, add_verb, recipe
from imgcls.cli.output import answer, table


def add(verbs: Verbs) -> None:
    """Add the verb."""
    model = add_verb(verbs, "model", run, "the network, layer by layer")
    add_recipe(model)
    add_json(model)


def run(options: Namespace) -> bool:
    """Print the layers and the parameters of each phase."""
    from imgcls.networks.layers import describe

    found = describe(recipe(options))
    lines = table(
        ["", "layer", "type", "output", "parameters"],
        [
            [
                "" if row["base_index"] is None else str(row["base_index"]),
                row["name"],
                row["type"],
                " x ".join(map(str, row["output_shape"])),
                f"{row['params']:,}",
            ]
            for row in found["layers"]
        ],
    )
    lines += ["", f"Parameters: {found['total_params']:,}."]
    lines += [
        f"Phase {number}, {phase['name']}, {phase['epochs']} epochs at {phase['learning_rate']:g}: "
        f"{phase['trainable_params']:,} trainable, {phase['frozen_params']:,} frozen."
        for number, phase in enumerate(found["phases"], start=1)
    ]
    answer(options, found, "\n".join(lines))
    return True
