"""An answer with all that is shown of it, small enough to be kept for a thousand photos."""

from base64 import b64encode
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from imgcls._utils.arrays import FloatArray
from imgcls._utils.formatting import chance
from imgcls.data.images import ImageError, Picture, as_jpeg, open_picture
from imgcls.inference.neighbors import Neighbor
from imgcls.inference.predictor import NO_MAPS, Prediction, Predictor
from imgcls.runs.run import Run

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 448  # pixels of the longer side: sharp enough on any screen for a picture half as wide
ICON = 64
NEAREST = 5
# left, top, right, bottom as shares of width and height
Box = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Explanation:
    """A photo with its answer, or with what is wrong with it.

    Attributes:
        name: of the file, for people.
        error: why there is no answer; the rest is then empty.
        answer: without the feature maps.
        thumbnail: the whole picture as a JPEG, its longer side at most 448 pixels.
        icon: the same at 64 pixels, as a data URL.
        seen: the part of it that the network sees, the centre square.
        note: what else is to be said about the file; may be empty.
        grad_cam: where the evidence for the answer lies in that part, shape (height, width);
            empty when the run does not keep what is needed for it.
        nearest: the most similar training photos that the run keeps.
        id: tells it from all others.
    """

    name: str
    error: str = ""
    answer: Prediction | None = None
    thumbnail: bytes = b""
    icon: str = ""
    seen: Box = (0, 0, 1, 1)
    note: str = ""
    grad_cam: FloatArray = field(default_factory=lambda: NO_MAPS)
    nearest: tuple[Neighbor, ...] = ()
    id: str = field(default_factory=lambda: uuid4().hex)

    def titled(self, run: Run) -> "Explanation":
        """Return the same with the names of the classes that people read.

        Args:
            run: the one that answered.
        """
        if self.answer is None:
            return self
        names = dict(zip(run.class_names, run.class_titles, strict=True))
        return replace(self, answer=self.answer.renamed(names))

    def to_dict(self) -> dict[str, Any]:
        """Return what the command line prints of it: file, and error or answer."""
        if self.answer is None:
            return {"file": self.name, "error": self.error}
        return {"file": self.name, **self.answer.to_dict()}


def explain(predictor: Predictor, name: str, content: bytes | ImageError) -> Explanation:
    """Answer for one picture; whatever is wrong with it becomes a sentence.

    Raises:
        RunError: the run's files for explanations are missing or damaged.
    """
    if isinstance(content, ImageError):
        return Explanation(name, str(content))
    try:
        picture = open_picture(content, predictor.image_size)
        answer = predictor.predict(picture.image)
    except ImageError as error:
        return Explanation(name, str(error))
    return Explanation(
        name,
        answer=replace(answer, feature_maps=NO_MAPS),
        thumbnail=as_jpeg(picture.image, SHOWN),
        icon="data:image/jpeg;base64," + b64encode(as_jpeg(picture.image, ICON)).decode(),
        seen=centre_square(*picture.image.size),
        note=_note(picture),
        grad_cam=predictor.grad_cam(answer, answer.label),
        nearest=tuple(predictor.nearest(answer, NEAREST)),
    )


def centre_square(width: int, height: int) -> Box:
    """Return where the centre square lies in a picture, as shares of its sides."""
    side = min(width, height)
    left, top = (width - side) / 2 / width, (height - side) / 2 / height
    return left, top, 1 - left, 1 - top


def _note(picture: Picture) -> str:
    width, height = picture.size
    first = ", the first picture of several in the file" if picture.several else ""
    return f"{picture.format}, {width:,} x {height:,} pixels{first}"


def what_would_change(answer: Prediction, right: str | None, threshold: float) -> str:
    """Say what would have to be different for the right class to be the answer.

    Args:
        answer: the wrong one.
        right: the right class; None for none of the classes.
        threshold: the score below which a photo counts as unlike those learned from.
    """
    if right is None:
        return (
            f"Its score of likeness is {answer.score:.1f}, and below {threshold:.1f} the app says "
            "that it does not look like the photos learned from. "
            + (
                f"It would have to be lower by {answer.score - threshold:.1f}, or more photos of "
                "the classes be turned away."
                if answer.score >= threshold
                else "So this was said."
            )
        )
    shares = dict(answer.top)
    if right not in shares:
        return f"{right} is not among the {len(shares)} most probable classes."
    times = answer.probability / max(shares[right], 1e-9)
    return (
        f"{right} got {chance(shares[right], answer.step)}, {answer.label} "
        f"{chance(answer.probability, answer.step)}: the evidence for {right}, measured as odds "
        f"between the two, would have to grow {times:,.1f} "
        "times. The coloured map shows which part of the photo spoke for the wrong one."
    )


def track_record(counts: "pd.DataFrame", name: str) -> str:
    """Say what the photos that were called `name` really were.

    Args:
        counts: as `imgcls.evaluation.metrics.confusion`, of the validation photos.
        name: a class.

    Example:
        >>> track_record(pd.DataFrame({"cat": [7, 2]}, index=["cat", "dog"]), "cat")
        'Of 9 validation photos called cat, 7 were; the others were dog (2).'
    """
    called = counts[name].sort_values(ascending=False, kind="stable")
    total, right = int(called.sum()), int(called[name])
    if not total:
        return f"No validation photo was called {name}."
    if total == right == 1:
        return f"One validation photo was called {name}, and it was."
    if total == right:
        return f"Of {total:,} validation photos called {name}, all were."
    others = ", ".join(f"{true} ({n:,})" for true, n in called.items() if n and true != name)
    photos, was = "photo" if total == 1 else "photos", "was" if right == 1 else "were"
    rest = "the other was" if total - right == 1 else "the others were"
    return f"Of {total:,} validation {photos} called {name}, {right:,} {was}; {rest} {others}."
