"""Rules for passwords (B.8), as validators of ``AUTH_PASSWORD_VALIDATORS``, and how old one may grow."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pypinyin import Style, lazy_pinyin

from governance.accounts.models import PasswordRecord, Staff, User
from governance.kernel.tenancy.context import optional_district_id

HELP = gettext_lazy(
    "至少 10 位，大写字母、小写字母、数字、符号里至少三种；不能含账号和姓名，也不能和最近 5 次用过的一样。"
)


class MixedKindsValidator:
    """At least ``kinds`` of: small letters, capitals, digits, everything else."""

    def __init__(self, kinds: int = 3) -> None:
        self.kinds = kinds

    def validate(self, password: str, user: User | None = None) -> None:
        found = {
            "digit" if sign.isdigit() else "capital" if sign.isupper() else "small" if sign.islower() else "other"
            for sign in password
        }
        if len(found) < self.kinds:
            raise ValidationError(
                _("大写字母、小写字母、数字、符号里至少要有 {n} 种。").format(n=self.kinds), code="password_one_kind"
            )

    def get_help_text(self) -> str:
        return str(HELP)


class OwnNameValidator:
    """Neither the handle nor the name, written in characters or in pinyin, may stand in the password."""

    def validate(self, password: str, user: User | None = None) -> None:
        if user is None:
            return
        said = password.lower()
        if any(word in said for word in self._words(user)):
            raise ValidationError(_("密码里不能有账号或姓名（拼音也不行）。"), code="password_own_name")

    def get_help_text(self) -> str:
        return str(HELP)

    @staticmethod
    def _words(user: User) -> set[str]:
        words = {user.handle.lower()}
        if user.pk is not None and optional_district_id() is not None:
            for staff in Staff.objects.filter(membership__user_id=user.pk):
                words |= {staff.name.lower(), "".join(lazy_pinyin(staff.name, style=Style.NORMAL)).lower()}
        return {word for word in words if len(word) > 1}


class HistoryValidator:
    """Not one of the last ``remembered`` passwords; keeps their hashes, the one in use among them."""

    def __init__(self, remembered: int = 5) -> None:
        self.remembered = remembered

    def validate(self, password: str, user: User | None = None) -> None:
        if user is None or user.pk is None:
            return
        known = {row.password for row in self._records(user)}
        if user.has_usable_password():
            known.add(user.password)
        if any(check_password(password, encoded) for encoded in known):
            raise ValidationError(
                _("最近 {n} 次用过的密码不能再用。").format(n=self.remembered), code="password_used_before"
            )

    def password_changed(self, password: str, user: User | None = None) -> None:
        """Called by Django when a new password has been saved."""
        if user is None or user.pk is None:
            return
        moment = timezone.now()
        PasswordRecord.objects.create(user=user, password=user.password, created_at=moment)
        kept = [row.pk for row in self._records(user)]
        PasswordRecord.objects.filter(user=user).exclude(pk__in=kept).delete()
        User.objects.filter(pk=user.pk).update(password_changed_at=moment)
        user.password_changed_at = moment

    def get_help_text(self) -> str:
        return str(HELP)

    def _records(self, user: User) -> list[PasswordRecord]:
        return list(PasswordRecord.objects.filter(user=user).order_by("-id")[: self.remembered])


def expires_at(user: User) -> datetime:
    """When the password must be a new one: by the real clock, for a demo that moves its own must not lock out."""
    return (user.password_changed_at or user.created_at) + timedelta(days=settings.STAFF_PASSWORD_DAYS)


def is_expired(user: Any) -> bool:
    return timezone.now() >= expires_at(user)


def days_left(user: User) -> int:
    return max(0, (expires_at(user) - timezone.now()).days)
