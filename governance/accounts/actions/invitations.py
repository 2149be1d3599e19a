"""Invitations: a link with which a person sets their own password; and closing and opening an account again."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from governance.accounts.models import ApiToken, Invitation, Membership, User
from governance.accounts.policies import require_administrator
from governance.accounts.queries import districts_of_user
from governance.accounts.tokens import hash_secret
from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid, NotFound
from governance.kernel.reference import bump_reference
from governance.kernel.tenancy.context import current_district_id

LIFETIME = timedelta(days=7)


@transaction.atomic
def issue_invitation(membership: Membership, *, actor: Actor) -> str:
    """A new link for a member of staff; an older open one is cancelled. Returns the token, the only copy of it.

    The present password holds until the link is used. Raises ``NotAllowed``, ``Invalid`` ``not_staff`` (inactive, or no
    member of staff) and ``DomainError`` ``serves_elsewhere``: who also serves another district, or the platform, has
    one password for all, which no single district may replace.
    """
    require_administrator(actor)
    found = Membership.objects.select_for_update().select_related("user").get(pk=membership.pk)
    if found.kind != Membership.Kind.STAFF or not found.is_active:
        raise Invalid("not_staff", _("只有启用的工作人员账号可以发邀请链接。"))
    _require_own_account(found.user)
    now = clock.now()
    _open_of(found).update(cancelled_at=now)
    token = secrets.token_urlsafe(32)
    row = Invitation.objects.create(
        membership=found, token_hash=hash_secret(token), created_at=now, expires_at=now + LIFETIME
    )
    audit.record("invitation.issue", actor=actor, object_kind="membership", object_id=found.pk, invitation=row.pk)
    return token


@transaction.atomic
def cancel_invitation(membership: Membership, *, actor: Actor) -> None:
    """The open link of a person no longer works. Raises ``NotAllowed`` and ``DomainError`` ``no_invitation``."""
    require_administrator(actor)
    if not _open_of(membership).update(cancelled_at=clock.now()):
        raise DomainError("no_invitation", _("这个人没有待使用的邀请链接。"))
    audit.record("invitation.cancel", actor=actor, object_kind="membership", object_id=membership.pk)


def find_invitation(token: str) -> Invitation:
    """The open invitation of a link's token in the district in scope. Raises ``NotFound`` as ``open_invitation``."""
    return _the_open_one(Invitation.objects.filter(token_hash=hash_secret(token)))


def open_invitation(invitation_id: int, *, lock: bool = False) -> Invitation:
    """An invitation that can still be used.

    Raises ``NotFound`` with one sentence for a wrong, used, cancelled or expired link and for a closed account.
    """
    rows = Invitation.objects.filter(pk=invitation_id)
    return _the_open_one(rows.select_for_update(of=("self",)) if lock else rows)


def _the_open_one(rows: QuerySet[Invitation]) -> Invitation:
    open_now = {"used_at": None, "cancelled_at": None, "expires_at__gt": clock.now(), "membership__is_active": True}
    found = rows.select_related("membership__user").filter(**open_now).first()
    if found is None:
        raise NotFound("invitation_void", _("这个链接已经用过、过期或被取消。请联系区管理员再发一个。"))
    return found


@transaction.atomic
def accept_invitation(invitation: Invitation, *, password: str) -> Membership:
    """Set the password; the link is used up and every session under the old password ends.

    Raises ``NotFound`` (no such open invitation), ``Invalid`` (password not acceptable) and ``DomainError``
    ``serves_elsewhere`` (the person has joined another district since).
    """
    invitation = open_invitation(invitation.pk, lock=True)
    membership = invitation.membership
    user = membership.user
    _require_own_account(user)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid("password_invalid", _("请换一个密码。"), fields={"new": error.messages})
    user.set_password(password)
    user.save(update_fields=["password"])
    invitation.used_at = clock.now()
    invitation.save(update_fields=["used_at"])
    actor = Actor(name=membership.kind, membership_id=membership.pk, user_id=user.pk)
    audit.record("invitation.use", actor=actor, object_kind="membership", object_id=membership.pk)
    return membership


@transaction.atomic
def deactivate_member(membership: Membership, *, actor: Actor) -> Membership:
    """Close an account in this district: no sign-in, no post counts, open links and API tokens end.

    Sessions end too: the password goes, unless the person also serves another district, where it must go on.
    Raises ``NotAllowed`` and ``DomainError`` (``oneself``, ``not_active``).
    """
    require_administrator(actor)
    if membership.pk == actor.membership_id:
        raise DomainError("oneself", _("不能停用自己的账号。"))
    found = _locked(membership, active=True)
    found.is_active = membership.is_active = False
    found.save(update_fields=["is_active"])
    now = clock.now()
    _open_of(found).update(cancelled_at=now)
    ApiToken.objects.filter(membership=found, revoked_at=None).update(revoked_at=now)
    if _only_here(found.user):
        found.user.set_unusable_password()
        found.user.save(update_fields=["password"])
    audit.record("staff.deactivate", actor=actor, object_kind="membership", object_id=found.pk)
    bump_reference()
    return membership


@transaction.atomic
def reactivate_member(membership: Membership, *, actor: Actor) -> Membership:
    """Open a closed account again. The person needs a new link to sign in. Raises ``NotAllowed``, ``DomainError``."""
    require_administrator(actor)
    found = _locked(membership, active=False)
    found.is_active = membership.is_active = True
    found.save(update_fields=["is_active"])
    audit.record("staff.reactivate", actor=actor, object_kind="membership", object_id=found.pk)
    bump_reference()
    return membership


def _locked(membership: Membership, *, active: bool) -> Membership:
    rows = Membership.objects.select_for_update(of=("self",)).select_related("user")
    found: Membership = rows.get(pk=membership.pk)
    if found.is_active != active or found.kind != Membership.Kind.STAFF:
        raise DomainError("not_active" if active else "active", _("账号现在的状态不能这样操作，请刷新页面。"))
    return found


def _open_of(membership: Membership) -> QuerySet[Invitation]:
    return Invitation.objects.filter(membership=membership, used_at=None, cancelled_at=None)


def _only_here(user: User) -> bool:
    return not user.is_staff and not set(districts_of_user(user.pk)) - {current_district_id()}


def _require_own_account(user: User) -> None:
    if not _only_here(user):
        raise DomainError("serves_elsewhere", _("此人也在别的区或平台任职，密码只能由本人修改或由平台管理员重设。"))
