"""How alike two reports are: the same spot, the same kind of matter, similar words. No Django, no database.

Words are compared by pairs of characters: what people say of one broken lamp shares its pairs (楼道, 道灯, 灯坏)
whatever stands between them, and no dictionary is needed.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

WINDOW_DAYS = 7
"""Days back within which a report may be the same matter (inventory S3-13)."""
NEAR = 100.0
"""Metres within which two points are one spot."""
MOST = 5
"""How many suggestions are shown."""

LIKELY = 0.35
"""From here on the words speak for one matter."""

_EARTH = 6_371_000.0  # metres
_KEPT = re.compile(r"[㐀-鿿a-z0-9]+")
# Words of asking and of politeness: they stand in every report and tell none from another.
_EMPTY = re.compile(
    "尊敬的|领导|请问|您好|你好|麻烦|希望|尽快|谢谢|感谢|反映|我们|我家|一下|已经|现在|这个|那个|的|了|吗|呢|啊|吧|请|有|是|在|都|也|很"
)
_FIGURES = str.maketrans("一二三四五六七八九", "123456789")
_FEWEST_PAIRS = 4
"""Below so many pairs a text stands whole in many others: only what both share counts then."""


def normal(text: str) -> str:
    """The text as it is compared: one width, small letters, plain figures, without what says nothing."""
    plain = unicodedata.normalize("NFKC", text).lower()
    kept = "".join(_KEPT.findall(_EMPTY.sub("", plain))).translate(_FIGURES)
    # A text of nothing but such words is still itself.
    return kept or "".join(plain.split())


def pairs(text: str) -> frozenset[str]:
    """Pairs of neighbouring characters of a normalised text; a single character stands for itself."""
    return frozenset(text[n : n + 2] for n in range(max(len(text) - 1, 1))) if text else frozenset()


def likeness(one: str, other: str) -> float:
    """From 0 (nothing in common) to 1 (the same words). Symmetric.

    The mean of the share of pairs that both have among all (Jaccard) and among the shorter text's: a short report of
    the same matter is then not far from a long one.
    """
    first, second = pairs(normal(one)), pairs(normal(other))
    if not first or not second:
        return 1.0 if first == second else 0.0
    common = len(first & second)
    jaccard = common / len(first | second)
    fewest = min(len(first), len(second))
    if fewest < _FEWEST_PAIRS:
        return jaccard
    return (jaccard + common / fewest) / 2


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Distance of two points (longitude, latitude)."""
    (lng1, lat1), (lng2, lat2) = one, other
    dy, dx = radians(lat2 - lat1) / 2, radians(lng2 - lng1) / 2
    return 2 * _EARTH * asin(min(1.0, sqrt(sin(dy) ** 2 + cos(radians(lat1)) * cos(radians(lat2)) * sin(dx) ** 2)))


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a matter lies, as far as it is known; ``point`` is (longitude, latitude)."""

    building: int | None = None
    compound: int | None = None
    grid: int | None = None
    point: tuple[float, float] | None = None


BUILDING, COMPOUND, GRID, NEARBY = "building", "compound", "grid", "near"
_PLACE_WEIGHT = {BUILDING: 1.0, COMPOUND: 0.8, NEARBY: 0.7, GRID: 0.5}
_LEAST_WORDS = {BUILDING: 0.2, COMPOUND: 0.4, NEARBY: 0.35, GRID: 0.45}
"""How alike the words must be, by how exactly the place is the same."""
_LEAST_WORDS_OTHER_KIND = 0.6
"""The same where only the first level of the category agrees."""


def same_place(one: Spot, other: Spot) -> str:
    """In which sense two spots are the same: ``building``, ``compound``, ``near``, ``grid``, or empty."""
    if one.building is not None and one.building == other.building:
        return BUILDING
    if one.point and other.point and metres(one.point, other.point) <= NEAR:
        return NEARBY
    if one.compound is not None and one.compound == other.compound:
        return COMPOUND
    # Two known and different buildings or compounds of one grid are two places.
    both_buildings = one.building is not None and other.building is not None
    both_compounds = one.compound is not None and other.compound is not None
    if one.grid is not None and one.grid == other.grid and not both_buildings and not both_compounds:
        return GRID
    return ""


@dataclass(frozen=True, slots=True)
class Match:
    """Why two reports may be one matter. ``score`` orders suggestions, 0 to 1."""

    place: str
    same_category: bool  # of the second level; else only of the first
    words: float
    score: float


def match(place: str, *, same_category: bool, same_parent: bool, words: float) -> Match | None:
    """Weigh place, category and words; None where it is more likely another matter."""
    if not place or not (same_category or same_parent):
        return None
    least = _LEAST_WORDS[place] if same_category else max(_LEAST_WORDS_OTHER_KIND, _LEAST_WORDS[place])
    if words < least:
        return None
    score = 0.35 * _PLACE_WEIGHT[place] + 0.15 * same_category + 0.5 * words
    return Match(place, same_category, words, score)
