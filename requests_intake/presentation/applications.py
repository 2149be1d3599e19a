"""Applications in words: what somebody asks for, in one line."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from governance.kernel.templatetags.ui import local_day
from grids.reference import territory
from requests_intake import sla
from requests_intake.models import Application
from requests_intake.sla.discipline import REASONS


def reason_words(row: Application) -> str:
    return REASONS.get(row.kind, {}).get(row.reason, "")


def what_is_asked(row: Application) -> str:
    """延期 2 个工作日：要等材料或配件."""
    return f"{amount(row)}：{reason_words(row)}"


def amount(row: Application) -> str:
    """The kind, with how much or until when, or whom it is for."""
    words: dict[str, Any] = {"kind": row.get_kind_display()}
    if row.kind == Application.Kind.EXTENSION and row.limit_value is not None:
        return _("{kind} {limit}").format(limit=sla.Limit(row.limit_value, sla.Unit(row.limit_unit)), **words)
    if row.kind == Application.Kind.RETURN:
        return _("{kind}，应由{organization}承办").format(
            organization=territory().organization_name(row.suggested_id), **words
        )
    return _("{kind}到{day}").format(day=local_day(row.until), **words) if row.until else str(words["kind"])
