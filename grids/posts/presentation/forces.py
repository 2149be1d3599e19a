"""A force as staff and as residents read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from governance.kernel.masking import mask_contact
from grids.models import Level
from grids.posts.models import Force
from grids.posts.queries import skills_of
from grids.reference import territory


def lines(rows: Sequence[Force]) -> list[dict[str, Any]]:
    """One statement, for the skills. A number that its owner publishes is shown whole, any other masked."""
    words, places = skills_of(rows), territory()
    found = []
    for row in rows:
        area = places.areas[row.area_id]
        kind = str(row.get_kind_display())
        about = [row.role] if kind in row.role or row.role in kind else [kind, row.role]
        if row.headcount > 1:
            about.append(_("{count} 人").format(count=row.headcount))
        found.append(
            {
                "pk": row.pk,
                "name": row.name,
                "about": "·".join(about),
                "level": str(Level(area.level).label),
                "place": area.name,
                "skills": words.get(row.pk, []),
                "availability": row.availability,
                "phone": row.phone if row.publishes_phone else mask_contact(row.phone),
                "is_open": row.publishes_phone,
                "has_phone": bool(row.phone),
                "seen": _seen(row),
                "area_id": row.area_id,
            }
        )
    return found


def _seen(row: Force) -> str:
    if not row.is_public:
        return ""
    return _("居民看得到电话") if row.publishes_phone else _("居民看得到姓名")


def public_lines(rows: Sequence[Force]) -> list[dict[str, Any]]:
    """Name and role; the number only where it is published (``queries.public_forces`` has emptied the others)."""
    return [
        {"pk": row.pk, "name": row.name, "role": row.role, "phone": row.phone, "availability": row.availability}
        for row in rows
    ]
