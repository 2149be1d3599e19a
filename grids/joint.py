"""一体化办公室 (S3-32): an organization whose people also hold posts elsewhere, with its own queue.

It is founded and staffed like any other: its trade says what it is, its posts name the roles, and a person holds one of
them beside the post at home. Nothing else is kept: who comes from where follows from the posts.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from grids.reference import territory

JOINT_OFFICE = "joint_office"
TRADE = (JOINT_OFFICE, _("一体化办公室"))
"""The trade of such an office, beside those of the departments: it is suggested for no category by itself."""


@dataclass(frozen=True, slots=True)
class Seat:
    """A role in the office, and the organizations its holder comes from; empty while the seat is vacant or nobody's."""

    role: str
    homes: tuple[str, ...]


def seats_of(organization_id: int | None) -> list[Seat]:
    """The roles in a joint office today; none for any other organization. No statement."""
    places = territory()
    office = places.organizations.get(organization_id or 0)
    if office is None or office.department_kind != JOINT_OFFICE:
        return []
    found = []
    for holder in places.serving(office.id):
        homes = [
            row.organization_id for row in places.held_by(holder.membership_id) if row.organization_id != office.id
        ]
        names = dict.fromkeys(places.organization_name(pk) for pk in homes)
        found.append(Seat(holder.post_name, tuple(names)))
    return found
