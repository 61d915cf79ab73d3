"""The command line, assembled from its verbs: each has a file of its own beside this one."""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from imgcls.cli.arguments import show_help
from imgcls.config import ConfigError
from imgcls.errors import ImgclsError

# Each is a module beside this one. Only the one that is asked for is loaded: the others would take
# as long as an answer.
VERBS = (
    "data",
    "model",
    "train",
    "sweep",
    "runs",
    "evaluate",
    "predict",
    "export",
    "serve",
    "upgrade",
    "cache",
    "bench",
    "doctor",
    "app",
)
OK, SOME_FAILED, WRONG_USAGE = 0, 1, 2
# What only some verbs need, and the extra of this package that brings it.
EXTRAS = {
    "keras": "train",
    "pandas": "train",
    "pyarrow": "train",
    "scipy": "train",
    "sklearn": "train",
    "tensorflow": "train",
    "prometheus_client": "serve",
    "python_multipart": "serve",
    "starlette": "serve",
    "uvicorn": "serve",
    "onnx": "export",
    "ray": "ray",
}
INTERRUPTED = 130  # what shells report for a command ended by Ctrl-C


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status.

    0: all well. 1: something failed, and of several inputs the others were answered, or a training
    was stopped. 2: wrong usage. 130: interrupted.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Names that the terminal cannot show are printed all the same.
        sys.stdout.reconfigure(errors="backslashreplace")
    # Of its own accord TensorFlow begins each command with lines such as "E0000 ... CUDA error"
    # on every machine without a GPU.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    given = sys.argv[1:] if arguments is None else arguments
    asked = [name for name in given[:1] if name in VERBS]
    options = build_parser(asked or VERBS).parse_args(given)
    try:
        all_well = options.run(options)
        sys.stdout.flush()
        return OK if all_well else SOME_FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except ImgclsError as error:
        print(f"imgcls: {error}", file=sys.stderr)
        return WRONG_USAGE if isinstance(error, ConfigError) else SOME_FAILED
    except ModuleNotFoundError as error:
        if error.name not in EXTRAS:
            raise
        extra = EXTRAS[error.name]
        print(
            f"imgcls: this needs {error.name}, which is not installed: "
            f"pip install 'imgcls[{extra}]' adds it",
            file=sys.stderr,
        )
        return SOME_FAILED
    except BrokenPipeError:
        # Who read has read enough, as `head` does; Python would complain once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return SOME_FAILED
    except OSError as error:
        print(f"imgcls: {error.strerror or error}: {error.filename or 'a file'}", file=sys.stderr)
        return SOME_FAILED


def build_parser(names: Sequence[str] = VERBS) -> argparse.ArgumentParser:
    """Return the parser of these verbs."""
    installed = Path(sys.argv[0]).stem == "imgcls"
    parser = argparse.ArgumentParser(
        prog="imgcls" if installed else "python -m imgcls",
        description="Transfer learning with MobileNetV2: data, training, results, predictions.",
    )
    parser.set_defaults(run=show_help(parser))
    verbs = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name in names:
        import_module(f"imgcls.cli.{name}").add(verbs)
    return parser
