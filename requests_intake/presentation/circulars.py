"""通报 on pages: a draft with why it is one, and an issue as it goes out. Never a word of the resident."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from grids.reference import territory
from requests_intake.circulars import Draft, IssueLine
from requests_intake.reference import rules


def draft_row(draft: Draft) -> dict[str, Any]:
    row = draft.row
    return {
        "pk": row.pk,
        "number": row.ticket.number,
        "url": reverse("desk:ticket", args=[row.ticket.number]),
        "drop_url": reverse("desk:move", args=[row.ticket.number, "drop_circular"]),
        "title": row.ticket.title,
        "organization": territory().organization_name(row.organization_id),
        "category": rules().category_name(row.ticket.category_id),
        "state": row.ticket.get_state_display(),
        "why": draft.why,
    }


def issue_row(line: IssueLine) -> dict[str, Any]:
    row = line.row
    return {
        "number": row.ticket.number,
        "url": reverse("desk:ticket", args=[row.ticket.number]) if line.is_mine else "",
        "organization": territory().organization_name(row.organization_id),
        "category": rules().category_name(row.ticket.category_id),
        "said": line.sentence,
        "withdrawn": line.withdrawn is not None,
        "reason": line.withdrawn or "",
    }
