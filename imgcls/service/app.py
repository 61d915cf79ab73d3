"""The service as an ASGI application: to be served alone, or as a part of another one."""

import json
import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from imgcls.errors import ImageError
from imgcls.inference.predictor import NO_MAPS, Prediction, Predictor
from imgcls.runs import store
from imgcls.runs.run import Run, RunError
from imgcls.service import forms, limits, protocol
from imgcls.service.metrics import Metrics, Observed, log_to_standard_error
from imgcls.service.openapi import description
from imgcls.service.workers import BusyError, Workers

log = logging.getLogger(__name__)
PAGE = "page.html"
PREFIX = "/api"  # where the service is in the app, whose pages have addresses of their own
OK, BAD, NOT_FOUND, FAILED, UNAVAILABLE = 200, 400, 404, 500, 503
REFUSED = (HTTPException, protocol.ProtocolError, BusyError, ClientDisconnect, Exception)
Photo = protocol.Photo | ImageError


def create_app(run: Run) -> Starlette:
    """Return an application that answers by one run, whose network is loaded at once.

    Raises:
        RunError: the run cannot predict.
    """
    service = _Service(run)
    model = "/v2/models/{name}"
    return Starlette(
        routes=[
            Route("/", service.page),
            Route("/openapi.json", service.openapi),
            Route("/metrics", service.metrics),
            Route("/predict", service.predict, methods=["POST"]),
            Route("/v2", service.server),
            Route("/v2/health/live", service.live),
            Route("/v2/health/ready", service.ready),
            Route(model, service.model),
            Route(f"{model}/ready", service.model_ready),
            Route(f"{model}/infer", service.infer, methods=["POST"]),
        ],
        middleware=[Middleware(Observed, service.counted)],
        exception_handlers=dict.fromkeys(REFUSED, _refused),
    )


def mounted(models: Path) -> list[Mount]:
    """Return the service as a part of another application; none when no run can answer.

    Args:
        models: folder of runs, of which the default one answers.
    """
    log_to_standard_error()
    try:
        app = create_app(store.default(models))
    except RunError as error:
        log.warning("There is no service at %s/. %s", PREFIX, error)
        return []
    return [Mount(PREFIX, app)]


class _Service:
    """The endpoints. Their names are those in the metrics."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._workers = Workers(run)
        self._memory = limits.Memory()
        self._page = files(__package__).joinpath(PAGE).read_bytes()
        self.counted = Metrics(self._workers)

    async def page(self, _request: Request) -> Response:
        return Response(self._page, media_type="text/html")

    async def openapi(self, _request: Request) -> Response:
        return _json(description(self._run))

    async def metrics(self, _request: Request) -> Response:
        return Response(self.counted.text(), media_type="text/plain; version=0.0.4")

    async def predict(self, request: Request) -> Response:
        async with self._body(request, limits.MAX_FORM) as body:
            photos = await forms.files(request, body)
            with self._workers.place():
                answers = await self._answers([content for _, content in photos])
        named = zip(photos, answers, strict=True)
        return _json([{"file": name, **_told(answer)} for (name, _), answer in named])

    async def infer(self, request: Request) -> Response:
        header, size = request.headers.get(protocol.LENGTH_HEADER), self._run.config.image_size
        async with self._body(request, limits.MAX_TENSORS) as body:
            self._require_model(request)
            content = b"".join([part async for part in body])
            with self._workers.place():
                asked = await self._workers.run(lambda _: protocol.read(content, header, size))
                answers = await self._answers(asked.photos)
        good = [answer for answer in answers if isinstance(answer, Prediction)]
        for number, answer in enumerate(answers, start=1):
            if isinstance(answer, ImageError):
                raise protocol.ProtocolError(f"Image {number} of {len(answers)}: {answer}")
        text, headers = protocol.written(asked, good, self._run)
        return Response(text, headers=headers)

    async def server(self, _request: Request) -> Response:
        return _json(protocol.SERVER)

    async def live(self, _request: Request) -> Response:
        return _json({"live": True})

    async def ready(self, _request: Request) -> Response:
        return self._readiness({})

    async def model(self, request: Request) -> Response:
        self._require_model(request)
        return _json(protocol.metadata(self._run))

    async def model_ready(self, request: Request) -> Response:
        self._require_model(request)
        return self._readiness({"name": self._run.id})

    def _readiness(self, of: dict[str, str]) -> Response:
        ready = not self._workers.stuck
        return _json({**of, "ready": ready}, OK if ready else UNAVAILABLE)

    def _require_model(self, request: Request) -> None:
        name, run = request.path_params["name"], self._run
        if name not in (run.id, run.title, run.path.name, *run.record.former_ids):
            raise HTTPException(NOT_FOUND, f"There is no model {name!r}, only {run.id!r}.")

    @asynccontextmanager
    async def _body(
        self, request: Request, limit: int
    ) -> AsyncGenerator[AsyncGenerator[bytes, None], None]:
        """Yield what reads the body; what it takes of the memory is given back at the end."""
        parts = request.stream()
        try:
            # A place is taken when all has arrived: those who send slowly keep nobody waiting.
            self._workers.require_place()
            with self._memory.reserved() as take:
                yield limits.body(request, parts, limit, take)
        except (HTTPException, BusyError):
            await limits.discard(request, parts)
            raise

    async def _answers(self, photos: Sequence[Photo]) -> list[Prediction | ImageError]:
        answers = await self._workers.map(_answer, photos)
        self.counted.photos.inc(len(answers))
        return answers


def _answer(predictor: Predictor, photo: Photo) -> Prediction | ImageError:
    if isinstance(photo, ImageError):
        return photo
    try:
        # Without the feature maps, of which many would fill the memory.
        return replace(predictor.predict(photo), feature_maps=NO_MAPS)
    except ImageError as error:
        return error


def _told(answer: Prediction | ImageError) -> dict[str, Any]:
    return {"error": str(answer)} if isinstance(answer, ImageError) else answer.to_dict()


def _json(value: Any, status: int = OK, headers: Mapping[str, str] | None = None) -> Response:
    # In ASCII, so that a name which is no text can be told too.
    return Response(json.dumps(value), status, headers, media_type="application/json")


def _error(message: object, status: int, headers: Mapping[str, str] | None = None) -> Response:
    return _json({"error": str(message)}, status, headers)


async def _refused(_request: Request, error: Exception) -> Response:
    """Answer for a request that raised one of `REFUSED`."""
    match error:
        case HTTPException():
            return _error(error.detail, error.status_code, error.headers)
        case protocol.ProtocolError():
            return _error(error, BAD)
        case BusyError():
            return _error(error, UNAVAILABLE, {"Retry-After": "1"})
        case ClientDisconnect():
            return _error("The connection was closed before all had arrived.", BAD)
        case _:  # Starlette raises it again for the log
            return _error("This is a fault of the service; its log says more.", FAILED)
