"""What operating systems, network drives and tools leave among photos, and nobody put there."""

# Compared without regard to case: file systems differ in it.
_NAMES = frozenset(
    {
        # folders: of macOS archives, Windows, Linux, QNAP and Synology, Python
        "__macosx",
        "network trash folder",
        "temporary items",
        "$recycle.bin",
        "recycler",
        "recycled",
        "system volume information",
        "lost+found",
        "@eadir",
        "@tmp",
        "#recycle",
        "#snapshot",
        "@recycle",
        "@recently-snapshot",
        "__pycache__",
        # files: of Windows, macOS and programs that show photos
        "thumbs.db",
        "ehthumbs.db",
        "ehthumbs_vista.db",
        "desktop.ini",
        "folder.htt",
        "icon\r",
        "picasa.ini",
        "zbthumbnail.info",
    }
)


def is_system_file(name: str) -> bool:
    """Return whether a file or folder of this name is no photo and no class, but a leftover.

    Hidden ones, whose name begins with a full stop, are too, and so are the alternate streams that
    Windows archives carry along ("photo.jpg:Zone.Identifier") and Windows' rescued "FOUND.000".

    Args:
        name: the last part of a path.
    """
    lower = name.lower()
    return (
        lower.startswith(".")
        or lower in _NAMES
        or lower.endswith((":zone.identifier", "zone.identifier", ":encryptable"))
        or (lower.startswith("found.") and lower[6:].isdecimal())
    )
