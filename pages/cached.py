"""What visitors share in memory: predictors, tables and feature maps, each loaded once."""

from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from imgcls._utils.arrays import FloatArray, RgbArray
from imgcls.charts.drawings.phases import phases
from imgcls.charts.drawings.thumbnails import thumbnail
from imgcls.charts.predictions import probability_bars
from imgcls.data.collections.collection import Collection
from imgcls.data.dataset import Dataset
from imgcls.data.images import ImageError, read_rgb
from imgcls.data.inspection import inspect_dataset
from imgcls.data.opened import OpenedDatasets
from imgcls.evaluation import embedding
from imgcls.evaluation import predictions as evaluation
from imgcls.evaluation.intervals import Share
from imgcls.evaluation.metrics import confusion
from imgcls.evaluation.own_photos.instant import InstantClassifier
from imgcls.evaluation.own_photos.judge import Examined, Judgement, examine, judge, learn
from imgcls.export.job import Exported, export_apart
from imgcls.inference.confidence import Confidence
from imgcls.inference.explanation import Explanation, explain
from imgcls.inference.phase_one import PhaseOne
from imgcls.inference.photo_facts import PhotoExaminer
from imgcls.inference.predictor import Predictor
from imgcls.paths import models_dir
from imgcls.runs import store
from imgcls.runs.files import (
    COMPONENTS,
    EMBEDDING,
    MODEL,
    PHASE_1_PROGRAM,
    PREDICTIONS,
    PROGRAM,
    RECORD,
)
from imgcls.runs.run import Run


@lru_cache(maxsize=2)  # a dataset is another object as soon as something in its folder changes
def inspected(dataset: Dataset) -> dict[str, Any]:
    """Return `inspect_dataset` of it. Do not change it: all visitors share it."""
    return inspect_dataset(dataset)


def predictor(run: Run) -> Predictor:
    """Return the run's predictor, loaded once. Raises RunError when there is none."""
    program = run.file(PROGRAM)
    return _predictor(run, str(program), program.stat().st_mtime_ns if program.exists() else 0)


def explanation(run: Run, name: str, photo: bytes) -> Explanation:
    """Return `imgcls.inference.explanation.explain` of a photo, computed once. Raises RunError."""
    return _explanation(run, *_file_state(run, PROGRAM), name, photo)


def predictions(run: Run) -> pd.DataFrame:
    """Return `Run.predictions`, read once. Do not change it: all visitors share it."""
    path = run.file(PREDICTIONS)
    return _predictions(run, str(path), path.stat().st_mtime_ns if path.exists() else 0)


def scored(run: Run) -> pd.DataFrame:
    """Return `evaluation.predictions.score_predictions` of all of a run. Do not change it."""
    confidence = Confidence.of_run(run)
    return table(lambda: evaluation.score_predictions(predictions(run), confidence), "scored", run)


def places(run: Run) -> pd.DataFrame:
    """Return `imgcls.evaluation.embedding.of_run`. Do not change it: all visitors share it.

    Raises RunError.
    """
    return _places(run, *_file_state(run, EMBEDDING), *_file_state(run, COMPONENTS))


@st.cache_resource
def opened_datasets() -> OpenedDatasets:
    """Return the datasets that stay opened."""
    return OpenedDatasets()


# One at a time: each takes some 50 MB, and another run's is loaded within a tenth of a second.
@st.cache_resource(max_entries=1, show_spinner=False)
def _predictor(_run: Run, path: str, changed: int) -> Predictor:  # noqa: ARG001, the key
    return Predictor(_run)


# Some 50 KB each: a page is drawn again with each switch on it.
@st.cache_resource(max_entries=20, show_spinner=False)
def _explanation(
    _run: Run,
    path: str,  # noqa: ARG001, the key, as below
    changed: int,  # noqa: ARG001
    name: str,
    photo: bytes,
) -> Explanation:
    return explain(predictor(_run), name, photo)


@st.cache_resource(max_entries=2, show_spinner=False)
def _predictions(_run: Run, path: str, changed: int) -> pd.DataFrame:  # noqa: ARG001, the key
    return _run.predictions()


@st.cache_resource(
    max_entries=2, show_spinner="The map of photos is drawn, once: some seconds", show_time=True
)
def _places(_run: Run, *states: str | int) -> pd.DataFrame:  # noqa: ARG001, the key
    return embedding.of_run(_run)


def phase_one(run: Run) -> PhaseOne:
    """Return the run as it was after phase 1, loaded once. Raises RunError."""
    return _phase_one(run, *_file_state(run, PROGRAM), *_file_state(run, PHASE_1_PROGRAM))


def keeps_phase_one(run: Run) -> bool:
    """Return whether the run keeps the network as it was after phase 1."""
    return run.file(PHASE_1_PROGRAM).is_file()


def feature_maps(
    run: Run, content: bytes, names: Sequence[str]
) -> tuple[RgbArray, dict[str, FloatArray]]:
    """Return the pixels that the network sees of a photo, and what these layers make of them.

    Raises:
        RunError: the run has no program.
        ImageError: the photo cannot be read.
    """
    return _feature_maps(run, *_file_state(run, PROGRAM), content, tuple(names))


def figure(draw: Callable[[], go.Figure], name: str, *shown: Run | Dataset) -> go.Figure:
    """Return a figure, drawn once until what it shows changes. Do not change it.

    Args:
        draw: draws it, of nothing else than these.
        name: tells it from others that show the same.
        shown: runs and datasets.
    """
    found: go.Figure = _made(draw, f"figure: {name}", tuple(map(_state, shown)))
    return found


def table(count: Callable[[], pd.DataFrame], name: str, of: Run) -> pd.DataFrame:
    """Return a table, made once until its run changes. Arguments as of `figure`."""
    found: pd.DataFrame = _made(count, f"table: {name}", (_state(of),))
    return found


def _state(of: Run | Dataset) -> Hashable:
    # The record of a run is written last.
    return _file_state(of, RECORD) if isinstance(of, Run) else (of.name, of.fingerprint)


@st.cache_resource(max_entries=200, show_spinner=False)
def _made(
    _make: Callable[[], Any],
    name: str,  # noqa: ARG001, the key, as below
    states: tuple[Hashable, ...],  # noqa: ARG001
) -> Any:
    return _make()


@lru_cache(maxsize=100)
def bars(top: tuple[tuple[str, float], ...], step: float) -> go.Figure:
    """Return `probability_bars`, drawn once for each answer. Do not change it."""
    return probability_bars(top, step)


phases_of = lru_cache(maxsize=16)(phases)  # the recipe's pictures, drawn once


def validation_confusion(run: Run) -> pd.DataFrame:
    """Return how many validation photos of each class were called what. Raises RunError."""
    return _validation_confusion(run, *_file_state(run, PREDICTIONS))


@st.cache_resource(max_entries=2, show_spinner=False)
def _validation_confusion(_run: Run, path: str, changed: int) -> pd.DataFrame:  # noqa: ARG001
    table = predictions(_run)
    known = table[table["split"] == "validation"]
    return confusion(known["label"].to_numpy(), known["predicted"].to_numpy(), _run.class_titles)


def accuracy_by_origin(run: Run) -> tuple[Share, Share] | None:
    """Return `evaluation.predictions.accuracy_by_origin` of a run. Raises RunError."""
    return _accuracy_by_origin(run, *_file_state(run, PREDICTIONS))


@st.cache_resource(max_entries=2, show_spinner=False)
def _accuracy_by_origin(_run: Run, path: str, changed: int) -> tuple[Share, Share] | None:  # noqa: ARG001
    return evaluation.accuracy_by_origin(predictions(_run))


def square(dataset: Dataset, file: str, size: int) -> RgbArray:
    """Return `Dataset.read`, read once. Raises ImageError."""
    path = dataset.path(file)
    return _square(dataset, file, size, str(path), path.stat().st_mtime_ns if path.exists() else 0)


# Some 40 KB each: visitors are shown the same samples, until they ask for others.
@st.cache_resource(max_entries=100, show_spinner=False)
def _square(
    _dataset: Dataset,
    file: str,
    size: int,
    path: str,  # noqa: ARG001, the key, as below
    changed: int,  # noqa: ARG001
) -> RgbArray:
    return _dataset.read(file, size)


def thumbnails(photos: Sequence[Path]) -> list[str]:
    """Return photos as small pictures for the page, data URLs, each made once.

    One that cannot be read any more is an empty one.
    """
    return [_thumbnail(str(photo), photo.stat().st_mtime_ns) for photo in photos]


# Half a kilobyte to a kilobyte each.
@st.cache_data(max_entries=10_000, show_spinner=False)
def _thumbnail(photo: str, changed: int) -> str:  # noqa: ARG001, the key
    try:
        return thumbnail(Path(photo))
    except ImageError:
        return ""


def photo_examiner() -> PhotoExaminer:
    """Return what computes the frozen features of photos, loaded once. Raises RunError."""
    models = models_dir()
    able = tuple(run.id for run in store.readable(models) if run.can_predict)
    return _photo_examiner(str(models), able)


def examined(collection: Collection) -> Examined:
    """Return what is known of the photos of people's own classes. Raises RunError."""
    return _examined(photo_examiner(), str(collection.root), _photos_of(collection))


def instant_classifier(collection: Collection) -> InstantClassifier | None:
    """Return a classifier for people's own classes; None when it takes more. Raises RunError."""
    return _instant_classifier(examined(collection), str(collection.root), _photos_of(collection))


def judgement(collection: Collection) -> Judgement:
    """Return how well people's own classes are told apart. Raises RunError."""
    return _judgement(examined(collection), str(collection.root), _photos_of(collection))


def _photos_of(collection: Collection) -> tuple[tuple[str, tuple[str, ...]], ...]:
    # A part of its content's SHA-256 is in each photo's name.
    return tuple((name, tuple(collection.photos(name))) for name in collection.classes())


@st.cache_resource(max_entries=1, show_spinner=False)
def _photo_examiner(models: str, able: tuple[str, ...]) -> PhotoExaminer:  # noqa: ARG001, the key
    return PhotoExaminer(Path(models))


# Three kilobytes a photo.
@st.cache_resource(max_entries=8, show_spinner=False)
def _examined(
    _examiner: PhotoExaminer, root: str, photos: tuple[tuple[str, tuple[str, ...]], ...]
) -> Examined:
    return examine(dict(photos), Path(root), _examiner)


@st.cache_resource(max_entries=8, show_spinner=False)
def _instant_classifier(
    _examined: Examined,
    root: str,  # noqa: ARG001, the key, as below
    photos: tuple[tuple[str, tuple[str, ...]], ...],  # noqa: ARG001
) -> InstantClassifier | None:
    return learn(_examined)


@st.cache_resource(max_entries=8, show_spinner=False)
def _judgement(
    _examined: Examined,
    root: str,  # noqa: ARG001, the key, as below
    photos: tuple[tuple[str, tuple[str, ...]], ...],  # noqa: ARG001
) -> Judgement:
    return judge(_examined)


def exported(run: Run, format: str, location: str | None) -> Exported:
    """Return a run's classifier in a format, made once, see `imgcls.export.job.export_apart`."""
    return _exported(run, format, location, run.title, *_file_state(run, MODEL))


# Some 10 MB each.
@st.cache_resource(max_entries=4, show_spinner=False)
def _exported(
    _run: Run,
    format: str,
    location: str | None,
    title: str,  # noqa: ARG001, the key, as below
    path: str,  # noqa: ARG001
    changed: int,  # noqa: ARG001
) -> Exported:
    return export_apart(_run, format, location)


def _file_state(run: Run, name: str) -> tuple[str, int]:
    path = run.file(name)
    return str(path), path.stat().st_mtime_ns if path.exists() else 0


@st.cache_resource(max_entries=1, show_spinner=False)
def _phase_one(
    _run: Run,
    path: str,  # noqa: ARG001, the key, as all below
    changed: int,  # noqa: ARG001
    phase1: str,  # noqa: ARG001
    phase1_changed: int,  # noqa: ARG001
) -> PhaseOne:
    return PhaseOne(_run, predictor(_run))


@st.cache_resource(max_entries=2, show_spinner=False)
def _feature_maps(
    _run: Run,
    path: str,  # noqa: ARG001, the key
    changed: int,  # noqa: ARG001, the key
    content: bytes,
    names: tuple[str, ...],
) -> tuple[RgbArray, dict[str, FloatArray]]:
    finished = predictor(_run)
    pixels = read_rgb(content, finished.image_size)
    return pixels, finished.layer_outputs(pixels, names)
