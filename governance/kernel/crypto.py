"""Personal values: encrypted in the column, searched by keyed hash, shown masked.

Keys come from ``FIELD_ENCRYPTION_KEYS`` (the first encrypts, all decrypt) and ``FIELD_HASH_KEY``.
"""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def encrypt(value: str) -> str:
    return _cipher(tuple(settings.FIELD_ENCRYPTION_KEYS)).encrypt(value.encode()).decode()


def decrypt(token: str) -> str:
    return _cipher(tuple(settings.FIELD_ENCRYPTION_KEYS)).decrypt(token.encode()).decode()


def keyed_hash(value: str) -> str:
    """Hex digest by which an encrypted value is found again; useless without the key."""
    return hmac.new(settings.FIELD_HASH_KEY.encode(), value.encode(), hashlib.sha256).hexdigest()


def normal_phone(value: str) -> str:
    """Digits only, without the country code; full-width digits become plain."""
    digits = "".join(str(int(ch)) for ch in value if ch.isdigit())
    return digits[2:] if len(digits) == 13 and digits.startswith("86") else digits


def mask_phone(value: str) -> str:
    """138****1234 (standards B.8)."""
    return f"{value[:3]}****{value[-4:]}" if len(value) >= 8 else "****" if value else ""


def mask_name(value: str) -> str:
    """张*三, 李* (standards B.8)."""
    if len(value) <= 1:
        return value
    return value[0] + "*" * (len(value) - 2) + (value[-1] if len(value) > 2 else "*")


class EncryptedTextField(models.TextField):
    """Text that is stored encrypted. Empty stays empty; it can be neither filtered nor sorted by."""

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return encrypt(value) if value else value

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return decrypt(value) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name in ("isnull",):
            return super().get_lookup(lookup_name)
        raise TypeError("an encrypted column cannot be searched; keep a keyed hash beside it")
