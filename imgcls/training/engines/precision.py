"""Which numbers the processor multiplies fastest."""

import os
from pathlib import Path

import tensorflow as tf

CPUINFO = Path("/proc/cpuinfo")
AMX = "amx_bf16"  # Intel's tiles for products of bfloat16 matrices, by the name Linux has for them


def product_type() -> tf.DType:
    """Return the type that a training step rounds the factors of its matrix products to.

    It is bfloat16 on processors with AMX. Those with AVX512-BF16 alone lose to the rounding what
    the products gain, see docs/speed.md. Who turns oneDNN off for the sake of equal figures
    (``TF_ENABLE_ONEDNN_OPTS=0``) has float32 everywhere.
    """
    on_cpu = not tf.config.list_physical_devices("GPU")
    onednn = os.environ.get("TF_ENABLE_ONEDNN_OPTS") != "0"
    return tf.bfloat16 if on_cpu and onednn and _has_amx() else tf.float32


def _has_amx() -> bool:
    return CPUINFO.exists() and AMX in CPUINFO.read_text().split()
