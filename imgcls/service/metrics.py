"""One line in the log and one count in the metrics for each request."""

import logging
import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from imgcls._utils.names import printable, shortened
from imgcls.service.workers import Workers

log = logging.getLogger(__name__)
BUCKETS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)  # seconds
LONGEST = 200  # letters of a path in the log
UNKNOWN = "unknown"  # an endpoint that there is not


def log_to_standard_error() -> None:
    """Let the service write its lines to standard error, with the time in front."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    ours = logging.getLogger(__package__)
    ours.addHandler(handler)
    ours.setLevel(logging.INFO)
    # It warns of each form that is none: the client is told, and the line of its request says 400.
    logging.getLogger("python_multipart").setLevel(logging.ERROR)


class Metrics:
    """What Prometheus is told.

    Args:
        workers: whose queue is told of.
    """

    def __init__(self, workers: Workers) -> None:
        # Of its own: the app, which this may be part of, has others.
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "imgcls_requests", "Requests answered", ["endpoint", "status"], registry=self._registry
        )
        self.seconds = Histogram(
            "imgcls_request_seconds",
            "From a request's first line to the end of its answer",
            ["endpoint"],
            buckets=BUCKETS,
            registry=self._registry,
        )
        self.photos = Counter("imgcls_photos", "Photos answered", registry=self._registry)
        waiting = Gauge(
            "imgcls_requests_inside", "Requests being answered or waiting", registry=self._registry
        )
        waiting.set_function(lambda: workers.inside)

    def text(self) -> bytes:
        """Return all of it in Prometheus's text format."""
        return generate_latest(self._registry)


class Observed:
    """Middleware that logs, counts and times each request.

    Args:
        app: what answers.
        metrics: where it is counted.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 500

        async def observe(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._app(scope, receive, observe)
        finally:
            seconds = time.perf_counter() - begun
            # The name of what answered, never the path: there are as many of those as one can type.
            endpoint = getattr(scope.get("endpoint"), "__name__", UNKNOWN)
            self._metrics.requests.labels(endpoint, status).inc()
            self._metrics.seconds.labels(endpoint).observe(seconds)
            path = shortened(printable(scope["path"]), LONGEST)
            client = scope["client"][0] if scope.get("client") else "-"
            log.info("%s %s %s %d %.1f ms", client, scope["method"], path, status, seconds * 1000)
