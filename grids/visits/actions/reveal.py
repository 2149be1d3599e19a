"""Opening what somebody else wrote down at a visit. No savepoint of its own: a refusal stays written down (ADR 17)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from governance.kernel.actors import Actor
from governance.kernel.errors import NotFound
from governance.privacy.actions.disclose import disclose
from grids.visits.models import CareContact, CareLink, CareObject, ContactMember, Visit
from grids.visits.policies import find_care, find_contact, find_visit

VISIT = "visit"
"""Kind of object in disclosures, holds and audit."""


def reveal_findings(visit: Visit, *, reason: str, actor: Actor, words: str = "") -> str:
    """The words of a visit in clear; counted with names and numbers. Raises as ``find_visit`` and ``disclose``."""
    row = find_visit(actor, visit.pk)
    if not row.findings:
        raise NotFound("nothing_there", _("这次走访没有写字。"))
    return disclose(
        object_kind=VISIT, object_id=row.pk, field="findings", reason=reason, words=words, actor=actor,
        value=lambda: row.findings,
    )  # fmt: skip


def reveal_value(kind: str, pk: int, field: str, *, reason: str, actor: Actor, words: str = "") -> str:
    """What stands masked on care and contact pages, in clear (see ``OPENED``). Raises as ``reveal_findings``."""
    if field not in OPENED.get(kind, {}):
        raise NotFound("nothing_there", _("这里没有登记。"))
    row = find_opened(actor, kind, pk)
    value = str(getattr(row, OPENED[kind][field]))
    if not value:
        raise NotFound("nothing_there", _("这里没有登记。"))
    return disclose(
        object_kind=kind, object_id=row.pk, field=field, reason=reason, words=words, actor=actor, value=lambda: value
    )


OPENED = {
    "care": {"needs": "needs"},
    "care_helper": {"phone": "helper_phone"},
    "care_contact": {"findings": "words"},
    "contact_member": {"name": "full_name", "phone": "phone"},
}
"""By kind of object: what may be opened, and the column it stands in."""


def find_opened(actor: Actor, kind: str, pk: int) -> CareObject | CareLink | CareContact | ContactMember:
    """The row behind a masked value, of the actor's places; raises as ``find_care``."""
    if kind == "contact_member":
        return find_contact(actor, pk)
    if kind == "care":
        return find_care(actor, pk)
    if kind == "care_helper":
        link = CareLink.objects.filter(pk=pk).first()
        find_care(actor, link.care_id if link else 0)
        assert link is not None
        return link
    contact = CareContact.objects.select_related("link").filter(pk=pk).first()
    find_care(actor, contact.link.care_id if contact else 0)
    assert contact is not None
    return contact
