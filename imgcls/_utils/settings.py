"""Fields of a dataclass that say what they are for and which values they take."""

from dataclasses import field
from typing import Any

from imgcls.errors import ConfigError


def setting(
    default: Any,
    help: str,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    multiple_of: int | None = None,
    choices: tuple[str, ...] | None = None,
) -> Any:
    """Return a field whose metadata are `help`, for people, and its limits, for `check`."""
    limits = {
        "at_least": at_least,
        "at_most": at_most,
        "multiple_of": multiple_of,
        "choices": choices,
    }
    return field(default=default, metadata={"help": help, **limits})


def check(name: str, value: Any, limits: Any) -> None:
    """Raise ConfigError for a value beyond the limits of a setting, which the message names."""
    if limits["choices"] is not None:
        if value not in limits["choices"]:
            raise ConfigError(
                f"{name}: received {value!r}; allowed: {', '.join(limits['choices'])}."
            )
        return
    low, high, step = limits["at_least"], limits["at_most"], limits["multiple_of"]
    if not low <= value <= high or (step and value % step):
        multiple = f"a multiple of {step} " if step else ""
        raise ConfigError(f"{name}: received {value}; allowed: {multiple}from {low} to {high}.")
