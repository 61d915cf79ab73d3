"""A server of its own for the service, until it is told to stop."""

import logging
import socket

import uvicorn

from imgcls.errors import ImgclsError
from imgcls.runs.run import Run
from imgcls.service.app import create_app
from imgcls.service.metrics import log_to_standard_error

log = logging.getLogger(__name__)
BACKLOG = 2048  # connections that wait to be accepted, as uvicorn has it
GRACE = 30  # seconds in which requests that have begun are answered before it ends


class ServerError(ImgclsError):
    """The server cannot be started; the message is for people."""


def serve(run: Run, host: str, port: int) -> None:
    """Answer by a run until SIGTERM or Ctrl-C; requests that have begun are answered then.

    Args:
        run: that answers.
        host: name or address of this machine to listen at.
        port: to listen at.

    Raises:
        RunError: the run cannot predict.
        ServerError: nothing can listen at that host and port.
    """
    app = create_app(run)
    listening = _listening(host, port)
    log_to_standard_error()
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    log.info("%s answers at %s, Ctrl-C ends it.", run.id, address)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,  # `Observed` has its own
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=GRACE,
    )
    uvicorn.Server(config).run(sockets=[listening])


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise ServerError(
            f"Port {port} of {host} cannot be used ({error.strerror}); choose another one "
            "with --port."
        ) from None
    # asyncio sets this only for sockets that name their protocol; without it the body of an answer
    # waits 40 ms for the client to confirm its headers.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening
