"""What belongs to signing in: passwords used before, the authenticator, and the codes that stand in for it.

These tables have no district, as the user has none: one person may serve two districts with one account.
"""

from __future__ import annotations

import secrets
import time
from base64 import b32encode
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import models
from django_otp.models import Device, ThrottlingMixin
from django_otp.oath import TOTP

from governance.accounts.models.user import User
from governance.kernel.crypto import EncryptedTextField


class PasswordRecord(models.Model):
    """A password somebody had, as its hash: so that it is not taken again too soon."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    password = models.CharField(max_length=128)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["user", "-id"], name="passwordrecord_newest")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.created_at:%F}"


class Authenticator(ThrottlingMixin, Device):
    """A person's authenticator (TOTP, RFC 6238): six digits every thirty seconds, one step of drift either way.

    Counts only once ``confirmed``. Throttling, and the doubling of its waits, are django-otp's; the key is encrypted
    in the column, which django-otp's own table does not do.
    """

    STEP, DIGITS, TOLERANCE = 30, 6, 1

    user: models.ForeignKey[User, User] = models.ForeignKey(User, models.CASCADE, related_name="+")
    key = EncryptedTextField()
    last_step: models.BigIntegerField[int, int] = models.BigIntegerField(
        default=-1, help_text="newest time step a code was taken for; never again"
    )
    drift: models.SmallIntegerField[int, int] = models.SmallIntegerField(
        default=0, help_text="steps by which the phone's clock is known to be off"
    )
    created_at: models.DateTimeField[Any, Any] = models.DateTimeField()

    class Meta(Device.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["user", "confirmed"], name="authenticator_one_each")]

    def __str__(self) -> str:
        return f"authenticator of {self.user_id}"

    @staticmethod
    def new_key() -> str:
        """160 random bits, the length RFC 4226 asks for, in hex."""
        return secrets.token_hex(20)

    @property
    def base32(self) -> str:
        """The key as it is typed where no picture can be taken."""
        return b32encode(bytes.fromhex(self.key)).decode()

    @property
    def address(self) -> str:
        """What the picture says, in the form every authenticator reads."""
        issuer = settings.SECOND_FACTOR_ISSUER.replace(":", "")
        words = {"secret": self.base32, "issuer": issuer, "digits": self.DIGITS, "period": self.STEP}
        return f"otpauth://totp/{quote(issuer)}:{quote(self.user.get_username())}?{urlencode(words, quote_via=quote)}"

    def get_throttle_factor(self) -> int:
        return 1

    def verify_token(self, token: Any) -> bool:
        """Whether the code is right and was not used. Call it with the row locked: a code counts once."""
        allowed, _why = self.verify_is_allowed()
        if not allowed:
            return False
        totp = TOTP(bytes.fromhex(self.key), self.STEP, 0, self.DIGITS, self.drift)
        totp.time = time.time()
        right = str(token).isdecimal() and totp.verify(int(token), self.TOLERANCE, self.last_step + 1)
        if right:
            self.last_step, self.drift = totp.t(), totp.drift
            self.throttle_reset(commit=False)
            self.save()
        else:
            self.throttle_increment()
        return bool(right)


class RecoveryCode(models.Model):
    """A code that stands in for the authenticator once. It has 79 random bits, so that a plain digest keeps it."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    code_hash = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "code_hash"], name="recoverycode_once")]

    def __str__(self) -> str:
        return f"code of {self.user_id}"
