"""Personal values: encrypted in the column and searched by keyed hash.

Keys come from ``FIELD_ENCRYPTION_KEYS`` (the first encrypts, all decrypt) and ``FIELD_HASH_KEY``, beside which
``FIELD_HASH_KEY_FALLBACKS`` are tried in look-ups while it is being changed. ``manage.py rotate_keys`` brings what is
stored to the newest keys (``governance.kernel.rotation``).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models

from governance.kernel.masking import check_unmasked


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def encrypt(value: str) -> str:
    return _cipher(tuple(settings.FIELD_ENCRYPTION_KEYS)).encrypt(value.encode()).decode()


def decrypt(token: str) -> str:
    return _cipher(tuple(settings.FIELD_ENCRYPTION_KEYS)).decrypt(token.encode()).decode()


def renewed(token: str) -> str | None:
    """The same value under the first key; None where it is under it already. ``InvalidToken``: under no key of ours.

    That an old token can be told from a new one is what lets a rotation be broken off and begun again.
    """
    first, *_older = settings.FIELD_ENCRYPTION_KEYS
    try:
        _cipher((first,)).decrypt(token.encode())
    except InvalidToken:
        return _cipher(tuple(settings.FIELD_ENCRYPTION_KEYS)).rotate(token.encode()).decode()
    return None


def keyed_hash(value: str) -> str:
    """Hex digest by which an encrypted value is found again; useless without the key."""
    return _digest(settings.FIELD_HASH_KEY, value)


def keyed_hashes(value: str) -> list[str]:
    """The digests under which a value may be stored: by the key in force, then by those it follows. For look-ups."""
    return [_digest(key, value) for key in (settings.FIELD_HASH_KEY, *settings.FIELD_HASH_KEY_FALLBACKS)]


def _digest(key: str, value: str) -> str:
    return hmac.new(key.encode(), value.encode(), hashlib.sha256).hexdigest()


MOBILE = re.compile(r"1[3-9]\d{9}")
"""A mobile number of mainland China, digits only: the only kind that takes messages."""


def normal_phone(value: str) -> str:
    """Digits only, without the country code; full-width digits become plain."""
    digits = "".join(str(int(ch)) for ch in value if ch.isdigit())
    return digits[2:] if len(digits) == 13 and digits.startswith("86") else digits


class EncryptedTextField(models.TextField):
    """Text that is stored encrypted. Empty stays empty; it can be neither filtered nor sorted by.

    ``of_person``: it is a name or a number, and a masked one (138****1234) is never stored in the place of the real
    one, whatever form, request or file it came from: ``Invalid`` ``masked_value``.
    """

    def __init__(self, *args: Any, of_person: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.of_person = of_person

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        if self.of_person:
            check_unmasked(**{self.name: value})
        return encrypt(value) if value else value

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return decrypt(value) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name in ("isnull",):
            return super().get_lookup(lookup_name)
        raise TypeError("an encrypted column cannot be searched; keep a keyed hash beside it")


class KeyedHashField(models.CharField):
    """The keyed hash of an encrypted column beside it (``of``), so that it can be found and be computed anew.

    ``last`` hashes only that many of its last characters, after ``label``, so that a tail is no whole number. Without
    ``of`` it is the hash of a secret that is not kept: it cannot be computed again and dies with its key.
    """

    def __init__(self, *args: Any, of: str = "", last: int = 0, label: str = "", **kwargs: Any) -> None:
        self.of, self.last, self.label = of, last, label
        kwargs.setdefault("max_length", 64)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        # What stands in the database is text of 64 characters; how it is computed is no matter of migrations.
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def hash_of(self, plain: str) -> str:
        """What belongs into the column beside ``plain``."""
        said = plain[-self.last :] if self.last else plain
        return keyed_hash(f"{self.label}:{said}" if self.label else said) if plain else ""
