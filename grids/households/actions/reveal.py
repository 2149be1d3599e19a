"""Opening a masked name or number of the register, and what stands behind a sensitive tag.

None of these runs in a savepoint of its own: that an opening was refused stays written down.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from governance.kernel import audit
from governance.kernel.actors import Actor
from governance.kernel.errors import NotAllowed, NotFound
from governance.privacy.actions.disclose import disclose
from governance.privacy.models import Disclosure
from grids.households.models import Household, HouseholdTagging, Person
from grids.households.policies import find_household, reads_tag

HOUSEHOLD, PERSON = "household", "household_person"
"""Kinds of object in disclosures and audit."""
_Reason = Disclosure.Reason
REASONS = {
    reason.value: reason.label for reason in (_Reason.HOME_VISIT, _Reason.ON_SITE, _Reason.EMERGENCY, _Reason.OTHER)
}


def reveal_contact(household: Household, field: str, *, reason: str, actor: Actor, words: str = "") -> str:
    """``name`` or ``phone`` of whom to ring, in clear. Raises ``NotAllowed``, ``NotFound``, and as ``disclose``."""
    row = find_household(actor, household.pk)
    value = {"name": row.contact_name, "phone": row.contact_phone}.get(field, "")
    return _opened(HOUSEHOLD, row.pk, field, value, reason, words, actor)


def reveal_person(person: Person, field: str, *, reason: str, actor: Actor, words: str = "") -> str:
    """``name`` or ``phone`` of somebody of a household, in clear. Raises as ``reveal_contact``."""
    find_household(actor, person.household_id)
    value = {"name": person.name, "phone": person.phone}.get(field, "")
    return _opened(PERSON, person.pk, field, value, reason, words, actor)


def open_tagging(tagging: HouseholdTagging, *, reason: str, actor: Actor, words: str = "") -> HouseholdTagging:
    """Name and grounds of a sensitive tag on a household (S2-22). Without the right: refused, and written down."""
    find_household(actor, tagging.household_id)
    row = HouseholdTagging.objects.select_related("tag").get(pk=tagging.pk)
    if not reads_tag(actor, row.tag):
        audit.record(
            "reveal_tag",
            actor=actor,
            object_kind=HOUSEHOLD,
            object_id=row.household_id,
            succeeded=False,
            tag=row.tag_id,
        )
        raise NotAllowed("tag_restricted", _("这是受限标签，您的岗位不能看。这次查看已记录。"))
    disclose(
        object_kind=HOUSEHOLD, object_id=row.household_id, field="tag", reason=reason, words=words, actor=actor,
        value=lambda: row.reason,
    )  # fmt: skip
    return row


def _opened(kind: str, pk: int, field: str, value: str, reason: str, words: str, actor: Actor) -> str:
    if not value:
        raise NotFound("nothing_there", _("这里没有登记。"))
    return disclose(
        object_kind=kind, object_id=pk, field=field, reason=reason, words=words, actor=actor, value=lambda: value
    )
