"""The second factor: setting it up, showing it at sign-in, and the codes for the day the phone is lost.

A wrong code is counted outside any savepoint of the act it belongs to: the act is refused, the wait stays.
"""

from __future__ import annotations

import secrets

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.accounts.models import Authenticator, RecoveryCode, User
from governance.accounts.tokens import hash_secret
from governance.kernel import audit
from governance.kernel.actors import Actor
from governance.kernel.errors import Invalid
from governance.kernel.tenancy.context import optional_district_id

CODES, CODE_LENGTH = 10, 16
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def authenticator_of(user: User) -> Authenticator | None:
    """The authenticator that counts, or None."""
    found: Authenticator | None = Authenticator.objects.filter(user_id=user.pk, confirmed=True).first()
    return found


def codes_left(user: User) -> int:
    return RecoveryCode.objects.filter(user_id=user.pk, used_at=None).count()


@transaction.atomic
def begin_second_factor(user: User) -> Authenticator:
    """The authenticator that waits for its first code; a reload of the page shows the same one."""
    User.objects.select_for_update().get(pk=user.pk)
    found: Authenticator | None = Authenticator.objects.filter(user_id=user.pk, confirmed=False).first()
    return found or Authenticator.objects.create(
        user=user, name="totp", key=Authenticator.new_key(), confirmed=False, created_at=timezone.now()
    )


def confirm_second_factor(user: User, *, code: str, actor: Actor) -> list[str]:
    """The first code proves that the phone has the key: it replaces an earlier one, and new recovery codes are made.

    Every other session of the person ends. Returns the codes, which are kept as digests only. Raises ``Invalid``.
    """
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        waiting = Authenticator.objects.select_for_update().filter(user_id=user.pk, confirmed=False).first()
        right = waiting is not None and _takes(waiting, code)
    if waiting is None or not right:
        words = _("验证码不对。请看手机上现在显示的 6 位数字，并检查手机时间是否准确。")
        raise Invalid("wrong_code", words, fields={"code": [words]})
    Authenticator.objects.filter(user_id=user.pk, confirmed=True).delete()
    waiting.confirmed = True
    waiting.save(update_fields=["confirmed"])
    codes = _make_codes(user)
    user.end_sessions()
    _told("second_factor.enable", user, actor)
    return codes


def renew_recovery_codes(user: User, *, code: str, actor: Actor) -> list[str]:
    """Ten new codes; the old ones open nothing any more. Raises ``Invalid`` where the second factor is not shown."""
    _require_shown(user, code)
    codes = _make_codes(user)
    _told("second_factor.renew_codes", user, actor)
    return codes


def disable_second_factor(user: User, *, code: str, actor: Actor) -> None:
    """Back to the password alone, for people who may. Raises ``Invalid`` where the second factor is not shown."""
    _require_shown(user, code)
    forget_second_factor(user)
    _told("second_factor.disable", user, actor)


def forget_second_factor(user: User) -> bool:
    """Take authenticator and codes away; whether there were any."""
    RecoveryCode.objects.filter(user_id=user.pk).delete()
    return bool(Authenticator.objects.filter(user_id=user.pk).delete()[0])


def verify_second_factor(user: User, code: str) -> str:
    """``totp`` or ``recovery`` where the code is right, else nothing. Either counts once; a wrong one makes wait."""
    with transaction.atomic():
        found = Authenticator.objects.select_for_update().filter(user_id=user.pk, confirmed=True).first()
        if found is None:
            return ""
        said = "".join(code.split()).replace("-", "").upper()
        if len(said) != CODE_LENGTH:
            return "totp" if _takes(found, said) else ""
        allowed, _why = found.verify_is_allowed()
        unused = RecoveryCode.objects.filter(user_id=user.pk, code_hash=hash_secret(said), used_at=None)
        if allowed and unused.update(used_at=timezone.now()):
            found.throttle_reset()
            return "recovery"
        found.throttle_increment()
        return ""


def _takes(authenticator: Authenticator, code: str) -> bool:
    said = "".join(code.split())
    return (
        said.isascii() and said.isdecimal() and len(said) == Authenticator.DIGITS and authenticator.verify_token(said)
    )


def _require_shown(user: User, code: str) -> None:
    if not verify_second_factor(user, code):
        words = _("验证码不对，或者刚用过。请等手机显示下一个再试。")
        raise Invalid("wrong_code", words, fields={"code": [words]})


def _make_codes(user: User) -> list[str]:
    RecoveryCode.objects.filter(user_id=user.pk).delete()
    codes = ["".join(secrets.choice(_ALPHABET) for _i in range(CODE_LENGTH)) for _n in range(CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(user_id=user.pk, code_hash=hash_secret(code)) for code in codes)
    return ["-".join(code[i : i + 4] for i in range(0, CODE_LENGTH, 4)) for code in codes]


def _told(action: str, user: User, actor: Actor) -> None:
    """In the district in scope; what the platform's administrator does to their own account belongs to none."""
    if optional_district_id() is not None and actor.membership_id is not None:
        audit.record(action, actor=actor, object_kind="membership", object_id=actor.membership_id)
