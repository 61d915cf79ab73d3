import pytest

from imgcls._utils.system_files import is_system_file


@pytest.mark.parametrize(
    "name",
    [
        "__MACOSX",
        "@eaDir",
        "$RECYCLE.BIN",
        "$Recycle.Bin",
        "lost+found",
        "System Volume Information",
        "__pycache__",
        "Thumbs.db",
        "THUMBS.DB",
        "desktop.ini",
        ".DS_Store",
        "._0000.png",
        ".Trash-1000",
        "Icon\r",
        "FOUND.000",
        "#recycle",
        "photo.jpg:Zone.Identifier",
    ],
)
def test_what_systems_leave_is_known(name: str) -> None:
    assert is_system_file(name)


@pytest.mark.parametrize(
    "name",
    ["cat", "recycling", "found.jpg", "found.object", "icon", "thumbs", "@home", "1", "lost", "犬"],
)
def test_what_people_call_things_is_not(name: str) -> None:
    assert not is_system_file(name)
