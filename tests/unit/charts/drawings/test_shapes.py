from xml.etree import ElementTree

from imgcls.charts.drawings.shapes import HEIGHT, shapes
from imgcls.charts.theme import ORANGE

WAY = [(160, 160, 3), (80, 80, 32), (5, 5, 1280)]


def test_the_picture_shrinks_and_thickens() -> None:
    drawn = shapes(WAY, 1)
    root = ElementTree.fromstring(drawn)
    space = "{http://www.w3.org/2000/svg}"
    fronts = [float(front.attrib["width"]) for front in root.iter(f"{space}rect")]
    assert fronts[0] == HEIGHT
    assert fronts == sorted(fronts, reverse=True)
    flanks = [flank.attrib["points"].split() for flank in root.iter(f"{space}polygon")][1::2]
    depths = [float(right.split(",")[0]) - float(left.split(",")[0]) for left, right, *_ in flanks]
    assert depths == sorted(depths)
    assert [text.text for text in root.iter(f"{space}text")] == [
        *("160 x 160", "x 3"),
        *("80 x 80", "x 32"),
        *("5 x 5", "x 1,280"),
    ]
    # Roof, flank and front of the one that is picked.
    assert drawn.count(ORANGE) == 3
