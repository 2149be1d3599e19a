"""Coming in and going out: the session is tied to one district, and every step is audited there."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import logout
from django.db.models import F
from django.http import HttpRequest

from governance.accounts.middleware import SESSION_DISTRICT
from governance.accounts.models import Membership, User
from governance.accounts.queries import active_membership, districts_of_user
from governance.kernel import audit
from governance.kernel.actors import Actor
from governance.kernel.models import District
from governance.kernel.tenancy.context import district_transaction


def _member(membership: Membership) -> Actor:
    return Actor(name=membership.kind, membership_id=membership.pk, user_id=membership.user_id)


def enter_district(request: HttpRequest, district: District, **how: Any) -> bool:
    """Tie the signed-in session to a district under a fresh session key; False where the user is no active member.

    ``how`` is kept with the audit row: by what a person signed in.
    """
    user = request.user
    assert isinstance(user, User)
    with district_transaction(district):
        membership = active_membership(user.pk)
        if membership is None:
            return False
        request.session.cycle_key()
        request.session[SESSION_DISTRICT] = district.pk
        audit.record("sign_in", actor=_member(membership), object_kind="membership", object_id=membership.pk, **how)
    return True


def record_refused_sign_in(handle: str, *, locked: bool, **how: Any) -> None:
    """Audit a failed sign-in in every district of the handle's owner; an unknown handle belongs to no district."""
    user_id = User.objects.filter(handle=handle).values_list("pk", flat=True).first()
    if user_id is None:
        return
    User.objects.filter(pk=user_id).update(failed_sign_ins=F("failed_sign_ins") + 1)
    for district_id in districts_of_user(user_id):
        with district_transaction(district_id):
            membership = active_membership(user_id)
            audit.record(
                "sign_in",
                actor=Actor.public(),
                object_kind="membership",
                object_id=membership.pk if membership else None,
                succeeded=False,
                locked=locked,
                **how,
            )


def leave(request: HttpRequest) -> None:
    """End the session; audited where it was a member's."""
    membership: Membership | None = getattr(request, "membership", None)
    if membership is not None:
        audit.record("sign_out", actor=_member(membership), object_kind="membership", object_id=membership.pk)
    logout(request)
