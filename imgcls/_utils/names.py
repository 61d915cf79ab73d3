"""Names that people gave: what cannot be seen in them is made visible."""

import unicodedata

JOINERS = "\u200c\u200d"  # without which Persian words and many emoji are others
ISOLATE, END = "\u2068", "\u2069"
# Control, format, lone half of a pair (a file name in no known encoding), line, paragraph, unknown.
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"})
RIGHT_TO_LEFT = frozenset({"R", "AL"})
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
