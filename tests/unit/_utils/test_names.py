from itertools import permutations

import pytest

from imgcls._utils.names import dataset_title, printable, shortened, titles


@pytest.mark.parametrize(
    "name",
    [
        "french_horn",
        "*a* <b> $x$ [y](z)",
        "Käse",
        "e\u0301",
        "日本語",
        "👩\u200d🔬",  # a scientist, of a woman and a microscope
    ],
)
def test_what_can_be_seen_stays(name: str) -> None:
    assert printable(name) == name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("two\nlines\x00", "two␊lines␀"),
        ("photo\u202egpj.exe", "photo⟨U+202E⟩gpj.exe"),
        ("cat\u200b", "cat⟨U+200B⟩"),
        ("caf\udce9", "caf⟨U+DCE9⟩"),  # a file name that is not UTF-8
        ("a\u2028b\x7f\x9b", "a⟨U+2028⟩b⟨U+007F⟩⟨U+009B⟩"),
    ],
)
def test_what_cannot_be_seen_is_made_visible(name: str, shown: str) -> None:
    assert printable(name) == shown
    shown.encode()


def test_words_from_right_to_left_do_not_move_what_is_around_them() -> None:
    assert printable("\u05e9\u05dc\u05dd") == "\u2068\u05e9\u05dc\u05dd\u2069"
    assert printable("قط 12") == "\u2068قط 12\u2069"


def test_a_long_name_keeps_both_ends() -> None:
    assert shortened("short", 5) == "short"
    long = "n02085620-Chihuahua" + "x" * 200 + "-0042"
    short = shortened(long, 20)
    assert len(short) == 20
    assert short == "n02085620-Chi…x-0042"


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("french_horn", "French horn"),
        ("cat", "Cat"),
        ("7", "7"),
        ("iPhone", "iPhone"),
        ("Corn_(maize)___Common_rust_", "Corn (maize) Common rust"),
        ("éclair", "éclair"),
        ("straße_3", "straße 3"),
        ("n01440764", "n01440764"),
        ("two\nlines", "Two\nlines"),  # `printable` shows the break
        ("__", "__"),
    ],
)
def test_a_name_as_people_read_it(name: str, title: str) -> None:
    assert titles([name]) == [title]
    assert titles([title]) == [title]


def test_no_two_names_come_out_alike() -> None:
    names = ["cat", "Cat", "golf_ball", "golf ball", "golf__ball", "Golf ball", "_", "a_b", "A b"]
    for some in permutations(names, 4):
        assert len({" ".join(shown.split(" ")) for shown in titles(some)}) == len(some)
    assert titles(["golf_ball", "golf ball", "tench"]) == ["golf_ball", "golf ball", "Tench"]


def test_the_datasets_that_come_along_have_titles_and_ones_own_stay() -> None:
    names = ("digits", "imagenette", "my photos")
    assert [*map(dataset_title, names)] == ["Digits", "Imagenette", "my photos"]
