"""The verb `bench`: how much faster than plain Keras. What it measures lies in the checkout."""

from argparse import ArgumentTypeError, Namespace
from importlib.util import find_spec

from imgcls.cli.arguments import Verbs, add_data, add_json, add_verb
from imgcls.errors import ImgclsError


def add(verbs: Verbs) -> None:
    """Add the verb."""
    bench = add_verb(verbs, "bench", run, "how much faster than plain Keras, measured here")
    bench.add_argument("what", choices=("train", "predict", "startup"))
    bench.add_argument("--run", dest="by", metavar="RUN", help="to predict with (default: paper)")
    bench.add_argument("--repeats", type=_number, default=3, metavar="N", help="medians of N (3)")
    add_data(bench)
    add_json(bench)


def run(options: Namespace) -> bool:
    """Measure against plain Keras.

    Raises:
        ImgclsError: the package was installed without its repository.
    """
    if not find_spec("benchmarks"):
        raise ImgclsError("the benchmarks are not installed: run this in a clone of the repository")
    from benchmarks.__main__ import run_bench

    return run_bench(options)


def _number(text: str) -> int:
    if not (text.isdecimal() and int(text) > 0):
        raise ArgumentTypeError(f"received {text!r}, a whole number from 1 is accepted")
    return int(text)
