from imgcls.data.bundled import sample_photos
from imgcls.data.images import read_rgb


def test_every_example_is_a_picture() -> None:
    photos = sample_photos()
    assert len(photos) == 3
    for content in photos.values():
        assert read_rgb(content, 160).std() > 10
