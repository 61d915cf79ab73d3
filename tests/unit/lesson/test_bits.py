import numpy as np
import pytest

from imgcls.inference.head import Head
from imgcls.lesson.bits import rounded, values, with_bits

SCALES = np.array([1, 10, 0.1, 0])  # of the units; the last one's weights are all 0
WEIGHTS = (np.random.default_rng(0).normal(size=(500, 4)) * SCALES).astype(np.float32)


@pytest.mark.parametrize("bits", [2, 3, 8])
def test_each_unit_has_so_many_values_on_a_scale_of_its_own(bits: int) -> None:
    found = rounded(WEIGHTS, bits)
    for before, after in zip(WEIGHTS.T, found.T, strict=True):
        assert len(np.unique(after)) <= values(bits)
        assert np.abs(after).max() == pytest.approx(np.abs(before).max())
        step = np.abs(before).max() / (values(bits) // 2)
        assert np.abs(after - before).max() <= step / 2 + 1e-6
    np.testing.assert_allclose(rounded(found, bits), found, rtol=1e-5)


def test_two_bits_are_minus_nothing_and_plus() -> None:
    np.testing.assert_array_equal(
        rounded(np.array([[1.0], [-0.6], [0.4]], np.float32), 2), [[1], [-1], [0]]
    )


def test_a_head_with_more_bits_answers_more_like_itself() -> None:
    head = Head.untrained(64, 16, 3, seed=0)
    pooled = np.random.default_rng(1).uniform(0, 1, (20, 64)).astype(np.float32)
    logits = head.logits(pooled)
    off = [np.abs(with_bits(head, bits).logits(pooled) - logits).mean() for bits in (2, 4, 8)]
    assert off[0] > 2 * off[1] > 4 * off[2] > 0
