"""What the security administrator does to accounts: unlock, end sessions, take a lost second factor away, revoke."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from governance.accounts import lockout
from governance.accounts.actions.second_factor import forget_second_factor
from governance.accounts.models import ApiToken, Membership
from governance.accounts.policies import require_security_admin
from governance.accounts.queries import districts_of_user
from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from governance.kernel.tenancy.context import current_district_id


@transaction.atomic
def unlock_account(membership: Membership, *, actor: Actor) -> int:
    """Forget the failed sign-ins of the handle; returns how many rows. Raises ``NotAllowed``, ``DomainError``."""
    require_security_admin(actor)
    removed = lockout.forget_failures(membership.user.handle)
    if not removed:
        raise DomainError("not_locked", _("这个账号没有被锁定。"))
    _told("account.unlock", membership, actor)
    return removed


@transaction.atomic
def end_sessions(membership: Membership, *, actor: Actor) -> None:
    """Whoever is signed in as this person must sign in again, in every browser. Raises ``NotAllowed``."""
    require_security_admin(actor)
    membership.user.end_sessions()
    _told("account.end_sessions", membership, actor)


@transaction.atomic
def reset_second_factor(membership: Membership, *, actor: Actor) -> None:
    """Take a lost authenticator and its recovery codes away and end all sessions; the person sets up a new one.

    Raises ``NotAllowed`` and ``DomainError``: ``oneself`` (another administrator does that), ``no_second_factor``,
    ``serves_elsewhere`` (an account of several districts or of the platform is the platform's matter).
    """
    require_security_admin(actor)
    user = membership.user
    if membership.pk == actor.membership_id:
        raise DomainError("oneself", _("不能重置自己的两步验证，请由另一位安全管理员或平台管理员办理。"))
    if user.is_staff or set(districts_of_user(user.pk)) - {current_district_id()}:
        raise DomainError("serves_elsewhere", _("此人也在别的区或平台任职，两步验证只能由平台管理员重置。"))
    if not forget_second_factor(user):
        raise DomainError("no_second_factor", _("此人没有设置两步验证。"))
    user.end_sessions()
    _told("second_factor.reset", membership, actor)


@transaction.atomic
def revoke_token(token: ApiToken, *, actor: Actor) -> None:
    """The key opens nothing from now on. Raises ``NotAllowed`` and ``DomainError`` ``token_over``."""
    require_security_admin(actor)
    found: ApiToken = ApiToken.objects.select_for_update().get(pk=token.pk)
    if found.revoked_at is not None:
        raise DomainError("token_over", _("这个令牌已经撤销。"))
    found.revoked_at = token.revoked_at = clock.now()
    found.save(update_fields=["revoked_at"])
    audit.record("token.revoke", actor=actor, object_kind="api_token", object_id=found.pk)


def _told(action: str, membership: Membership, actor: Actor) -> None:
    audit.record(action, actor=actor, object_kind="membership", object_id=membership.pk)
