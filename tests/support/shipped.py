"""The runs that are shipped, as models/shipped.toml lists them."""

import tomllib
from pathlib import Path

from imgcls.runs.run import Run, load_run
from tests.support.repository import ROOT

MODELS = ROOT / "models"
LISTED = tomllib.loads((MODELS / "shipped.toml").read_text())["run"]
SHIPPED = [load_run(MODELS / entry["folder"]) for entry in LISTED]


def shipped(called: str) -> Run:
    """Return the run that models/README.md calls so."""
    (found,) = (
        run for run, entry in zip(SHIPPED, LISTED, strict=True) if entry["called"] == called
    )
    return found


def furnish(folder: Path) -> dict[str, str]:
    """Give a new machine the shipped runs and nothing else, and return its environment."""
    (folder / "models").mkdir()
    for run in SHIPPED:
        (folder / "models" / run.path.name).symlink_to(run.path)
    return {
        "IMGCLS_MODELS": str(folder / "models"),
        "IMGCLS_COLLECTIONS": str(folder / "collections"),
        "IMGCLS_DATA": str(folder / "nothing"),
        "KERAS_HOME": str(folder / "keras"),
    }
