"""Names that people gave: as they may be shown, and as people read them."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from imgcls.paths import DIGITS, IMAGENETTE

JOINERS = "\u200c\u200d"  # without which Persian words and many emoji are others
ISOLATE, END = "\u2068", "\u2069"
# Control, format, lone half of a pair (a file name in no known encoding), line, paragraph, unknown.
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"})
RIGHT_TO_LEFT = frozenset({"R", "AL"})
WORDNET_ID = re.compile(r"n\d{8}")
CONTROL_PICTURES = 0x2400  # a picture for each control character of ASCII, in their order


def printable(name: str) -> str:
    r"""Return a name as it may be shown: one line, nothing hidden in it, nothing around it moved.

    Control characters become their pictures, and other characters that show nothing their number.
    A name with letters that run from right to left is isolated, so that it leaves the order of the
    words around it alone (Unicode Standard Annex 9, section 2.7).

    Example:
        >>> printable("one\nline, \u202egpj.exe")
        'one␊line, ⟨U+202E⟩gpj.exe'
    """
    if name.isascii() and name.isprintable():
        return name
    shown = "".join(map(_visible, name))
    if any(unicodedata.bidirectional(character) in RIGHT_TO_LEFT for character in shown):
        return f"{ISOLATE}{shown}{END}"
    return shown


def titles(names: Sequence[str]) -> list[str]:
    """Return what people read for names of classes, which are often names of folders.

    Underscores become spaces, and a name of small ASCII letters begins with a capital one. Nothing
    else changes: capitals, accents and other scripts mean something. WordNet ids stay ids. Names
    that would come out alike all stay as they are, so that no two classes look the same.

    Example:
        >>> titles(["french_horn", "iPhone", "n01440764", "cat", "Cat"])
        ['French horn', 'iPhone', 'n01440764', 'cat', 'Cat']
    """
    shown = [_title(name) for name in names]
    times = Counter(shown)
    return [title if times[title] == 1 else name for name, title in zip(names, shown, strict=True)]


def dataset_title(name: str) -> str:
    """Return what people read for the name of a dataset: "Digits"; one of their own stays."""
    return name.capitalize() if name in (DIGITS, IMAGENETTE) else name


def _title(name: str) -> str:
    if WORDNET_ID.fullmatch(name):
        return name
    # Pages show several spaces as one.
    words = " ".join(filter(None, name.replace("_", " ").split(" "))) or name
    small = name.isascii() and name.islower()
    return words[0].upper() + words[1:] if small else words


def _visible(character: str) -> str:
    if character in JOINERS or unicodedata.category(character) not in UNSEEN:
        return character
    code = ord(character)
    return chr(CONTROL_PICTURES + code) if code < ord(" ") else f"⟨U+{code:04X}⟩"


def shortened(name: str, longest: int) -> str:
    """Return a name of at most so many characters, a longer one without its middle.

    What tells names apart is often at their end.
    """
    if len(name) <= longest:
        return name
    end = longest // 3
    return f"{name[: longest - end - 1]}…{name[-end:]}"
