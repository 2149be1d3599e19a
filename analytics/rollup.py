"""Folding deltas into the roll-ups, and proving the roll-ups against the transitions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from analytics.measures import AXES_SQL, facts_sql
from governance.kernel.tenancy.context import current_district_id

BATCH = 10_000

_UPSERT_DAYS = """
INSERT INTO analytics_dayfact (district_id, axis, day, measure, value, is_restricted, number)
SELECT %s, axis, day, measure, value, is_restricted, sum(number) FROM {facts} GROUP BY 2, 3, 4, 5, 6 {having}
ORDER BY 2, 3, 4, 5, 6
ON CONFLICT (district_id, axis, day, measure, value, is_restricted)
DO UPDATE SET number = analytics_dayfact.number + excluded.number"""
_UPSERT_MONTHS = """
INSERT INTO analytics_monthfact (district_id, month, measure, street, category, is_restricted, number)
SELECT %s, month, measure, street, category, is_restricted, sum(number) FROM {facts} GROUP BY 2, 3, 4, 5, 6 {having}
ORDER BY 2, 3, 4, 5, 6
ON CONFLICT (district_id, month, measure, street, category, is_restricted)
DO UPDATE SET number = analytics_monthfact.number + excluded.number"""

_AS_MONTHS = "(SELECT *, date_trunc('month', day)::date AS month FROM {facts} f) m"

# Both folders of a pair insert in the same order, so neither waits for the other in a circle.
_FOLD = f"""
WITH x AS (
    DELETE FROM analytics_factdelta WHERE district_id = %s AND id = ANY(ARRAY(
        SELECT id FROM analytics_factdelta WHERE district_id = %s ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED))
    RETURNING *),
days AS ({_UPSERT_DAYS.format(facts=f"x {AXES_SQL}", having="")}),
months AS ({_UPSERT_MONTHS.format(facts=_AS_MONTHS.format(facts="x"), having="")})
SELECT count(*) FROM x"""

_DAY_DIFFERENCES = f"""(
    SELECT axis, day, measure, value, is_restricted, number FROM truth {AXES_SQL}
    UNION ALL
    SELECT axis, day, measure, value, is_restricted, -number FROM analytics_dayfact WHERE district_id = %s
    UNION ALL
    SELECT axis, day, measure, value, is_restricted, -number FROM analytics_factdelta {AXES_SQL} WHERE district_id = %s
) d"""
_MONTH_DIFFERENCES = f"""(
    SELECT month, measure, street, category, is_restricted, number FROM {_AS_MONTHS.format(facts="truth")}
    UNION ALL
    SELECT month, measure, street, category, is_restricted, -number FROM analytics_monthfact WHERE district_id = %s
    UNION ALL
    SELECT month, measure, street, category, is_restricted, -number
    FROM {_AS_MONTHS.format(facts="analytics_factdelta")} WHERE district_id = %s
) d"""
_DIFFERS = "HAVING sum(number) <> 0"
_TRUTH = f"WITH truth AS ({facts_sql()})"

_COMPARE = f"""{_TRUTH}
SELECT axis, day, value, measure, is_restricted, sum(number) FROM {_DAY_DIFFERENCES} GROUP BY 1, 2, 3, 4, 5 {_DIFFERS}
UNION ALL
SELECT 'month', month, street || '/' || category, measure, is_restricted, sum(number) FROM {_MONTH_DIFFERENCES}
GROUP BY month, street, category, measure, is_restricted {_DIFFERS}
ORDER BY 1, 2, 3, 4, 5"""
_CORRECT = f"""{_TRUTH},
days AS ({_UPSERT_DAYS.format(facts=_DAY_DIFFERENCES, having=_DIFFERS)} RETURNING 1),
months AS ({_UPSERT_MONTHS.format(facts=_MONTH_DIFFERENCES, having=_DIFFERS)} RETURNING 1)
SELECT (SELECT count(*) FROM days) + (SELECT count(*) FROM months)"""


def fold(*, batch: int = BATCH) -> int:
    """Fold the deltas of the district in scope into the roll-ups. Returns how many were folded.

    A batch is one statement: a delta is gone exactly when its number stands in both roll-ups, whoever is killed when.
    Two folders never take the same delta (SKIP LOCKED).
    """
    folded = 0
    while True:
        with transaction.atomic():
            count = fold_batch(batch)
        folded += count
        if count < batch:
            return folded


def fold_batch(batch: int = BATCH) -> int:
    """Fold at most ``batch`` deltas in the running transaction."""
    district_id = current_district_id()
    with connection.cursor() as cursor:
        cursor.execute(_FOLD, [district_id, district_id, batch, district_id, district_id])
        return int(cursor.fetchone()[0])


@dataclass(frozen=True)
class Difference:
    """A cell whose roll-up and unfolded deltas are not what the transitions say. ``missing``: true number minus ours;
    ``axis`` is ``month`` for the cube, whose ``value`` is street/category."""

    axis: str
    day: Any
    value: str
    measure: str
    is_restricted: bool
    missing: int


def differences() -> list[Difference]:
    """Compare the facts of the district in scope with its transitions, in one statement: exact while it works."""
    district_id = current_district_id()
    with connection.cursor() as cursor:
        cursor.execute(_COMPARE, [district_id] * 5)
        return [Difference(*row) for row in cursor.fetchall()]


def rebuild() -> int:
    """Bring the facts of the district in scope to what its transitions say. Returns how many cells were corrected.

    The roll-ups are corrected by the difference instead of being written anew: that commutes with folding and with new
    deltas, so nothing needs to stand still. The caller has a transaction; one rebuild a district at a time.
    """
    district_id = current_district_id()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('rebuild_facts'), %s)", [district_id])
        cursor.execute(
            _CORRECT, [district_id, district_id, district_id, district_id, district_id, district_id, district_id]
        )
        return int(cursor.fetchone()[0])
