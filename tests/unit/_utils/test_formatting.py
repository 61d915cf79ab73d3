import pytest

from imgcls._utils.formatting import chance, day, duration, in_words
from imgcls.evaluation.intervals import rate


def test_a_rate_says_what_it_was_counted_on_and_how_sure_it_is() -> None:
    told = rate(759, 768, "test photos")
    assert told == "98.8 % of 768 test photos (95 % interval 97.8 to 99.4 %)"
    assert rate(0, 0, "test photos") == "no test photos"
    assert rate(1, 1, "test photos of Dress").startswith("100.0 % of 1 test photo of Dress (")


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


@pytest.mark.parametrize(
    ("probability", "step", "told"),
    [
        (0.9876, 0.001, "98.8 %"),
        (0.9999, 0.001, "over 99.9 %"),
        (0.0001, 0.001, "under 0.1 %"),
        (0.9876, 0.01, "about 99 %"),
        (0.999, 0.01, "over 99 %"),
        (0.714, 0.05, "about 70 %"),
        (0.98, 0.05, "over 95 %"),
        (0.73, 0.1, "about 70 %"),
        (0.96, 0.1, "over 90 %"),
        (0.04, 0.1, "under 10 %"),
    ],
)
def test_a_chance_is_as_fine_as_what_it_rests_on(
    probability: float, step: float, told: str
) -> None:
    assert chance(probability, step) == told


def test_a_probability_in_words() -> None:
    said = [in_words(share) for share in (0.9995, 0.99, 0.98, 0.9, 0.7, 0.3)]
    assert said[:2] == ["almost certainly"] * 2
    assert said[2:] == ["very likely", "very likely", "probably", "perhaps"]
