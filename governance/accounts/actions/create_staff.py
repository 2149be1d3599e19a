"""New members of staff: a global way to sign in, a membership in the district, and what colleagues may know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from governance.accounts.models import Membership, Staff, User
from governance.accounts.policies import require_administrator
from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.crypto import keyed_hash, normal_phone
from governance.kernel.errors import DomainError, Invalid
from governance.kernel.masking import looks_masked, masked_words


@dataclass(frozen=True)
class NewStaff:
    """A person to be entered; without a password nobody can sign in as them until one is set."""

    handle: str
    name: str
    phone: str = ""


@transaction.atomic
def create_staff(*, handle: str, name: str, phone: str = "", password: str | None = None, actor: Actor) -> Membership:
    """Enter one person in the district in scope.

    Raises ``NotAllowed`` (not an administrator), ``Invalid`` (handle, name or password not acceptable) and
    ``DomainError`` ``handle_taken``.
    """
    require_administrator(actor)
    user = User(handle=handle)
    _check(user, name, phone, password)
    if User.objects.filter(handle=handle).exists():
        raise DomainError("handle_taken", _("这个账号已被使用。"), fields={"handle": [_("这个账号已被使用。")]})
    user.set_password(password)
    user.save()
    membership = Membership.objects.create(user=user, kind=Membership.Kind.STAFF, joined_at=clock.now())
    _staff(membership, name, phone).save()
    audit.record("staff.create", actor=actor, object_kind="membership", object_id=membership.pk)
    return membership


@transaction.atomic
def create_many_staff(people: Sequence[NewStaff], *, actor: Actor) -> list[Membership]:
    """Enter many people at once, none of whom can sign in yet; one audit row for all. The order is kept.

    Raises ``NotAllowed``; a handle that is taken fails in the database, because this serves first loads only.
    """
    require_administrator(actor)
    users = User.objects.bulk_create(
        (User(handle=person.handle, password=make_password(None)) for person in people), batch_size=1000
    )
    now = clock.now()
    members = Membership.objects.bulk_create(
        (Membership(user=user, kind=Membership.Kind.STAFF, joined_at=now) for user in users), batch_size=1000
    )
    Staff.objects.bulk_create(
        (_staff(member, person.name, person.phone) for member, person in zip(members, people, strict=True)),
        batch_size=1000,
    )
    audit.record("staff.create_many", actor=actor, count=len(people))
    return members


def _staff(membership: Membership, name: str, phone: str) -> Staff:
    digits = normal_phone(phone)
    return Staff(membership=membership, name=name, phone=digits, phone_hash=keyed_hash(digits) if digits else "")


def _check(user: User, name: str, phone: str, password: str | None) -> None:
    said = {"name": name, "phone": phone}
    fields = {key: [masked_words()] for key, value in said.items() if looks_masked(value)}
    try:
        user.clean_fields(exclude=["password"])
    except ValidationError as error:
        fields["handle"] = error.messages
    if not name.strip():
        fields["name"] = [_("请填写姓名。")]
    if password is not None:
        try:
            validate_password(password, user)
        except ValidationError as error:
            fields["password"] = error.messages
    if fields:
        raise Invalid("staff_invalid", _("请检查填写的内容。"), fields=fields)
