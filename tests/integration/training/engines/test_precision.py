"""Products of bfloat16 numbers: on which processors, and what they change."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from imgcls.config import with_settings
from imgcls.data.dataset import open_dataset
from imgcls.presets import PRESETS
from imgcls.runs import origin
from imgcls.runs.run import Run
from imgcls.training.engines import precision
from imgcls.training.train import train
from tests.support.datasets import TINY
from tests.support.runs import figures

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


def test_rounded_products_train_alike_and_the_run_says_so(
    cpuinfo: Path, base_weights: Path, drawn_photos: Path, tmp_path: Path
) -> None:
    def trained(flags: str) -> Run:
        cpuinfo.write_text(flags)
        config = with_settings(PRESETS["paper"], TINY)
        photos, models = open_dataset(drawn_photos), tmp_path / str(len(flags))
        return train(config, photos, models, preset="paper", weights_file=base_weights)

    rounded, exact = trained(AMX), trained(NO_AMX)
    assert (rounded.record.product_type, exact.record.product_type) == ("bfloat16", "float32")
    assert "bfloat16" in origin.facts(rounded)["Precision"]
    assert "Precision" not in origin.facts(exact)
    # Phase 1 has no product that is rounded.
    np.testing.assert_array_equal(figures(rounded)[:2], figures(exact)[:2])
    assert not np.array_equal(figures(rounded)[2:], figures(exact)[2:])
    for column in ("loss", "val_loss"):
        np.testing.assert_allclose(rounded.history[column], exact.history[column], rtol=0.01)
