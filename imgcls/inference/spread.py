"""Answers for photos by the machines of a cluster: names of files go out, numbers come back."""

import os
from collections.abc import Iterable, Iterator
from functools import cache, partial
from itertools import chain
from pathlib import Path

from imgcls._utils import cluster
from imgcls.data.images import ImageError, open_picture
from imgcls.inference.predictor import Prediction, Predictor
from imgcls.runs.run import Run, load_run

PHOTOS = 64  # of a task
# Of a task with photos that are no files of their own; some tasks for each CPU are under way.
BYTES = 4_000_000
Photo = Path | bytes | ImageError
Answer = Prediction | ImageError


def predict_many(run: Run, photos: Iterable[Photo]) -> Iterator[Answer]:
    """Yield as `Predictor.predict_many`, computed by the cluster that was joined.

    Args:
        run: on a drive that all machines have at the same place, as the photos.
        photos: as `Predictor.predict_many` takes them. Contents of files are sent, which takes
            longer than sending their names.

    Raises:
        ClusterError: a machine does not find the photos or the run, or as
            `imgcls._utils.cluster.map_tasks`.
    """
    work = partial(answers, run.path.absolute())
    yield from chain.from_iterable(cluster.map_tasks(work, tasks(photos)))


def tasks(photos: Iterable[Photo]) -> Iterator[list[Photo]]:
    """Yield the photos in lists, each as it is sent: a file by its absolute path."""
    task: list[Photo] = []
    size = 0
    for photo in photos:
        task.append(_sent(photo))
        size += len(photo) if isinstance(photo, bytes) else 0
        if len(task) == PHOTOS or size >= BYTES:
            yield task
            task, size = [], 0
    if task:
        yield task


def _sent(photo: Photo) -> Photo:
    if not isinstance(photo, Path):
        return photo
    if not os.path.exists(photo):  # noqa: PTH110, pathlib's raises for names that are too long
        try:
            open_picture(photo, 1)
        except ImageError as error:
            return error
    return photo.absolute()


def answers(folder: Path, photos: list[Photo]) -> list[Answer]:
    """Return what the run in a folder answers, on the machine that this is called on.

    Raises:
        ClusterError: this machine does not find the folder, or one of the photos.
    """
    cluster.require(folder)
    return [_answer(_predictor(folder), photo) for photo in photos]


def _answer(predictor: Predictor, photo: Photo) -> Answer:
    if isinstance(photo, Path):
        # It was there when it was sent. An answer that says it is not would be kept for ever.
        cluster.require(photo)
    return predictor.answer(photo)


@cache
def _predictor(folder: Path) -> Predictor:
    return Predictor(load_run(folder), threads=1)
