"""The page of the statistics: a period's numbers by day, category, street and level, and what the residents said."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.utils.translation import gettext as _

from analytics.board import percent
from analytics.events import EventFilter, days, value_name
from analytics.facts import CUBE_AXES, Period, totals, trend
from analytics.measures import FACES, MEASURES
from analytics.restricted import RESULT_RANKING
from governance.kernel import features
from grids.models import Level
from grids.reference import territory

TOP_CATEGORIES = 10
LEAST_RATED = 10  # with fewer a rate is shown and not ranked (kpi: common rules)
SHOWN = ("submitted", "closed", "overdue")
_ON_STREETS = ("submitted", "resolved", "closed", "overdue", "escalated", "reworked", "reopened")
_ON_CATEGORIES = ("submitted", "closed", "overdue", "escalated", "reworked", "reopened")
_ON_LEVELS = ("dispatched", "resolved", "escalated", "escalated_by_clock", "closed")
SO_SO_WEIGHT = 0.8  # kpi E.3: 基本满意 counts 0.8
CHART_HEIGHT = 100


def figures(period: Period, *, confidential: bool) -> dict[str, Any]:
    """Everything the page shows except the map, in four statements; every number with its ``EventFilter``."""
    streets = totals(period, "street", confidential=confidential)
    whole: Counter[str] = Counter()
    for (_street, measure), number in streets.items():
        whole[measure] += number
    places = [str(area.id) for area in territory().at_level(Level.STREET)]
    return {
        "numbers": [_number(period, name, whole[name]) for name in _numbers()],
        "chart": chart(period, confidential=confidential),
        "streets": _streets(period, streets, places),
        "is_ranked": features.is_on(RESULT_RANKING),
        "more_heads": [_("名次"), _("满意率")] if features.is_on(RESULT_RANKING) else [],
        "street_heads": [MEASURES[name].label for name in _ON_STREETS],
        "categories": _lines(period, "category", _ON_CATEGORIES, totals(period, "category", confidential=confidential))[
            :TOP_CATEGORIES
        ],
        "category_heads": [MEASURES[name].label for name in _ON_CATEGORIES],
        "levels": _levels(period, confidential),
        "level_heads": [MEASURES[name].label for name in _ON_LEVELS],
        "voices": [_voice(period, which, whole) for which in ("first", "final")],
        "closed": _number(period, "closed", whole["closed"]),
    }


def _numbers() -> list[str]:
    return [name for name in MEASURES if not name.startswith(("first_", "final_"))]


def _number(period: Period, measure: str, value: int, axis: str = "", key: str = "") -> dict[str, Any]:
    found = EventFilter.of(period, measure)
    return {
        "label": str(MEASURES[measure].label),
        "measure": measure,
        "value": value,
        "filter": found.at(axis, key) if axis else found,
    }


def _lines(
    period: Period,
    axis: str,
    measures: tuple[str, ...],
    found: dict[tuple[str, str], int],
    *,
    also: list[str] | None = None,
) -> list[dict[str, Any]]:
    """A line for each value of an axis, the fullest first; ``also`` names values worth a line without any number."""
    keys = {key for key, measure in found if measure in measures} | set(also or ())
    ordered = sorted(keys, key=lambda key: (-found.get((key, measures[0]), 0), key))
    most = max((found.get((key, measures[0]), 0) for key in keys), default=0)
    return [
        {
            "key": key,
            "label": value_name(axis, key),
            "width": found.get((key, measures[0]), 0) * 100 / most if most else 0,
            "cells": [_number(period, name, found.get((key, name), 0), axis, key) for name in measures],
        }
        for key in ordered
    ]


def _streets(period: Period, found: dict[tuple[str, str], int], places: list[str]) -> list[dict[str, Any]]:
    """Streets in the order of the register; with the switch ``result_ranking``, by the residents' satisfaction.

    Ranked by 满意率 at the last rating (kpi E.3); equal ones share a rank and the next is skipped, fewer than ten
    ratings are not ranked (kpi: ranking rules). Only organizations are ranked, never a person.
    """
    place_of = {key: number for number, key in enumerate(places)}
    lines = _lines(period, "street", _ON_STREETS, found, also=places)
    lines.sort(key=lambda line: (place_of.get(line["key"], len(places)), line["key"]))
    if not features.is_on(RESULT_RANKING):
        return lines
    rates: dict[str, float] = {}
    for line in lines:
        faces = [found.get((line["key"], f"final_{face}"), 0) for face in FACES]
        rated, score = sum(faces), faces[0] + SO_SO_WEIGHT * faces[1]
        if rated >= LEAST_RATED and line["key"] in place_of:
            rates[line["key"]] = score / rated
        line["more"] = ["—", f"{score * 100 / rated:.1f}%" if rated else percent(0, 0)]
    for line in lines:
        if line["key"] in rates:
            line["more"][0] = str(1 + sum(rate > rates[line["key"]] for rate in rates.values()))
    lines.sort(key=lambda line: -rates.get(line["key"], -1))
    return lines


def _levels(period: Period, confidential: bool) -> list[dict[str, Any]]:
    """By the level that acted, from the ground up; empty for whole months, of which levels are not kept."""
    if period.whole_months and "level" not in CUBE_AXES:
        return []
    lines = _lines(period, "level", _ON_LEVELS, totals(period, "level", confidential=confidential))
    order = [str(level.label) for level in Level]
    return sorted(lines, key=lambda line: order.index(line["label"]) if line["label"] in order else len(order))


def _voice(period: Period, which: str, whole: Counter[str]) -> dict[str, Any]:
    """满意率 (kpi E.3): (满意 + 还行 × 0.8) ÷ rated closings; who said nothing is in neither."""
    faces = [_number(period, f"{which}_{face}", whole[f"{which}_{face}"]) for face in FACES]
    rated = sum(face["value"] for face in faces)
    score = faces[0]["value"] + SO_SO_WEIGHT * faces[1]["value"]
    return {
        "label": _("首次评价") if which == "first" else _("最终评价"),
        "faces": faces,
        "rated": rated,
        "score": f"{score:g}",
        "percent": f"{score * 100 / rated:.1f}%" if rated else percent(0, 0),
    }


def chart(period: Period, *, confidential: bool) -> dict[str, Any]:
    """Bars of received, closed and overdue for each day (month, in a year), and the table behind them."""
    rows = trend(period, SHOWN, confidential=confidential)
    most = max((number for _day, numbers in rows for number in numbers.values()), default=0)
    slot = 10  # units of the drawing; three bars of 2.6 with a little air
    bars = []
    table = []
    for index, (day, numbers) in enumerate(rows):
        for place, name in enumerate(SHOWN):
            height = numbers[name] * CHART_HEIGHT / most if most else 0
            if height:
                bars.append(
                    {
                        "kind": name,
                        "x": f"{index * slot + 1 + place * 2.7:.1f}",
                        "y": f"{CHART_HEIGHT - height:.1f}",
                        "height": f"{height:.1f}",
                    }
                )
        one = Period(day, day.replace(day=1) if period.whole_months else day, whole_months=period.whole_months)
        label = _("{month}月").format(month=day.month) if period.whole_months else days(day, day)
        table.append({"label": label, "cells": [_number(one, name, numbers[name]) for name in SHOWN]})
    return {
        "bars": bars,
        "width": len(rows) * slot,
        "height": CHART_HEIGHT,
        "most": most,
        "heads": [{"kind": name, "label": str(MEASURES[name].label)} for name in SHOWN],
        "table": table,
        "marks": [table[index]["label"] for index in sorted({0, len(table) // 2, len(table) - 1})],
    }
