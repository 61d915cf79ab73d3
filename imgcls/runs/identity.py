"""What makes an experiment, and the id that a run gets from it."""

import hashlib
import json
import re
from collections.abc import Mapping

from imgcls.config import TrainConfig

HASH = re.compile(r"(?:^|-)([0-9a-f]{8})$")


def run_id(preset: str, config: TrainConfig, fingerprint: str, base_sha256: str | None) -> str:
    """Return the preset's name with a short hash over what makes the experiment.

    These are the settings that differ from the defaults, the photos and the base's weights. So a
    setting that is new changes no id while it is at its default; in return, the default of a
    setting must never change.

    Args:
        preset: for people; not part of the hash.
        config: the recipe; its engine is not part of the hash, as both give the same figures.
        fingerprint: of the photos.
        base_sha256: of the base's weights; None when nothing is pretrained.
    """
    identity = {"settings": config.experiment(), "photos": fingerprint, "base": base_sha256}
    return f"{preset}-{_digest(identity)}"


def id_of_schema_1(
    preset: str, settings: dict[str, object], fingerprint: str, base_sha256: str | None
) -> str:
    """Return the id that schema 1 gave: its hash was over every setting."""
    identity = {"config": settings, "data": fingerprint, "base": base_sha256}
    return f"{preset}-{_digest(identity)}"


def experiment_hash(id: str) -> str | None:
    """Return the hash in an id, whatever stands before it; None when it holds none."""
    found = HASH.search(id)
    return found[1] if found else None


def _digest(identity: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:8]
