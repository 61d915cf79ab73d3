"""Run as a program: ask an exported model about photos, through nothing but its own verify.py.

python -I fresh_process.py FOLDER PIXELS ANSWERS

It imports nothing of imgcls, so that what it finds is what others will find.
"""

import importlib
import sys
import time

import numpy as np


def _main(folder: str, pixels: str, answers: str) -> None:
    sys.path.insert(0, folder)
    verify = importlib.import_module("verify")
    model = verify.load()
    found, scores, seconds = [], [], []
    for photo in np.load(pixels)["photos"]:
        values = photo[np.newaxis].astype(np.float32)
        started = time.perf_counter()
        probabilities, score = verify.ask(model, values)
        seconds.append(time.perf_counter() - started)
        found.append(np.asarray(probabilities)[0])
        scores.append(np.asarray(score)[0])
    np.savez(answers, probabilities=found, score=scores, seconds=seconds)


if __name__ == "__main__":
    _main(*sys.argv[1:])
