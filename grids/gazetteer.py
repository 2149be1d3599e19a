"""Finds places in a written address. Pure: names come in, ids go out.

A compound wins over a grid, that over a community, that over a street; among compounds the longest name does
(「柳荫花园东区」 before 「柳荫花园」). A building number is looked for only behind the compound's name, so that a
street number (「柳荫路18号」) is not taken for one.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

# The deeper, the sooner.
_DEPTH = {"compound": 0, "grid": 1, "community": 2, "street": 3}

_NUMERALS = "零一二三四五六七八九"
_NUMERAL = "[零一二三四五六七八九十]{1,3}"
_NUMBER = rf"(?P<n>[A-Z]?\d{{1,4}}|[A-Z]|{_NUMERAL})"
_BUILDING = [
    re.compile(rf"第?{_NUMBER}(?:号楼|栋|幢|座|#楼)"),
    re.compile(rf"#{_NUMBER}(?!\d)"),
    re.compile(rf"{_NUMBER}#"),
    # 「柳荫花园3号2单元」 and 「柳荫花园3-2-501」: only directly behind the name.
    re.compile(rf"^(?:小区|社区)?{_NUMBER}(?:号(?!线|门|院)|-\d)"),
]


def plain(text: str) -> str:
    """Text as it is compared: full-width signs made narrow, capitals, no spaces."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).upper()


def building_number(text: str) -> str:
    """The building number in what follows a compound's name: 3 of 3号楼, 三栋, 3幢, #3, 3-2-501; else empty."""
    text = plain(text)
    for pattern in _BUILDING:
        found = pattern.search(text)
        if found:
            return _as_number(found["n"])
    return ""


def _as_number(text: str) -> str:
    if re.fullmatch(_NUMERAL, text) is None:
        return re.sub(r"^([A-Z]?)0+(?=\d)", r"\1", text)
    if "十" not in text:
        return "".join(str(_NUMERALS.index(sign)) for sign in text)
    tens, _, ones = text.partition("十")
    return str((_NUMERALS.index(tens) if tens else 1) * 10 + (_NUMERALS.index(ones) if ones else 0))


@dataclass(frozen=True, slots=True)
class Place:
    """Something with a name: ``kind`` is compound, grid, community or street; ``within`` the areas that contain it."""

    kind: str
    id: int
    within: frozenset[int]


@dataclass(frozen=True, slots=True)
class Mention:
    """The place an address names, and the number of the building where a compound is followed by one."""

    place: Place
    building: str = ""


_Hit = tuple[int, int, list[Place]]  # where the name begins and ends in the text, and whose it is


def _hides(longer: _Hit, hit: _Hit) -> bool:
    """「幸福里」 in 「幸福里社区」 counts only where that compound lies in that community."""
    covers = longer[0] <= hit[0] and hit[1] <= longer[1] and longer[:2] != hit[:2]
    return covers and not any(place.within & {other.id for other in longer[2]} for place in hit[2])


class Gazetteer:
    """Names of one district. The same name may belong to several places."""

    def __init__(self, names: Iterable[tuple[str, Place]]) -> None:
        self._places: dict[str, list[Place]] = defaultdict(list)
        for name, place in names:
            key = plain(name)
            if len(key) >= 2 and place not in self._places[key]:
                self._places[key].append(place)
        self._lengths = sorted({len(name) for name in self._places}, reverse=True)

    def find(self, address: str, *, chosen: int | None = None) -> Mention | None:
        """What the address names, None for nothing.

        Where one name belongs to several places, an area named elsewhere in the text decides, else the ``chosen``
        area; a name that stays ambiguous is passed over for the next.
        """
        text = plain(address)
        found = self._occurrences(text)
        for _, end, places in found:
            place = self._only(places, found, chosen)
            if place is not None:
                number = building_number(text[end:]) if place.kind == "compound" else ""
                return Mention(place, number)
        return None

    def _occurrences(self, text: str) -> list[_Hit]:
        """Names in the text, best first: deepest, then longest, then first."""
        found = []
        for length in self._lengths:
            for start in range(len(text) - length + 1):
                places = self._places.get(text[start : start + length])
                if places:
                    found.append((start, start + length, places))
        found = [hit for hit in found if not any(_hides(longer, hit) for longer in found)]
        return sorted(found, key=lambda hit: (min(_DEPTH[place.kind] for place in hit[2]), hit[0] - hit[1], hit[0]))

    @staticmethod
    def _only(places: list[Place], found: list[_Hit], chosen: int | None) -> Place | None:
        if len(places) == 1:
            return places[0]
        named = {
            other.id for _, _, others in found for other in others if len(others) == 1 and other.kind != "compound"
        }
        for areas in (named, {chosen}):
            left = [place for place in places if place.within & areas]
            if len(left) == 1:
                return left[0]
        return None
