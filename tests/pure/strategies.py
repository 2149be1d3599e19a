"""What the pure tests share: the national calendar around the present and generators of moments and limits."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from governance.kernel.calendar import SHANGHAI, WorkCalendar
from requests_intake.sla import Limit, Unit

CALENDAR = WorkCalendar.national(range(2025, 2028))  # 2027 is not published: its fallback is part of the tests

moments = st.datetimes(datetime(2025, 3, 1), datetime(2027, 10, 1)).map(lambda naive: naive.replace(tzinfo=UTC))
fractions = st.floats(0, 2.5, allow_nan=False)
units = st.sampled_from(Unit)
limits = st.builds(Limit, st.integers(1, 60), units) | st.just(Limit(0, Unit.WORK_DAY))
spans = st.timedeltas(timedelta(0), timedelta(days=120))


def at(text: str) -> datetime:
    """A moment in Shanghai: ``at("2026-09-24 10:00")``."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
