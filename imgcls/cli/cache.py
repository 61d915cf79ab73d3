"""The verb `cache`: show, clear or fill what is kept on disk of the frozen layers."""

import sys
import threading
from argparse import Namespace
from pathlib import Path

from imgcls._utils.formatting import plural
from imgcls.cli.arguments import (
    Verbs,
    add_data,
    add_json,
    add_ray,
    add_recipe,
    add_verb,
    dataset_at,
    joined,
    recipe,
)
from imgcls.cli.output import answer
from imgcls.cli.progress import bar
from imgcls.cli.train import signals_set
from imgcls.config import ConfigError
from imgcls.paths import models_dir


def add(verbs: Verbs) -> None:
    """Add the verb and its action."""
    cache = add_verb(verbs, "cache", run, "show, clear or fill the features kept on disk")
    cache.add_argument("--clear", action="store_true", help="delete them; they can be recomputed")
    add_json(cache)
    actions = cache.add_subparsers(title="actions", metavar="[ACTION]")
    action = add_verb(actions, "fill", fill, "compute what a training needs before it begins")
    add_recipe(action)
    add_data(action)
    action.add_argument("--weights", type=Path, metavar="FILE", help="base weights (.h5)")
    add_ray(action)
    add_json(action)


def run(options: Namespace) -> bool:
    """Show or clear the stored features."""
    from imgcls.inference import feature_cache

    if options.clear:
        for path in feature_cache.sizes():
            feature_cache.remove(path)
    sizes = {str(path): size for path, size in feature_cache.sizes().items()}
    lines = [f"{path}: {size / 1e6:,.0f} MB" for path, size in sizes.items()]
    lines.append(f"{sum(sizes.values()) / 1e6:,.0f} MB of features are kept.")
    answer(options, {"stores": sizes, "bytes": sum(sizes.values())}, "\n".join(lines))
    return True


def fill(options: Namespace) -> bool:
    """Compute what is missing for a recipe, until the end, or until Ctrl-C or SIGTERM."""
    from imgcls.training.fill import fill_cache, require_features

    if options.clear:
        raise ConfigError("--clear deletes what `fill` is to go on from: give one of them")
    config = recipe(options)
    require_features(config)
    dataset = dataset_at(options.data)
    stop = threading.Event()
    with joined(options), signals_set(stop), bar(" photos") as show:
        filled = fill_cache(
            config,
            dataset,
            models_dir(),
            weights_file=options.weights,
            on_progress=lambda done, total: show(done, total, "frozen layers"),
            should_stop=stop.is_set,
            on_cluster=options.ray is not None,
        )
    kept = filled.photos - filled.missing
    told = {**filled._asdict(), "store": str(filled.store)}
    said = f"{plural(filled.computed, 'photo')} computed, {kept:,} of {filled.photos:,} are kept"
    answer(options, told, f"{said} in {filled.store}.")
    if filled.missing:
        print("Stopped. The same command goes on.", file=sys.stderr)
    return not filled.missing
