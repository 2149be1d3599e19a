"""Units of time limits and the limit itself (SLA D.1)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Unit(StrEnum):
    """How a limit is counted (SLA D.1): ``cal_*`` runs day and night, ``work_*`` only while people are at work."""

    CAL_MINUTE = "cal_minute"
    CAL_HOUR = "cal_hour"
    CAL_DAY = "cal_day"
    WORK_HOUR = "work_hour"
    WORK_DAY = "work_day"

    @property
    def is_working(self) -> bool:
        """Whether only working time counts."""
        return self in (Unit.WORK_HOUR, Unit.WORK_DAY)


_PHRASES = {
    Unit.CAL_MINUTE: "分钟",
    Unit.CAL_HOUR: "小时",
    Unit.CAL_DAY: "天",
    Unit.WORK_HOUR: "个工作小时",
    Unit.WORK_DAY: "个工作日",
}
_WORDS = {
    "分": Unit.CAL_MINUTE,
    "分钟": Unit.CAL_MINUTE,
    "小时": Unit.CAL_HOUR,
    "天": Unit.CAL_DAY,
    "日": Unit.CAL_DAY,
    "自然日": Unit.CAL_DAY,
    "工作小时": Unit.WORK_HOUR,
    "工作时": Unit.WORK_HOUR,
    "工作日": Unit.WORK_DAY,
}
_PATTERN = re.compile(r"(\d+)\s*个?\s*(\S+)")
_SAME_DAY = "当日"


class LimitError(ValueError):
    """A limit that cannot be read; ``code``: not_an_object, unknown_key, bad_value, unknown_unit or bad_phrase."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Limit:
    """An allowed time: a whole number of units.

    ``0 work_day`` means 当日: by the end of the working day of dispatch, or of the next one when the day is off or
    work is over (SLA D.2 "same day"). Every other limit is at least 1.
    """

    value: int
    unit: Unit

    def __post_init__(self) -> None:
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            raise LimitError("bad_value", f"the value of a limit is a whole number, not {self.value!r}")
        if self.value < 0 or (self.value == 0 and self.unit is not Unit.WORK_DAY):
            raise LimitError("bad_value", f"a limit of {self.value} {self.unit} is not possible")

    @classmethod
    def from_json(cls, data: object) -> "Limit":
        """Read ``{"value": 5, "unit": "work_day"}``. Raises ``LimitError``."""
        if not isinstance(data, Mapping):
            raise LimitError("not_an_object", 'a limit is written {"value": 5, "unit": "work_day"}')
        unknown = set(data) - {"value", "unit"}
        if unknown:
            raise LimitError("unknown_key", f"a limit has no {', '.join(sorted(map(str, unknown)))}")
        try:
            unit = Unit(str(data.get("unit")))
        except ValueError as error:
            known = ", ".join(Unit)
            raise LimitError("unknown_unit", f"{data.get('unit')!r} is not a unit of time; known: {known}") from error
        value: Any = data.get("value")
        return cls(value, unit)

    def to_json(self) -> dict[str, int | str]:
        """The form ``from_json`` reads."""
        return {"value": self.value, "unit": self.unit.value}

    @classmethod
    def parse(cls, phrase: str) -> "Limit":
        """Read a Chinese phrase: 5 个工作日, 4 个工作小时, 30 分钟, 24 小时, 30 天, 当日. Raises ``LimitError``."""
        text = phrase.strip()
        if text == _SAME_DAY:
            return cls(0, Unit.WORK_DAY)
        found = _PATTERN.fullmatch(text)
        unit = _WORDS.get(found[2]) if found else None
        if found is None or unit is None:
            raise LimitError("bad_phrase", f"{phrase!r} is not a time limit")
        return cls(int(found[1]), unit)

    def __str__(self) -> str:
        """The Chinese phrase: 5 个工作日."""
        if self.value == 0:
            return _SAME_DAY
        return f"{self.value} {_PHRASES[self.unit]}"

    def times(self, factor: int) -> "Limit":
        """The limit multiplied, as for 疑难 (SLA D.3)."""
        return Limit(self.value * factor, self.unit)
