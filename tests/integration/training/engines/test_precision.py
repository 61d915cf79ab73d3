"""Products of bfloat16 numbers: on which processors, and what they change."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from imgcls.config import with_settings
from imgcls.data.dataset import open_dataset
from imgcls.networks.weights import find_base_weights
from imgcls.presets import PRESETS
from imgcls.runs import origin
from imgcls.runs.run import Run
from imgcls.training.engines import precision
from imgcls.training.learner import build
from tests.support.datasets import TINY
from tests.support.runs import changed
from tests.support.training import losses

AMX = "processor\t: 0\nflags\t\t: fpu avx512_bf16 amx_bf16 amx_tile\n"
NO_AMX = "processor\t: 0\nflags\t\t: fpu avx512_bf16\n"


@pytest.fixture
def cpuinfo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(precision, "CPUINFO", tmp_path / "cpuinfo")
    monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS", raising=False)
    return tmp_path / "cpuinfo"


def test_only_a_processor_with_amx_rounds(cpuinfo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert precision.product_type() == tf.float32  # no Linux
    cpuinfo.write_text(NO_AMX)
    assert precision.product_type() == tf.float32
    cpuinfo.write_text(AMX)
    assert precision.product_type() == tf.bfloat16
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    assert precision.product_type() == tf.float32


def test_rounded_products_train_alike(
    cpuinfo: Path, base_weights: Path, drawn_photos: Path
) -> None:
    config, weights = with_settings(PRESETS["paper"], TINY), find_base_weights(32, base_weights)
    dataset = open_dataset(drawn_photos)

    def trained(flags: str) -> tuple[str, list[tuple[float, float]]]:
        cpuinfo.write_text(flags)
        learner = build(config, dataset, weights, lambda done, total: None)
        found = losses(learner)
        return learner.engine.product_type, found

    (told, rounded), (told_exact, exact) = trained(AMX), trained(NO_AMX)
    assert (told, told_exact) == ("bfloat16", "float32")
    # Phase 1 has no product that is rounded.
    assert rounded[:2] == exact[:2]
    assert rounded[2:] != exact[2:]
    np.testing.assert_allclose(rounded, exact, rtol=0.01)


def test_a_run_says_in_what_it_multiplied(finished: Run) -> None:
    assert finished.record.product_type == precision.product_type().name
    rounded = changed(finished, product_type="bfloat16")
    assert "bfloat16" in origin.facts(rounded)["Precision"]
    assert "Precision" not in origin.facts(changed(finished, product_type="float32"))
