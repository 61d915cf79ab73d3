"""The model card that comes with an export, in the format of Hugging Face."""

import json
import re

from imgcls._utils.names import printable
from imgcls.evaluation.intervals import tested
from imgcls.export.formats import Format
from imgcls.export.proof import Proof
from imgcls.paths import IMAGENETTE
from imgcls.runs import origin
from imgcls.runs.provenance import machine
from imgcls.runs.run import Run

MARKDOWN = re.compile(r"[\\`*_\[\]<>#!|~$&]")


def model_card(run: Run, format: Format, proof: Proof) -> str:
    """Return the README.md of an export."""
    sections = [
        _head(run, format),
        _about(run),
        _use(run, format),
        _figures(run, proof),
        _origin(run),
        _limits(run),
    ]
    return "\n".join(sections)


def _head(run: Run, format: Format) -> str:
    """Return what Hugging Face reads; JSON's strings are YAML's too."""
    test = run.test
    dataset = {"name": run.dataset, "type": run.dataset}
    accuracy = {
        "type": "accuracy",
        "value": round(test.accuracy, 4),
        "name": f"accuracy, n = {test.n}",
    }
    result = {"task": {"type": "image-classification"}, "dataset": dataset, "metrics": [accuracy]}
    head = {
        "library_name": format.library,
        "pipeline_tag": "image-classification",
        "tags": ["image-classification", "transfer-learning", "imgcls"],
        "model-index": [{"name": run.title, "results": [result]}],
    }
    lines = "".join(
        f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in head.items()
    )
    return f"---\n{lines}---\n"


def _about(run: Run) -> str:
    config = run.config
    names = "".join(f"{label}. {_text(name)}\n" for label, name in enumerate(run.class_names))
    return (
        f"# {_text(run.title)}\n\n{config.network.title} that tells {len(run.class_names)} classes "
        f"apart, trained by imgcls as the run `{run.id}`:\n\n{names}"
    )


def _use(run: Run, format: Format) -> str:
    size = run.config.image_size
    return (
        "## How to use it\n\n"
        f"`{format.model}` takes `photo`: float32, shape (1, {size}, {size}, 3), RGB, 0 to 255, "
        "the centre square of a photo, resampled by Lanczos (`preprocess.json`). It gives "
        "`probabilities`, calibrated, in the order of `labels.txt`, and `score`, the negative "
        f"energy. A score below {run.energy_threshold:.3f} means: none of these. `verify.py` is an "
        "example in Python, and checks the model:\n\n"
        f"    pip install {format.runtime} numpy pillow\n"
        "    python verify.py\n"
    )


def _figures(run: Run, proof: Proof) -> str:
    test = run.test
    right = tested(test)
    return (
        f"## How good it is\n\nRight: {right}; cross-entropy {test.loss:.3f}. {proof.sentence}\n"
        f"One photo took {proof.milliseconds:.1f} ms (median, decoding apart) on "
        f"{_text(machine().processor)}.\n"
    )


def _origin(run: Run) -> str:
    facts = "".join(
        f"- {name}: {_text(text)}\n" for name, text in origin.facts(run, public=True).items()
    )
    return f"## Where it comes from\n\n{facts}"


def _limits(run: Run) -> str:
    found = [
        "It answers with one of its classes whatever a photo shows; only the score says that it "
        "may be none of them, and about 5 % of photos that do show one fall below it too.",
        "The figures hold for photos like those of "
        f"{_text(run.dataset_title)}. From another camera, place or time expect lower ones.",
    ]
    if run.dataset == IMAGENETTE and run.record.base is not None:
        found.append(
            "Most test photos of Imagenette are training photos of ImageNet, which the base has "
            "seen with their labels: figures on new photos are lower."
        )
    return "## Its limits\n\n" + "".join(f"- {each}\n" for each in found)


def _text(name: str) -> str:
    return MARKDOWN.sub(r"\\\g<0>", printable(name))
