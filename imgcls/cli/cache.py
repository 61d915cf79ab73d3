"""The verb `cache`: show or clear the features kept on disk."""

from argparse import Namespace

from imgcls.cli.arguments import Verbs, add_json, add_verb
from imgcls.cli.output import answer


def add(verbs: Verbs) -> None:
    """Add the verb."""
    cache = add_verb(verbs, "cache", run, "show or clear the features kept on disk")
    cache.add_argument("--clear", action="store_true", help="delete them; they can be recomputed")
    add_json(cache)


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
