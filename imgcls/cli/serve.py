"""The verb `serve`: answers over HTTP for other programs."""

from argparse import Namespace

from imgcls.cli.arguments import Verbs, add_port, add_verb
from imgcls.paths import models_dir
from imgcls.runs import store


def add(verbs: Verbs) -> None:
    """Add the verb."""
    serve = add_verb(verbs, "serve", run, "answer for photos over HTTP, for other programs")
    serve.add_argument("by", nargs="?", metavar="RUN", help="id, name or preset (default: hires)")
    serve.add_argument("--host", default="127.0.0.1", help="to listen at (127.0.0.1: only here)")
    add_port(serve, 8000)


def run(options: Namespace) -> bool:
    """Serve in this process until it is interrupted.

    Raises:
        RunError: there is no such run, or it cannot predict.
        ServerError: the port cannot be used.
    """
    from imgcls.service.server import serve

    models = models_dir()
    by = store.find(models, options.by) if options.by else store.default(models)
    serve(by, options.host, options.port)
    return True
