"""Codes of areas: six digits of the district, then three for each level below it. Pure.

The first two groups follow the statistical area code (统计用区划代码: 6 + 3 + 3); grids go on in the same manner.
"""

from __future__ import annotations

from collections.abc import Iterable

DIGITS = 3
STREETS = range(1, 600)
"""001–099 街道, 100–199 镇, 200–399 乡, 400–599 政企合一."""


def suggested_code(parent_code: str, taken: Iterable[str]) -> str:
    """The lowest free code below a parent; empty where none is left."""
    used = set(taken)
    codes = (f"{parent_code}{number:0{DIGITS}d}" for number in range(1, 10**DIGITS))
    return next((code for code in codes if code not in used), "")


def code_problem(code: str, parent_code: str, level: str) -> str:
    """What is wrong with a new code below a parent: ``digits``, ``parent``, ``length``, ``street``; else empty."""
    if not (code.isascii() and code.isdigit()):
        return "digits"
    if not code.startswith(parent_code):
        return "parent"
    ending = code.removeprefix(parent_code)
    if len(ending) != DIGITS or int(ending) == 0:
        return "length"
    if level == "street" and int(ending) not in STREETS:
        return "street"
    return ""
