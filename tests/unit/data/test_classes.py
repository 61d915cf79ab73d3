from imgcls.data.classes import IMAGENETTE, PAPER_NAMES_NOTE, display_name

# As printed in the paper, its doubled "truck" included.
PAPER_LIST = [
    *("fish", "dog", "radio", "chainsaw", "church"),
    *("french_horn", "truck", "truck", "petrol_station", "golf_ball"),
]


def test_ten_classes_in_the_order_of_their_folders() -> None:
    ids = [known.wordnet_id for known in IMAGENETTE]
    assert len(set(ids)) == 10
    assert ids == sorted(ids)


def test_every_name_stands_for_one_class() -> None:
    assert len({known.imagenet_name for known in IMAGENETTE}) == 10
    assert len({known.paper_name for known in IMAGENETTE}) == 10


def test_names_are_the_papers_with_parachute_for_the_missing_one() -> None:
    names = {known.paper_name for known in IMAGENETTE}
    assert names - set(PAPER_LIST) == {"parachute"}
    assert set(PAPER_LIST) < names
    assert "truck" in PAPER_NAMES_NOTE
    assert "parachute" in PAPER_NAMES_NOTE


def test_display_name() -> None:
    assert display_name("n03425413") == "petrol_station"
    assert display_name("my own cats") == "my own cats"
