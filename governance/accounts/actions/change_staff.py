"""Name and phone of a member of staff. The account they sign in with stays the same."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from governance.accounts.models import Membership, Staff
from governance.accounts.policies import require_administrator
from governance.kernel import audit
from governance.kernel.actors import Actor
from governance.kernel.crypto import keyed_hash, normal_phone
from governance.kernel.errors import DomainError, Invalid
from governance.kernel.masking import looks_masked, masked_words
from governance.kernel.reference import bump_reference

NAME_LENGTH = 30
_SHORTEST, _LONGEST = 7, 13


@transaction.atomic
def change_staff(membership: Membership, *, name: str, phone: str | None, actor: Actor) -> Staff:
    """Correct what colleagues see of a person. ``phone``: None keeps the one there is, empty takes it away.

    A masked name or number that comes back from a page (``kernel.masking``) is refused and never stored. Raises
    ``NotAllowed``, ``Invalid`` with the sentences by field, and ``DomainError`` ``unchanged``.
    """
    require_administrator(actor)
    name, digits = name.strip(), normal_phone(phone or "")
    said = {"name": name, "phone": phone}
    fields = {key: [masked_words()] for key, value in said.items() if looks_masked(value)}
    if not name:
        fields["name"] = [_("请填写姓名。")]
    elif len(name) > NAME_LENGTH:
        fields["name"] = [_("姓名不超过 {n} 个字。").format(n=NAME_LENGTH)]
    if phone and "phone" not in fields and not _SHORTEST <= len(digits) <= _LONGEST:
        fields["phone"] = [_("电话号码不对，请检查。")]
    if fields:
        raise Invalid("staff_invalid", _("请检查填写的内容。"), fields=fields)
    row = Staff.objects.select_for_update().filter(membership=membership).first()
    if row is None:
        row = Staff(membership=membership, name="")
    changed = []
    if row.name != name:
        row.name = name
        changed.append("name")
    if phone is not None and row.phone != digits:
        row.phone, row.phone_hash = digits, keyed_hash(digits) if digits else ""
        changed.append("phone")
    if not changed:
        raise DomainError("unchanged", _("没有改动。"))
    row.save()
    audit.record("staff.change", actor=actor, object_kind="membership", object_id=membership.pk, changed=changed)
    # Names of holders are kept with the territory.
    bump_reference()
    return row
