"""A run as one HTML file that needs nothing else: figures, tables, recipe and provenance."""

import base64
import io
from html import escape
from typing import TYPE_CHECKING

import pandas as pd
from PIL import Image

from imgcls import paper
from imgcls._utils.formatting import chance, plural
from imgcls._utils.names import printable
from imgcls.charts import comparisons, confusion, training
from imgcls.data.images import read_rgb
from imgcls.evaluation import gain, metrics
from imgcls.evaluation.intervals import rate, tested
from imgcls.evaluation.predictions import (
    accuracy_by_origin,
    score_predictions,
    top_losses,
)
from imgcls.inference.confidence import Confidence
from imgcls.paths import IMAGENETTE
from imgcls.runs import origin
from imgcls.runs.run import Run

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from imgcls.data.dataset import Dataset


PHOTOS = 12
PHOTO_SIDE = 224  # pixels
STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto; }
th, td { border: 1px solid #ccc; padding: .25rem .5rem; text-align: right; }
th { background: #f2f6f9; }
td:first-child, th:first-child { text-align: left; }
figure { display: inline-block; margin: .5rem; width: 224px; vertical-align: top; }
figcaption, .note { color: #555; font-size: .875rem; }
code { overflow-wrap: anywhere; }
.heatmap-label text { fill: currentColor !important; }
"""


def html(run: Run, dataset: "Dataset | None" = None) -> str:
    """Return the report of a finished run.

    Args:
        run: the run.
        dataset: the photos it learned from, to show the most confident mistakes; without it the
            report holds no photo.

    Raises:
        RunError: a table of the run is missing or damaged.
        ImageError: a photo has become unreadable.
    """
    predictions = run.predictions()
    parts = [
        _summary(run),
        _epochs(run),
        _scores(run, predictions),
        _mistakes(run, predictions, dataset) if dataset is not None else "",
        _origin(run),
    ]
    title = _text(run.title)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>'
        f"<body><h1>{title}</h1>{''.join(parts)}</body></html>"
    )


def _summary(run: Run) -> str:
    test = run.test
    right = tested(test)
    beside = ""
    if run.dataset == IMAGENETTE:
        beside = f" The paper: {paper.TEST_ACCURACY:.0%}, loss {paper.TEST_LOSS}."
    return (
        f"<p>Preset {_text(run.record.preset)} on {_text(run.dataset_title)} at "
        f"{run.config.image_size} px. Right: {right}; test loss {test.loss:.3f}.{beside}</p>"
    )


def _epochs(run: Run) -> str:
    figures = [
        training.learning_curve(run.history, metric, run.config.phases)
        for metric in ("accuracy", "loss")
    ]
    points = gain.table(run, None)
    return (
        "<h2>Epoch by epoch</h2>"
        # The first one brings the program that draws them all.
        f"{_figure(figures[0], first=True)}{_figure(figures[1])}"
        f"{_table(run.history)}"
        f"<h2>Did training help?</h2>{_figure(comparisons.gain(points))}{_table(points)}"
        '<p class="note">Accuracy on the validation photos, with 95 % intervals (low, high).</p>'
    )


def _scores(run: Run, predictions: pd.DataFrame) -> str:
    test = predictions[predictions["split"] == "test"]
    labels, predicted = test["label"].to_numpy(), test["predicted"].to_numpy()
    counts = metrics.confusion(labels, predicted, run.class_titles)
    figure = confusion.confusion_heat_map(counts, percent=False)
    classes = metrics.per_class(labels, predicted, run.class_titles).reset_index()
    return (
        f"<h2>Confusion matrix of {plural(len(test), 'test photo')}</h2>{_figure(figure)}"
        f"<h2>Class by class</h2>{_table(classes.rename(columns=metrics.TITLES))}"
        '<p class="note">From and to: the ends of the 95 % interval.</p>'
        f"{_fairness(run, predictions)}"
    )


def _fairness(run: Run, predictions: pd.DataFrame) -> str:
    shares = accuracy_by_origin(predictions)
    if shares is None or run.record.base is None:
        return ""
    seen, unseen = shares
    return (
        "<h2>Is the test fair?</h2><p>Most validation and test photos are training photos of "
        "ImageNet: the base has seen them with their labels.</p><ul>"
        f"<li>Seen before: {rate(seen.correct, seen.n, 'photos')}</li>"
        f"<li>Never seen: {rate(unseen.correct, unseen.n, 'photos')}</li></ul>"
    )


def _mistakes(run: Run, predictions: pd.DataFrame, dataset: "Dataset") -> str:
    confidence = Confidence.of_run(run)
    rows = top_losses(score_predictions(predictions, confidence))
    names = run.class_titles
    shown = "".join(
        f'<figure><img alt="" src="{_picture(dataset, row["file"])}"><figcaption>'
        f"{_text(names[row['label']])}, called {_text(names[row['predicted']])} with "
        f"{chance(row['answer'], confidence.step)}</figcaption></figure>"
        for row in rows.head(PHOTOS).to_dict("records")
    )
    return f"<h2>Most confident mistakes</h2>{shown or '<p>There are none.</p>'}"


def _origin(run: Run) -> str:
    known = "".join(
        f"<li><b>{name}:</b> {_text(text)}</li>"
        for name, text in origin.facts(run, public=True).items()
    )
    recipe = pd.DataFrame(run.config.to_dict().items(), columns=["setting", "value"])
    return f"<h2>Where it comes from</h2><ul>{known}</ul><h2>The recipe</h2>{_table(recipe)}"


def _figure(figure: "go.Figure", *, first: bool = False) -> str:
    drawn: str = figure.to_html(full_html=False, include_plotlyjs=first)
    return drawn


def _text(name: str) -> str:
    return escape(printable(name))


def _table(table: pd.DataFrame) -> str:
    # What cells and heads hold is escaped by pandas.
    shown = table.map(lambda value: printable(value) if isinstance(value, str) else value)
    return shown.to_html(index=False, float_format="{:.4g}".format, na_rep="", border=0)


def _picture(dataset: "Dataset", file: str) -> str:
    content = io.BytesIO()
    Image.fromarray(read_rgb(dataset.path(file), PHOTO_SIDE)).save(content, "JPEG")
    return "data:image/jpeg;base64," + base64.b64encode(content.getvalue()).decode()
