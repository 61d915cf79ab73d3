"""Records of former versions, as the present one writes them."""

from typing import Any

from imgcls.config import TrainConfig
from imgcls.runs.identity import id_of_schema_1, run_id

# What a baseline's method was called in records before it had a key.
METHODS = {
    "nearest class centroid": "nearest_centroid",
    "10 nearest neighbours": "nearest_neighbors",
}


def migrated(content: dict[str, Any]) -> dict[str, Any]:
    """Return the content of a run.json in the present schema; of a present one, as it is.

    Raises:
        KeyError, TypeError, ValueError: the content is not what its schema asks for.
    """
    present = _from_schema_1(content) if content["schema"] == 1 else content
    for known in present.get("baselines", ()):
        if known["method"] in METHODS:
            return _with_method_keys(present)
    return present


def _with_method_keys(content: dict[str, Any]) -> dict[str, Any]:
    baselines = [
        {**known, "method": METHODS.get(known["method"], known["method"])}
        for known in content["baselines"]
    ]
    return {**content, "baselines": baselines}


def _from_schema_1(content: dict[str, Any]) -> dict[str, Any]:
    """Give a record the id that lasts; the one that it had still finds it."""
    preset, settings = content["preset"], content["config"]
    fingerprint = content["data"]["fingerprint"]
    sha256 = content["base"]["sha256"] if content["base"] else None
    return {
        **content,
        "schema": 2,
        "id": run_id(preset, TrainConfig(**settings), fingerprint, sha256),
        "former_ids": [id_of_schema_1(preset, settings, fingerprint, sha256)],
    }
