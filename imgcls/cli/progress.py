"""Progress bars on standard error, so that standard output stays clean."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tqdm import tqdm

    from imgcls.runs.events import Event


@contextmanager
def bar(unit: str) -> Iterator[Callable[..., None]]:
    """Yield a function of (done, total, label, note) that draws one bar after the other.

    A new label begins a new bar. `unit` names what is counted; "B" counts bytes.
    """
    # Nothing is drawn before the first count: much of what may take long has been done before.
    drawn: list[tqdm[Any]] = []

    def show(done: int, total: int | None, label: str = "", note: str = "") -> None:
        from tqdm import tqdm  # a command of one photo draws no bar

        if not drawn or drawn[-1].desc != f"{label}: ":
            close()
            drawn.append(tqdm(desc=label, unit=unit, unit_scale=unit == "B", leave=False))
            drawn[-1].set_description(label, refresh=False)
        drawn[-1].total = total
        drawn[-1].set_postfix_str(note, refresh=False)
        drawn[-1].update(done - drawn[-1].n)

    def close() -> None:
        while drawn:
            drawn.pop().close()

    try:
        yield show
    finally:
        close()


@contextmanager
def training_bar() -> Iterator[Callable[["Event"], None]]:
    """Yield a function that draws the events of a training."""
    from tqdm import tqdm

    from imgcls.runs.events import EpochEnded, FeaturesStep, TrainingStep

    with bar(" photos") as show:

        def on_event(event: "Event") -> None:
            match event:
                case FeaturesStep():
                    show(event.done, event.total, "frozen layers")
                case TrainingStep():
                    show(
                        event.done,
                        event.total,
                        f"phase {event.phase}, epoch {event.epoch}",
                        f"loss {event.loss:.3f}, accuracy {event.accuracy:.3f}, "
                        f"{event.seconds_left:.0f} s left in this phase",
                    )
                case EpochEnded(row=row):
                    tqdm.write(
                        f"epoch {row.epoch}: loss {row.loss:.4f}, "
                        f"accuracy {row.accuracy:.4f}, validation loss "
                        f"{row.val_loss:.4f}, accuracy {row.val_accuracy:.4f} "
                        f"({row.seconds:.1f} s)",
                        file=sys.stderr,
                    )

        yield on_event
