"""Not a page: what inner layers make of the lesson's photo, in memory once for parts 2 and 4."""

from collections.abc import Sequence

import streamlit as st

from imgcls.images import RgbArray, read_rgb
from imgcls.layer_outputs import LayerOutputs
from imgcls.litert import FloatArray
from imgcls.phase_one import PHASE1, PhaseOne
from imgcls.runs import PROGRAM, Run


def layer_outputs(run: Run) -> LayerOutputs:
    """Return the run's, loaded once. Raises RunError when it has none."""
    return _layer_outputs(run, *_state(run, PROGRAM))


def phase_one(run: Run) -> PhaseOne:
    """Return the run as it was after phase 1, loaded once. Raises RunError."""
    return _phase_one(run, *_state(run, PROGRAM), *_state(run, PHASE1))


def keeps_phase_one(run: Run) -> bool:
    """Return whether the run keeps the network as it was after phase 1."""
    return run.file(PHASE1).is_file()


def feature_maps(
    run: Run, content: bytes, names: Sequence[str]
) -> tuple[RgbArray, dict[str, FloatArray]]:
    """Return the pixels that the network sees of a photo, and what these layers make of them.

    Raises:
        RunError: the run has no program.
        ImageError: the photo cannot be read.
    """
    return _feature_maps(run, *_state(run, PROGRAM), content, tuple(names))


def _state(run: Run, name: str) -> tuple[str, int]:
    path = run.file(name)
    return str(path), path.stat().st_mtime_ns if path.exists() else 0


# One at a time, as `common.predictor`: each takes some 50 MB.
@st.cache_resource(max_entries=1, show_spinner=False)
def _layer_outputs(_run: Run, path: str, changed: int) -> LayerOutputs:  # noqa: ARG001, the key
    return LayerOutputs(_run)


@st.cache_resource(max_entries=1, show_spinner=False)
def _phase_one(
    _run: Run,
    path: str,  # noqa: ARG001, the key, as all below
    changed: int,  # noqa: ARG001
    phase1: str,  # noqa: ARG001
    phase1_changed: int,  # noqa: ARG001
) -> PhaseOne:
    return PhaseOne(_run, layer_outputs(_run))


@st.cache_resource(max_entries=2, show_spinner=False)
def _feature_maps(
    _run: Run,
    path: str,  # noqa: ARG001, the key
    changed: int,  # noqa: ARG001, the key
    content: bytes,
    names: tuple[str, ...],
) -> tuple[RgbArray, dict[str, FloatArray]]:
    outputs = layer_outputs(_run)
    pixels = read_rgb(content, outputs.image_size)
    return pixels, outputs(pixels, names)
