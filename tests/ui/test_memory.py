import subprocess
import sys

import pytest

# Blocks of 8 MB are freed, which makes glibc keep those below from then on, and then many small
# ones of 1 MB each in front of one that stays.
GROWS = """
import numpy as np, psutil
{before}
for _ in range(3):
    np.ones(1 << 20)
process = psutil.Process()
start = process.memory_info().rss
blocks = [np.ones(1 << 17) for _ in range(200)]
kept = blocks[-1]
del blocks
print(process.memory_info().rss - start)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="about glibc")
def test_large_blocks_go_back() -> None:
    def grown(before: str) -> int:
        code = GROWS.format(before=before)
        return int(
            subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout
        )

    assert grown("") > 150e6
    set_once = "from pages.memory import return_large_blocks; return_large_blocks()"
    assert grown(set_once) < 10e6


def test_modules_are_spared_once_and_garbage_is_still_collected() -> None:
    code = """
import gc, weakref
from pages.memory import spare_modules
import pandas
spare_modules()
frozen = gc.get_freeze_count()
assert frozen > 10_000
spare_modules()  # nothing has been loaded since
assert gc.get_freeze_count() <= frozen
class Circle: pass
circle = Circle()
circle.itself = circle
seen = weakref.ref(circle)
del circle
gc.collect()
assert seen() is None
"""
    subprocess.run([sys.executable, "-c", code], check=True)
