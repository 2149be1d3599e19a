"""What is known about a model district, and the words names are made of. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

DATA = Path(__file__).resolve().parent.parent / "data"
CODES = ("s0", "s1", "s2", "s3", "s4")


@dataclass(frozen=True)
class CompoundGroup:
    """So many compounds of one kind under one form of management."""

    kind: str
    management: str
    count: int


@dataclass(frozen=True)
class DistrictSpec:
    """One district file. ``stated`` lists the fields an account of the district gives; all others are assumptions.

    ``households_per_grid``: least and most; ``households`` and ``residents``: exact totals where known;
    ``center``: longitude and latitude of a place where none of the districts lies; ``levels``: the district's own chain
    of party organizations and posts, each with the territory it is anchored to.
    """

    id: int
    code: str
    name: str
    area_code: str
    escalation_path: tuple[str, ...]
    center: tuple[float, float]
    streets: int
    communities: int
    grids: int
    households_per_grid: tuple[int, int]
    compounds: tuple[CompoundGroup, ...]
    households: int | None = None
    residents: int | None = None
    community_names: tuple[str, ...] = ()
    compound_names: tuple[str, ...] = ()
    levels: tuple[dict[str, str], ...] = ()
    stated: frozenset[str] = frozenset()

    def random(self, purpose: str) -> Random:
        """The same sequence on every run; one for each purpose, so that a change in one leaves the others alone."""
        return Random(f"{self.area_code} {purpose}")


def read_spec(code: str) -> DistrictSpec:
    """The district file of a code; ``FileNotFoundError`` where there is none."""
    data = _read(DATA / "districts" / f"{code}.json")
    data["compounds"] = tuple(CompoundGroup(**group) for group in data["compounds"])
    data["stated"] = frozenset(data["stated"])
    for name in ("escalation_path", "center", "households_per_grid", "community_names", "compound_names", "levels"):
        data[name] = tuple(data.get(name, ()))
    return DistrictSpec(**data)


@dataclass(frozen=True)
class Words:
    """The parts of made-up names."""

    places: tuple[str, ...]
    roads: tuple[str, ...]
    surnames: tuple[str, ...]
    given_names: tuple[str, ...]
    compound_endings: dict[str, tuple[str, ...]]


def read_words() -> Words:
    data = _read(DATA / "names.json")
    return Words(
        places=_split(data["places"]),
        roads=_split(data["roads"]),
        surnames=_split(data["surnames"]),
        given_names=_split(data["given_names"]),
        compound_endings={kind: _split(endings) for kind, endings in data["compound_endings"].items()},
    )


def read_departments() -> list[tuple[str, str]]:
    """Kind and name of the departments every district has."""
    return [(row["kind"], row["name"]) for row in _read(DATA / "departments.json")]


def _split(words: str | list[str]) -> tuple[str, ...]:
    return tuple((words if isinstance(words, str) else " ".join(words)).split())


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
