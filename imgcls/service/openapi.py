"""The service's description in OpenAPI 3.1; that of what it reads comes from what reads it."""

from typing import Any

import msgspec

from imgcls.data import uploads
from imgcls.runs.run import Run
from imgcls.service import protocol

Json = dict[str, Any]
TEXT: Json = {"type": "string"}
FLAG: Json = {"type": "boolean"}
NUMBER: Json = {"type": "number"}
SHARE: Json = {"type": "number", "minimum": 0, "maximum": 1}
ANYTHING: Json = {"type": "object"}
REFUSALS = {
    "400": "The request cannot be understood, or a picture cannot be read",
    "404": "There is no such model",
    "408": "The body has not arrived",
    "413": "The body is too large",
    "415": "The body is of another kind",
    "503": "Too much is being asked; Retry-After says when to come again",
}
BODY = ("400", "408", "413", "415", "503")
SMALLEST_GIF = "R0lGODlhAQABAIAAAP///wAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw=="


def description(run: Run) -> Json:
    """Return the description of the service of a run."""
    _, components = msgspec.json.schema_components(
        [protocol.Request], ref_template="#/components/schemas/{name}"
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"imgcls: {run.title}",
            "version": protocol.SERVER["version"],
            "description": "Files as a form sends them, and the Open Inference Protocol, version 2",
        },
        "servers": [{"url": "."}],  # beside this description, wherever that is
        "paths": {
            "/predict": {"post": _predict()},
            "/metrics": {"get": _operation("metrics", "Counts and times for Prometheus", None)},
            "/v2": {"get": _operation("server", "What this server is", ANYTHING)},
            "/v2/health/live": {"get": _operation("live", "Whether it runs", _object(live=FLAG))},
            "/v2/health/ready": {
                "get": _operation("ready", "Whether it answers", _object(ready=FLAG), "503")
            },
            "/v2/models/{name}": {
                "parameters": [_model(run)],
                "get": _operation("model", "What the model takes and gives", ANYTHING, "404"),
            },
            "/v2/models/{name}/ready": {
                "parameters": [_model(run)],
                "get": _operation(
                    "model_ready",
                    "Whether the model answers",
                    _object(name=TEXT, ready=FLAG),
                    "404",
                    "503",
                ),
            },
            "/v2/models/{name}/infer": {"parameters": [_model(run)], "post": _infer()},
        },
        "components": {"schemas": components},
    }


def _predict() -> Json:
    answer = _object(
        file=TEXT,
        label=TEXT,
        probability=SHARE,
        top=_list(_object(label=TEXT, probability=SHARE)),
        score=NUMBER,
        known=FLAG,
        seconds=NUMBER,
    )
    form = _object(file=_list({"type": "string", "format": "binary"}) | {"minItems": 1})
    return {
        **_operation(
            "predict",
            "What is on these photos, as imgcls predict --json says it",
            _list({"anyOf": [answer, _object(file=TEXT, error=TEXT)]}),
            *BODY,
        ),
        "description": f"Pictures: at most {uploads.MAX_BYTES / 1e6:.0f} MB each.",
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": form}}},
    }


def _infer() -> Json:
    example = {
        "inputs": [
            {"name": protocol.IMAGE, "shape": [1], "datatype": "BYTES", "data": [SMALLEST_GIF]}
        ]
    }
    tensor = _object(name=TEXT, datatype=TEXT, shape=_list({"type": "integer"}))
    return {
        **_operation(
            "infer",
            "What is on these photos, as tensors",
            _object(model_name=TEXT, outputs=_list(tensor)),
            "404",
            *BODY,
        ),
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"$ref": "#/components/schemas/Request"},
                    "example": example,
                }
            },
        },
    }


def _operation(id: str, summary: str, answer: Json | None, *refusals: str) -> Json:
    content = {"text/plain": {}} if answer is None else {"application/json": {"schema": answer}}
    refused = {"application/json": {"schema": _object(error=TEXT)}}
    return {
        "operationId": id,
        "summary": summary,
        "responses": {
            "200": {"description": "OK", "content": content},
            **{code: {"description": REFUSALS[code], "content": refused} for code in refusals},
        },
    }


def _model(run: Run) -> Json:
    return {"name": "name", "in": "path", "required": True, "schema": TEXT, "example": run.id}


def _object(**properties: Json) -> Json:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _list(items: Json) -> Json:
    return {"type": "array", "items": items}
