import pytest

from imgcls._utils.formatting import day, duration
from imgcls.evaluation.intervals import rate


def test_a_rate_says_what_it_was_counted_on_and_how_sure_it_is() -> None:
    told = rate(759, 768, "test photos")
    assert told == "98.8 % of 768 test photos (95 % interval 97.8 to 99.4 %)"
    assert rate(0, 0, "test photos") == "no test photos"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.6, "1 min 0 s"),
        (200, "3 min 20 s"),
        (3900, "1 h 5 min"),
    ],
)
def test_times_are_as_precise_as_they_are_worth(seconds: float, told: str) -> None:
    assert duration(seconds) == told


def test_a_day_is_written_out() -> None:
    assert day("2026-11-22T12:00:00+00:00") == "22 November 2026"
