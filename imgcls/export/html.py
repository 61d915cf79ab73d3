"""A run as one HTML file that is the classifier: it answers in any browser, without a network."""

import base64
import gzip
import hashlib
import json
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from imgcls._utils.formatting import plural
from imgcls._utils.names import printable
from imgcls.evaluation.intervals import tested
from imgcls.export.web_program import Packed, pack
from imgcls.inference.confidence import Confidence
from imgcls.inference.predictor import Predictor
from imgcls.networks.signature import LOGITS
from imgcls.paths import IMAGENETTE
from imgcls.runs import origin
from imgcls.runs.files import PROGRAM
from imgcls.runs.run import Run, RunError

SOURCES = Path(__file__).with_name("web")
BUILT = SOURCES / "built"  # by `npm run build` there, see CONTRIBUTING.md
FEW = 12  # classes that fit into a sentence


def html(run: Run) -> bytes:
    """Return the page: the run's program, what runs it, and the names of the classes.

    Raises:
        RunError: the run cannot predict.
    """
    return _page(run, hosted=False)


def site(run: Run) -> dict[str, bytes]:
    """Return the same as files for a web server: once visited, it opens without a network too.

    Raises:
        RunError: the run cannot predict.
    """
    page = _page(run, hosted=True)
    version = hashlib.sha256(page).hexdigest()[:16]
    worker = Template(_text("sw.js")).substitute(version=version)
    manifest = {
        "name": printable(run.title),
        "start_url": "./",
        "display": "standalone",
        "icons": [{"src": _icon(), "sizes": "any", "type": "image/svg+xml"}],
    }
    return {
        "index.html": page,
        "manifest.webmanifest": json.dumps(manifest).encode(),
        "sw.js": worker.encode(),
    }


def _page(run: Run, *, hosted: bool) -> bytes:
    Predictor(run)  # which says why when there is none
    try:
        packed = pack(run.content(PROGRAM), LOGITS)
    except ValueError as error:
        raise RunError(
            f"{run.id} was made by an earlier version, {error}. To add it: "
            f"python -m imgcls upgrade {run.id}"
        ) from error
    style, script = _text("style.css"), _text("built/main.js")
    page = Template(_text("index.html")).substitute(
        policy=_policy(style, script, hosted=hosted),
        title=escape(printable(run.title)),
        icon=_icon(),
        manifest='\n<link rel="manifest" href="manifest.webmanifest">' if hosted else "",
        style=style,
        purpose=escape(_purpose(run)),
        card="".join(f"<dt>{name}</dt><dd>{escape(text)}</dd>" for name, text in _card(run)),
        licence=escape(_text("built/LICENSE.litert")),
        # In a script element only the sign that could end it needs care.
        facts=json.dumps(_facts(run, packed)).replace("<", "\\u003c"),
        wasm=_base64((BUILT / "litert.wasm.gz").read_bytes()),
        program=_base64(gzip.compress(packed.program, mtime=0)),
        weights=_base64(gzip.compress(packed.weights, mtime=0)),
        script=script,
    )
    return page.encode()


def _policy(style: str, script: str, *, hosted: bool) -> str:
    """Return what the browser lets the page do: run this script, and reach nobody."""
    rules = {
        "default-src": "'none'",
        "script-src": f"{_hash(script)} 'wasm-unsafe-eval'",
        "style-src": _hash(style),
        "img-src": "data:",
        "connect-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    if hosted:
        rules |= {"manifest-src": "'self'", "worker-src": "'self'"}
    return "; ".join(f"{name} {allowed}" for name, allowed in rules.items())


def _facts(run: Run, packed: Packed) -> dict[str, Any]:
    """Return what the answers rest on, see `classifier.js`."""
    confidence = Confidence.of_run(run)
    return {
        "classes": [printable(name) for name in run.class_titles],
        "size": run.config.image_size,
        "temperature": confidence.temperature,
        "doubt": confidence.doubt,
        "step": confidence.step,
        "threshold": run.energy_threshold,
        "weights": packed.places,
    }


def _purpose(run: Run) -> str:
    names = [printable(name) for name in run.class_titles]
    known = ", ".join(names[:FEW]) + (f" and {len(names) - FEW} more" if len(names) > FEW else "")
    return f"It tells {len(names)} classes apart: {known}."


def _card(run: Run) -> list[tuple[str, str]]:
    test, confidence = run.test, Confidence.of_run(run)
    right = tested(test)
    if run.dataset == IMAGENETTE and run.record.base:
        right += (
            ". Most of them are training photos of ImageNet, which the base has seen with their "
            "labels"
        )
    checked = plural(confidence.photos, "validation photo")
    return [
        ("Right", f"{right}."),
        (
            "Percentages",
            f"Calibrated on {checked}."
            if confidence.calibrated
            else f"Not calibrated, with {checked} alone. They are told in coarse steps.",
        ),
        ("None of these", "Said where a photo scores lower than 95 % of the validation photos."),
        ("Network", f"{run.config.network.title}, {run.config.image_size} px."),
        ("Photos", printable(f"{origin.photos(run)}.")),
        ("Base weights", printable(f"{origin.base_weights(run)}.")),
        ("Made by", printable(origin.public_command(run))),
    ]


def _text(name: str) -> str:
    return (SOURCES / name).read_text(encoding="utf-8")


def _icon() -> str:
    return f"data:image/svg+xml;base64,{_base64((SOURCES / 'icon.svg').read_bytes())}"


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _hash(text: str) -> str:
    return f"'sha256-{_base64(hashlib.sha256(text.encode()).digest())}'"
